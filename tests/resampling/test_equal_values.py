"""Intervals of means of shares and of mostly equal values, where a t statistic is hardly defined."""

import math

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from scipy.special import expit, logit

from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, UnreliableEstimateWarning
from attnstats.resampling import (
    Basic,
    BCa,
    Clustered,
    Crossed,
    FunctionOfMeans,
    HallT,
    Nested,
    Percentile,
    Stratified,
    Studentized,
    Wilson,
    bootstrap_interval,
)

SUCCESSES = [1.0] * 49 + [0.0]
ZEROS = [0.0] * 27 + [3.0, 1.0, 7.0]


def ends(interval):
    return interval.low, interval.high


@pytest.mark.parametrize(("successes", "n"), [(49, 50), (1, 20), (3, 8), (100, 200)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_wilson_interval_solves_the_score_equation(successes, n, level):
    # The ends are the shares p at which |k/n - p| = z sqrt(p (1 - p)/n) (Wilson 1927), found as roots.
    z = scipy.stats.norm.ppf((1 + level) / 2)
    share = successes / n

    def excess(p):
        return (share - p) ** 2 - z**2 * p * (1 - p) / n

    expected = scipy.optimize.brentq(excess, 1e-12, share), scipy.optimize.brentq(excess, share, 1 - 1e-12)
    data = [True] * successes + [False] * (n - successes)
    interval = bootstrap_interval(data, np.mean, confidence_level=level)
    assert ends(interval) == pytest.approx(expected)
    assert (interval.method, interval.n_resamples) == ("Wilson score", None)


def test_wilson_interval_of_all_successes():
    # z² / (n + z²) off the end, from the same equation at k = n.
    interval = bootstrap_interval([1] * 50, np.mean, method=Wilson())
    z = scipy.stats.norm.ppf(0.975)
    assert ends(interval) == pytest.approx((50 / (50 + z**2), 1.0))
    with pytest.raises(ConstantInputError, match=r"take Wilson\(\)"):
        bootstrap_interval([1] * 50, np.mean)


@pytest.mark.parametrize("data", [[0.0, 0.5, 1.0] * 5, [[0.0, 1.0]] * 10])
def test_wilson_is_for_zeros_and_ones_in_one_column(data):
    with pytest.raises(InvalidInputError, match=r"take HallT"):
        bootstrap_interval(data, np.mean, method=Wilson())
    clusters = Clustered(np.arange(50) // 5)
    with pytest.raises(InvalidInputError, match="independent"):
        bootstrap_interval(SUCCESSES, np.mean, method=Wilson(), design=clusters)


def test_halls_interval_inverts_the_cubic():
    # mean - s T, with T the root of T + A T² + A² T³/3 + B = ±t, A = κ/3, B = κ/6, κ = skewness/sqrt(n) (Hall 1992).
    x = np.random.default_rng(0).exponential(size=25)
    kappa = scipy.stats.skew(x) / 5
    t = scipy.stats.t.ppf(0.975, 24)

    def root(target):
        a = kappa / 3
        return scipy.optimize.brentq(lambda T: T + a * T**2 + a**2 * T**3 / 3 + kappa / 6 - target, -50, 50)

    error = scipy.stats.sem(x)
    expected = x.mean() - error * root(t), x.mean() - error * root(-t)
    assert ends(bootstrap_interval(x, np.mean, method=HallT())) == pytest.approx(expected)


def test_halls_interval_on_the_logit_scale_inverts_its_cubic():
    # The same for logit(m): its error is s f'(m), and f''/(2 f') s is added to A; derivatives taken numerically here.
    x = np.random.default_rng(0).beta(9, 1, size=25)
    kappa, mean, error = scipy.stats.skew(x) / 5, x.mean(), scipy.stats.sem(x)
    t, step = scipy.stats.t.ppf(0.975, 24), 1e-4
    first = (logit(mean + step) - logit(mean - step)) / (2 * step)
    second = (logit(mean + step) - 2 * logit(mean) + logit(mean - step)) / step**2
    a = kappa / 3 + error * second / (2 * first)

    def root(target):
        return scipy.optimize.brentq(lambda T: T + a * T**2 + a**2 * T**3 / 3 + kappa / 6 - target, -50, 50)

    expected = expit(logit(mean) - first * error * np.array([root(t), root(-t)]))
    found = bootstrap_interval(x, np.mean, method=HallT(bounds=(0, 1)))
    assert ends(found) == pytest.approx(tuple(expected), rel=1e-5)


def test_far_bounds_change_nothing():
    x = np.random.default_rng(1).exponential(size=25)
    plain = bootstrap_interval(x, np.mean, method=HallT())
    bounded = bootstrap_interval(x, np.mean, method=HallT(bounds=(-1e7, 1e7)))
    assert ends(bounded) == pytest.approx(ends(plain), abs=1e-5)


def test_halls_interval_of_symmetric_values_is_that_of_t():
    x = np.array([-3.0, -1.0, 0.0, 1.0, 3.0] * 4)
    expected = scipy.stats.t.interval(0.95, 19, loc=x.mean(), scale=scipy.stats.sem(x))
    assert ends(bootstrap_interval(x, np.mean, method=HallT())) == pytest.approx(expected)


def test_halls_interval_of_one_success_is_near_the_exact_one():
    # Clopper and Pearson's interval of 1 in 50 is [0.0005, 0.1065]; Hall's on the logit scale, [0.0006, 0.1005].
    exact = scipy.stats.binomtest(1, 50).proportion_ci(0.95)
    found = bootstrap_interval(1 - np.array(SUCCESSES), np.mean, method=HallT(bounds=(0, 1)))
    assert found.low == pytest.approx(exact.low, abs=0.0005)
    assert found.high == pytest.approx(exact.high, abs=0.01)


def test_halls_interval_of_clusters_is_that_of_their_means():
    x = np.random.default_rng(0).exponential(size=60)
    by_cluster = x.reshape(12, 5).mean(axis=1)
    clustered = bootstrap_interval(x, np.mean, method=HallT(), design=Clustered(np.arange(60) // 5))
    assert ends(clustered) == pytest.approx(ends(bootstrap_interval(by_cluster, np.mean, method=HallT())))
    assert clustered.method == "cluster Hall's transformed t"


@pytest.mark.parametrize("bounds", [(1, 0), (0, np.inf), 3, (0, 1, 2), ("a", "b"), (0, np.nan)])
def test_bad_bounds_are_refused(bounds):
    with pytest.raises(InvalidInputError, match="bounds: must be"):
        HallT(bounds=bounds)


def test_values_beyond_declared_bounds_are_refused():
    with pytest.raises(InvalidInputError, match=r"bounds: must hold all values of data"):
        bootstrap_interval([10.0, 30.0, 101.0] * 4, np.mean, method=HallT(bounds=(0, 100)))


def test_closed_forms_are_for_means_alone():
    with pytest.raises(InvalidInputError, match=r"statistic: must be numpy.mean for HallT"):
        bootstrap_interval(ZEROS, np.median, method=HallT())
    with pytest.raises(InvalidInputError, match="Crossed design"):
        bootstrap_interval(np.random.default_rng(0).normal(size=(9, 9)), np.mean, method=HallT(), design=Crossed())


def test_the_default_of_mostly_equal_values_is_halls():
    # Before, se was rounding in the resamples of zeros alone (.9^30 = .04), and the upper end 9.1e7.
    interval = bootstrap_interval(ZEROS, np.mean, rng=0)
    assert interval == bootstrap_interval(ZEROS, np.mean, method=HallT())
    assert 0 < interval.low < np.mean(ZEROS) < interval.high < 3
    assert interval.method == "Hall's transformed t"


@pytest.mark.parametrize("data", [ZEROS, [0.1] * 27 + [0.4, 0.2, 0.9], [1e15] * 27 + [1e15 + 3, 1e15 + 1, 1e15 + 7]])
def test_a_studentized_interval_never_divides_by_rounding(data):
    with pytest.raises(NonFiniteError, match=r"without spread.*Take HallT\(\)"):
        bootstrap_interval(data, np.mean, method=Studentized(999), rng=0)


def test_resamples_without_spread_are_counted():
    # A share of (26/30)^30 = .0137 of the resamples holds zeros alone.
    data = [0.0] * 26 + [3.0, 1.0, 7.0, 2.0]
    with pytest.raises(NonFiniteError, match=r"got 1\.\d* % of the resamples"):
        bootstrap_interval(data, np.mean, method=Studentized(), rng=0)
    mean = FunctionOfMeans(lambda means: means[0])
    with pytest.raises(NonFiniteError, match=r"got 1\.\d* % of the resamples.*Take Percentile\(\)"):
        bootstrap_interval(data, mean, method=Studentized(4_000), rng=0)


@pytest.mark.parametrize("high", [1.0, 0.999999])
@pytest.mark.parametrize("design", [None, Clustered(np.arange(40) // 4), Stratified(np.arange(40) // 20)])
def test_means_of_shares_stay_within_0_and_1(high, design):
    rng = np.random.default_rng(2)
    for _ in range(8):
        x = np.where(rng.random(40) < 0.9, high, rng.random(40))
        x[7] = 0.3
        interval = bootstrap_interval(x, np.mean, design=design, rng=0)
        assert 0 <= interval.low < x.mean() < interval.high <= 1


@pytest.mark.slow
def test_shares_within_clusters_stay_within_0_and_1():
    groups = np.arange(40) // 4
    for successes, design in [(each, Clustered(groups)) for each in (1, 2, 10, 38, 39)] + [(38, Nested(groups))]:
        data = np.random.default_rng(0).permutation(np.arange(40) < successes).astype(float)
        interval = bootstrap_interval(data, np.mean, design=design, rng=0)
        assert 0 <= interval.low < data.mean() < interval.high <= 1


def test_an_interval_asked_for_that_leaves_0_and_1_warns():
    with pytest.warns(UnreliableEstimateWarning, match=r"take HallT\(bounds=\(0, 1\)\)"):
        bootstrap_interval(SUCCESSES, np.mean, method=Basic(), rng=0)


@pytest.mark.parametrize("method", [BCa(), Percentile()])
def test_percentiles_of_shares_stay_within_them(method):
    interval = bootstrap_interval(SUCCESSES, np.mean, method=method, rng=0)
    assert 0.89 < interval.low < 0.98 < interval.high <= 1


def test_the_median_of_a_scale_names_percentile():
    scale = np.random.default_rng(0).integers(1, 6, 100)
    with pytest.raises(ConstantInputError, match=r"when one unit is left out for BCa; got 3\.0.*Take Percentile\(\)"):
        bootstrap_interval(scale, np.median, rng=0)
    interval = bootstrap_interval(scale, np.median, method=Percentile(), rng=0)
    # By enumeration of order statistics: the resampled median exceeds 3 if 51 of 100 draws do, and so on.
    above, below = np.mean(scale > 3), np.mean(scale < 3)
    assert scipy.stats.binom.sf(50, 100, above) > 0.025 or interval.high <= 3.5
    assert scipy.stats.binom.sf(50, 100, below) > 0.025 or interval.low >= 2.5
    assert interval.low <= np.median(scale) <= interval.high


def test_ties_that_differ_by_rounding_count_by_half():
    x = np.repeat([0.1, 0.2, 0.3], 12)
    one = bootstrap_interval(x, np.mean, method=BCa(2_000), rng=0)
    other = bootstrap_interval(x, lambda a: math.fsum(a) / len(a), method=BCa(2_000), rng=0)
    assert ends(one) == pytest.approx(ends(other), abs=1e-12)
