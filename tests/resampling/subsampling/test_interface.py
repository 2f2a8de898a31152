"""What every subsampling interval keeps, and what each of them is by definition."""

from itertools import combinations

import joblib
import numpy as np
import pytest
from scipy import stats

from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.resampling import DeleteD, HalfSampling, HolmesNemenman, PolitisRomano, SubsampleInterval
from attnstats.resampling.subsampling.holmes_nemenman import _shares_at_one

METHODS = [
    HalfSampling(40),
    DeleteD(n_resamples=40),
    DeleteD(d=5, n_resamples=40),
    HolmesNemenman(n_partitions=2),
    PolitisRomano(n_resamples=20),
]
every_method = pytest.mark.parametrize("method", METHODS, ids=repr)


def interval_of_mean(x, method, **options):
    return method.interval(lambda rows: x[rows].mean(), x.mean(), len(x), **options)


def half_width(interval):
    return (interval.high - interval.low) / 2


@every_method
def test_is_one_and_has_a_repr_that_rebuilds_it(method):
    assert isinstance(method, SubsampleInterval)
    assert eval(repr(method)) == method


@pytest.mark.parametrize(
    ("method", "freedom", "tolerance"),
    [
        # Of a mean, all of them estimate s²/n. Four relative Monte Carlo errors of the standard error: one over the
        # root of halves, or of twice the subsets; for two to five parts, of twice the cuts.
        (HalfSampling(2_000), 99, 4 / np.sqrt(2_000)),
        (DeleteD(d=0.75, n_resamples=1_000), 99, 4 / np.sqrt(2_000)),
        (DeleteD(d=20, n_resamples=1_000), 99, 4 / np.sqrt(2_000)),
        (HolmesNemenman(n_partitions=800), 99, 4 / np.sqrt(2 * 800)),
        (HolmesNemenman(max_parts=2, n_partitions=800), 99, 4 / np.sqrt(2 * 800)),
        # Quantiles of 1500 roots and an estimated rate: no sharper than this.
        (PolitisRomano(n_resamples=250), np.inf, 0.15),
    ],
    ids=repr,
)
@pytest.mark.parametrize("n", [100, 101])
def test_of_a_mean_the_width_is_known(method, freedom, tolerance, n):
    x = np.random.default_rng(0).normal(size=n)
    interval = interval_of_mean(x, method, rng=1)
    expected = x.std(ddof=1) / np.sqrt(n) * stats.t.ppf(0.975, freedom + n - 100)
    assert half_width(interval) == pytest.approx(expected, rel=tolerance)
    assert (interval.low + interval.high) / 2 == pytest.approx(x.mean(), abs=0.2 * expected)


@every_method
def test_groups_are_kept_or_left_out_together(method):
    groups = np.repeat(np.arange(100), np.random.default_rng(0).integers(1, 5, size=100))
    values = np.random.default_rng(0).normal(size=100)
    sizes = np.bincount(groups)

    def estimate(rows):
        assert (np.diff(rows) > 0).all()
        kept, counts = np.unique(groups[rows], return_counts=True)
        assert (counts == sizes[kept]).all()
        return values[kept].mean()

    grouped = method.interval(estimate, values.mean(), len(groups), groups=groups, rng=1)
    # What the groups hold is all that matters: the interval is that of 100 rows.
    assert grouped == method.interval(lambda rows: values[rows].mean(), values.mean(), 100, rng=1)


@pytest.mark.parametrize(
    ("method", "sizes"),
    [
        (HalfSampling(4), [25, 26] * 2),
        (DeleteD(d=0.5, n_resamples=2), [25, 25]),  # round(25.5) is even
        (DeleteD(d=1, n_resamples=3), [50, 50, 50]),
        (HolmesNemenman(max_parts=3, n_partitions=1), [26, 25, 17, 17, 17]),
        (PolitisRomano(fractions=(0.2, 0.5), n_resamples=20), [10] * 40 + [25] * 40),
    ],
    ids=repr,
)
def test_parts_have_their_sizes_and_are_disjoint_within_a_cut(method, sizes):
    seen = []

    def estimate(rows):
        seen.append(rows)
        return float(len(rows) + np.random.default_rng(len(seen)).normal())

    method.interval(estimate, 0.0, 51, rng=0)
    assert [len(rows) for rows in seen] == sizes
    if not isinstance(method, DeleteD):
        assert not np.intersect1d(seen[0], seen[1]).size


