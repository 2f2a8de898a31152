"""The door of attributions: words and rollouts as a trace has them, a model that stays as it was, what is refused."""

import copy
from itertools import chain

import numpy as np
import pytest
from scipy.stats import kendalltau

from attnstats.adapters import (
    AttentionRollout,
    AttentionTimesGradient,
    ClassProbability,
    Deleted,
    GradientTimesInput,
    IntegratedGradients,
    LeaveOneOut,
    MaskToken,
    OtherTexts,
    PadToken,
    attribute_transformer,
    trace_transformer,
)
from attnstats.datasets import HumanMarks
from attnstats.exceptions import InvalidInputError, MissingExtraError, NonFiniteError
from attnstats.plausibility import plausibility
from attnstats.ranks import kendall_batch
from attnstats.trace import ClassToken, LastToken, MeanQuery, Position, Tokens, Words

pytestmark = pytest.mark.filterwarnings("ignore:.*ForSequenceClassification")
METHODS = [
    GradientTimesInput(), IntegratedGradients(steps=4), LeaveOneOut(), LeaveOneOut(PadToken()),
    AttentionTimesGradient(head=2), AttentionRollout(),
]  # fmt: skip


@pytest.fixture(scope="module")
def model(build, word_pieces):
    return build("bert", word_pieces)


@pytest.fixture(scope="module")
def masking(word_pieces):
    """The tokenizer of word pieces, with a mask token."""
    tokenizer = copy.deepcopy(word_pieces)
    tokenizer.mask_token = "[UNK]"
    return tokenizer


@pytest.mark.parametrize("attribution", METHODS, ids=repr)
def test_words_and_tokens_are_those_of_a_trace_whatever_the_batches(attribution, model, word_pieces, texts, tmp_path):
    trace = trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")
    for units in (Words(), Tokens()):
        found = attribute_transformer(model, word_pieces, texts, attribution, units=units)
        assert found.tokens == trace.with_units(units).tokens
        np.testing.assert_array_equal(found.mask, trace.with_units(units).mask)
        assert found.scores.shape == found.mask.shape
        assert not found.scores[~found.mask].any()
        assert np.abs(found.scores).max() > 0
    np.testing.assert_allclose(found.value, trace.output.max(axis=1), atol=1e-6)
    one = attribute_transformer(model, word_pieces, texts[::-1], attribution, units=Tokens(), batch_size=1)
    np.testing.assert_allclose(one.scores[::-1], found.scores, atol=2e-6)
    of = "probability of one class"
    if isinstance(attribution, AttentionRollout):
        of = "whatever the output"
    elif isinstance(attribution, LeaveOneOut) and not attribution.signed:
        of = "total variation of the probabilities of all classes"
    assert repr(found).startswith(f"{attribution!r} of 6 texts, {of}")


def test_scores_agree_with_attention_by_rank(model, word_pieces, texts, tmp_path):
    trace = trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")
    found = attribute_transformer(model, word_pieces, texts, GradientTimesInput())
    agreement = kendall_batch(trace.attention(1, 0), found.scores, mask=found.mask)
    for row, text in enumerate(texts):
        pairs = trace.attention(1, 0)[row, : len(text.split())], found.scores[row, : len(text.split())]
        assert agreement.statistic[row] == pytest.approx(kendalltau(*pairs).statistic)


def test_scores_agree_with_what_people_marked(model, word_pieces, texts):
    found = attribute_transformer(model, word_pieces, texts, GradientTimesInput())
    marks = [
        [[int(place == row.argmax()) for place in range(len(words))]]
        for row, words in zip(found.scores, found.tokens, strict=True)
    ]
    people = HumanMarks("toy", [list(words) for words in found.tokens], [0] * 6, marks, ["no", "yes"])
    agreement = plausibility(found.scores, people, mask=found.mask, tokens=found.tokens)
    np.testing.assert_array_equal(agreement.values, np.ones((1, 6, 1)))  # they marked the word of the highest score


