"""Classifiers with an encoder and a decoder against what their model returns for one text at a time."""

import numpy as np
import pytest

from attnstats.adapters import GradientTimesInput, attribute_transformer, trace_transformer
from attnstats.exceptions import InvalidInputError
from attnstats.studies import analyse_heads
from attnstats.trace import ClassToken, LastToken, MeanQuery, Position, Tokens

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def ended(word_pieces):
    """The tokenizer of word pieces, with an end token and no class token, like T5's."""
    tokenizers, transformers = pytest.importorskip("tokenizers"), pytest.importorskip("transformers")
    own = tokenizers.Tokenizer.from_str(word_pieces.backend_tokenizer.to_str())
    own.post_processor = tokenizers.processors.TemplateProcessing(single="$A [SEP]", special_tokens=[("[SEP]", 3)])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=own, pad_token="[PAD]", unk_token="[UNK]", eos_token="[SEP]", model_max_length=40
    )


@pytest.fixture(scope="module")
def wrapped(word_pieces):
    """The same, with a token of the language behind the end token, like mBART's."""
    tokenizers, transformers = pytest.importorskip("tokenizers"), pytest.importorskip("transformers")
    own = tokenizers.Tokenizer.from_str(word_pieces.backend_tokenizer.to_str())
    own.post_processor = tokenizers.processors.TemplateProcessing(
        single="$A [SEP] [CLS]", special_tokens=[("[SEP]", 3), ("[CLS]", 2)]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=own, pad_token="[PAD]", unk_token="[UNK]", eos_token="[SEP]", model_max_length=40
    )


def built(build, architecture, tokenizer, **settings):
    return build(architecture, tokenizer, eos_token_id=3, decoder_start_token_id=0, **settings)


@pytest.mark.parametrize(
    ("architecture", "kind"),
    [("bart", "word_pieces"), ("plbart", "word_pieces"), ("mbart", "wrapped")]
    + [(name, "ended") for name in ("t5", "mt5", "umt5")],
)
def test_both_are_traced_as_they_compute(architecture, kind, build, texts, tmp_path, request):
    torch, tokenizer = pytest.importorskip("torch"), request.getfixturevalue(kind)
    model = built(build, architecture, tokenizer)
    queries = [LastToken(), MeanQuery(), Position(1)]
    trace = trace_transformer(model, tokenizer, texts, out=tmp_path / "trace", queries=queries)
    assert trace.layers == (0, 1, 2, 3, 4)
    assert trace.metadata["decoder_from"] == 2
    assert trace.metadata["cross_attention"] == "left out"
    model.set_attn_implementation("eager")
    for number, text in enumerate(texts):
        encoded = tokenizer(text, return_tensors="pt", return_token_type_ids=False)
        with torch.inference_mode():
            outputs = model(**encoded, output_attentions=True, output_hidden_states=True)
        np.testing.assert_allclose(trace.output[number], outputs.logits.softmax(dim=1)[0], atol=2e-6)
        ids = encoded["input_ids"][0].tolist()
        n, end = len(ids), ids.index(3)
        special = trace.arrays["special"][number, :n]
        plain = [at for at in range(n) if not special[at]]
        for layer, of in enumerate(outputs.encoder_attentions):
            weights = of[0].numpy()
            expected = [weights[:, -1], weights[:, plain].mean(axis=1), weights[:, 1]]
            np.testing.assert_allclose(trace.arrays["attention"][:, layer, :, number, :n], expected, atol=2e-6)
            states = outputs.encoder_hidden_states[layer][0].numpy()
            np.testing.assert_allclose(trace.arrays[f"hidden_{layer}"][number, :n], states, rtol=1e-3, atol=1e-3)
        # The decoder stands at the end token, having read the token before it; token t is what it read at place t + 1.
        for layer, of in enumerate(outputs.decoder_attentions):
            weights, states = of[0].numpy(), outputs.decoder_hidden_states[layer][0].numpy()
            stored = trace.arrays["attention"][:, 2 + layer, :, number]
            kept = trace.arrays[f"hidden_{2 + layer}"][number]
            asked = [weights[:, end], weights[:, [at + 1 for at in plain]].mean(axis=1), weights[:, 1]]
            for token in range(n - 1):
                np.testing.assert_allclose(stored[..., token], [of[:, token + 1] for of in asked], atol=2e-6)
                np.testing.assert_allclose(kept[token], states[token + 1], rtol=1e-3, atol=1e-3)
            np.testing.assert_allclose(stored[..., n - 1], [of[:, 0] for of in asked], atol=2e-6)
            assert not stored[..., n:].any()


