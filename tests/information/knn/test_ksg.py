import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma
from scipy.stats import norm, rankdata

from attnstats.exceptions import ConstantInputError, DuplicateSamplesError, InvalidInputError, TooFewSamplesError
from attnstats.information import KSG
from attnstats.information.margins import AsMeasured, NormalScores, Standardized

NORMS = {"max": lambda a: np.abs(a).max(axis=-1), "euclidean": lambda a: (a * a).sum(axis=-1)}


def gaussian(n, rho, rng, dim=1):
    x = rng.normal(size=(n, dim))
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=(n, dim))


def by_definition(x, y, k, algorithm=1, metric="max"):
    """Equations 8 and 9 of Kraskov et al. (2004), written out."""
    n = len(x)
    total = 0.0
    for i in range(n):
        others = np.arange(n) != i
        dx, dy = NORMS[metric](x[others] - x[i]), NORMS[metric](y[others] - y[i])
        nearest = np.argsort(np.maximum(dx, dy), kind="stable")[:k]
        if algorithm == 1:
            radius = max(dx[nearest[-1]], dy[nearest[-1]])
            total += digamma((dx < radius).sum() + 1) + digamma((dy < radius).sum() + 1)
        else:
            total += digamma((dx <= dx[nearest].max()).sum()) + digamma((dy <= dy[nearest].max()).sum())
    return digamma(k) - (algorithm == 2) / k + digamma(n) - total / n


@pytest.mark.parametrize("dim", [1, 2, 10])
@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("algorithm", [1, 2])
@pytest.mark.parametrize("metric", ["max", "euclidean"])
def test_equals_the_definition(dim, k, algorithm, metric):
    x, y = gaussian(80, 0.7, np.random.default_rng(dim), dim)
    estimator = KSG(k=k, algorithm=algorithm, metric=metric, margins=AsMeasured())
    assert estimator.estimate(x, y) == pytest.approx(by_definition(x, y, k, algorithm, metric), abs=1e-12)


def test_margins_equal_the_definition_on_transformed_columns():
    x, y = gaussian(80, 0.7, np.random.default_rng(0), 2)
    x = x * [1e-3, 50]
    found = KSG(margins=Standardized()).estimate(x, y)
    assert found == pytest.approx(by_definition(x / x.std(axis=0), y / y.std(axis=0), 3), abs=1e-12)
    ranks = (rankdata(x, axis=0) / 81, rankdata(y, axis=0) / 81)
    assert KSG().estimate(x, y) == KSG(margins=AsMeasured()).estimate(*(NormalScores().transform(r, r) for r in ranks))
    found = KSG().estimate(x, y)
    assert found == pytest.approx(by_definition(norm.ppf(ranks[0]), norm.ppf(ranks[1]), 3), abs=0.02)  # few ties parted


@settings(max_examples=25, deadline=None)
@given(n=st.integers(10, 120), seed=st.integers(0, 10**6))
def test_increasing_maps_of_a_column_change_nothing(n, seed):
    x, y = gaussian(n, 0.6, np.random.default_rng(seed), 2)
    assert KSG().estimate(np.exp(x), y**3) == KSG().estimate(x, y)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("algorithm", [1, 2])
def test_gaussian_truth(rho, algorithm):
    # 20 samples of n = 1000: the sd of the mean is below 0.008; the bias at this n below 0.01 nats.
    rng = np.random.default_rng(1)
    mean = np.mean([KSG(k=3, algorithm=algorithm).estimate(*gaussian(1000, rho, rng)) for _ in range(20)])
    assert mean == pytest.approx(-0.5 * np.log(1 - rho**2), abs=0.03)


