from itertools import product

import joblib
import numpy as np
import pytest

from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, InvalidInputError, NonFiniteError
from attnstats.resampling import (
    IID,
    Clustered,
    Crossed,
    FunctionOfMeans,
    Nested,
    Stratified,
    Studentized,
    bootstrap_interval,
)


def mean_by_python(x):
    return float(np.mean(x))


def standard_error(x):
    return float(np.std(x, ddof=1) / np.sqrt(len(x)))


def test_by_enumeration():
    # All 5^5 resamples of five rows; the drawn quantiles of t approach the enumerated ones.
    x = np.array([1.0, 2.0, 2.5, 4.0, 9.0])
    resamples = np.array(list(product(x, repeat=5)))
    errors = resamples.std(axis=1, ddof=1) / np.sqrt(5)
    with np.errstate(divide="ignore"):
        t = (resamples.mean(axis=1) - x.mean()) / errors
    low, high = np.quantile(t, [0.1, 0.9], method="inverted_cdf")
    expected = x.mean() - high * standard_error(x), x.mean() - low * standard_error(x)
    with pytest.warns(FewReplicatesWarning):
        found = bootstrap_interval(x, np.mean, method=Studentized(100_000), confidence_level=0.8, rng=0)
    # The levels of the quantiles have error 0.001, and between neighbours of the 3,125 values t steps by some 0.02.
    assert (found.low, found.high) == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize(
    "design", [IID(), Clustered(np.arange(36) // 4), Clustered(np.arange(36) % 8), Stratified(np.arange(36) % 3)]
)
def test_the_mean_and_its_error_equal_one_by_one(design):
    values = np.random.default_rng(0).exponential(size=36)
    sample = design.bind(values)
    fast = sample.resampled_with_errors(np.mean, 50, np.random.default_rng(3))
    # The same draws, and the delta method from the definition on each resample.
    drawn = sample._draw(50, np.random.default_rng(3))
    for (value, error), units in zip(fast, drawn, strict=True):
        rows = sample._rows(units)
        codes = np.repeat(np.arange(sample.n_units), sample._sizes[units, 0].astype(int))
        again = type(sample)(values[rows], codes, "units", sample._strata)
        assert value == pytest.approx(values[rows].mean())
        assert error == pytest.approx(again.standard_error(np.mean), abs=1e-12)


def test_errors_of_a_mean_are_the_textbook_ones():
    rng = np.random.default_rng(1)
    x = rng.exponential(size=30)
    assert IID().bind(x).standard_error(np.mean) == pytest.approx(standard_error(x))
    assert IID().bind(x).standard_error(mean_by_python) == pytest.approx(standard_error(x))  # the jackknife
    balanced = Clustered(np.arange(30) // 5).bind(x)
    by_cluster = x.reshape(6, 5).mean(axis=1)
    assert balanced.standard_error(np.mean) == pytest.approx(standard_error(by_cluster))
    # Ratio of cluster sums to cluster sizes (Cochran 1977, equation 6.13, without the finite population).
    groups = np.array([0] * 3 + [1] * 5 + [2] * 10 + [3] * 12)
    sums, sizes = np.bincount(groups, x), np.bincount(groups)
    residuals = sums - x.mean() * sizes
    expected = np.sqrt(4 / 3 * (residuals**2).sum()) / 30
    assert Clustered(groups).bind(x).standard_error(np.mean) == pytest.approx(expected)
    assert Nested(groups).bind(x).standard_error(np.mean) == pytest.approx(expected)
    strata = np.repeat([0, 1], [10, 20])
    expected = np.sqrt(10 * x[:10].var(ddof=1) + 20 * x[10:].var(ddof=1)) / 30
    assert Stratified(strata).bind(x).standard_error(np.mean) == pytest.approx(expected)


def test_delta_method_of_a_ratio():
    data = np.random.default_rng(2).exponential(size=(50, 2)) + 1e-9
    ratio = FunctionOfMeans(lambda means: means[0] / means[1])
    means = data.mean(axis=0)
    residuals = (data[:, 0] - data[:, 1] * means[0] / means[1]) / means[1]
    assert IID().bind(data).standard_error(ratio) == pytest.approx(standard_error(residuals), rel=1e-6)
    tiny = IID().bind(data * 1e-12).standard_error(ratio)  # the derivative's step follows the data
    assert tiny == pytest.approx(standard_error(residuals), rel=1e-6)
    interval = bootstrap_interval(data, ratio, method=Studentized(199), rng=0)
    assert interval.low < means[0] / means[1] < interval.high


def test_an_error_of_ones_own_is_used():
    x = np.random.default_rng(0).exponential(size=25)
    own = bootstrap_interval(x, mean_by_python, method=Studentized(299, error=standard_error), rng=5)
    jackknife = bootstrap_interval(x, mean_by_python, method=Studentized(299), rng=5)
    assert (own.low, own.high) == pytest.approx((jackknife.low, jackknife.high))
    twice = bootstrap_interval(x, mean_by_python, method=Studentized(299, error=lambda x: 2 * standard_error(x)), rng=5)
    assert (twice.low, twice.high) == pytest.approx((own.low, own.high))  # a constant factor cancels


def test_crossed_takes_an_error_of_ones_own():
    values = np.random.default_rng(0).normal(size=(20, 30))
    options = {"design": Crossed(), "rng": 0}
    with pytest.raises(InvalidInputError, match="Crossed design"):
        bootstrap_interval(values, np.mean, method=Studentized(99), **options)
    method = Studentized(99, error=lambda table: standard_error(table.mean(axis=1)))
    interval = bootstrap_interval(values, np.mean, method=method, **options)
    assert interval.low < values.mean() < interval.high
    assert interval.method == "crossed studentized bootstrap"


def test_follows_shift_and_scale():
    x = np.random.default_rng(0).exponential(size=20)
    plain = bootstrap_interval(x, np.mean, method=Studentized(499), rng=1)
    moved = bootstrap_interval(1e6 + 3 * x, np.mean, method=Studentized(499), rng=1)
    assert (moved.low, moved.high) == pytest.approx((1e6 + 3 * plain.low, 1e6 + 3 * plain.high), abs=1e-6)


def test_same_seed_same_numbers_for_any_number_of_workers():
    x = np.random.default_rng(0).normal(size=3_000)
    options = {"method": Studentized(200), "rng": 11}
    one = bootstrap_interval(x, np.mean, **options)
    with joblib.parallel_config(backend="threading"):
        assert one == bootstrap_interval(x, np.mean, n_jobs=2, **options)


def test_what_has_no_interval_is_refused():
    x = np.random.default_rng(0).normal(size=20)
    with pytest.raises(NonFiniteError, match="error: must give"):
        bootstrap_interval(x, np.mean, method=Studentized(99, error=lambda _: np.nan), rng=0)
    with pytest.raises(NonFiniteError, match="error: must give"):
        bootstrap_interval(x, np.mean, method=Studentized(99, error=lambda _: -1.0), rng=0)
    with pytest.raises(ConstantInputError, match="standard error above 0"):
        bootstrap_interval(x, np.mean, method=Studentized(99, error=lambda _: 0.0), rng=0)
    with (
        pytest.warns(FewReplicatesWarning),
        pytest.raises(NonFiniteError, match="enough different units"),
    ):  # a quarter of the resamples of two rows are one row twice, above
        bootstrap_interval([1.0, 2.0], np.mean, method=Studentized(999), rng=0)
