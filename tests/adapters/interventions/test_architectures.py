"""Interventions on many architectures against hooks on their own submodules, written for each."""

import numpy as np
import pytest

from attnstats.adapters import (
    HeadIntervention,
    MeanOutput,
    PermutedWeights,
    UniformWeights,
    ZeroedOutput,
    intervene_transformer,
)
from attnstats.exceptions import InvalidInputError
from tests.adapters.conftest import DECODERS, ENCODERS

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

#: Maps of all heads back to the stream in layer 1, by architecture.
BACK = {
    "bert": "bert.encoder.layer.1.attention.output.dense",
    "roberta": "roberta.encoder.layer.1.attention.output.dense",
    "electra": "electra.encoder.layer.1.attention.output.dense",
    "distilbert": "distilbert.transformer.layer.1.attention.out_lin",
    "modernbert": "model.layers.1.attn.Wo",
    "gpt2": "transformer.h.1.attn.c_proj",
    "llama": "model.layers.1.self_attn.o_proj",
    "mistral": "model.layers.1.self_attn.o_proj",
    "gemma3_text": "model.layers.1.self_attn.o_proj",
    "gpt_oss": "model.layers.1.self_attn.o_proj",
    "jamba": "model.layers.1.self_attn.o_proj",
    "gpt_neox": "gpt_neox.layers.1.attention.dense",
    "qwen3_next": "model.layers.1.self_attn.o_proj",
}
#: Tokens that each token sees back from itself, in layer 1.
WINDOWS = {"llama": 100, "mistral": 3, "gemma3_text": 3, "gpt_oss": 100}
INTERFACED = [name for name in ENCODERS | DECODERS if name not in ("deberta", "deberta-v2", "xlnet", "longformer")]


def of(architecture, build, request, **settings):
    tokenizer = request.getfixturevalue("word_pieces" if architecture in ENCODERS else "byte_level")
    kind = {"kind": "AutoModelForCausalLM"} if architecture == "lfm2" else {}
    return build(architecture, tokenizer, **kind, **settings), tokenizer


def outputs_of(model, tokenizer, texts, **asked):
    torch = pytest.importorskip("torch")
    found = []
    for text in texts:
        encoded = tokenizer(text, return_tensors="pt")
        inputs = {name: encoded[name] for name in tokenizer.model_input_names if name in encoded}
        with torch.inference_mode():
            found.append(model(**inputs, **asked).logits.double().softmax(dim=1)[0].numpy())
    return np.stack(found)


@pytest.mark.parametrize("architecture", BACK)
def test_a_zeroed_head_is_a_zero_slice_of_what_is_mapped_back(architecture, build, texts, request):
    model, tokenizer = of(architecture, build, request)
    every = [(1, head) for head in range(4)]
    found = intervene_transformer(model, tokenizer, texts, ZeroedOutput(), heads=[every, (1, 2)])
    for place, heads in enumerate([slice(0, 32), slice(16, 24)]):

        def zero(_, inputs, heads=heads):
            states = inputs[0].clone()
            states[..., heads] = 0
            return (states, *inputs[1:])

        hook = model.get_submodule(BACK[architecture]).register_forward_pre_hook(zero)
        np.testing.assert_allclose(found.output[0, place], outputs_of(model, tokenizer, texts), atol=2e-6)
        hook.remove()
    assert np.abs(found.output - found.intact).max(axis=(0, 2, 3)).min() > 1e-4
    np.testing.assert_allclose(found.intact, outputs_of(model, tokenizer, texts), atol=2e-6)


