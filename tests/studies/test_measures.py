"""Measures of a trace against their definitions written out token by token."""

import numpy as np
import pytest

from attnstats.studies.measures import conicity, effective_positions, entropy_deficit, gini, output_entropy


@pytest.fixture
def ragged():
    rng = np.random.default_rng(0)
    mask = np.arange(7) < rng.integers(1, 8, size=(30, 1))
    attention = np.where(mask, rng.exponential(size=mask.shape) ** 2, 0)
    attention[:, 0] *= np.arange(30) > 3  # some exact zeros
    attention[:, 0] += attention.sum(axis=1) == 0
    return attention / attention.sum(axis=1, keepdims=True), mask, rng.normal(size=(30, 7, 3))


def test_gini_is_half_the_relative_mean_absolute_difference(ragged):
    attention, mask, _ = ragged
    for value, row, real in zip(gini(attention, mask), attention, mask, strict=True):
        weights = row[real]
        expected = np.abs(weights[:, None] - weights).mean() / (2 * weights.mean())
        assert value == pytest.approx(expected, abs=1e-12)


def test_entropy_measures(ragged):
    attention, mask, _ = ragged
    for deficit, effective, row, real in zip(
        entropy_deficit(attention, mask), effective_positions(attention, mask), attention, mask, strict=True
    ):
        weights = row[real][row[real] > 0]
        entropy = -(weights * np.log(weights)).sum()
        assert effective == pytest.approx(np.exp(entropy))
        if real.sum() == 1:
            assert np.isnan(deficit)
        else:
            assert deficit == pytest.approx(1 - entropy / np.log(real.sum()))


def test_conicity_is_the_mean_cosine_with_the_mean(ragged):
    _, mask, hidden = ragged
    for value, states, real in zip(conicity(hidden, mask), hidden, mask, strict=True):
        mean = states[real].mean(axis=0)
        cosines = [h @ mean / np.linalg.norm(h) / np.linalg.norm(mean) for h in states[real]]
        assert value == pytest.approx(np.mean(cosines))


def test_states_at_the_origin_have_cosine_zero():
    assert conicity(np.zeros((1, 2, 3)), np.ones((1, 2), dtype=bool)).tolist() == [0.0]


def test_output_entropy():
    assert output_entropy(np.array([0, 1, 2, 3])) == pytest.approx(np.log(4))
    assert output_entropy(np.array([2, 2])) == 0