@pytest.mark.parametrize(
    ("architecture", "kind"), [("bert", "word_pieces"), ("distilbert", "word_pieces"), ("gpt2", "byte_level")]
)
def test_a_rollout_is_that_of_the_trace(architecture, kind, build, texts, tmp_path, request):
    tokenizer = request.getfixturevalue(kind)
    model = build(architecture, tokenizer)
    queries = [LastToken(), MeanQuery()]
    trace = trace_transformer(model, tokenizer, texts, out=tmp_path / "trace", queries=queries)
    for layer in (0, 1):
        for query in queries:
            found = attribute_transformer(model, tokenizer, texts, AttentionRollout(layer, query))
            shares = found.scores / found.scores.sum(axis=1, keepdims=True)
            np.testing.assert_allclose(shares, trace.rollout(layer, query), atol=1e-6)
    whole = attribute_transformer(model, tokenizer, texts, AttentionRollout(), units=Tokens(special=True))
    np.testing.assert_allclose(whole.scores.sum(axis=1), 1)


def probabilities(model, ids):
    torch = pytest.importorskip("torch")
    with torch.inference_mode():
        return model(torch.tensor([ids])).logits.double().softmax(dim=1)[0].numpy()


@pytest.mark.parametrize("architecture", ["bert", "roberta", "distilbert"])
@pytest.mark.parametrize("erasure", [Deleted(), PadToken(), MaskToken()], ids=repr)
def test_leaving_out_is_one_pass_for_each_word(architecture, erasure, build, masking, texts):
    # RoBERTa finds positions by the padding token, so that another stands for the end of a text here.
    padding = {"pad_token_id": 3} if architecture == "roberta" else {}
    model = build(architecture, masking, **padding)
    model.config.pad_token_id = masking.pad_token_id
    found = attribute_transformer(model, masking, texts, LeaveOneOut(erasure))
    signed = attribute_transformer(model, masking, texts, LeaveOneOut(erasure, signed=True))
    for row, text in enumerate(texts):
        words = [masking(word, add_special_tokens=False)["input_ids"] for word in text.split()]
        first, last = masking.cls_token_id, masking.sep_token_id
        intact = probabilities(model, [first, *chain(*words), last])
        for place, word in enumerate(words):
            stand_in = {"Deleted()": [], "PadToken()": [masking.pad_token_id], "MaskToken()": [masking.mask_token_id]}
            changed = [*words[:place], stand_in[repr(erasure)] * len(word), *words[place + 1 :]]
            moved = probabilities(model, [first, *chain(*changed), last])
            assert found.scores[row, place] == pytest.approx(np.abs(intact - moved).sum() / 2, abs=1e-6)
            label = intact.argmax()
            assert signed.scores[row, place] == pytest.approx(intact[label] - moved[label], abs=1e-6)


def test_a_decoder_answers_from_the_last_token_that_is_left(build, byte_level, texts):
    torch = pytest.importorskip("torch")
    model = build("gpt2", byte_level)
    found = attribute_transformer(model, byte_level, texts, LeaveOneOut(signed=True))
    padded = attribute_transformer(model, byte_level, texts, LeaveOneOut(PadToken(), signed=True))
    ids = byte_level(texts[0])["input_ids"]
    last = byte_level(" " + texts[0].split()[-1])["input_ids"]
    intact = probabilities(model, ids)
    shorter = probabilities(model, ids[: -len(last)])
    label = intact.argmax()
    assert found.scores[0, 2] == pytest.approx(intact[label] - shorter[label], abs=1e-6)
    with torch.inference_mode():  # the padding token itself is the end of the text, and would not be read from
        replaced = torch.tensor([[*ids[: -len(last)], *[byte_level.pad_token_id] * len(last)]])
        logits = model.score(model.transformer(replaced).last_hidden_state)[0, -1]
    moved = logits.double().softmax(dim=0).numpy()
    assert padded.scores[0, 2] == pytest.approx(intact[label] - moved[label], abs=1e-6)