@pytest.mark.parametrize("metric", ["max", "euclidean"])
@pytest.mark.parametrize("scale", [1e6, 1e-12, 1e150])
def test_units_do_not_matter(scale, metric):
    x, y = gaussian(500, 0.75, np.random.default_rng(2))
    value = KSG(metric=metric).estimate(x, y)
    assert KSG(metric=metric).estimate(x * scale, y) == pytest.approx(value, abs=1e-12)
    assert KSG(metric=metric).estimate(x * scale, y * scale) == pytest.approx(value, abs=1e-12)
    bare = KSG(metric=metric, margins=AsMeasured())
    assert bare.estimate(x * 2.0**600, y * 2.0**600) == bare.estimate(x, y)
    assert bare.estimate(x * 2.0**-600, y * 2.0**-600) == bare.estimate(x, y)


@settings(max_examples=25, deadline=None)
@given(n=st.integers(10, 120), dim=st.integers(1, 4), algorithm=st.sampled_from([1, 2]), seed=st.integers(0, 10**6))
def test_symmetric_and_the_same_in_any_order_and_mirror(n, dim, algorithm, seed):
    rng = np.random.default_rng(seed)
    x, y = gaussian(n, 0.6, rng, dim)
    # Of several neighbours at one distance algorithm 2 takes the first; scores of ranks have such.
    estimator = KSG() if algorithm == 1 else KSG(algorithm=2, margins=Standardized())
    value = estimator.estimate(x, y)
    order = rng.permutation(n)
    assert estimator.estimate(y, x) == pytest.approx(value, abs=1e-12)
    assert estimator.estimate(x[order], y[order]) == pytest.approx(value, abs=1e-12)
    assert estimator.estimate(-x, y[:, ::-1]) == pytest.approx(value, abs=1e-12)


def test_translation_invariant():
    x, y = gaussian(300, 0.6, np.random.default_rng(3), 2)
    assert KSG().estimate(x + 2.0**20, y) == pytest.approx(KSG().estimate(x, y), abs=1e-2)


def test_a_constant_column_among_others_changes_nothing():
    x, y = gaussian(300, 0.6, np.random.default_rng(4))
    assert KSG().estimate(np.hstack([x, np.full_like(x, 5)]), y) == KSG().estimate(x, y)


def test_copied_rows_are_refused():
    x, y = gaussian(200, 0.75, np.random.default_rng(5))
    with pytest.raises(DuplicateSamplesError, match=r"x and y: .* got 200 of 300 with an exact copy"):
        KSG().estimate(np.concatenate([x, x[:100]]), np.concatenate([y, y[:100]]))
    with pytest.raises(DuplicateSamplesError, match=r"jitter=.*DiscreteContinuousMixture.*use Binned"):
        KSG().estimate(np.round(2 * x) / 2, np.round(2 * y) / 2)


@pytest.mark.parametrize("scale", [1.0, 1e-12, 1e6])
def test_jitter_parts_rounded_values_is_seeded_and_said(scale):
    # At n = 2000 a sample's neighbours lie about 0.05 sd away: steps of 0.01 sd lose little, and some pairs recur.
    x, y = (scale * values for values in gaussian(2000, 0.75, np.random.default_rng(6)))
    step = 0.01 * scale
    rounded_x, rounded_y = np.round(x / step) * step, np.round(y / step) * step
    with pytest.raises(DuplicateSamplesError):
        KSG().estimate(rounded_x, rounded_y)
    jittered = KSG(jitter=1e-10)
    terms, notes, *_ = jittered.local_terms(rounded_x, rounded_y, rng=1)
    assert notes == ("jitter of 1e-10 standard deviations",)
    assert terms.mean() == pytest.approx(KSG().estimate(x, y), abs=0.05)
    assert jittered.estimate(rounded_x, rounded_y, rng=1) == terms.mean()
    assert jittered.estimate(rounded_x, rounded_y, rng=2) != terms.mean()
    assert KSG().local_terms(x, y).notes == ()


