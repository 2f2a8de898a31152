from itertools import product

import joblib
import numpy as np
import pytest

from attnstats.exceptions import FewReplicatesWarning, InvalidInputError, UndercoverageWarning
from attnstats.resampling import (
    IID,
    Clustered,
    Crossed,
    DoubleBootstrap,
    Nested,
    Percentile,
    Stratified,
    bootstrap_interval,
)

pytestmark = pytest.mark.filterwarnings("ignore::attnstats.exceptions.UndercoverageWarning")


def mean_by_python(x):
    return float(np.mean(x))


def test_levels_by_enumeration():
    # All 4^4 resamples of four rows, and of each all its 4^4 resamples.
    x = np.array([1.0, 2.0, 4.0, 9.0])
    outer = np.array(list(product(range(4), repeat=4)))
    means = x[outer].mean(axis=1)
    inner = x[outer][:, outer].mean(axis=2)
    below = ((inner < x.mean()).mean(axis=1) + (inner <= x.mean()).mean(axis=1)) / 2
    levels = np.abs(2 * below - 1)
    found = DoubleBootstrap(4_000, 400).replicates(IID().bind(x), np.mean, 4_000, np.random.default_rng(0))
    # Standard error of a mean of 4,000: at most 0.5 / 63 for the levels, 1.6 / 63 for the means; four of them.
    assert found[:, 0].mean() == pytest.approx(means.mean(), abs=0.1)
    # The inner share has error 0.025, which the absolute value turns into a bias of less than 0.02 at its fold.
    assert found[:, 1].mean() == pytest.approx(levels.mean(), abs=0.05)
    assert np.quantile(found[:, 1], 0.8) == pytest.approx(np.quantile(levels, 0.8), abs=0.05)


@pytest.mark.parametrize("design", [IID(), Clustered(np.arange(24) % 9), Nested(np.arange(24) // 3)])
def test_compiled_path_has_the_distribution_of_the_plain_one(design):
    sample = design.bind(np.random.default_rng(1).exponential(size=24))
    fast = sample.resampled_twice(np.mean, 300, 50, np.random.default_rng(2))
    plain = sample.resampled_twice(mean_by_python, 300, 50, np.random.default_rng(3))
    for column in (0, 1):
        spread = plain[:, column].std()
        # Two means of 300: standard error 0.08 spreads; four of them. Two deviations: relative error 6 %.
        assert fast[:, column].mean() == pytest.approx(plain[:, column].mean(), abs=0.33 * spread)
        assert fast[:, column].std() == pytest.approx(spread, rel=0.24)


def test_wider_than_the_percentile_interval_of_few_values():
    x = np.random.default_rng(0).exponential(size=12)
    double = bootstrap_interval(x, np.mean, method=DoubleBootstrap(999, 199), rng=1)
    single = bootstrap_interval(x, np.mean, method=Percentile(9_999), rng=1)
    assert double.low < single.low
    assert double.high > single.high
    assert (double.method, double.n_resamples) == ("calibrated percentile bootstrap", 999)


@pytest.mark.parametrize("design", [Stratified(np.arange(24) % 2), Clustered(np.arange(24) % 8)])
def test_any_design(design):
    x = np.random.default_rng(0).normal(size=24)
    interval = bootstrap_interval(x, np.mean, method=DoubleBootstrap(99, 99), design=design, rng=0)
    assert interval.low < x.mean() < interval.high
    with joblib.parallel_config(backend="threading"):
        again = bootstrap_interval(x, np.mean, method=DoubleBootstrap(99, 99), design=design, rng=0, n_jobs=2)
    assert interval == again


def test_a_level_that_cannot_be_calibrated_warns():
    x = np.random.default_rng(0).lognormal(size=8) ** 2
    with pytest.warns(UndercoverageWarning, match="more than 8 rows"):
        interval = bootstrap_interval(x, np.mean, method=DoubleBootstrap(199, 49), rng=0)
    widest = bootstrap_interval(x, np.mean, method=DoubleBootstrap(199, 49), confidence_level=0.999, rng=0)
    assert (interval.low, interval.high) == (widest.low, widest.high)


def test_crossed():
    values = np.random.default_rng(0).normal(size=(8, 9))
    interval = bootstrap_interval(values, np.mean, method=DoubleBootstrap(49, 49), design=Crossed(), rng=0)
    assert interval.low < values.mean() < interval.high


def test_bad_input_is_refused_by_name():
    with pytest.raises(InvalidInputError, match="n_inner"):
        DoubleBootstrap(99, 1)
    with pytest.raises(InvalidInputError, match="n_resamples"):
        DoubleBootstrap(0)
    with pytest.warns(FewReplicatesWarning, match="should have at least 8 rows"):
        bootstrap_interval(np.arange(5.0), np.mean, method=DoubleBootstrap(49, 49), rng=0)
