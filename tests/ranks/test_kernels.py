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
    compared_pairs,
    inversions,
    ordered,
    ordered_rows,
    pair_counts,
    pair_counts_of_rows,
    sorted_below,
)
from attnstats.ranks._partner_kernels import partner_moments
from attnstats.ranks.coefficients._kendall_s import PartnerMoments
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
    plain, sums = plain_pair_counts(x, y), plain_partner_sums(x, y)
    counts, moments = pair_counts(x, y), PartnerMoments(x.size, *partner_moments(*ordered(x, y)))
    assert counts[:4] == plain[:4]
    assert counts[4] == moments.score_variance() == pytest.approx(plain[4], rel=1e-12)
    np.testing.assert_array_equal(moments.totals, sums.sum(axis=1))
    np.testing.assert_array_equal(moments.products, sums @ sums.T)


@pytest.mark.parametrize("n", [40, 300])
def test_the_order_is_that_of_x_then_of_y(n):
    x, y = np.random.default_rng(n).integers(-9, 9, (2, n)) / 8
    order = np.lexsort((y, x))
    for codes, values in zip(ordered(x, y), (x, y), strict=True):
        np.testing.assert_array_equal(codes, (values < values[:, np.newaxis]).sum(axis=1)[order])


@pytest.mark.parametrize("width", [1, 33, 200, 300])
def test_rows_are_counted_inside_their_mask(width):
    rng = np.random.default_rng(width)
    x, y = rng.integers(0, 9, (2, 30, width)).astype(float)
    mask = rng.random((30, width)) < rng.random((30, 1))
    mask[0], mask[1] = False, True
    x[~mask], y[~mask] = np.nan, -np.inf
    counts, variances = pair_counts_of_rows(x, y, mask)
    in_x, in_y = ordered_rows(x, y, mask)
    for row, inside in enumerate(mask):
        pair = x[row, inside], y[row, inside]
        plain, n = plain_pair_counts(*pair), inside.sum()
        assert (*counts[row], variances[row]) == (*plain[:4], pytest.approx(plain[4], rel=1e-12))
        np.testing.assert_array_equal([in_x[row, :n], in_y[row, :n]], ordered(*pair))


@given(
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False)
        | st.sampled_from([0.0, -0.0, 1.0, -1.0, 1 + 2e-16, 1 - 1e-16, 1 + 1e-9, 1e300, 2e300, -1e300, 1e-320, 2e-320]),
        max_size=60,
    )
)
@settings(max_examples=300, deadline=None)
def test_both_ways_count_the_values_below(values):  # some of them equal as float32, and only there
    values = np.array(values, dtype=float)
    expected = (values < values[:, np.newaxis]).sum(axis=1)
    np.testing.assert_array_equal(compared_below(values)[: values.size], expected)
    np.testing.assert_array_equal(sorted_below(values), expected)


@pytest.mark.parametrize("n", [2, 31, 32, 33, 250])
def test_compared_pairs_by_hand(n):
    x, y = np.random.default_rng(n).integers(0, n, (2, n)).astype(float)
    product = np.sign(x[:, np.newaxis] - x) * np.sign(y[:, np.newaxis] - y)
    expected = (product > 0).sum() // 2, (product < 0).sum() // 2
    assert compared_pairs(compared_below(x), compared_below(y)) == expected


@pytest.mark.parametrize("n", [257, 3000, 5000])
@pytest.mark.parametrize("scale", [1e-320, 1e-3, 1.0, 1e300])
def test_values_below_in_a_long_sample(scale, n):
    values = scale * np.random.default_rng(0).normal(size=n).round(2)
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


def test_moments_over_the_partners_of_three_samples_by_hand():
    # x: 1 < 2 = 2, y: 5 > 4 > 3. Only the pairs with sample 0 are untied in x; both are discordant. The sums over the
    # partners are -2, -1, -1 for S, 2, 1, 1 untied in x, 2, 2, 2 in y, and 2, 1, 1 in both.
    totals, high, low = partner_moments(*ordered(np.array([1.0, 2.0, 2.0]), np.array([5.0, 4.0, 3.0])))
    assert totals.tolist() == [-4, 4, 6, 4]
    products = [[6, -6, -8, -6], [-6, 6, 8, 6], [-8, 8, 12, 8], [-6, 6, 8, 6]]
    assert (high * 2**32 + low).tolist() == products


@pytest.mark.parametrize("n_values", [2, 60, 10**6])
def test_moments_of_many_samples_are_those_of_the_definition(n_values):  # more than are added up at once
    x, y = np.random.default_rng(n_values).integers(0, n_values, (2, 2500)).astype(float)
    sums = plain_partner_sums(x, y)
    moments = PartnerMoments(x.size, *partner_moments(*ordered(x, y)))
    np.testing.assert_array_equal(moments.products, sums @ sums.T)
    totals = sums.sum(axis=1)
    np.testing.assert_array_equal(moments.centred(), (2500 * (sums @ sums.T) - np.outer(totals, totals)).astype(float))


def test_large_counts_do_not_overflow():
    n = 300_000
    score, *_, variance = pair_counts(np.arange(float(n)), np.arange(float(n))[::-1].copy())
    assert score == -n * (n - 1) // 2
    assert variance == pytest.approx(n * (n - 1) * (2 * n + 5) / 18)
    x = np.arange(float(n))
    moments = PartnerMoments(n, *partner_moments(*ordered(x, x)))
    assert moments.totals.tolist() == [n * (n - 1)] * 4
    assert set(moments.products.ravel().tolist()) == {n * (n - 1) ** 2}
