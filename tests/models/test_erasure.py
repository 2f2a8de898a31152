"""Deleting tokens, and predicting texts of all lengths at once."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.models._erasure import predict_texts, without


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_what_is_left_keeps_its_order(data):
    texts = data.draw(st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=6), min_size=1, max_size=5))
    width = max(map(len, texts))
    ids = np.array([text + [0] * (width - len(text)) for text in texts], np.int32)
    marks = st.lists(st.booleans(), min_size=width, max_size=width)
    erased = np.array([data.draw(marks) for _ in texts])
    left = [[ids[row, t] for t in range(len(text)) if not erased[row, t]] for row, text in enumerate(texts)]
    result = without(ids, erased)
    assert result.shape == (len(texts), max(1, max(map(len, left))))
    for row, expected in zip(result, left, strict=True):
        assert row.tolist() == expected + [0] * (result.shape[1] - len(expected))


def test_each_text_gets_its_own_prediction_in_a_batch_of_like_length():
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 301, size=400)
    ids = np.where(np.arange(300) < lengths[:, None], rng.integers(1, 50, size=(400, 300)), 0).astype(np.int32)
    sizes = []

    def forward(token_ids):
        sizes.append(token_ids.shape)
        assert token_ids.any(axis=0).all()  # no column of padding alone
        return SimpleNamespace(probabilities=np.stack([token_ids.sum(axis=1), token_ids.max(axis=1)], axis=1))

    result = predict_texts(forward, ids, 2)
    assert np.array_equal(result, np.stack([ids.sum(axis=1), ids.max(axis=1)], axis=1))
    assert sum(n for n, _ in sizes) == 400
    assert max(n * width for n, width in sizes) <= 2**16
    assert len(sizes) < 8
