"""Series: shifts keep their order, the naive permutation is warned of, lags and transfer entropy have known truths."""

import warnings

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError, TooFewSamplesError, UnreliableEstimateWarning
from attnstats.information import (
    KSG,
    Binned,
    CircularShift,
    Gaussian,
    PlugIn,
    conditional_mutual_information,
    lagged_mutual_information,
    mutual_information,
    transfer_entropy,
)
from attnstats.information._class_rule import as_variable
from attnstats.information.series._autocorrelation import variance_factor
from attnstats.resampling import Permutation


def autoregressive(rng, n, coefficient, n_series=2):
    """Stationary AR(1) series of unit variance."""
    series = rng.normal(size=(n, n_series))
    series[1:] *= np.sqrt(1 - coefficient**2)
    for step in range(1, n):
        series[step] += coefficient * series[step - 1]
    return series.T


def test_a_shift_keeps_the_order_and_is_none_or_long_enough():
    null = CircularShift(minimum=7)
    drawn = [int(null.arrangement(20, seed)[0]) for seed in range(400)]
    assert set(drawn) == {0, *range(7, 14)}  # none, all of at least 7 either way, and no other
    assert 20 < drawn.count(0) < 85  # one in eight: 50, sd 6.6
    rows = null.arrangement(20, 0)
    assert ((np.diff(rows) % 20) == 1).all()
    with pytest.raises(TooFewSamplesError, match="number of rows with shifts of at least 7"):
        null.arrangement(14, 0)


@pytest.mark.parametrize(("coefficient", "expected"), [(0.6, 1.36 / 0.64), (0.9, 1.81 / 0.19)])
def test_the_factor_is_that_of_bartlett(coefficient, expected):
    """Of two AR(1) series 1 + 2 sum a^2k = (1 + a^2) / (1 - a^2); ranks shrink correlations a little."""
    rng = np.random.default_rng(0)
    series = (autoregressive(rng, 20_000, coefficient) for _ in range(5))
    factors = [variance_factor(*(as_variable(each, "x") for each in pair)) for pair in series]
    assert np.mean(factors) == pytest.approx(expected, rel=0.1)


def test_independent_rows_and_sorted_rows_are_not_taken_for_series():
    rng = np.random.default_rng(1)

    def factor(x, y):
        return variance_factor(as_variable(x, "x"), as_variable(y, "y"))

    assert {factor(*rng.normal(size=(2, n))) for n in (20, 30, 50, 200, 1000) for _ in range(200)} == {1.0}
    for n in (20, 50, 200):  # the same values on both sides: every product is a square
        assert [factor(x, x) > 1 for x in rng.normal(size=(200, n))].count(True) <= 4
    x = rng.normal(size=300)
    assert factor(np.sort(x), x[np.argsort(x)] + rng.normal(size=300)) == 1
    kinds = np.repeat([2, 0, 1], 100)  # as data sets often come
    assert factor(kinds + rng.normal(size=300), kinds) == 1
    assert factor(np.cumsum(x), rng.permutation(np.cumsum(x))) == 1  # one series alone does no harm


