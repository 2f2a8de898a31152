"""The compiled counts and ranks against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.ranks._kernels import (
    below,
    centred_ranks,
    compared_below,
    inversions,
    pair_counts,
    partner_sums,
    sorted_below,
)
from tests.ranks.definitions import plain_pair_counts, plain_partner_sums

small_integers = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=0, max_size=40)


@given(small_integers)
@settings(max_examples=150, deadline=None)
def test_counts_equal_the_definition_with_ties(pairs):
    x, y = np.array(pairs, dtype=float).reshape(-1, 2).T.copy()
    assert_counts_and_sums(x, y)


@pytest.mark.parametrize("n", [1, 2, 7, 16, 100, 255, 256, 257, 500])
@pytest.mark.parametrize("n_values", [3, 50, 10**6])
def test_counts_equal_the_definition_at_every_length(n, n_values):
    rng = np.random.default_rng([n, n_values])
    assert_counts_and_sums(*rng.integers(0, n_values, (2, n)).astype(float))


def assert_counts_and_sums(x, y):
    plain = plain_pair_counts(x, y)
    counts, (sums, variance) = pair_counts(x, y), partner_sums(x, y)
    assert counts[:4] == plain[:4]
    assert counts[4] == variance == pytest.approx(plain[4], rel=1e-12)
    np.testing.assert_array_equal(sums, plain_partner_sums(x, y))


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -0.0, 1.0, -1.0]), max_size=60)
)
@settings(max_examples=200, deadline=None)
def test_both_ways_count_the_values_below(values):
    values = np.array(values, dtype=float)
    expected = (values < values[:, np.newaxis]).sum(axis=1)
    np.testing.assert_array_equal(compared_below(values), expected)
    np.testing.assert_array_equal(sorted_below(values), expected)


@pytest.mark.parametrize("scale", [1e-320, 1e-3, 1.0, 1e300])
def test_values_below_in_a_long_sample(scale):
    values = scale * np.random.default_rng(0).normal(size=3000).round(2)
    np.testing.assert_array_equal(below(values), np.searchsorted(np.sort(values), values))


def test_counting_leaves_its_arguments_alone():
    x, y = np.array([2.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0])
    for values in (x, y):
        sorted_below(values)
    pair_counts(x, y)
    assert x.tolist() == [2, 2, 1]
    assert y.tolist() == [3, 1, 2]


def test_variance_without_ties_is_the_textbook_one():
    n = 12
    assert pair_counts(np.arange(12.0), np.arange(12.0))[4] == pytest.approx(n * (n - 1) * (2 * n + 5) / 18)


@pytest.mark.parametrize("n", [0, 1, 8, 256, 257, 400])
def test_inversions_by_hand(n):
    codes = np.random.default_rng(n).integers(0, max(n // 2, 1), n)
    expected = sum(int((codes[:i] > codes[i]).sum()) for i in range(n))
    assert inversions(codes) == expected


@pytest.mark.parametrize("n", [5, 256, 257, 1000])
def test_centred_ranks_are_twice_the_midranks_less_their_mean(n):
    values = np.random.default_rng(n).integers(0, n // 2, n).astype(float)
    np.testing.assert_array_equal(centred_ranks(values), 2 * stats.rankdata(values) - (n + 1))


def test_sums_over_the_partners_of_three_samples_by_hand():
    # x: 1 < 2 = 2, y: 5 > 4 > 3. Only the pairs with sample 0 are untied in x; both are discordant.
    sums, _ = partner_sums(np.array([1.0, 2.0, 2.0]), np.array([5.0, 4.0, 3.0]))
    assert sums.tolist() == [[-2, -1, -1], [2, 1, 1], [2, 2, 2], [2, 1, 1]]


def test_large_counts_do_not_overflow():
    n = 300_000
    score, *_, variance = pair_counts(np.arange(float(n)), np.arange(float(n))[::-1].copy())
    assert score == -n * (n - 1) // 2
    assert variance == pytest.approx(n * (n - 1) * (2 * n + 5) / 18)