def test_the_query_is_the_state_that_is_classified(build, ended, texts, tmp_path):
    torch = pytest.importorskip("torch")
    model = built(build, "t5", ended)
    trace = trace_transformer(model, ended, texts, out=tmp_path / "trace")
    assert trace.queries == (LastToken(),)
    last = []
    hook = model.classification_head.register_forward_pre_hook(lambda _, inputs: last.append(inputs[0][0]))
    with torch.inference_mode():
        encoded = ended(texts[0], return_tensors="pt", return_token_type_ids=False)
        outputs = model(**encoded, output_hidden_states=True)
    hook.remove()
    (place,) = (outputs.decoder_hidden_states[-1][0] == last[0]).all(dim=1).nonzero()[0].tolist()
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        weights = model(**encoded, output_attentions=True).decoder_attentions[0][0, :, place]
    read = trace.arrays["attention"][0, 2, :, 0, : weights.shape[1]]
    np.testing.assert_allclose(np.roll(read, 1, axis=1), weights, atol=2e-6)


def test_a_class_token_is_asked_in_both_and_the_analysis_runs(build, word_pieces, texts, tmp_path):
    model = built(build, "bart", word_pieces)
    trace = trace_transformer(
        model, word_pieces, texts * 4, out=tmp_path / "trace", queries=[LastToken(), ClassToken()], layers=[1, 2, 4]
    )
    # The decoder's class token is its second token, and sees its start token and itself.
    seen = trace.arrays["attention"][1, 1, :, 0]
    assert (seen > 0).sum(axis=1).tolist() == [2, 2, 2, 2]
    np.testing.assert_allclose(trace.attention(2, 0).sum(axis=1), 1)
    assert trace.with_units(Tokens(special=True)).attention(2, 0).shape[1] > trace.attention(2, 0).shape[1]
    with pytest.raises(InvalidInputError, match="its decoder also attends to its encoder"):
        trace.rollout()
    with pytest.warns(match=r"."):
        analysis = analyse_heads(trace)
    assert {1, 2, 4} <= set(analysis.to_frame()["layer"].dropna())


def test_a_tokenizer_that_pads_on_the_left_changes_nothing(build, ended, texts, tmp_path):
    """A T5 classifier gives other outputs for texts padded on the left; here none is padded."""
    model = built(build, "t5", ended)
    ended.padding_side = "left"
    try:
        trace = trace_transformer(model, ended, texts, out=tmp_path / "left")
    finally:
        ended.padding_side = "right"
    np.testing.assert_array_equal(trace.output, trace_transformer(model, ended, texts, out=tmp_path / "right").output)


def refused(message, call):
    with pytest.raises(InvalidInputError, match=message):
        call()


def test_what_cannot_be_read_is_refused(build, ended, word_pieces, byte_level, texts, tmp_path):
    model, out = built(build, "t5", ended), tmp_path / "trace"
    refused(
        "value_norms: must be False for T5", lambda: trace_transformer(model, ended, texts, out=out, value_norms=True)
    )
    refused("trace_transformer takes it", lambda: attribute_transformer(model, ended, texts, GradientTimesInput()))
    generating = built(build, "t5", ended, kind="AutoModelForSeq2SeqLM")
    refused("must be a classifier; got T5ForC", lambda: trace_transformer(generating, ended, texts, out=out))
    refused(
        "end token once.*text 1 holds it 2 times",
        lambda: trace_transformer(model, ended, ["ab cd", "ab [SEP] cd"], out=out),
    )
    uneven = built(build, "bart", word_pieces, decoder_attention_heads=2)
    refused("same number of heads.*2 and 4", lambda: trace_transformer(uneven, word_pieces, texts, out=out))
    assert list(tmp_path.iterdir()) == []