def test_the_naive_permutation_of_series_is_warned_of():
    x, y = autoregressive(np.random.default_rng(2), 300, 0.9)
    with pytest.warns(UnreliableEstimateWarning, match=r"null=Permutation: .*Take null=CircularShift\(\)"):
        mutual_information(x, y, null=Permutation(9), rng=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mutual_information(x, y, null=CircularShift(9), rng=0)
        mutual_information(x, y, rng=0)
    with pytest.raises(InvalidInputError, match="groups: must be None under CircularShift"):
        mutual_information(x, y, null=CircularShift(9), groups=np.arange(300) // 2)


@pytest.mark.slow
def test_independent_series_are_told_apart_at_the_level():
    """Where a permutation rejects four in ten; 200 pairs, so that a rate of .05 is at most 19 with probability .998."""
    shifted = permuted = 0
    for seed in range(200):
        rng = np.random.default_rng([3, seed])
        x, y = autoregressive(rng, 200, 0.9)
        shifted += mutual_information(x, y, Gaussian(), null=CircularShift(99), rng=rng).pvalue <= 0.05
        with pytest.warns(UnreliableEstimateWarning):
            permuted += mutual_information(x, y, Gaussian(), null=Permutation(99), rng=rng).pvalue <= 0.05
    assert shifted <= 19
    assert permuted >= 60


def test_the_lag_profile_is_the_estimates_of_aligned_rows():
    rng = np.random.default_rng(4)
    x, noise = rng.normal(size=(2, 300))
    y = np.roll(x, 2) + noise
    profile = lagged_mutual_information(x, y, [-3, 0, 2], Gaussian(), null=CircularShift(99), rng=0)
    for lag, value in zip(profile.lags, profile.values, strict=True):
        ahead, behind = (x[: 300 - lag], y[lag:]) if lag >= 0 else (x[-lag:], y[:lag])
        r = np.corrcoef(ahead, behind)[0, 1]
        assert Gaussian().estimate(ahead, behind) == value == pytest.approx(-np.log1p(-(r**2)) / 2, abs=0.01)
    assert profile.pvalues_adjusted[2] <= 0.03
    assert profile.values[2] > profile.band > profile.values[:2].max()
    assert profile.to_frame().columns.tolist() == ["lag", "value", "null_floor", "pvalue_adjusted"]
    two = lagged_mutual_information(x, y, [-3, 0, 2], Gaussian(), null=CircularShift(99), rng=0, n_jobs=2)
    assert repr(two) == repr(profile)
    assert two.band == profile.band


def test_transfer_entropy_of_linear_series_has_its_closed_form():
    """y_t = a y_{t-1} + b x_{t-1} + e with white x: log(1 + b^2 / var e) / 2 one way, nothing back."""
    rng = np.random.default_rng(5)
    x, noise = rng.normal(size=(2, 20_000))
    y = np.zeros(20_000)
    for t in range(1, len(y)):
        y[t] = 0.5 * y[t - 1] + 0.8 * x[t - 1] + noise[t]
    truth = np.log(1.64) / 2
    for estimator in (Gaussian(), KSG()):
        assert transfer_entropy(x, y, estimator).value == pytest.approx(truth, abs=0.015)
        assert transfer_entropy(y, x, estimator).value == pytest.approx(0, abs=0.015)
    assert transfer_entropy(x, y, Gaussian(), lag=2).value == pytest.approx(0, abs=0.01)
    there = transfer_entropy(x[:400], y[:400], Gaussian(), null=CircularShift(99), rng=0)
    back = transfer_entropy(y[:400], x[:400], Gaussian(), null=CircularShift(99), rng=0)
    assert there.pvalue <= 0.03
    assert back.pvalue > 0.05


def test_transfer_entropy_of_classes_is_that_of_counted_histories():
    rng = np.random.default_rng(6)
    x, y = rng.integers(0, 2, size=(2, 500))
    y[2:] = np.where(rng.random(498) < 0.3, y[2:], x[:-2] ^ x[1:-1])  # needs two steps of x
    found = transfer_entropy(x, y, Binned(entropy=PlugIn()), history_x=2, history_y=3)
    counted = {}
    for t in range(3, 500):
        key = (tuple(y[t - 3 : t]), tuple(x[t - 2 : t]), y[t])
        counted[key] = counted.get(key, 0) + 1

    def entropy(places):
        sums = {}
        for key, count in counted.items():
            part = tuple(key[place] for place in places)
            sums[part] = sums.get(part, 0) + count
        shares = np.array(list(sums.values())) / 497
        return -(shares * np.log(shares)).sum()

    assert found.value == pytest.approx(entropy([0, 2]) + entropy([0, 1]) - entropy([0, 1, 2]) - entropy([0]))
    assert found.value > 0.2 > transfer_entropy(x, y, Binned(entropy=PlugIn()), history_x=1).value
    same = conditional_mutual_information(x[1:-1], y[2:], y[1:-1], Binned(entropy=PlugIn()))
    assert transfer_entropy(x[1:], y[1:], Binned(entropy=PlugIn())).value == same.value


@pytest.mark.parametrize("lags", [[], [0, 0], [1.5], [True], ["a"]])
def test_lags_that_are_none(lags):
    x, y = np.random.default_rng(7).normal(size=(2, 50))
    with pytest.raises(InvalidInputError, match="lags: must be different whole numbers"):
        lagged_mutual_information(x, y, lags)
    with pytest.raises(TooFewSamplesError, match="number of rows that the longest lag leaves"):
        lagged_mutual_information(x, y, [45])
    with pytest.raises(TooFewSamplesError, match="number of rows that the histories leave"):
        transfer_entropy(x, y, history_y=45)
    with pytest.raises(InvalidInputError, match="null: must be an object such as CircularShift"):
        transfer_entropy(x, y, null=Permutation())
