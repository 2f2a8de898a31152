"""What is computed from values of any size follows their scale, or is refused; rounding is never taken for spread."""

import warnings

import numpy as np
import pytest
import scipy.stats

from attnstats.exceptions import AttnstatsError, ConstantInputError, NonFiniteError
from attnstats.resampling import (
    Basic,
    BCa,
    Clustered,
    Crossed,
    DeleteD,
    DoubleBootstrap,
    FunctionOfMeans,
    HalfSampling,
    HallT,
    HolmesNemenman,
    Independent,
    Percentile,
    PolitisRomano,
    Stratified,
    Studentized,
    WelchT,
    bootstrap_interval,
    permutation_test,
    sign_flip_test,
)
from attnstats.resampling._scale import Scale, norm

X = np.random.default_rng(0).exponential(size=48) - 0.4
FACTORS = [1e160, 1e300, 1e-160, 1e-300]
METHODS = [None, Percentile(199), Basic(199), BCa(199), Studentized(199), DoubleBootstrap(49, 49), HallT()]
DESIGNS = [None, Clustered(np.arange(48) // 4), Stratified(np.arange(48) // 24)]


def ends(interval):
    return interval.low, interval.high


@pytest.fixture(autouse=True)
def _no_numpy_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.filterwarnings("ignore", category=UserWarning)
        yield


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("method", METHODS)
def test_intervals_of_means_follow_the_scale(method, factor):
    for design in DESIGNS:
        plain = bootstrap_interval(X, np.mean, method=method, design=design, rng=1)
        scaled = bootstrap_interval(factor * X, np.mean, method=method, design=design, rng=1)
        assert ends(scaled) == pytest.approx((factor * plain.low, factor * plain.high), rel=1e-9)


@pytest.mark.parametrize("offset", [1e8, 1e12, -1e15])
@pytest.mark.parametrize("method", METHODS)
def test_intervals_of_means_follow_an_offset(method, offset):
    x = np.round(X * 64)  # so that nothing is rounded when the offset is added
    plain = bootstrap_interval(x, np.mean, method=method, rng=1)
    moved = bootstrap_interval(x + offset, np.mean, method=method, rng=1)
    assert ends(moved) == pytest.approx(
        (offset + plain.low, offset + plain.high), rel=0, abs=2 * np.spacing(abs(offset))
    )


@pytest.mark.parametrize("method", [Percentile(199), BCa(199), Studentized(99)])
@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("statistic", [np.median, lambda a: float(np.ptp(a)), FunctionOfMeans(lambda m: 2 * m[0])])
def test_other_statistics_follow_the_scale_or_are_refused(method, factor, statistic):
    try:
        plain = bootstrap_interval(X, statistic, method=method, rng=1)
    except AttnstatsError as error:
        with pytest.raises(type(error)):
            bootstrap_interval(factor * X, statistic, method=method, rng=1)
        return
    scaled = bootstrap_interval(factor * X, statistic, method=method, rng=1)
    assert ends(scaled) == pytest.approx((factor * plain.low, factor * plain.high), rel=1e-9)


@pytest.mark.parametrize("factor", [1e160, 1e300, 1e-300])
def test_crossed_means_follow_the_scale(factor):
    table = np.random.default_rng(0).normal(size=(10, 12))
    plain = bootstrap_interval(table, np.mean, design=Crossed(), method=Percentile(199), rng=1)
    scaled = bootstrap_interval(factor * table, np.mean, design=Crossed(), method=Percentile(199), rng=1)
    assert ends(scaled) == pytest.approx((factor * plain.low, factor * plain.high), rel=1e-9)


def test_denormal_values_keep_their_mean():
    # Multiples of the smallest float: the ends are rounded to one of them.
    counts = np.random.default_rng(0).integers(0, 100, size=40)
    plain = bootstrap_interval(counts, np.mean, rng=0)
    tiny = bootstrap_interval(counts * 5e-324, np.mean, rng=0)
    assert ends(tiny) == pytest.approx((round(plain.low) * 5e-324, round(plain.high) * 5e-324), abs=5e-324)


def test_an_interval_beyond_the_largest_float_is_refused():
    x = np.array([1.7e308, 1.5e308, -1e308, 1.6e308] * 5)
    interval = bootstrap_interval(x, np.mean, rng=0)
    assert np.isfinite(ends(interval)).all()
    with pytest.raises(NonFiniteError, match="statistic: must"):
        bootstrap_interval([1.79e308] * 6 + [-1.79e308] * 2, np.mean, method=HallT())


@pytest.mark.parametrize("value", [0.1, 1e15 + 0.3, 1e-300, 7e307])
@pytest.mark.parametrize("design", [None, Clustered([0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7])])
def test_a_constant_does_not_vary(value, design):
    for method in (None, Percentile(99), BCa(99), Studentized(99), HallT()):
        with pytest.raises(ConstantInputError):
            bootstrap_interval([value] * 14, np.mean, method=method, design=design, rng=0)
    with pytest.raises(ConstantInputError, match="statistic: must vary"):
        bootstrap_interval([value] * 14, lambda a: float(np.median(a)), method=Percentile(99), design=design, rng=0)


@pytest.mark.parametrize("factor", FACTORS)
def test_welchs_t_does_not_depend_on_the_scale(factor):
    x, y = X[:20], X[20:]
    expected = scipy.stats.ttest_ind(x, y, equal_var=False).statistic
    assert WelchT()(factor * x, factor * y) == pytest.approx(expected)
    options = {"kind": Independent(), "n_resamples": 199, "rng": 0}
    plain = permutation_test(x, y, WelchT(), **options)
    assert permutation_test(factor * x, factor * y, WelchT(), **options).pvalue == plain.pvalue


def test_welchs_t_of_constants_that_round_raises():
    with pytest.raises(ConstantInputError, match="got two constants"):
        WelchT()(np.full(7, 0.1), np.full(9, 0.3))


@pytest.mark.parametrize("factor", [*FACTORS, 2.0**-1060])
def test_sign_flips_follow_the_scale(factor):
    x = np.round(X * 1024)
    plain = sign_flip_test(x, n_resamples=999, rng=0)
    scaled = sign_flip_test(x * factor, n_resamples=999, rng=0)
    assert scaled.pvalue == plain.pvalue
    assert scaled.effect == pytest.approx(plain.effect * factor, rel=1e-12, abs=5e-324)


@pytest.mark.parametrize("method", [HalfSampling(), DeleteD(), HolmesNemenman(), PolitisRomano((0.25, 0.5))])
@pytest.mark.parametrize("factor", FACTORS)
def test_subsampling_intervals_follow_the_scale(method, factor):
    def interval(values):
        return method.interval(lambda rows: values[rows].mean(), float(values.mean()), n=48, rng=0)

    plain, scaled = interval(X), interval(factor * X)
    assert ends(scaled) == pytest.approx((factor * plain.low, factor * plain.high), rel=1e-9)
    assert scaled.method == plain.method


@pytest.mark.parametrize("method", [HalfSampling(), DeleteD(), HolmesNemenman(), PolitisRomano((0.25, 0.5))])
def test_subsampling_takes_no_rounding_for_spread(method):
    with pytest.raises(ConstantInputError, match="estimate: must vary"):
        method.interval(lambda rows: np.full(48, 0.1)[rows].mean(), 0.1, n=48, rng=0)


def test_scale_loses_nothing():
    values = np.array([1e15, 1e15 + 1, 1e15 + 3])
    scale = Scale.of(values)
    assert [scale.up(each) for each in scale.down(values)] == values.tolist()
    assert norm(np.array([3e-200, 4e-200])) == pytest.approx(5e-200)
    assert norm(np.zeros(3)) == 0
