import math
from itertools import product

import joblib
import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
)
from attnstats.resampling import IID, Basic, BCa, Clustered, Crossed, FunctionOfMeans, Percentile, bootstrap_interval

# Most tests here compare paths on few seeds or clusters; that those warn is a test of its own.
pytestmark = pytest.mark.filterwarnings("ignore::attnstats.exceptions.UndercoverageWarning")

METHODS = {"percentile": Percentile, "basic": Basic, "BCa": BCa}


def mean_by_python(data):
    return float(np.mean(data))


@pytest.mark.parametrize("name", METHODS)
def test_agrees_with_scipy(name):
    # Both draw 50,000 resamples: an end's Monte Carlo error is about 0.02 standard errors of the mean, 0.003 here.
    x = np.random.default_rng(3).exponential(size=60)
    ours = bootstrap_interval(x, np.mean, method=METHODS[name](50_000), rng=0)
    theirs = scipy.stats.bootstrap((x,), np.mean, method=name, n_resamples=50_000, batch=2_000, rng=1)
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.012)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.012)


@pytest.mark.parametrize("method", [Percentile(600), Basic(600), BCa(600)])
@pytest.mark.parametrize("design", [IID(), Clustered(np.arange(40) // 4), Clustered(np.arange(40) % 9)])
def test_matrix_path_equals_plain_callable(method, design):
    x = np.random.default_rng(0).normal(size=(40, 2))
    fast = bootstrap_interval(x, np.mean, method=method, design=design, rng=7)
    plain = bootstrap_interval(x, mean_by_python, method=method, design=design, rng=7)
    assert (fast.low, fast.high) == pytest.approx((plain.low, plain.high), abs=1e-12)


@pytest.mark.parametrize("method", [Percentile(600), Basic(600)])
@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("shape", [(8, 30), (3, 9, 30), (2, 3, 8, 12)])
def test_crossed_matrix_path_equals_plain_callable(method, paired, shape):
    values = np.random.default_rng(0).normal(size=shape)
    options = {"method": method, "design": Crossed(paired_replicates=paired), "rng": 7}
    fast = bootstrap_interval(values, np.mean, **options)
    plain = bootstrap_interval(values, mean_by_python, **options)
    assert (fast.low, fast.high) == pytest.approx((plain.low, plain.high), abs=1e-12)


def test_crossed_means_of_several_data_sets_equal_plain_callable():
    rng = np.random.default_rng(1)
    data = (rng.normal(size=(2, 8, 20)), rng.normal(1, 1, size=(3, 9, 33)))

    def lead(means):
        return means[0] - means[1:].max()

    def plain_lead(arrays):
        return lead(np.concatenate([array.mean(axis=(1, 2)) for array in arrays]))

    options = {"method": Percentile(500), "design": Crossed(), "rng": 2}
    fast = bootstrap_interval(data, FunctionOfMeans(lead), **options)
    plain = bootstrap_interval(data, plain_lead, **options)
    assert (fast.low, fast.high) == pytest.approx((plain.low, plain.high), abs=1e-12)


def test_omitted_examples_equal_plain_callable():
    rng = np.random.default_rng(4)
    values = rng.normal(size=(2, 8, 40))
    values[rng.random(values.shape) < 0.2] = np.nan
    options = {"method": Percentile(400), "design": Crossed(missing="omit"), "rng": 2}
    fast = bootstrap_interval(values, np.mean, **options)
    plain = bootstrap_interval(values, lambda a: np.nanmean(a, axis=-1).mean(), **options)
    assert (fast.low, fast.high) == pytest.approx((plain.low, plain.high), abs=1e-12)
    with pytest.raises(NonFiniteError, match="data: must be finite"):
        bootstrap_interval(values, np.mean, method=Percentile(400), design=Crossed())


def test_variance_of_crossed_mean_is_owens():
    # Exact variance of the pigeonhole bootstrap of a mean (Owen 2007, from the resampling weights): with multinomial
    # counts w, E[w_i w_j] = 1 - 1/n + [i = j], so Var* = Σ x_se x_tf (E[w_s w_t] E[v_e v_f] - 1) / (SE)².
    x = np.random.default_rng(5).normal(size=(8, 12))
    n_seeds, n_examples = x.shape
    seeds = 1 - 1 / n_seeds + np.eye(n_seeds)
    examples = 1 - 1 / n_examples + np.eye(n_examples)
    second_moment = np.einsum("se,tf,st,ef->", x, x, seeds, examples)
    exact = (second_moment - x.sum() ** 2) / x.size**2
    sample = Crossed().bind(x)
    drawn = sample.resampled(np.mean, 40_000, np.random.default_rng(0))
    # The variance of 40,000 draws has relative error sqrt(2/40,000) = 0.7 %; four of them.
    assert drawn.var() == pytest.approx(exact, rel=0.03)
    assert drawn.mean() == pytest.approx(x.mean(), abs=4 * math.sqrt(exact / 40_000))


def test_seeds_of_strata_are_drawn_apart_and_examples_together():
    # Values that depend on the seed alone: the contrast of two equal strata is constant only if their seeds are paired.
    by_seed = np.broadcast_to(np.arange(8.0)[:, np.newaxis], (2, 8, 10)).copy()

    def contrast(data):
        return float(data[0].mean() - data[1].mean())

    apart = Crossed().bind(by_seed).resampled(contrast, 200, np.random.default_rng(0))
    paired = Crossed(paired_replicates=True).bind(by_seed).resampled(contrast, 200, np.random.default_rng(0))
    assert apart.std() > 0.5
    assert (paired == 0).all()
    by_example = np.broadcast_to(np.arange(10.0), (2, 8, 10)).copy()
    shared = Crossed().bind(by_example).resampled(contrast, 200, np.random.default_rng(0))
    assert np.abs(shared).max() < 1e-12
    two_sets = Crossed().bind((by_example[0], by_example[1]))
    separate = two_sets.resampled(lambda arrays: arrays[0].mean() - arrays[1].mean(), 200, np.random.default_rng(0))
    assert separate.std() > 0.5


def test_small_bootstrap_distribution_by_enumeration():
    # All 3^3 resamples of three rows: the quantiles of the drawn distribution approach those of the enumerated one.
    x = np.array([1.0, 2.0, 6.0])
    enumerated = np.array([np.mean(each) for each in product(x, repeat=3)])
    drawn = IID().bind(x).resampled(np.mean, 60_000, np.random.default_rng(0))
    for value in np.unique(enumerated):
        # binomial error at most 0.002; four of them
        assert np.mean(drawn <= value + 1e-9) == pytest.approx(np.mean(enumerated <= value + 1e-9), abs=0.008)


def test_clusters_of_unequal_size_stay_whole():
    groups = np.array(["a", "b", "b", "c", "c", "c"])
    data = np.array([1.0, 2.0, 2.0, 3.0, 3.0, 3.0])
    seen = []
    Clustered(groups).bind(data).resampled(lambda x: seen.append(np.array(x)) or 0.0, 50, np.random.default_rng(0))
    for resample in seen:
        for value in (1, 2, 3):
            assert np.count_nonzero(resample == value) % value == 0
    assert {len(resample) for resample in seen} > {6}


def test_bca_leaves_out_one_cluster():
    data = np.random.default_rng(0).normal(size=12)
    groups = np.repeat(np.arange(4), 3)
    expected = [data[groups != group].mean() for group in range(4)]
    assert Clustered(groups).bind(data).leave_one_out(np.mean) == pytest.approx(expected)
    assert Clustered(groups).bind(data).leave_one_out(mean_by_python) == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize(("statistic", "backend"), [(np.mean, "threading"), (mean_by_python, "loky")])
def test_same_seed_same_numbers_for_any_number_of_workers(statistic, backend):
    values = np.random.default_rng(0).normal(size=(8, 3_000))
    options = {"method": Percentile(300), "design": Crossed(), "rng": 11}
    one = bootstrap_interval(values, statistic, n_jobs=1, **options)
    with joblib.parallel_config(backend=backend):
        assert one == bootstrap_interval(values, statistic, n_jobs=2, **options)
    assert one != bootstrap_interval(values, statistic, **{**options, "rng": 12})


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), shift=st.floats(-5, 5), factor=st.floats(0.1, 10))
def test_interval_follows_shift_and_scale(seed, shift, factor):
    x = np.random.default_rng(seed).normal(size=20)
    for method in (Percentile(200), Basic(200), BCa(200)):
        plain = bootstrap_interval(x, np.mean, method=method, rng=seed)
        moved = bootstrap_interval(shift + factor * x, np.mean, method=method, rng=seed)
        assert (moved.low, moved.high) == pytest.approx(
            (shift + factor * plain.low, shift + factor * plain.high), abs=1e-6 * factor
        )


def test_percentile_interval_maps_through_a_monotone_transformation():
    x = np.random.default_rng(2).exponential(size=40)
    plain = bootstrap_interval(x, FunctionOfMeans(lambda m: m[0]), method=Percentile(999), rng=0)
    logged = bootstrap_interval(x, FunctionOfMeans(lambda m: math.log(m[0])), method=Percentile(999), rng=0)
    assert (math.exp(logged.low), math.exp(logged.high)) == pytest.approx((plain.low, plain.high), rel=2e-3)


def test_the_default_method_follows_statistic_and_design():
    values = np.random.default_rng(0).normal(size=(40, 30))
    assert bootstrap_interval(values[0], np.mean, rng=0).method == "studentized bootstrap"
    assert bootstrap_interval(values[0], np.median, rng=0).method == "BCa bootstrap"
    assert bootstrap_interval(values, np.mean, design=Crossed(), rng=0).method == "crossed percentile bootstrap"
    clusters = Clustered(np.repeat(np.arange(10), 3))
    assert bootstrap_interval(values[0], np.mean, design=clusters, rng=0).method == "cluster studentized bootstrap"


def test_interval_names_its_method_and_level():
    values = np.random.default_rng(0).normal(size=(8, 30))
    interval = bootstrap_interval(values, np.mean, design=Crossed(), method=Basic(99), confidence_level=0.9, rng=0)
    assert (interval.method, interval.level, interval.n_resamples) == ("crossed basic bootstrap", 0.9, 99)


@pytest.mark.parametrize(
    ("data", "options", "error", "message"),
    [
        ([1.0, np.nan] * 8, {}, NonFiniteError, "data: must be finite"),
        ([1.0], {}, TooFewSamplesError, "number of rows in data"),
        (3.0, {}, TooFewSamplesError, "number of rows in data"),
        ([1.0] * 10, {}, ConstantInputError, "statistic: must vary"),
        (np.arange(10.0), {"confidence_level": 95}, InvalidInputError, "confidence_level"),
        (np.arange(10.0), {"design": Crossed()}, InvalidInputError, "n_replicates, n_items"),
        (np.ones((8, 9)), {"design": Crossed(), "method": BCa()}, InvalidInputError, "Percentile"),
        (np.arange(10.0), {"design": Clustered([0, 1])}, InvalidInputError, "same length"),
        (np.arange(10.0), {"design": Clustered([0] * 10)}, TooFewSamplesError, "number of groups"),
        (np.full((8, 9), np.nan), {"design": Crossed(missing="omit")}, NonFiniteError, "every replicate"),
        (np.full((8, 9), np.inf), {"design": Crossed(missing="omit")}, NonFiniteError, "data: must be finite"),
        ([["a", "b"]], {"design": Crossed(), "method": Percentile()}, InvalidInputError, "real numbers"),
        ((), {"design": Crossed(), "method": Percentile()}, TooFewSamplesError, "number of data sets"),
    ],
)
def test_bad_input_is_refused_by_name(data, options, error, message):
    with pytest.raises(error, match=message):
        bootstrap_interval(data, np.mean, **options)


def test_bad_statistics_are_refused():
    x = np.random.default_rng(0).normal(size=20)
    with pytest.raises(InvalidInputError, match="one number"):
        bootstrap_interval(x, lambda a: a, rng=0)
    with pytest.raises(NonFiniteError, match="statistic: must be finite"):
        bootstrap_interval(x, lambda *_: math.nan, rng=0)
    with pytest.raises(InvalidInputError, match="inside its bootstrap distribution"):
        bootstrap_interval(x, lambda a: len(np.unique(a)), rng=0)
    with pytest.raises(InvalidInputError, match="missing"):
        Crossed(missing="drop")
    with pytest.raises(InvalidInputError, match="n_resamples"):
        BCa(0)


def test_a_seed_that_loses_all_its_examples_is_refused():
    values = np.random.default_rng(0).normal(size=(8, 30))
    values[0, 1:] = np.nan  # defined for one example, which a third of the resamples miss
    with pytest.raises(NonFiniteError, match="of a resample"):
        bootstrap_interval(values, np.mean, design=Crossed(missing="omit"), method=Percentile(200), rng=0)


@pytest.mark.parametrize("shape", [(7, 30), (30, 7)])
def test_few_replicates_warn(shape):
    values = np.random.default_rng(0).normal(size=shape)
    with pytest.warns(FewReplicatesWarning, match="got 7"):
        bootstrap_interval(values, np.mean, design=Crossed(), method=Percentile(99), rng=0)
