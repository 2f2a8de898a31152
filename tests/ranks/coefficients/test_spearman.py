import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.exceptions import InvalidInputError
from attnstats.ranks import BonettWright, spearman

ordinals = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=25)


def split(pairs):
    x, y = np.array(pairs, dtype=float).T
    assume(len(set(x)) > 1 and len(set(y)) > 1)
    return x, y


def enumerate_rho(x, y):
    x = stats.rankdata(x)
    return np.array([np.corrcoef(x, p)[0, 1] for p in itertools.permutations(stats.rankdata(y))])


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1, 2, 3, 4, 5, 6], [3, 1, 2, 5, 4, 6]),
        ([1, 1, 2, 3, 3, 3, 4], [1, 1, 1, 2, 3, 3, 4]),
        ([0, 0, 1, 1, 1, 1], [1, 0, 0, 1, 2, 3]),
        ([0, 0, 0, 0, 1], [0, 1, 1, 1, 1]),
        ([1, 2, 3], [1, 2, 3]),
    ],
)
@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_exact_pvalue_is_that_of_all_orders(x, y, alternative):
    distance = {"two-sided": np.abs, "greater": np.asarray, "less": np.negative}[alternative]
    every = distance(enumerate_rho(x, y))
    result = spearman(x, y, alternative=alternative)
    assert "exact" in result.test
    assert result.pvalue == pytest.approx((every >= every[0] - 1e-9).mean(), rel=1e-12)
    assert result.pvalue_floor == pytest.approx((every >= every.max() - 1e-9).mean(), rel=1e-12)


def test_exact_pvalue_of_ten_samples_can_be_asked_for():
    x, y = np.arange(1, 11), np.array([4, 1, 3, 8, 2, 6, 9, 5, 7, 10])
    result = spearman(x, y, exact=True, alternative="greater")
    reference = stats.permutation_test(
        (x,), lambda a: stats.spearmanr(a, y).statistic, permutation_type="pairings", n_resamples=2000, rng=0,
        alternative="greater",
    )  # fmt: skip
    assert result.pvalue == pytest.approx(reference.pvalue, abs=0.02)  # Monte Carlo error 0.005
    with pytest.raises(InvalidInputError, match="exact: must be False or None where there are too many orders"):
        spearman(np.arange(17), np.arange(17), exact=True)


@pytest.mark.parametrize("n", [5, 30, 400, 700])
@pytest.mark.parametrize("n_values", [4, 12, 10**9])
def test_t_approximation_is_that_of_scipy(n, n_values):
    x, y = np.random.default_rng([n, n_values]).integers(0, n_values, (2, n))
    for alternative in ("two-sided", "less", "greater"):
        theirs = stats.spearmanr(x, y, alternative=alternative)
        ours = spearman(x, y, exact=False, alternative=alternative)
        assert ours.statistic == pytest.approx(theirs.statistic)
        assert ours.pvalue == pytest.approx(theirs.pvalue, rel=1e-9)
        assert ours.pvalue_floor is None


@pytest.mark.parametrize("x", [[1, 2, 3, 4, 5], [1, 1, 2, 3, 4], [1, 1, 2, 3, 3]])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_perfect_correlation_has_its_exact_pvalue_at_any_n(x, sign, alternative):
    y = sign * np.array(x)
    enumerated = spearman(x, y, exact=True, alternative=alternative)
    closed_form = spearman(x, y, exact=False, alternative=alternative)
    assert enumerated.statistic == closed_form.statistic == sign
    assert closed_form.pvalue == pytest.approx(enumerated.pvalue, rel=1e-12)


def test_pvalue_never_is_zero():
    assert spearman(np.arange(20), np.arange(20)).pvalue == pytest.approx(2 / math.factorial(20), rel=1e-9)
    assert 0 < spearman(np.arange(1000), np.arange(1000)).pvalue < 1e-300
    almost = np.arange(20_000)
    almost[[0, 1]] = almost[[1, 0]]
    assert 0 < spearman(np.arange(20_000), almost).pvalue < 1e-300


@given(ordinals, st.sampled_from([None, False]))
@settings(max_examples=60, deadline=None)
def test_reversal_changes_the_sign_alone(pairs, exact):
    x, y = split(pairs[:11])
    plus, minus = spearman(x, y, exact=exact), spearman(x, -y, exact=exact)
    assert minus.statistic == -plus.statistic
    assert minus.pvalue == pytest.approx(plus.pvalue, rel=1e-12)


@given(ordinals, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_monotone_transforms_and_the_order_of_samples_do_not_matter(pairs, random):
    x, y = split(pairs)
    shuffled = random.sample(range(len(x)), len(x))
    assert spearman(np.exp(x[shuffled]), y[shuffled] ** 3 - 7, exact=False) == spearman(x, y, exact=False)


def test_interval_is_bonett_and_wrights():
    x, y = np.random.default_rng(0).normal(size=(2, 40))
    result = spearman(x, y, interval=BonettWright())
    interval = result.interval(0.9)
    half = stats.norm.isf(0.05) * np.sqrt((1 + result.effect**2 / 2) / 37)
    z = np.arctanh(result.effect)
    assert np.arctanh([interval.low, interval.high]) == pytest.approx([z - half, z + half])


@pytest.mark.parametrize("y", [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]])
def test_interval_at_perfect_correlation_is_refused(y):
    with pytest.raises(InvalidInputError, match="rho other than 1 and -1"):
        spearman([1, 2, 3, 4, 5], y).interval()
    with pytest.raises(InvalidInputError, match="got n = 3"):
        spearman([1, 2, 3], [1, 3, 2]).interval()
