"""A trace holds what the model computes, example by example."""

import keras
import numpy as np
import pytest
from keras import ops

from attnstats.datasets import EncodedSplit, encode_dataset, planted
from attnstats.exceptions import InvalidInputError
from attnstats.models import (
    MLP,
    Additive,
    AttentionClassifier,
    BiLSTM,
    Entmax15,
    GumbelSoftmax,
    Softmax,
    Sparsemax,
    trace_attention,
)
from attnstats.models.attribution import AttentionTimesNorm, GradientTimesInput

DATA = encode_dataset(planted(100, length=6))


def shorten(split: EncodedSplit) -> EncodedSplit:
    """Cut texts to lengths from one to six, so that batches hold padding."""
    lengths = 1 + np.arange(len(split)) % 6
    mask = np.arange(split.token_ids.shape[1]) < lengths[:, None]
    tokens = tuple(text[:length] for text, length in zip(split.tokens, lengths, strict=True))
    return EncodedSplit(np.where(mask, split.token_ids, 0).astype(np.int32), mask, split.labels, tokens, split.index)


object.__setattr__(DATA, "test", shorten(DATA.test))


def make(normalizer):
    return AttentionClassifier(len(DATA.vocabulary), 2, BiLSTM(8), Additive(4), normalizer, embedding_size=5)


def test_each_example_is_what_the_model_says_of_it_alone():
    model = make(Softmax())
    trace = trace_attention(model, DATA, encoder="bilstm", seed=3)
    assert dict(trace.metadata) == {"dataset": "planted", "encoder": "bilstm", "seed": 3}
    assert np.array_equal(trace.mask, DATA.test.mask)
    assert np.array_equal(trace.label, DATA.test.labels)
    for row, length in enumerate(trace.lengths):
        assert trace.tokens(row) == list(DATA.test.tokens[row])
        forward = model(DATA.test.token_ids[row : row + 1, :length])
        probabilities, attention, hidden = (ops.convert_to_numpy(part)[0] for part in forward)
        np.testing.assert_allclose(trace.output[row], probabilities, rtol=1e-4)
        np.testing.assert_allclose(trace.attention[row, :length], attention, rtol=1e-4)
        np.testing.assert_allclose(trace.hidden[row, :length], hidden, rtol=1e-4, atol=1e-6)


def test_a_second_trace_is_the_same_with_noise_too():
    model = make(GumbelSoftmax(noise_at_evaluation=True))
    first, second = trace_attention(model, DATA), trace_attention(model, DATA)
    assert np.array_equal(first.attention, second.attention)


def test_the_split_is_chosen_by_name():
    trace = trace_attention(make(Softmax()), DATA, split="validation")
    assert trace.n_examples == len(DATA.validation)
    with pytest.raises(InvalidInputError, match="split: must be one of train, validation, test; got 'dev'"):
        trace_attention(make(Softmax()), DATA, split="dev")


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("normalizer", [Softmax, GumbelSoftmax, Sparsemax, Entmax15])
def test_a_model_in_half_precision_normalises_its_attention_in_single(policy, normalizer):
    """And its probabilities, rounded to half precision, are judged by it; what is made of both is float64."""
    data = encode_dataset(planted(60, length=4))
    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy(policy)
        model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), normalizer())
        trace = trace_attention(model, data)
        norms = AttentionTimesNorm().scores(model, data)
        slopes = GradientTimesInput().scores(model, data)
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_allclose(trace.attention.sum(axis=1), 1, atol=1e-6)
    assert trace.hidden.dtype == ("float32" if policy == "mixed_bfloat16" else "float16")
    assert trace.attention.dtype == trace.output.dtype == norms.dtype == slopes.dtype == np.float64
    expected = trace.attention * np.linalg.norm(trace.hidden.astype(np.float64), axis=2)
    np.testing.assert_allclose(norms, expected, rtol=1e-12)
    assert np.isfinite(slopes).all()