@every_method
def test_same_seed_same_numbers_for_any_number_of_workers(method):
    x = np.random.default_rng(0).normal(size=120)
    one = interval_of_mean(x, method, rng=3)
    with joblib.parallel_config(backend="threading"):
        assert one == interval_of_mean(x, method, rng=3, n_jobs=2)
    assert one != interval_of_mean(x, method, rng=4)


@every_method
def test_follows_scale_shift_and_level(method):
    x = np.random.default_rng(0).normal(size=120)
    plain, moved = interval_of_mean(x, method, rng=0), interval_of_mean(4 * x + 8, method, rng=0)
    assert [moved.low, moved.high] == pytest.approx([4 * plain.low + 8, 4 * plain.high + 8])
    assert half_width(interval_of_mean(x, method, rng=0, confidence_level=0.8)) < half_width(plain)


@every_method
@pytest.mark.parametrize(
    ("n", "options", "error", "message"),
    [
        (7, {}, TooFewSamplesError, "number of rows"),
        (200, {"groups": np.arange(200) // 40}, TooFewSamplesError, "number of groups"),
        (120, {"groups": np.arange(119)}, InvalidInputError, "groups: must have length"),
        (120, {"confidence_level": 1.0}, InvalidInputError, "confidence_level"),
    ],
)
def test_bad_input_is_refused_by_name(method, n, options, error, message):
    with pytest.raises(error, match=message):
        method.interval(lambda _: pytest.fail("estimated first"), 0.0, n, rng=0, **options)


@every_method
def test_undefined_or_constant_estimates_are_refused(method):
    with pytest.raises(NonFiniteError, match="estimate"):
        method.interval(lambda *_: np.nan, 0.0, 120, rng=0)
    with pytest.raises(ConstantInputError, match="estimate"):
        method.interval(lambda *_: 1.0, 1.0, 120, rng=0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: HalfSampling(2), "n_resamples: must be an integer of at least 4; got 2"),
        (lambda: HalfSampling(51), "n_resamples: must be even"),
        (lambda: DeleteD(d=0), "d: must be an integer of at least 1"),
        (lambda: DeleteD(d=1.0), "d: must lie strictly between 0 and 1"),
        (lambda: DeleteD(d=99).interval(np.mean, 0.0, 100), "d: must leave at least 2 of 100 units; got 99"),
        (lambda: HolmesNemenman(max_parts=1), "max_parts"),
        (lambda: HolmesNemenman(n_partitions=0), "n_partitions"),
        (lambda: PolitisRomano(fractions=(0.2,)), "fractions: must be two sizes or more"),
        (lambda: PolitisRomano(fractions=(0.2, 0.6)), "fractions: must be two sizes or more, at most 0.5"),
        (lambda: PolitisRomano(fractions=(0.2, 1.5)), "fractions: must lie strictly"),
        (lambda: PolitisRomano(n_resamples=10), "n_resamples"),
        (lambda: PolitisRomano(rate=0.0), "rate: must be above 0"),
    ],
)
def test_bad_settings_are_refused_by_name(make, message):
    with pytest.raises(InvalidInputError, match=message):
        make()


def test_holmes_nemenman_reads_the_line_at_the_whole_sample():
    # n/p units have p exp(-0.2 (p - 1)) times the variance of n: the line is exact. Halves alone would say exp(-0.1).
    x = np.random.default_rng(0).normal(size=120)

    def estimate(rows):
        return float(x[rows].mean() * np.exp(-0.1 * (120 / len(rows) - 1)))

    expected = x.std(ddof=1) / np.sqrt(120) * stats.t.ppf(0.975, 119)
    interval = HolmesNemenman(n_partitions=2_000).interval(estimate, x.mean(), 120, rng=0)
    assert half_width(interval) == pytest.approx(expected, rel=4 / np.sqrt(2 * 2_000))


