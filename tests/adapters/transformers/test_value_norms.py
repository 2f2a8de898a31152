"""Norms of transformed values against the weights of the model, multiplied out."""

import numpy as np
import pytest

from attnstats.adapters import trace_transformer
from attnstats.exceptions import InvalidInputError

pytestmark = pytest.mark.filterwarnings("ignore")


def of_bert(model, states):
    attention = model.base_model.encoder.layer[1].attention
    return attention.self.value(states), attention.output.dense.weight


def of_distilbert(model, states):
    attention = model.base_model.transformer.layer[1].attention
    return attention.v_lin(states), attention.out_lin.weight


def of_gpt2(model, states):
    block = model.base_model.h[1]
    return block.attn.c_attn(block.ln_1(states))[..., -32:], block.attn.c_proj.weight.T


def of_llama(model, states):
    block = model.base_model.layers[1]
    values = block.self_attn.v_proj(block.input_layernorm(states))
    return values.reshape(*values.shape[:-1], 2, 8).repeat_interleave(2, dim=-2).flatten(
        -2
    ), block.self_attn.o_proj.weight


def of_modernbert(model, states):
    block = model.base_model.layers[1]
    return block.attn.Wqkv(block.attn_norm(states))[..., -32:], block.attn.Wo.weight


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "kind", "parts"),
    [
        ("bert", "word_pieces", of_bert),
        ("distilbert", "word_pieces", of_distilbert),
        ("modernbert", "word_pieces", of_modernbert),
        ("gpt2", "byte_level", of_gpt2),
        ("llama", "byte_level", of_llama),
    ],
)
def test_norms_are_those_of_each_heads_values_mapped_back(architecture, kind, parts, build, texts, tmp_path, request):
    torch, tokenizer = pytest.importorskip("torch"), request.getfixturevalue(kind)
    model = build(architecture, tokenizer)
    trace = trace_transformer(model, tokenizer, texts, out=tmp_path / "trace", value_norms=True, heads=[3, 0])
    encoded = tokenizer(texts[1], return_tensors="pt")
    inputs = {name: encoded[name] for name in tokenizer.model_input_names if name in encoded}
    with torch.inference_mode():
        states = model(**inputs, output_hidden_states=True).hidden_states[1]
        values, back = parts(model, states)
    n_tokens = states.shape[1]
    for place, head in enumerate([3, 0]):
        of_head = slice(8 * head, 8 * head + 8)
        mapped = values[0, :, of_head].numpy() @ back[:, of_head].detach().numpy().T
        stored = trace.arrays["value_norms"][1, place, 1]
        np.testing.assert_allclose(stored[:n_tokens], np.linalg.norm(mapped, axis=1), rtol=1e-4)
        assert not stored[n_tokens:].any()


def test_weights_count_by_the_norms(build, word_pieces, texts, tmp_path):
    trace = trace_transformer(build("bert", word_pieces), word_pieces, texts, out=tmp_path / "trace", value_norms=True)
    weights = trace.arrays["attention"][0, 1, 2, 0].astype(float) * trace.arrays["value_norms"][1, 2, 0]
    of_words = np.array([weights[trace.arrays["word"][0] == word].sum() for word in range(3)])
    np.testing.assert_allclose(trace.value_weighted(1, 2)[0, :3], of_words / of_words.sum())


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["albert", "gpt_neox"])
def test_values_that_are_not_found_are_refused(architecture, build, word_pieces, texts, tmp_path):
    model = build(architecture, word_pieces)
    with pytest.raises(InvalidInputError, match="value_norms: must be False for"):
        trace_transformer(model, word_pieces, texts, out=tmp_path / "trace", value_norms=True)


def test_norms_that_were_not_traced_are_asked_for(build, word_pieces, texts, tmp_path):
    trace = trace_transformer(build("bert", word_pieces), word_pieces, texts, out=tmp_path / "trace")
    with pytest.raises(InvalidInputError, match="pass value_norms=True to trace_transformer"):
        trace.value_weighted(0, 0)
