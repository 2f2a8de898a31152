import joblib
import numpy as np
import pytest
from scipy import stats

from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.resampling import HalfSampling


def interval_of_mean(x, *, n_resamples=4_000, **options):
    return HalfSampling(n_resamples).interval(lambda rows: x[rows].mean(), x.mean(), len(x), **options)


@pytest.mark.parametrize("n", [40, 41])
def test_spread_of_half_means_is_the_standard_error(n):
    # The variance of a mean over random halves is known: s²/n after the correction for odd n. The standard deviation
    # of 4000 halves has relative error 1.1 %; four of them.
    x = np.random.default_rng(0).normal(size=n)
    interval = interval_of_mean(x, rng=1)
    half_width = (interval.high - interval.low) / 2
    expected = x.std(ddof=1) / np.sqrt(n) * stats.t.ppf(0.975, n - 1)
    assert half_width == pytest.approx(expected, rel=0.045)
    assert (interval.low + interval.high) / 2 == pytest.approx(x.mean())
    assert interval.method == "half-sampling, t"


def test_groups_are_kept_or_left_out_together():
    # Rows repeated within a group hold no new information: the interval is that of the 40 group values.
    values = np.random.default_rng(0).normal(size=40)
    groups = np.repeat(np.arange(40), 5)
    seen = []

    def estimate(rows):
        seen.append(groups[rows])
        return np.repeat(values, 5)[rows].mean()

    interval = HalfSampling(4_000).interval(estimate, values.mean(), 200, groups=groups, rng=1)
    assert all((np.unique(kept, return_counts=True)[1] == 5).all() and len(kept) == 100 for kept in seen)
    expected = values.std(ddof=1) / np.sqrt(40) * stats.t.ppf(0.975, 39)
    assert (interval.high - interval.low) / 2 == pytest.approx(expected, rel=0.045)


def test_halves_hold_no_duplicates_and_are_sorted():
    def estimate(rows):
        assert (np.diff(rows) > 0).all()
        assert len(rows) == 25
        return float(rows.mean())

    HalfSampling(50).interval(estimate, 25.0, 51, rng=0)


def test_same_seed_same_numbers_for_any_number_of_workers():
    x = np.random.default_rng(0).normal(size=30)
    one = interval_of_mean(x, n_resamples=40, rng=3)
    with joblib.parallel_config(backend="threading"):
        assert one == interval_of_mean(x, n_resamples=40, rng=3, n_jobs=2)
    assert one != interval_of_mean(x, n_resamples=40, rng=4)


@pytest.mark.parametrize(
    ("n", "options", "error", "message"),
    [
        (7, {}, TooFewSamplesError, "number of rows"),
        (20, {"groups": np.arange(20) // 4}, TooFewSamplesError, "number of groups"),
        (20, {"groups": np.arange(19)}, InvalidInputError, "groups: must have length"),
        (20, {"confidence_level": 1.0}, InvalidInputError, "confidence_level"),
    ],
)
def test_bad_input_is_refused_by_name(n, options, error, message):
    with pytest.raises(error, match=message):
        HalfSampling(20).interval(lambda rows: float(rows.mean()), 0.0, n, rng=0, **options)


def test_undefined_or_constant_estimates_are_refused():
    with pytest.raises(NonFiniteError, match="estimate"):
        HalfSampling(20).interval(lambda *_: np.nan, 0.0, 20, rng=0)
    with pytest.raises(ConstantInputError, match="estimate"):
        HalfSampling(20).interval(lambda *_: 1.0, 1.0, 20, rng=0)
    with pytest.raises(InvalidInputError, match="n_resamples"):
        HalfSampling(1)
