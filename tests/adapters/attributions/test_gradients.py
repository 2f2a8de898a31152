"""Gradients of each architecture against differences of its output, computed without the hooks that are tested."""

import numpy as np
import pytest

from attnstats.adapters import (
    AttentionTimesGradient,
    GradientTimesInput,
    IntegratedGradients,
    PadToken,
    attribute_transformer,
)
from attnstats.exceptions import UnreliableEstimateWarning
from attnstats.trace import ClassToken, LastToken, MeanQuery, Tokens

pytestmark = pytest.mark.filterwarnings("ignore:.*ForSequenceClassification")
KINDS = {
    "bert": "word_pieces", "roberta": "word_pieces", "distilbert": "word_pieces", "gpt2": "byte_level",
    "llama": "byte_level",
}  # fmt: skip
CAUSAL = "AutoModelForCausalLM"


def step_and_tolerance(model):
    """Of differences; Llama's norms are computed in single precision, whatever its own."""
    return (1e-3, 2e-4) if model.config.model_type == "llama" else (1e-4, 1e-9)


@pytest.fixture(scope="module")
def case(build, request):
    """A model in double precision, its tokenizer, and the function of embeddings that gives class probabilities."""
    torch = pytest.importorskip("torch")
    architecture, kind = request.param
    tokenizer = request.getfixturevalue(KINDS[architecture])
    model = build(architecture, tokenizer, **({} if kind is None else {"kind": kind}), dtype=torch.float64)
    answers = None if kind is None else ["a", "b", "c"]
    table = model.get_input_embeddings().weight.data
    table[tokenizer.pad_token_id] = table[20]  # it is zero, and a path from zero has no fine grid in Llama

    def probabilities(embedded):
        with torch.no_grad():
            logits = model(inputs_embeds=embedded).logits
            if answers:
                logits = logits[:, -1, tokenizer.convert_tokens_to_ids(answers)]
            return logits.softmax(dim=1).numpy()

    return model, tokenizer, answers, probabilities


EVERY = [(architecture, None) for architecture in KINDS] + [("llama", CAUSAL), ("gpt2", CAUSAL)]
cases = pytest.mark.parametrize("case", EVERY, indirect=True, ids=lambda case: "-".join(filter(None, case)))


def ids_of(tokenizer, text):
    return tokenizer(text, return_tensors="pt")["input_ids"]


@cases
def test_gradient_times_input_is_the_slope_by_the_size_of_each_embedding(case, texts):
    model, tokenizer, answers, probabilities = case
    found = attribute_transformer(
        model, tokenizer, texts, GradientTimesInput(signed=True), answers=answers, units=Tokens(special=True)
    )
    step, within = step_and_tolerance(model)
    for row in (1, 5):
        embedded = model.get_input_embeddings()(ids_of(tokenizer, texts[row])).detach()
        n_tokens = embedded.shape[1]
        label = found.classes[row]
        assert label == probabilities(embedded)[0].argmax()
        for token in range(n_tokens):
            moved = embedded.repeat(2, 1, 1)
            moved[0, token] *= 1 + step
            moved[1, token] *= 1 - step
            above, below = probabilities(moved)[:, label]
            assert found.scores[row, token] == pytest.approx((above - below) / (2 * step), rel=1e-4, abs=within)
        assert not found.scores[row, n_tokens:].any()


@cases
def test_integrated_gradients_are_the_sum_over_a_fine_path(case, texts):
    torch = pytest.importorskip("torch")
    model, tokenizer, answers, probabilities = case
    given, step = (model, tokenizer, texts[:2]), step_and_tolerance(model)[0]
    found = attribute_transformer(*given, IntegratedGradients(baseline=PadToken()), answers=answers, units=Tokens())
    for row in range(2):
        ids = ids_of(tokenizer, texts[row])
        marks = tokenizer(texts[row], return_special_tokens_mask=True)["special_tokens_mask"]
        plain = ~torch.tensor(marks, dtype=torch.bool)
        embedding = model.get_input_embeddings()
        end = embedding(ids)[0].detach()
        start = torch.where(plain[:, None], embedding(torch.tensor(tokenizer.pad_token_id)).detach(), end)
        path = start + torch.linspace(0, 1, 401, dtype=torch.float64)[:, None, None] * (end - start)
        # The change along each step of the path by central differences: no gradient is used.
        label = found.classes[row]
        ends = probabilities(torch.stack([start, end]))[:, label]
        assert found.baseline[row] == pytest.approx(ends[0], abs=1e-9)
        assert found.value[row] == pytest.approx(ends[1], abs=1e-9)
        middle = (path[1:] + path[:-1]) / 2
        for token in np.flatnonzero(plain)[:3]:
            ahead, behind = middle.clone(), middle.clone()
            ahead[:, token] += step * (end - start)[token]
            behind[:, token] -= step * (end - start)[token]
            slope = ((probabilities(ahead) - probabilities(behind)) / (2 * step))[:, label].mean()
            place = int(plain[:token].sum())
            assert found.scores[row, place] == pytest.approx(slope, abs=2e-3)
    assert found.completeness_gap.max() < 0.01
    np.testing.assert_allclose(found.scores.sum(axis=1), found.value - found.baseline, atol=0.01)


def test_more_steps_close_the_gap(build, word_pieces, texts):
    model = build("bert", word_pieces)
    given = model, word_pieces, texts
    few, many = (attribute_transformer(*given, IntegratedGradients(steps=steps)) for steps in (2, 40))
    assert many.completeness_gap.max() < 1e-4
    np.testing.assert_allclose(few.scores, many.scores, atol=5e-3)


