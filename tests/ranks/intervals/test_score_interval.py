"""Score intervals of tau, d, gamma and rho: the inverted test, its variance, and its ends."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from attnstats.exceptions import InvalidInputError
from attnstats.ranks import ScoreInterval, goodman_kruskal_gamma, kendall, somers_d, spearman
from attnstats.ranks._kernels import ordered
from attnstats.ranks._partner_kernels import partner_moments
from attnstats.ranks.coefficients._kendall import TAU_B
from attnstats.ranks.coefficients._kendall_s import PartnerMoments
from attnstats.ranks.intervals.score_interval import normal_variance


def both_variances(x, y):
    return TAU_B.variances(PartnerMoments(len(x), *partner_moments(*ordered(x, y))))


def distance(theta, x, y):
    """The distance as the docstring has it, from scipy's tau."""
    n, tau = len(x), stats.kendalltau(x, y).statistic
    ratio = (n * np.mean(both_variances(x, y)) / normal_variance(tau, n) + 3) / (n + 3)
    return (tau - theta) / np.sqrt(ratio * normal_variance(theta, n))


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_the_ends_are_a_t_quantile_of_standard_errors_away(level):
    x, noise = np.random.default_rng(4).normal(size=(2, 25))
    y = np.round(x + noise, 1)
    interval = kendall(x, y).interval(level)
    quantile = stats.t.isf((1 - level) / 2, 24 + 3)
    assert distance(interval.low, x, y) == pytest.approx(quantile)
    assert distance(interval.high, x, y) == pytest.approx(-quantile)


def test_the_ends_for_rho_are_a_normal_quantile_away_with_the_variance_at_the_ends():
    x, noise = np.random.default_rng(5).normal(size=(2, 20))
    result = spearman(x, x + noise)
    interval = result.interval(0.9)
    for end, sign in ((interval.low, 1), (interval.high, -1)):
        error = np.sqrt((1 + end**2 / 2) / 17)
        assert (np.arctanh(result.effect) - np.arctanh(end)) / error == pytest.approx(sign * stats.norm.isf(0.05))


@pytest.mark.parametrize(("rho", "n"), [(0.0, 8), (0.5, 8), (0.9, 12), (-0.9, 12)])
def test_variance_in_normal_samples_is_that_of_samples(rho, n):
    """20,000 samples: the variance is known to about 1 %, five standard errors are 5 %."""
    x, noise = np.random.default_rng(7).normal(size=(2, 20_000, n))
    y = rho * x + np.sqrt(1 - rho**2) * noise
    signs = np.sign(x[:, :, np.newaxis] - x[:, np.newaxis]) * np.sign(y[:, :, np.newaxis] - y[:, np.newaxis])
    taus = signs.sum(axis=(1, 2)) / (n * (n - 1))
    assert normal_variance(2 / np.pi * np.arcsin(rho), n) == pytest.approx(taus.var(), rel=0.05)


def test_variance_without_association_is_that_of_all_orders():
    """Kendall's (1938) 2 (2n + 5)/(9 n (n - 1)); none is left at tau = 1."""
    for n in (3, 10, 1000):
        assert normal_variance(0.0, n) == pytest.approx(2 * (2 * n + 5) / (9 * n * (n - 1)))
        assert normal_variance(1.0, n) == pytest.approx(0, abs=1e-15)


@settings(deadline=None, max_examples=50)  # the first call compiles
@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=4, max_size=30),
    level=st.sampled_from([0.5, 0.9, 0.999]),
)
@pytest.mark.parametrize("test", [kendall, somers_d, goodman_kruskal_gamma, spearman])
def test_every_interval_holds_the_estimate_and_mirrors_with_it(test, rows, level):
    x, y = np.array(rows, dtype=float).T
    if len(np.unique(x)) < 2 or len(np.unique(y)) < 2 or not ((x[:, None] != x) & (y[:, None] != y)).any():
        return
    plus, minus = test(x, y, exact=False), test(x, -y, exact=False)
    if test is spearman and abs(plus.effect) == 1:
        with pytest.raises(InvalidInputError, match="other than 1 and -1"):
            plus.interval(level)
        return
    interval, mirrored = plus.interval(level), minus.interval(level)
    assert -1 <= interval.low <= plus.effect <= interval.high <= 1
    assert (mirrored.low, mirrored.high) == pytest.approx((-interval.high, -interval.low), abs=1e-9)


def test_intervals_widen_with_the_level_and_end_at_the_scale():
    x = np.arange(8.0)
    y = x[[1, 0, 2, 3, 4, 5, 6, 7]]
    ends = [kendall(x, y).interval(level) for level in (0.5, 0.9, 0.99, 1 - 1e-9)]
    assert all(wide.low < narrow.low and narrow.high < wide.high for narrow, wide in itertools.pairwise(ends))
    assert ends[-1].low >= -1
    assert 0.93 < ends[-1].high <= 1


def test_a_perfect_tau_has_the_interval_of_kendalls_bound():
    x = np.arange(9.0)
    bound = 2 / 9 * stats.norm.isf(0.025) ** 2  # (1 − τ)² = bound (1 − τ²) at the lower end
    interval = kendall(x, x).interval()
    assert (interval.low, interval.high) == (pytest.approx((1 - bound) / (1 + bound)), 1.0)


def test_the_variance_is_the_samples_own_in_large_samples():
    """A scatter of two lines, tau = 0.25 but far from normal: the normal variance is too small by a third."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=4000)
    y = np.where(rng.random(4000) < 0.625, x, -x)
    interval = kendall(x, y).interval()
    half = stats.norm.isf(0.025) * np.sqrt(np.mean(both_variances(x, y)))
    assert interval.high - interval.low == pytest.approx(2 * half, rel=0.01)
    assert interval.high - interval.low > 1.2 * 2 * special.ndtri(0.975) * np.sqrt(normal_variance(0.25, 4000))


def test_tau_a_and_c_with_ties_know_no_such_variance():
    x, y = np.random.default_rng(0).integers(0, 4, (2, 12)).astype(float)
    for variant in "ac":
        with pytest.raises(InvalidInputError, match=rf"must not be ScoreInterval\(\) for tau-{variant}"):
            kendall(x, y, variant=variant, interval=ScoreInterval())
    assert kendall(x, y, interval=ScoreInterval()).interval() == kendall(x, y).interval()
