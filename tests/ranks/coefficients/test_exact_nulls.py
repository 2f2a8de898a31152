"""Exact null distributions against full enumeration and the moments that hold over all pairings."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.ranks._kernels import centred_ranks
from attnstats.ranks.coefficients._exact_nulls import product_cost, product_distribution, score_cost, score_distribution
from tests.ranks.definitions import plain_pair_counts


def orders(values):
    return (np.array(order) for order in itertools.permutations(values))


def laid_out(sizes):
    return np.repeat(np.arange(len(sizes), dtype=float), sizes)


@pytest.mark.parametrize(
    ("sizes_x", "sizes_y"),
    [
        ((1, 1, 1, 1, 1, 1, 1), (1, 1, 1, 1, 1, 1, 1)),
        ((2, 1, 3, 1), (1, 2, 2, 2)),
        ((1, 1, 2, 1, 1, 1), (3, 1, 1, 2)),
        ((2, 2, 3), (2, 2, 3)),
        ((1, 6), (4, 3)),
    ],
)
def test_score_distribution_is_that_of_all_pairings(sizes_x, sizes_y):
    x, y = laid_out(sizes_x), laid_out(sizes_y)
    signs = np.sign(x[:, np.newaxis] - x)
    found = [int((signs * np.sign(order[:, np.newaxis] - order)).sum()) // 2 for order in orders(y)]
    null = score_distribution(sizes_x, sizes_y)
    expected = np.bincount(np.array(found) + null.size // 2, minlength=null.size) / len(found)
    np.testing.assert_allclose(null, expected, atol=1e-15)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7]),
        ([1, 1, 2, 3, 3, 3, 4], [1, 1, 1, 2, 3, 3, 4]),
        ([1, 2, 2, 2, 2, 2, 2], [1, 2, 3, 4, 4, 4, 5]),
        ([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]),
    ],
)
def test_product_distribution_is_that_of_all_orders(x, y):
    x, y = (centred_ranks(np.array(values, dtype=float)).astype(int) for values in (x, y))
    found = np.array([int(x @ order) for order in orders(y)])
    null = product_distribution(x, y)
    assert null.size == 2 * np.abs(found).max() + 1
    np.testing.assert_allclose(null, np.bincount(found + null.size // 2, minlength=null.size) / len(found), atol=1e-15)


sizes = st.lists(st.integers(1, 4), min_size=2, max_size=7)


@given(sizes, sizes)
@settings(max_examples=30, deadline=None)
def test_moments_are_those_over_all_pairings(sizes_x, sizes_y):
    """Mean 0; the variance of S by Kendall (1970, eq. 4.4), that of the product sum x² sum y² / (n − 1)."""
    n = max(sum(sizes_x), sum(sizes_y))
    x, y = (laid_out([*each, *[1] * (n - sum(each))]) for each in (sizes_x, sizes_y))
    null = score_distribution(tuple(np.unique(x, return_counts=True)[1]), tuple(np.unique(y, return_counts=True)[1]))
    score = np.arange(null.size) - null.size // 2
    assert null.sum() == pytest.approx(1)
    assert null @ score == pytest.approx(0, abs=1e-8)
    assert null @ score**2 == pytest.approx(plain_pair_counts(x, y)[4])
    ranks_x, ranks_y = (centred_ranks(values).astype(int) for values in (x, y))
    if product_cost(ranks_x, ranks_y) < 1e7:
        null = product_distribution(ranks_x, ranks_y)
        product = np.arange(null.size) - null.size // 2
        assert null @ product == pytest.approx(0, abs=1e-7)
        assert null @ product**2 == pytest.approx(float(ranks_x @ ranks_x) * float(ranks_y @ ranks_y) / (n - 1))


def test_either_side_may_be_filled():
    a, b = (2, 1, 1, 4, 2), (1, 1, 1, 3, 3, 1)
    np.testing.assert_allclose(score_distribution(a, b), score_distribution(b, a), atol=1e-15)


def test_cost_tells_what_is_out_of_reach():
    assert score_cost((2,) * 10, (2,) * 10) < 2.5e8
    assert score_cost((1,) * 50, (1,) * 50) < 1e7
    assert score_cost((2,) * 25, (2,) * 25) > 1e12
    assert score_cost((1,) * 151, (1,) * 151) == np.inf
    assert product_cost(np.arange(-150, 151, 2), np.arange(-150, 151, 2)) == np.inf