@pytest.mark.parametrize("architecture", WINDOWS)
def test_a_uniform_head_sees_its_window_and_shares_its_values(architecture, build, texts, request):
    """Head 3 is the second of the two that share the second values."""
    torch = pytest.importorskip("torch")
    model, tokenizer = of(architecture, build, request)
    found = intervene_transformer(model, tokenizer, texts, UniformWeights(), heads=[(1, 3)])
    attention, kept = model.get_submodule(BACK[architecture].rpartition(".")[0]), {}
    model.set_attn_implementation("eager")

    def keep(_, __, output):
        kept["values"] = output[0, :, 8:]

    def change(_, inputs):
        states = inputs[0].clone()
        for query in range(states.shape[1]):
            first = max(0, query - WINDOWS[architecture] + 1)
            states[0, query, 24:] = kept["weight"][query] * kept["values"][first : query + 1].mean(dim=0)
        return (states, *inputs[1:])

    expected = []
    for text in texts:
        with torch.inference_mode():
            inputs = tokenizer(text, return_tensors="pt")["input_ids"]
            # A sink takes its part of a row; it is the only reason for a sum below one.
            kept["weight"] = model(inputs, output_attentions=True).attentions[1][0, 3].sum(dim=1)
        hooks = attention.v_proj.register_forward_hook(keep), attention.o_proj.register_forward_pre_hook(change)
        expected.append(outputs_of(model, tokenizer, [text])[0])
        for hook in hooks:
            hook.remove()
    np.testing.assert_allclose(found.output[0, 0], expected, atol=5e-6)
    assert np.abs(found.output - found.intact).max() > 1e-4


class Same(HeadIntervention):
    name, holds_fixed = "same", "everything"

    def output(self, heads, _):
        assert not heads.weights[~heads.allowed].any()
        return heads.weights @ heads.values


@pytest.mark.parametrize("architecture", INTERFACED)
def test_weights_times_values_are_what_a_head_gives(architecture, build, texts, request):
    model, tokenizer = of(architecture, build, request)
    answers = ["a", "b"] if architecture == "lfm2" else None
    found = intervene_transformer(model, tokenizer, texts, [Same(), ZeroedOutput()], answers=answers)
    hybrid = architecture in ("jamba", "qwen3_next", "lfm2")
    assert found.heads == tuple(((layer, head),) for layer in ((1,) if hybrid else (0, 1)) for head in range(4))
    np.testing.assert_allclose(found.output[0], np.stack([found.intact] * len(found.heads)), atol=1e-5)
    assert (np.abs(found.output[1] - found.intact).max(axis=(1, 2)) > 1e-4).all()


@pytest.mark.parametrize("architecture", ["deberta", "deberta-v2", "xlnet", "longformer"])
def test_attention_of_its_own_kind_is_refused(architecture, build, texts, request):
    model, tokenizer = of(architecture, build, request)
    with pytest.raises(InvalidInputError, match=f"as weights times values; {type(model).__name__} does not"):
        intervene_transformer(model, tokenizer, texts, ZeroedOutput())


class Sharper(HeadIntervention):
    """Weights of the user's own, computed in double precision whatever that of the model is."""

    name, holds_fixed = "sharper", "all other heads, values"

    def output(self, heads, rng):  # noqa: ARG002
        return heads.weighed((2 * heads.weights.double().clamp_min(1e-12).log()).softmax(dim=-1))


@pytest.mark.parametrize(("precision", "close"), [("bfloat16", 0.05), ("float16", 0.005)])
@pytest.mark.parametrize("architecture", ["bert", "llama"])
def test_in_half_precision(architecture, precision, close, build, texts, request):
    torch = pytest.importorskip("torch")
    every = [UniformWeights(), PermutedWeights(), PermutedWeights(each_row=True), ZeroedOutput(), MeanOutput()]
    half, tokenizer = of(architecture, build, request, dtype=getattr(torch, precision))
    single, _ = of(architecture, build, request)
    runs = [intervene_transformer(model, tokenizer, texts, [*every, Sharper()], rng=0) for model in (half, single)]
    assert runs[0].output.dtype == runs[0].intact.dtype == np.float64
    np.testing.assert_allclose(runs[0].output, runs[1].output, atol=close)
    np.testing.assert_allclose(runs[0].output.sum(axis=-1), 1, atol=1e-9)
