"""Orders of a series under each null: what they keep, what they refuse, and how often they reject."""

import numpy as np
import pytest
from scipy.signal import lfilter

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.information import (
    BlockPermutation,
    CircularShift,
    Gaussian,
    PhaseSurrogate,
    SeriesNull,
    lagged_mutual_information,
    mutual_information,
    transfer_entropy,
)
from attnstats.information._class_rule import as_variable

NULLS = [CircularShift(39), BlockPermutation(25, 39), PhaseSurrogate(39)]


def autoregressive(rng, n, coefficient):
    """Two independent stationary AR(1) series."""
    return lfilter([1.0], [1.0, -coefficient], rng.normal(size=(2, n + 200)))[:, 200:]


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_an_order_holds_each_row_once(null):
    series = as_variable(autoregressive(np.random.default_rng(0), 211, 0.8)[0], "x")
    rows = null.rearranged(series, np.random.default_rng(1))
    assert sorted(rows) == list(range(211))


def test_blocks_keep_the_order_of_time_within():
    rows = BlockPermutation(10).rearranged(as_variable(np.arange(103.0), "x"), np.random.default_rng(0))
    seams = np.count_nonzero(np.diff(rows) % 103 != 1)
    assert 5 < seams <= 10  # eleven blocks, the last of three rows
    firsts = [int(BlockPermutation(10).rearranged(as_variable(np.arange(80.0), "x"), np.random.default_rng(s))[0])
              for s in range(300)]  # fmt: skip
    assert len({first % 10 for first in firsts}) == 10  # blocks begin anywhere


def test_phases_are_random_and_the_spectrum_is_kept():
    x = np.exp(autoregressive(np.random.default_rng(0), 1024, 0.8)[0])  # a skewed one
    rng = np.random.default_rng(1)
    drawn = [x[PhaseSurrogate().rearranged(as_variable(x, "x"), rng)] for _ in range(30)]

    def autocorrelation(series, lag):
        return np.corrcoef(series[lag:], series[:-lag])[0, 1]

    for lag in (1, 2, 5, 10):
        found = np.array([autocorrelation(each, lag) for each in drawn])
        assert abs(found - autocorrelation(x, lag)).max() < 0.05
    assert abs(autocorrelation(rng.permutation(x), 1)) < 0.1
    others = [abs(np.corrcoef(x, each)[0, 1]) for each in drawn]
    assert np.mean(others) < 0.15
    np.testing.assert_array_equal(np.sort(drawn[0]), np.sort(x))


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_phases_of_a_series_in_any_unit(scale):
    x = autoregressive(np.random.default_rng(0), 100, 0.8)[0]
    rows = [PhaseSurrogate().rearranged(as_variable(each, "x"), np.random.default_rng(2)) for each in (x, x * scale)]
    np.testing.assert_array_equal(*rows)


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_each_null_serves_all_that_ask(null):
    rng = np.random.default_rng(3)
    x, noise = autoregressive(rng, 300, 0.5)
    y = np.roll(x, 1) + 0.5 * noise
    assert mutual_information(x, np.roll(x, 2), Gaussian(), null=null, rng=0).pvalue == 1 / 40
    profile = lagged_mutual_information(x, y, range(-2, 3), Gaussian(), null=null, rng=0)
    assert profile.lags[profile.values.argmax()] == 1
    assert profile.pvalues_adjusted[3] == 1 / 40
    assert transfer_entropy(x, y, Gaussian(), null=null, rng=0).pvalue == 1 / 40
    assert transfer_entropy(y, x, Gaussian(), null=null, rng=0).pvalue > 0.05


def test_what_does_not_fit_is_refused():
    x, y = autoregressive(np.random.default_rng(0), 100, 0.5)
    with pytest.raises(TooFewSamplesError, match="number of rows for 8 blocks of 25"):
        mutual_information(x, y, Gaussian(), null=BlockPermutation(25))
    wide = np.column_stack([y, y**2])
    with pytest.raises(InvalidInputError, match=r"null: must be CircularShift\(\) or BlockPermutation\(\)"):
        mutual_information(x, wide, Gaussian(), null=PhaseSurrogate(19))
    with pytest.raises(InvalidInputError, match="groups: must be None under PhaseSurrogate"):
        mutual_information(x, y, Gaussian(), null=PhaseSurrogate(19), groups=np.arange(100) // 2)
    with pytest.raises(InvalidInputError, match="length: must be an integer"):
        BlockPermutation(0)
    with pytest.raises(InvalidInputError, match="n_resamples"):
        PhaseSurrogate(0)
    with pytest.raises(InvalidInputError, match=r"null: must be an object such as CircularShift\(\)"):
        lagged_mutual_information(x, y, [0], null=SeriesNull)


@pytest.mark.slow
@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_independent_series_are_found_dependent_at_the_level(null):
    """Of 150 pairs of AR(.8) series; permuted rows reject a third of such pairs."""
    rng = np.random.default_rng(4)
    rejected = sum(
        mutual_information(*autoregressive(rng, 250, 0.8), Gaussian(), null=null, rng=rng).pvalue <= 0.05
        for _ in range(150)
    )
    assert rejected < 150 * 0.05 + 4 * np.sqrt(150 * 0.05 * 0.95)