def test_a_path_from_zero_through_norms_is_warned_of(build, byte_level, texts):
    model = build("llama", byte_level)  # its output changes within the first hundred thousandth of the path
    with pytest.warns(UnreliableEstimateWarning, match="take another baseline"):
        found = attribute_transformer(model, byte_level, texts[1:2], IntegratedGradients())
    assert found.completeness_gap[0] > 0.01


def test_a_jump_that_no_gradient_shows_is_warned_of(word_pieces, monkeypatch):
    torch = pytest.importorskip("torch")
    from tests.adapters.bag_of_words import bag_of_words

    bag = bag_of_words(word_pieces, {"a": [0.0, 1.0]})
    plain = bag.forward

    def stepped(input_ids, **inputs):
        outputs = plain(input_ids, **inputs)
        return type(outputs)(logits=outputs.logits * 0 + (outputs.logits > 0.3))

    monkeypatch.setattr(bag, "forward", stepped)
    with pytest.warns(UnreliableEstimateWarning, match="scores of 1 of 1 text miss .* at most by 0.2.* in text 0"):
        found = attribute_transformer(bag, word_pieces, ["a b"], IntegratedGradients(steps=1), target=1)
    assert found.completeness_gap[0] == pytest.approx(float(torch.sigmoid(torch.tensor(1.0))) - 0.5)
    given = bag, word_pieces, ["b", "a b", "c", "d a b c"], IntegratedGradients(steps=1)
    with pytest.warns(UnreliableEstimateWarning, match="scores of 2 of 4 texts miss") as seen:
        found = attribute_transformer(*given, target=1, batch_size=1)
    gap = f"at most by {found.completeness_gap.max():.2g} in text {found.completeness_gap.argmax()}"
    assert [gap in str(each.message) for each in seen] == [True]  # one for all batches
    assert seen[0].filename == __file__


def slope_of_attention(model, tokenizer, text, layer, head, query, label):
    """a ∂y/∂a of each token, from the output where the head passes on a bit more or less of that token's value."""
    torch = pytest.importorskip("torch")
    ids = ids_of(tokenizer, text)
    if model.config.model_type == "bert":
        block = model.base_model.encoder.layer[layer].attention
        maps, back = block.self.value, block.output.dense
    else:
        block = model.base_model.layers[layer].self_attn
        maps, back = block.v_proj, block.o_proj
    kept, step = {}, step_and_tolerance(model)[0]
    hooks = [maps.register_forward_hook(lambda _, __, output: kept.update(values=output))]
    with torch.no_grad():
        weights = model(ids, output_attentions=True).attentions[layer][0, head, query].numpy()
    hooks.pop().remove()
    width = model.config.hidden_size // model.config.num_attention_heads
    shared = model.config.hidden_size // kept["values"].shape[-1]
    values = kept["values"][0, :, head // shared * width :][:, :width]
    slopes = []
    for token in range(ids.shape[1]):
        outputs = []
        for signed in (step, -step):

            def more(_, inputs, signed=signed, token=token):
                changed = inputs[0].clone()
                changed[0, query, head * width : (head + 1) * width] += signed * weights[token] * values[token]
                return (changed,)

            hook = back.register_forward_pre_hook(more)
            with torch.no_grad():
                outputs.append(float(model(ids).logits.softmax(dim=1)[0, label]))
            hook.remove()
        slopes.append((outputs[0] - outputs[1]) / (2 * step))
    return np.array(slopes)


@pytest.mark.parametrize(
    ("architecture", "query", "at"), [("bert", ClassToken(), 0), ("bert", LastToken(), -1), ("llama", LastToken(), -1)]
)
def test_attention_times_gradient_is_the_slope_by_the_weight(architecture, query, at, build, texts, request):
    torch = pytest.importorskip("torch")
    tokenizer = request.getfixturevalue(KINDS[architecture])
    model = build(architecture, tokenizer, dtype=torch.float64, attn_implementation="eager")
    given = model, tokenizer, texts
    units, within = {"units": Tokens(special=True)}, step_and_tolerance(model)[1]
    for layer in (0, 1):
        by_head = [
            attribute_transformer(*given, AttentionTimesGradient(layer, head, query), **units) for head in range(4)
        ]
        for head in (0, 3):
            slopes = slope_of_attention(model, tokenizer, texts[1], layer, head, at, by_head[0].classes[1])
            np.testing.assert_allclose(by_head[head].scores[1, : len(slopes)], slopes, rtol=1e-4, atol=within)
            unused = architecture == "bert" and layer == 1 and at == -1  # it reads the class token
            assert np.abs(slopes).max() > 5 * within or unused
        summed = attribute_transformer(*given, AttentionTimesGradient(layer, query=query), **units)
        np.testing.assert_allclose(summed.scores, sum(each.scores for each in by_head), atol=1e-12)


def test_the_last_layer_and_the_default_query_are_meant_if_none_is_named(build, word_pieces, texts):
    given = build("bert", word_pieces), word_pieces, texts
    found = attribute_transformer(*given, AttentionTimesGradient())
    same = attribute_transformer(*given, AttentionTimesGradient(layer=1, query=ClassToken()))
    np.testing.assert_array_equal(found.scores, same.scores)
    mean = attribute_transformer(*given, AttentionTimesGradient(layer=0, query=MeanQuery()))
    assert np.abs(mean.scores - attribute_transformer(*given, AttentionTimesGradient(layer=0)).scores).max() > 0