def test_a_language_model_is_attributed_by_its_answers(build, byte_level, texts):
    model = build("llama", byte_level, kind="AutoModelForCausalLM")
    given = {"answers": [" a", "b"], "target": 1}
    torch = pytest.importorskip("torch")
    found = attribute_transformer(model, byte_level, texts, LeaveOneOut(signed=True), **given)
    ids = byte_level.convert_tokens_to_ids(["Ġa", "b"])
    values = []
    for text in (texts[1], texts[1].split(maxsplit=1)[1]):
        tokens = byte_level(text if text == texts[1] else " " + text, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            values.append(float(model(tokens).logits[0, -1, ids].softmax(dim=0)[1]))
    assert found.value[1] == pytest.approx(values[0], abs=1e-6)
    assert found.scores[1, 0] == pytest.approx(values[0] - values[1], abs=1e-6)


@pytest.mark.parametrize("attribution", METHODS, ids=repr)
def test_the_model_stays_as_it_was(attribution, build, word_pieces, texts):
    torch = pytest.importorskip("torch")
    model = build("bert", word_pieces)
    frozen = model.base_model.embeddings.word_embeddings.weight.requires_grad_(False)
    before = {name: each.clone() for name, each in model.state_dict().items()}
    with torch.inference_mode():
        found = attribute_transformer(model, word_pieces, texts[:3], attribution)
    again = attribute_transformer(model, word_pieces, texts[:3], attribution)
    np.testing.assert_array_equal(found.scores, again.scores)
    assert all(each.grad is None for each in model.parameters())
    assert [each for each in model.parameters() if not each.requires_grad] == [frozen]
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())
    assert not model.get_input_embeddings()._forward_hooks
    assert model.config._attn_implementation == "sdpa"
    assert not model.training


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_near_to_single(dtype, build, word_pieces, texts):
    torch = pytest.importorskip("torch")
    single, half = build("bert", word_pieces), build("bert", word_pieces, dtype=getattr(torch, dtype))
    for attribution in METHODS:
        found, expected = (
            attribute_transformer(each, word_pieces, texts, attribution, target=0).scores for each in (half, single)
        )
        np.testing.assert_allclose(found, expected, atol=0.1 * max(0.2, np.abs(expected).max()))


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["modernbert", "deberta-v2", "electra", "albert", "mistral", "jamba"])
def test_other_architectures_are_attributed(architecture, build, word_pieces, byte_level, texts):
    tokenizer = byte_level if architecture in ("mistral", "jamba") else word_pieces
    model = build(architecture, tokenizer)
    for attribution in (GradientTimesInput(), LeaveOneOut(), AttentionTimesGradient()):
        assert np.abs(attribute_transformer(model, tokenizer, texts, attribution).scores).max() > 0


def refused(match, *arguments, error=InvalidInputError, **keywords):
    with pytest.raises(error, match=match):
        attribute_transformer(*arguments, **keywords)


def test_what_a_model_lacks_is_said(build, word_pieces, byte_level, texts):
    xlnet = build("xlnet", word_pieces)
    refused("must embed the tokens of its texts once", xlnet, word_pieces, texts, GradientTimesInput())
    refused("model: must embed", xlnet, word_pieces, texts, LeaveOneOut(PadToken()))
    for possible in (LeaveOneOut(), AttentionRollout()):
        assert np.abs(attribute_transformer(xlnet, word_pieces, texts, possible).scores).max() > 0
    jamba = build("jamba", byte_level)
    refused("some layers of the model have no attention", jamba, byte_level, texts, AttentionRollout())
    refused(r"layer: must be one of those with attention, \[1\]", jamba, byte_level, texts, AttentionTimesGradient(0))
    gpt2 = build("gpt2", byte_level)
    refused("tokenizer: must have a mask token", gpt2, byte_level, texts, LeaveOneOut(MaskToken()))
    refused("must leave a token of each text; .* text 1", gpt2, byte_level, ["a b", "a"], LeaveOneOut())
    refused("must not end in the model's padding token", gpt2, byte_level, ["a b<end>"], GradientTimesInput())