@pytest.mark.parametrize("estimator", [KSG(), KSG(algorithm=2), KSG(metric="euclidean"), KSG(jitter=1e-3)])
@pytest.mark.parametrize("dim", [1, 2])
def test_permuted_estimates_are_those_of_permuted_samples(estimator, dim):
    rng = np.random.default_rng(7)
    x, y = gaussian(150, 0.7, rng, dim)
    rows = np.array([rng.permutation(150) for _ in range(4)])
    values = estimator.permuted_estimates(x, y, rows)
    if estimator.jitter:  # drawn once and then permuted
        assert values == pytest.approx([KSG().estimate(x, y[row]) for row in rows], abs=0.05)
        np.testing.assert_array_equal(values, estimator.permuted_estimates(x, y, rows))
    else:
        assert values == pytest.approx([estimator.estimate(x, y[row]) for row in rows], abs=1e-12)
    with pytest.raises(InvalidInputError, match="rows: must each be a permutation"):
        estimator.permuted_estimates(x, y, np.zeros((1, 150), dtype=int))


def conditional_by_definition(x, y, z, k, metric):
    """Equation 6 of Frenzel and Pompe (2007), written out."""
    n = len(x)
    total = 0.0
    for i in range(n):
        others = np.arange(n) != i
        dx, dy, dz = (NORMS[metric](each[others] - each[i]) for each in (x, y, z))
        radius = np.sort(np.maximum(np.maximum(dx, dy), dz))[k - 1]
        total += digamma((np.maximum(dx, dz) < radius).sum() + 1) + digamma((np.maximum(dy, dz) < radius).sum() + 1)
        total -= digamma((dz < radius).sum() + 1)
    return digamma(k) - total / n


@pytest.mark.parametrize("dims", [(1, 1, 1), (2, 1, 3)])
@pytest.mark.parametrize("metric", ["max", "euclidean"])
def test_conditional_equals_the_definition(dims, metric):
    rng = np.random.default_rng(8)
    x, y, z = (rng.normal(size=(90, dim)) for dim in dims)
    terms = KSG(metric=metric, margins=AsMeasured()).conditional_pointwise(x, y, z)
    assert terms.mean() == pytest.approx(conditional_by_definition(x, y, z, 3, metric), abs=1e-12)


@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_conditional_gaussian_truth(rho):
    # Given z, x and y correlate by rho. 20 samples of n = 1000: sd of the mean below 0.01, bias below 0.03.
    rng = np.random.default_rng(9)
    values = []
    for _ in range(20):
        z = rng.normal(size=1000)
        x, y = gaussian(1000, rho, rng)
        values.append(KSG().conditional_pointwise(x[:, 0] + z, y[:, 0] - z, z).mean())
    assert np.mean(values) == pytest.approx(-0.5 * np.log(1 - rho**2), abs=0.05)


def test_bad_input():
    x, y = gaussian(20, 0.5, np.random.default_rng(6))
    with pytest.raises(TooFewSamplesError, match="at least 4; got 3"):
        KSG(k=3).estimate(x[:3], y[:3])
    with pytest.raises(ConstantInputError, match="y: must vary"):
        KSG().estimate(x, np.ones(20))
    with pytest.raises(ConstantInputError, match="z: must vary"):
        KSG().conditional_pointwise(x, y, np.ones(20))
    with pytest.raises(DuplicateSamplesError, match="x, y and z"):
        KSG().conditional_pointwise(*(np.tile(each, (2, 1)) for each in (x, y, x)))
    with pytest.raises(InvalidInputError, match="groups"):
        KSG().estimate(x, y, groups=[0, 1])
    with pytest.raises(InvalidInputError, match="algorithm: must be 1 for conditional information; got 2"):
        KSG(algorithm=2).conditional_pointwise(x, y, x)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k: must be an integer of at least 1; got 0"),
        ({"algorithm": 3}, "algorithm: must be 1 or 2; got 3"),
        ({"metric": "manhattan"}, "metric: must be one of max, euclidean; got 'manhattan'"),
        ({"jitter": -1}, "jitter: must be a finite number of at least 0; got -1"),
        ({"jitter": np.nan}, "jitter: must be a finite number"),
    ],
)
def test_bad_parameters(arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        KSG(**arguments)
