"""Blocks of time as the units of another interval."""

import numpy as np
import pytest
from scipy.signal import lfilter

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.resampling import DeleteD, HalfSampling, HolmesNemenman, TimeBlocks


def test_it_is_the_interval_with_blocks_as_groups():
    x = np.random.default_rng(0).normal(size=203)
    for of in (HalfSampling(), HolmesNemenman(), DeleteD()):
        found = TimeBlocks(10, of).interval(lambda rows: x[rows].mean(), x.mean(), 203, rng=1)
        same = of.interval(lambda rows: x[rows].mean(), x.mean(), 203, groups=np.arange(203) // 10, rng=1)
        assert (found.low, found.high, found.n_resamples) == (same.low, same.high, same.n_resamples)
        assert found.method == f"{same.method}, blocks of 10"


def test_what_does_not_fit_is_refused():
    def mean(rows):
        return float(rows.mean())

    with pytest.raises(InvalidInputError, match="groups: must be None under TimeBlocks"):
        TimeBlocks(5).interval(mean, 1.0, 100, groups=np.arange(100))
    with pytest.raises(TooFewSamplesError, match="number of groups"):
        TimeBlocks(30).interval(mean, 1.0, 100)
    with pytest.raises(InvalidInputError, match="length: must be an integer"):
        TimeBlocks(0)
    with pytest.raises(InvalidInputError, match="of: must be an object such as HalfSampling"):
        TimeBlocks(5, of=7)


@pytest.mark.slow
def test_a_mean_of_a_series_is_covered_where_single_rows_are_not_enough():
    """AR(.8): the variance of the mean is nine times that of independent rows."""
    rng = np.random.default_rng(2)
    covered = {HalfSampling(): 0, TimeBlocks(40): 0}
    for _ in range(300):
        x = lfilter([1.0], [1.0, -0.8], rng.normal(size=1000))[200:]
        for interval in covered:
            covered[interval] += 0.0 in interval.interval(lambda rows, x=x: x[rows].mean(), x.mean(), 800, rng=rng)
    alone, blocks = covered.values()
    assert alone < 0.7 * 300
    assert blocks > 0.88 * 300
