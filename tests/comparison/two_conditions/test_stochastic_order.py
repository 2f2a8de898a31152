import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import stochastic_order_test, violation_ratio
from attnstats.exceptions import (
    ConstantInputError,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
    UnreliableEstimateWarning,
)


def by_definition(a, b):
    """Return the ratio from both quantile functions at the middle of every step of a common grid."""
    steps = np.lcm(len(a), len(b))
    gap = np.repeat(np.sort(a), steps // len(a)) - np.repeat(np.sort(b), steps // len(b))
    return (np.minimum(gap, 0) ** 2).sum() / (gap**2).sum()


@pytest.mark.parametrize(("n", "m"), [(1, 1), (8, 8), (7, 12), (12, 7), (1, 5), (30, 4)])
def test_ratio_by_the_definition(n, m):
    rng = np.random.default_rng(n)
    a, b = rng.normal(0.2, 1, size=n), rng.normal(size=m)
    assert violation_ratio(a, b) == pytest.approx(by_definition(a, b), rel=1e-12)


def test_ratio_of_normal_distributions():
    # N(0, 2) and N(0, 1): the quantile functions cross at the median, half of the squared distance on either side
    grid = stats.norm.ppf((np.arange(2_001) + 0.5) / 2_001)
    assert violation_ratio(2 * grid, grid) == pytest.approx(0.5, abs=1e-9)
    # N(d, 2) and N(0, 1): ∫ min(d + z, 0)² φ / ∫ (d + z)² φ = [(1 + d²) Φ(-d) - d φ(d)]/(1 + d²)
    d = 0.4
    expected = stats.norm.cdf(-d) - d * stats.norm.pdf(d) / (1 + d**2)
    assert violation_ratio(d + 2 * grid, grid) == pytest.approx(expected, abs=0.002)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 9), st.floats(0.1, 10), st.floats(-3, 3))
def test_symmetry_shift_and_scale(seed, n, m, factor, shift):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n), rng.normal(size=m)
    ratio = violation_ratio(a, b)
    assert 0 <= ratio <= 1
    assert violation_ratio(b, a) == pytest.approx(1 - ratio)
    assert violation_ratio(factor * a + shift, factor * b + shift) == pytest.approx(ratio, abs=1e-7)
    assert violation_ratio(-b, -a) == pytest.approx(ratio)
    assert violation_ratio(rng.permutation(a), b) == ratio
    assert violation_ratio(np.repeat(a, 3), b) == pytest.approx(ratio)


def test_dominance_is_zero_and_one():
    assert violation_ratio([1.0, 2.0, 3.0], [0.5, 1.5, 3.0]) == 0
    assert violation_ratio([0.5, 1.5, 3.0], [1.0, 2.0, 3.0]) == 1


def test_test_by_a_plain_bootstrap():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.3, 2, size=60), rng.normal(size=40)
    result = stochastic_order_test(a, b, n_resamples=4_000, rng=1)
    plain = np.std([by_definition(rng.choice(a, 60), rng.choice(b, 40)) for _ in range(4_000)], ddof=1)
    observed = by_definition(a, b)
    assert result.effect == pytest.approx(observed, rel=1e-12)
    # both standard deviations of 4,000 resamples have a relative error of about 1/sqrt(8000) = .011; four of the two
    assert (result.effect - 0.2) / result.statistic == pytest.approx(plain, rel=0.065)
    assert result.pvalue == pytest.approx(stats.norm.cdf(result.statistic))
    error = (result.effect - 0.2) / result.statistic
    # the high end is ε_min of Dror et al. at alpha = .05
    assert result.confidence_interval.high == pytest.approx(observed + stats.norm.ppf(0.95) * error)
    assert result.confidence_interval.level == pytest.approx(0.9)
    assert result == stochastic_order_test(a, b, n_resamples=4_000, rng=1)
    assert result.n == 40


def test_a_large_shift_is_an_order_and_none_is_not():
    a, b = np.random.default_rng(0).normal([[0.6], [0.0]], 1, size=(2, 100))
    assert stochastic_order_test(a, b, rng=0).pvalue < 0.01
    assert stochastic_order_test(b, a, rng=0).pvalue > 0.5


def test_a_loose_threshold_warns():
    a, b = np.random.default_rng(0).normal(size=(2, 20))
    with pytest.warns(UnreliableEstimateWarning, match=r"threshold: should be at most 0.2; got 0.5"):
        stochastic_order_test(a, b, threshold=0.5, rng=0)


@pytest.mark.parametrize(
    ("a", "b", "options", "error", "message"),
    [
        (np.arange(7.0), np.arange(9.0), {}, TooFewSamplesError, "in the smaller group: must be at least 8; got 7"),
        (np.arange(9.0), [], {}, TooFewSamplesError, "number of values in b"),
        (np.arange(9.0), np.arange(9.0)[::-1], {}, ConstantInputError, "must differ in distribution"),
        (np.arange(9.0) + 20, np.arange(9.0), {}, ConstantInputError, "a and b: must overlap"),
        (np.arange(9.0), np.full(9, np.inf), {}, NonFiniteError, "b: must be finite"),
        (np.arange(9.0), np.eye(9), {}, InvalidInputError, "b: must have 1 dimension"),
        (np.arange(9.0), np.arange(8.0), {"threshold": 0.6}, InvalidInputError, "threshold: must lie above 0"),
        (np.arange(9.0), np.arange(8.0), {"alpha": 0.5}, InvalidInputError, "alpha: must be below 0.5"),
        (np.arange(9.0), np.arange(8.0), {"n_resamples": 9}, InvalidInputError, "n_resamples"),
    ],
)
def test_bad_input_is_refused_by_name(a, b, options, error, message):
    with pytest.raises(error, match=message):
        stochastic_order_test(a, b, **options)


def test_ratio_refuses_empty_and_equal():
    with pytest.raises(TooFewSamplesError, match="number of values in a"):
        violation_ratio([], [1.0])
    with pytest.raises(ConstantInputError, match="must differ"):
        violation_ratio([1.0, 1.0], [1.0])