def test_copies_of_attention_have_no_gradient(build, word_pieces, texts, monkeypatch):
    model = build("bert", word_pieces)
    plain = model.forward

    def copied(**inputs):
        outputs = plain(**inputs)
        outputs.attentions = outputs.attentions and tuple(each.clone() for each in outputs.attentions)
        return outputs

    monkeypatch.setattr(model, "forward", copied)
    refused("returns copies of its weights", model, word_pieces, texts, AttentionTimesGradient())


def test_bad_arguments_are_refused(model, word_pieces, texts, build):
    given = model, word_pieces, texts
    method = GradientTimesInput()
    refused("evaluation mode", build("bert", word_pieces).train(), word_pieces, texts, method)
    refused("attribution: must be an object such as GradientTimesInput", *given, GradientTimesInput)
    refused("output: must be an object such as ClassProbability", *given, method, output="logit")
    refused("units: must be", *given, method, units="words")
    refused("target: must lie in 0 to 2; got 3$", *given, method, target=3)
    refused("target: must lie in 0 to 2; got 7 for text 4", *given, method, target=[0, 1, 2, 0, 7, -1])
    refused("target: must be a class or one for each of 6 texts", *given, method, target=[0, 1])
    refused("target: must be a class", *given, method, target=0.5)
    refused("texts: must be a sequence", model, word_pieces, "a b", method)
    refused("layer: must be one of those with attention", *given, AttentionRollout(7))
    refused("head: must be one of 0 to 3; got 4", *given, AttentionTimesGradient(head=4))
    refused("queries: .* must lie within each text", *given, AttentionRollout(query=Position(30)))
    for wrong, match in (
        (lambda: GradientTimesInput(signed=1), "signed: must be True or False"),
        (lambda: IntegratedGradients(steps=0), "steps: must be an integer"),
        (lambda: IntegratedGradients(baseline=Deleted()), "baseline: must be an object such as ZeroEmbedding"),
        (lambda: LeaveOneOut(OtherTexts()), "erasure: must be an object such as Deleted"),
        (lambda: LeaveOneOut(signed=None), "signed: must be True or False"),
        (lambda: AttentionTimesGradient(layer=-1), "layer: must be an integer of at least 0"),
        (lambda: AttentionTimesGradient(head=True), "head: must be an integer of at least 0"),
        (lambda: AttentionRollout(query="cls"), "query: must be an object such as ClassToken"),
    ):
        with pytest.raises(InvalidInputError, match=match):
            wrong()
    with pytest.raises(InvalidInputError, match="attribution: must have a baseline"):
        _ = attribute_transformer(*given, method, output=ClassProbability()).completeness_gap


def test_a_class_token_is_asked_for_where_there_is_none(build, byte_level, texts):
    model = build("gpt2", byte_level)
    refused("ClassToken.. needs a tokenizer", model, byte_level, texts, AttentionRollout(query=ClassToken()))


def test_outputs_that_are_not_finite_name_the_text(build, word_pieces):
    model = build("bert", word_pieces)
    model.base_model.embeddings.word_embeddings.weight.data[word_pieces.convert_tokens_to_ids("g")] = np.inf
    refused(
        "hidden states of layer 0: .* in text 1, at word 1, 'g'",
        model,
        word_pieces,
        ["a b", "a g"],
        GradientTimesInput(),
        error=NonFiniteError,
    )


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("attnstats.exceptions.find_spec", lambda _: None)
    refused(r"attnstats\[transformers\]", None, None, ["a"], GradientTimesInput(), error=MissingExtraError)
