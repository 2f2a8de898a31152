"""The trace of each architecture against what its model returns for one text at a time."""

import numpy as np
import pytest

from attnstats.adapters import trace_transformer
from attnstats.exceptions import InvalidInputError
from attnstats.trace import ClassToken, LastToken, MeanQuery

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
ENCODERS = ["bert", "roberta", "distilbert", "modernbert", "deberta", "deberta-v2", "electra", "albert", "xlnet"]
DECODERS = ["gpt2", "llama", "qwen3", "mistral", "gemma3_text", "gpt_oss", "gpt_neox", "jamba", "qwen3_next", "lfm2"]


def by_hand(model, tokenizer, text, answers=None):
    """Weights of each layer with attention, states before each layer and probabilities of one text."""
    torch = pytest.importorskip("torch")
    encoded = tokenizer(text, return_tensors="pt")
    inputs = {name: encoded[name] for name in tokenizer.model_input_names if name in encoded}
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        outputs = model(**inputs, output_attentions=True, output_hidden_states=True)
    logits = outputs.logits if answers is None else outputs.logits[:, -1, tokenizer.convert_tokens_to_ids(answers)]
    weights = [each[0].double().numpy() for each in outputs.attentions]
    return weights, [each[0].double().numpy() for each in outputs.hidden_states], logits.softmax(dim=1)[0].numpy()


def check(trace, model, tokenizer, texts, answers=None):
    for number, text in enumerate(texts):
        weights, states, probabilities = by_hand(model, tokenizer, text, answers)
        n_tokens = len(states[0])
        plain = [at for at, special in enumerate(trace.arrays["special"][number, :n_tokens]) if not special]
        assert len(trace.layers) == len(weights)
        for layer, of_layer in zip(trace.layers, weights, strict=True):
            place = trace.layers.index(layer)
            rows = {ClassToken(): of_layer[:, 0], MeanQuery(): of_layer[:, plain].mean(axis=1)}
            rows[LastToken()] = of_layer[:, -1]
            expected = np.stack([rows[query] for query in trace.queries])
            stored = trace.arrays["attention"][:, place, :, number]
            np.testing.assert_allclose(stored[..., :n_tokens], expected, atol=2e-6)
            assert not stored[..., n_tokens:].any()
            kept = trace.arrays[f"hidden_{layer}"][number]
            np.testing.assert_allclose(kept[:n_tokens], states[layer], rtol=1e-3, atol=1e-4)
            assert not kept[n_tokens:].any()
        np.testing.assert_allclose(trace.output[number], probabilities, atol=2e-6)


@pytest.mark.parametrize("architecture", ENCODERS)
def test_an_encoder_is_traced_as_it_computes(architecture, build, word_pieces, texts, tmp_path):
    model = build(architecture, word_pieces)
    trace = trace_transformer(model, word_pieces, texts, out=tmp_path / "trace", queries=[ClassToken(), MeanQuery()])
    assert trace.layers == (0, 1)
    assert trace.heads == (0, 1, 2, 3)
    check(trace, model, word_pieces, texts)
    np.testing.assert_allclose(trace.attention(1, 2).sum(axis=1), 1)


@pytest.mark.parametrize("architecture", DECODERS)
def test_a_decoder_is_traced_as_it_computes(architecture, build, byte_level, texts, tmp_path):
    kind, answers = ("AutoModelForCausalLM", ["a", "b"]) if architecture == "lfm2" else (None, None)
    model = build(architecture, byte_level, **({} if kind is None else {"kind": kind}))
    trace = trace_transformer(
        model, byte_level, texts, out=tmp_path / "trace", queries=[LastToken(), MeanQuery()], answers=answers
    )
    check(trace, model, byte_level, texts, answers)
    hybrid = architecture in ("jamba", "qwen3_next", "lfm2")
    assert trace.layers == ((1,) if hybrid else (0, 1))
    if hybrid:
        with pytest.raises(InvalidInputError, match="some layers have none"):
            trace.rollout()


@pytest.mark.parametrize(
    ("architecture", "kind", "side"),
    [("bert", "word_pieces", "right"), ("llama", "byte_level", "right"), ("llama", "byte_level", "left")],
)
def test_a_padded_pass_of_a_model_that_heeds_its_mask_gives_the_same_output(
    architecture, kind, side, build, texts, tmp_path, request
):
    torch, tokenizer = pytest.importorskip("torch"), request.getfixturevalue(kind)
    model = build(architecture, tokenizer)
    trace = trace_transformer(model, tokenizer, texts, out=tmp_path / "trace")
    encoded = tokenizer(texts, return_tensors="pt", padding=True, padding_side=side)
    inputs = {name: encoded[name] for name in tokenizer.model_input_names if name in encoded}
    if architecture == "llama":
        inputs["position_ids"] = (inputs["attention_mask"].cumsum(dim=1) - 1).clamp_min(0)
    with torch.inference_mode():
        padded = model(**inputs).logits.double().softmax(dim=1).numpy()
    np.testing.assert_allclose(trace.output, padded, atol=1e-5)


def test_weights_that_a_sink_takes_are_counted_as_left_out(build, byte_level, texts, tmp_path):
    model = build("gpt_oss", byte_level)
    trace = trace_transformer(model, byte_level, texts, out=tmp_path / "trace")
    weights, _, _ = by_hand(model, byte_level, texts[0])
    assert weights[0][:, -1].sum(axis=1).max() < 0.999  # a part went to the sink
    np.testing.assert_allclose(trace.left_out(0, 1)[0], 1 - weights[0][1, -1].sum(), atol=1e-6)
    np.testing.assert_allclose(trace.attention(0, 1).sum(axis=1), 1)


def test_windows_of_another_shape_than_queries_by_keys_are_refused(build, word_pieces, texts, tmp_path):
    model = build("longformer", word_pieces)
    with pytest.raises(InvalidInputError, match="must return weights of all queries and keys"):
        trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")
    assert list(tmp_path.iterdir()) == []
