"""Somers' d, Goodman and Kruskal's gamma, tau-c, and what they share with tau."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.exceptions import ConstantInputError
from attnstats.ranks import goodman_kruskal_gamma, kendall, somers_d

ordinals = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=4, max_size=20)


def split(pairs):
    x, y = np.array(pairs, dtype=float).T
    assume(len(set(x)) > 1 and len(set(y)) > 1)
    return x, y


def pair_counts(x, y):
    """Concordant, discordant, tied in x alone, tied in y alone; by the definition."""
    in_x, in_y = (np.sign(values[:, np.newaxis] - values)[np.triu_indices(len(values), 1)] for values in (x, y))
    return [
        int(each.sum())
        for each in (in_x * in_y > 0, in_x * in_y < 0, (in_x == 0) & (in_y != 0), (in_x != 0) & (in_y == 0))
    ]


@given(ordinals)
@settings(max_examples=80, deadline=None)
def test_coefficients_are_their_definitions(pairs):
    x, y = split(pairs)
    concordant, discordant, tied_x, tied_y = pair_counts(x, y)
    score, strict = concordant - discordant, concordant + discordant
    assert somers_d(x, y, exact=False).effect == pytest.approx(score / (strict + tied_y))
    assert somers_d(y, x, exact=False).effect == pytest.approx(score / (strict + tied_x))
    m, n = min(len(set(x)), len(set(y))), len(x)
    assert kendall(x, y, variant="c", exact=False).effect == pytest.approx(2 * m * score / (n**2 * (m - 1)))
    if strict:
        assert goodman_kruskal_gamma(x, y, exact=False).effect == pytest.approx(score / strict)
    else:
        with pytest.raises(ConstantInputError, match="untied in both"):
            goodman_kruskal_gamma(x, y)


def test_somers_d_is_that_of_scipy():
    x, y = np.random.default_rng(0).integers(0, 5, (2, 30))
    assert somers_d(x, y).effect == pytest.approx(stats.somersd(x, y).statistic)
    assert somers_d(y, x).effect == pytest.approx(stats.somersd(y, x).statistic)
    assert somers_d(x, y).effect != somers_d(y, x).effect


def test_tau_b_squared_is_the_product_of_both_d():
    x, y = np.random.default_rng(1).integers(0, 4, (2, 25))
    product = somers_d(x, y, exact=False).effect * somers_d(y, x, exact=False).effect
    assert kendall(x, y, exact=False).effect ** 2 == pytest.approx(product)


def test_without_ties_all_are_tau():
    x, y = np.random.default_rng(2).normal(size=(2, 15))
    taus = [kendall(x, y, variant=variant) for variant in "abc"]
    others = [somers_d(x, y), goodman_kruskal_gamma(x, y)]
    for result in (*taus[1:], *others):
        assert result.effect == pytest.approx(taus[0].effect)
        assert result.pvalue == taus[0].pvalue
        interval, first = result.interval(), taus[0].interval()
        assert (interval.low, interval.high) == pytest.approx((first.low, first.high))


@given(ordinals)
@settings(max_examples=40, deadline=None)
def test_reversal_changes_the_sign_alone(pairs):
    x, y = split(pairs)
    for function in (somers_d, kendall):
        plus, minus = function(x, y, exact=False), function(x, -y, exact=False)
        assert minus.effect == -plus.effect
        assert minus.interval().low == pytest.approx(-plus.interval().high)
