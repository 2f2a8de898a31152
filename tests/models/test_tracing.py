"""A trace holds what the model computes, example by example."""

import numpy as np
import pytest
from keras import ops

from attnstats.datasets import EncodedSplit, encode_dataset, planted
from attnstats.exceptions import InvalidInputError
from attnstats.models import Additive, AttentionClassifier, BiLSTM, GumbelSoftmax, Softmax, trace_attention

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