@pytest.mark.parametrize(("max_parts", "a_cut"), [(3, 1 / 4.5), (5, 1.0), (10, 4.8889)])
def test_holmes_nemenman_has_the_weights_of_least_squares(max_parts, a_cut):
    parts = np.arange(2, max_parts + 1)
    shares = _shares_at_one(parts, 20 * (parts - 1))
    ordinates = np.random.default_rng(0).normal(size=len(parts))
    line = np.polyfit(parts - 1, ordinates, 1, w=np.sqrt(parts - 1))
    assert shares @ ordinates == pytest.approx(line[1])
    assert 1 / (shares**2 / (parts - 1)).sum() == pytest.approx(a_cut, rel=1e-4)  # degrees of freedom of one cut


def test_half_sampling_is_the_mean_over_all_splits():
    # A statistic far from a mean, all 70 ordered splits of 8 values by enumeration. 5,000 splits: 4 % is over
    # four errors.
    x = np.random.default_rng(0).normal(size=8)

    def statistic(rows):
        return float(x[rows].max() * x[rows].var())

    squares = [
        (statistic(np.array(kept)) - statistic(np.setdiff1d(np.arange(8), kept))) ** 2 / 4
        for kept in combinations(range(8), 4)
    ]
    interval = HalfSampling(10_000).interval(statistic, 0.0, 8, rng=0)
    assert half_width(interval) == pytest.approx(np.sqrt(np.mean(squares)) * stats.t.ppf(0.975, 7), rel=0.04)


def test_delete_one_is_the_jackknife():
    # With d = 1 and a mean: the spread of leave-one-out means is known exactly; 5000 draws, four errors of 1 %.
    x = np.random.default_rng(1).exponential(size=30)
    interval = interval_of_mean(x, DeleteD(d=1, n_resamples=5_000), rng=0)
    without = np.array([np.delete(x, j).mean() for j in range(30)])
    jackknife = np.sqrt(29 / 30 * ((without - without.mean()) ** 2).sum())
    assert half_width(interval) == pytest.approx(jackknife * stats.t.ppf(0.975, 29), rel=0.04)


@pytest.mark.parametrize(("statistic", "rate"), [(np.mean, 0.5), (np.max, 1.0)])
def test_politis_romano_finds_the_rate(statistic, rate):
    # The maximum of uniform values converges at rate n, their mean at root n. The estimated rate scatters by about 0.1
    # to 0.2 from sample to sample: over 12 samples, three errors. With fewer resamples root n is not always rejected.
    found = []
    for seed in range(12):
        x = np.random.default_rng(seed).uniform(size=500)
        interval = PolitisRomano(fractions=(0.05, 0.1, 0.2), n_resamples=250).interval(
            lambda rows, x=x: float(statistic(x[rows])), float(statistic(x)), 500, rng=seed
        )
        found.append(float(interval.method.split("^-")[1]))
    assert np.mean(found) == pytest.approx(rate, abs=0.15)


def test_a_known_rate_is_taken_and_its_width_is_that_of_disjoint_subsets():
    # Deviations of size b have the quantile 1.96 s / sqrt(b) and are carried over to n by (b / n)^rate, for each size.
    x = np.random.default_rng(0).normal(size=4000)
    method = PolitisRomano(fractions=(0.1, 0.1001), n_resamples=400, rate=0.25)
    interval = interval_of_mean(x, method, rng=0)
    expected = 1.96 * x.std() / np.sqrt(400) * 0.1**0.25
    assert half_width(interval) == pytest.approx(expected, rel=0.06)  # 1,600 subsets: three errors
    assert "rate n^-0.25" in interval.method


def test_politis_romano_reaches_beyond_a_maximum():
    # All of the error of a sample maximum lies above it: with equal tails, so does the interval.
    covered = 0
    method = PolitisRomano(n_resamples=40, symmetric=False)
    for seed in range(50):
        x = np.random.default_rng(seed).uniform(size=200)
        interval = method.interval(lambda rows, x=x: float(x[rows].max()), x.max(), 200, rng=0)
        assert interval.low >= x.max() - 1e-12
        covered += interval.low <= 1 <= interval.high
    assert covered >= 40  # 47.5 expected if it is exact, sd 1.5


def test_politis_romano_refuses_where_there_is_no_rate():
    def estimate(rows):  # spreads out with the sample size
        return float(len(rows) * np.random.default_rng(rows.sum()).normal())

    with pytest.raises(ConstantInputError, match="must vary less on larger subsamples"):
        PolitisRomano().interval(estimate, 0.0, 200, rng=0)
