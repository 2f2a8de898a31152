"""The three compiled ways of counting pairs against the definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.ranks._kernels import (
    _sort_counting,
    centred_ranks,
    direct_counts,
    halved_counts,
    pair_counts,
    pair_sums,
    plain_pair_counts,
    sorted_counts,
)

small_integers = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=0, max_size=40)


@given(small_integers)
@settings(max_examples=150, deadline=None)
def test_all_ways_equal_the_definition_with_ties(pairs):
    x, y = np.array(pairs, dtype=float).reshape(-1, 2).T.copy()
    plain = plain_pair_counts(x, y)
    for counts in (direct_counts(x, y), halved_counts(x, y), sorted_counts(x, y)):
        assert counts[:4] == plain[:4]
        assert counts[4] == pytest.approx(plain[4], rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 16, 17, 100, 299, 300, 301, 500])
@pytest.mark.parametrize("n_values", [3, 50, 10**6])
def test_all_ways_equal_the_definition_at_every_length(n, n_values):
    rng = np.random.default_rng([n, n_values])
    x, y = rng.integers(0, n_values, (2, n)).astype(float)
    plain = plain_pair_counts(x, y)
    for counts in (direct_counts(x, y), halved_counts(x, y), sorted_counts(x, y), pair_counts(x, y)):
        assert counts[:4] == plain[:4]
        assert counts[4] == pytest.approx(plain[4], rel=1e-12)


def test_counting_leaves_its_arguments_alone():
    x, y = np.array([2.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0])
    sorted_counts(x, y)
    assert x.tolist() == [2, 2, 1]
    assert y.tolist() == [3, 1, 2]


def test_variance_without_ties_is_the_textbook_one():
    n = 12
    assert pair_counts(np.arange(12.0), np.arange(12.0))[4] == pytest.approx(n * (n - 1) * (2 * n + 5) / 18)


@pytest.mark.parametrize("n", [0, 1, 8, 9, 63, 200])
def test_sort_counting_sorts_and_counts_inversions(n):
    values = np.random.default_rng(n).integers(0, 30, n).astype(float)
    expected = sum(values[i] > values[j] for i in range(n) for j in range(i + 1, n))
    given_values = values.copy()
    assert _sort_counting(given_values) == expected
    np.testing.assert_array_equal(given_values, np.sort(values))


@pytest.mark.parametrize("n", [5, 300, 301, 1000])
def test_centred_ranks_are_twice_the_midranks_less_their_mean(n):
    values = np.random.default_rng(n).integers(0, n // 2, n).astype(float)
    np.testing.assert_array_equal(centred_ranks(values), 2 * stats.rankdata(values) - (n + 1))


def test_pair_sums_of_three_samples_by_hand():
    # x: 1 < 2 = 2, y: 5 > 4 > 3. Only the pairs with sample 0 are untied in x; both are discordant.
    sums = pair_sums(np.array([1.0, 2.0, 2.0]), np.array([5.0, 4.0, 3.0]))
    assert sums.tolist() == [[-2, 2, 2, 2], [-1, 1, 2, 1], [-1, 1, 2, 1]]


def test_large_counts_do_not_overflow():
    n = 300_000
    score, *_, variance = pair_counts(np.arange(float(n)), np.arange(float(n))[::-1].copy())
    assert score == -n * (n - 1) // 2
    assert variance == pytest.approx(n * (n - 1) * (2 * n + 5) / 18)
