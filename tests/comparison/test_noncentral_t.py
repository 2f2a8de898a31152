"""The noncentral t distribution against its integral, and its limit for large effects."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from attnstats.comparison import PairedG, estimate_effect, t_test_power
from attnstats.comparison._noncentral_t import noncentral_t_above, noncentral_t_below


def integral(t, df, noncentrality):
    """P(T <= t) as the mean over S = sqrt(chi²/df) of the normal probability of Z <= t S - noncentrality."""
    points = sorted({min(max(noncentrality / t + step / t, 1e-6), 8.0) for step in (-8, -2, 0, 2, 8)})

    def integrand(s):
        return stats.chi.pdf(s * math.sqrt(df), df) * math.sqrt(df) * stats.norm.cdf(t * s - noncentrality)

    edges = [0.0, *points, 12.0]
    return sum(integrate.quad(integrand, low, high, epsabs=1e-13)[0] for low, high in pairwise(edges))


@pytest.mark.parametrize("df", [2, 5, 11, 60])
@pytest.mark.parametrize("t", [0.5, 3.0, 29.9, 30.1, 80.0, 1_000.0])
@pytest.mark.parametrize("ratio", [0.6, 1.0, 1.4])
def test_it_is_its_integral(df, t, ratio):
    expected = integral(t, df, ratio * t)
    assert noncentral_t_below(t, df, ratio * t) == pytest.approx(expected, abs=5e-9)
    assert noncentral_t_above(t, df, ratio * t) == pytest.approx(1 - expected, abs=5e-9)


@pytest.mark.parametrize("t", [1e6, 1e12, 1e100])
def test_a_large_one_is_the_distribution_of_the_standard_deviation(t):
    # T/δ = 1/S but for Z/δ: P(T <= t) = P(S >= δ/t).
    assert noncentral_t_below(t, 9, 0.8 * t) == pytest.approx(stats.chi2.sf(9 * 0.8**2, 9), rel=1e-9)
    assert noncentral_t_above(2.0, 9, t) == 1.0
    assert noncentral_t_above(2.0, 9, -t) == 0.0


def test_the_interval_of_a_large_effect_is_that_of_the_standard_deviation():
    # g of values far from zero: mean/sd, whose error is all in sd, (n - 1) s²/σ² being chi-squared.
    values = np.random.default_rng(0).normal(size=12)
    found = estimate_effect(values + 1e8, 0.0, PairedG())
    low, high = (1e8 / values.std(ddof=1) * math.sqrt(stats.chi2.ppf(tail, 11) / 11) for tail in (0.025, 0.975))
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), rel=1e-6)


@pytest.mark.parametrize("effect", [1e3, 1e9, 1e200, 1.7e308])
def test_power_for_an_effect_of_any_size(effect):
    assert t_test_power(effect, 8) == pytest.approx(1.0)
    assert t_test_power(effect, 8, alternative="less") == 0.0
