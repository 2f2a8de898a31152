"""Measures of a trace against their definitions written out token by token."""

import math

import ml_dtypes
import numpy as np
import pytest
import scipy.stats

from attnstats.studies.trace_rows._measures import conicity, effective_positions, entropy_deficit, gini, output_entropy


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


HALVES = pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16], ids=["float16", "bfloat16"])


@HALVES
def test_conicity_of_half_precision_states_of_any_norm(dtype):
    """States of norm 600 to 2,000, whose squares leave float16: the cosines are those of the numbers in float64."""
    rng = np.random.default_rng(0)
    hidden = (40 + 100 * rng.normal(size=(20, 6, 64))).astype(dtype)
    mask = np.arange(6) < rng.integers(1, 7, size=(20, 1))
    found = conicity(hidden, mask)
    assert found.dtype == np.float64
    for value, states, real in zip(found, hidden.astype(np.float64), mask, strict=True):
        mean = states[real].mean(axis=0)
        cosines = states[real] @ mean / np.linalg.norm(states[real], axis=1) / np.linalg.norm(mean)
        assert value == pytest.approx(cosines.mean(), rel=1e-12)
    assert found.min() > 0.3  # and not zero


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e200, 1e307])
def test_conicity_does_not_see_the_size_of_the_states(ragged, size):
    _, mask, hidden = ragged
    hidden = np.round(hidden, 2) + 3  # so that the smallest float64 still tells the states apart
    np.testing.assert_allclose(
        conicity(size * hidden, mask), conicity(hidden, mask), rtol=1e-3 if size < 1e-300 else 1e-12
    )


def test_states_of_very_different_size_have_their_own_directions():
    """One state of 1e200 gives the mean its direction: its cosine is 1, and that of (1e-200, 1e-200) is cos 45°."""
    states = np.array([[[1e200, 0.0], [1e-200, 1e-200]]])
    assert conicity(states, np.ones((1, 2), dtype=bool)) == pytest.approx((1 + math.sqrt(0.5)) / 2)


def test_padding_does_not_count_whatever_it_holds(ragged):
    _, mask, hidden = ragged
    wild = np.where(mask[:, :, np.newaxis], hidden, np.nan)
    np.testing.assert_array_equal(conicity(wild, mask), conicity(hidden, mask))


@HALVES
def test_measures_of_half_precision_keep_their_bounds(ragged, dtype):
    attention, mask, _ = ragged
    even = (mask / mask.sum(axis=1, keepdims=True)).astype(dtype)  # sums to one within half precision only
    assert (even.astype(float).sum(axis=1) != 1).any()
    lengths = mask.sum(axis=1)
    np.testing.assert_allclose(gini(even, mask), 0, atol=1e-15)
    np.testing.assert_allclose(effective_positions(even, mask), lengths, rtol=1e-12)
    np.testing.assert_allclose(entropy_deficit(even, mask)[lengths > 1], 0, atol=1e-12)
    rounded = attention.astype(dtype)
    np.testing.assert_allclose(
        np.log(effective_positions(rounded, mask)), scipy.stats.entropy(rounded.astype(float), axis=1), atol=1e-12
    )
    for value, row, real in zip(gini(rounded, mask), rounded.astype(float), mask, strict=True):
        weights = row[real]
        assert value == pytest.approx(np.abs(weights[:, None] - weights).mean() / (2 * weights.mean()), abs=1e-12)
