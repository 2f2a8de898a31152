"""Whole numbers and rounded measurements: ties in a marginal, against noise that parts them and against the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma
from scipy.stats import norm

from attnstats import conditional_mutual_information, mutual_information
from attnstats.information import (
    KSG,
    AsMeasured,
    DiscreteContinuousMixture,
    LocalNonuniformity,
    NormalScores,
    Ross,
    Standardized,
    UniformRanks,
)
from attnstats.information.knn._tie_kernels import place_psi
from attnstats.information.knn._ties import psi_table
from attnstats.resampling import Permutation

MARGINS = [AsMeasured(), Standardized(), NormalScores(), UniformRanks()]


@settings(max_examples=200, deadline=None)
@given(base=st.integers(0, 50), total=st.integers(1, 60), data=st.data())
def test_mean_of_psi_over_places_is_that_of_the_negative_hypergeometric_distribution(base, total, data, place_mean):
    marked = data.draw(st.integers(1, total))
    order = data.draw(st.integers(1, marked))
    found = place_psi(psi_table(120), base, total, marked, order)
    assert found == pytest.approx(place_mean(base, total, marked, order), abs=1e-12)


def test_psi_of_the_place_by_enumeration():
    # Two of three marked, the first of them: at place 1 in 2 of 3 orders, at place 2 in the third.
    expected = (2 * digamma(4 + 1) + digamma(4 + 2)) / 3
    assert place_psi(psi_table(10), 4, 3, 2, 1) == pytest.approx(expected, abs=1e-14)


def noisy(column, rng):
    """All distances, with noise too small to change the order of any two that differ; none of a sample to itself."""
    distances = np.abs(column[:, np.newaxis] - column) + 1e-9 * rng.random((len(column), len(column)))
    np.fill_diagonal(distances, np.inf)
    return distances


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", [1, 2])
def test_estimate_is_the_mean_over_noise_that_parts_ties(algorithm):
    # The published estimator (Kraskov et al. 2004, equations 8 and 9) on 3,000 draws of noisy distances.
    rng = np.random.default_rng(0)
    x = rng.integers(12, size=60).astype(float)
    y = 0.5 * x + 2 * rng.normal(size=60)
    terms = np.empty((3_000, 60))
    for row in terms:
        dx, dy = noisy(x, rng), noisy(y, rng)
        nearest = np.argsort(np.maximum(dx, dy), axis=1)[:, :3]
        if algorithm == 1:
            radius = np.take_along_axis(np.maximum(dx, dy), nearest[:, 2:], axis=1)
            counts = [(d < radius).sum(axis=1) + 1 for d in (dx, dy)]
        else:
            counts = [(d <= np.take_along_axis(d, nearest, axis=1).max(axis=1)[:, None]).sum(axis=1) for d in (dx, dy)]
        row[:] = digamma(3) + digamma(60) - digamma(counts[0]) - digamma(counts[1]) - (algorithm == 2) / 3
    # Of several neighbours at one distance algorithm 2 takes those that come first: so in many orders of the rows.
    orders = [rng.permutation(60) for _ in range(1 if algorithm == 1 else 3_000)]
    estimator = KSG(algorithm=algorithm, margins=AsMeasured())
    ours = np.array([estimator.pointwise(x[order], y[order])[np.argsort(order)] for order in orders])
    found = ours.mean(axis=0)
    error = np.sqrt((terms.var(axis=0) + ours.var(axis=0)) / len(terms))
    assert (np.abs(found - terms.mean(axis=0)) <= 5 * error + 1e-9).all()
    assert (error > 1e-3).mean() > 0.2  # there was something to part


def test_conditional_estimate_is_the_mean_over_noise_that_parts_ties():
    rng = np.random.default_rng(1)
    z = rng.integers(5, size=60).astype(float)
    x, y = 0.3 * z + rng.normal(size=(2, 60))
    terms = np.empty((3_000, 60))
    for row in terms:
        dx, dy, dz = (noisy(each, rng) for each in (x, y, z))
        radius = np.sort(np.max([dx, dy, dz], axis=0), axis=1)[:, 2:3]
        xz, yz, alone = ((d < radius).sum(axis=1) + 1 for d in (np.maximum(dx, dz), np.maximum(dy, dz), dz))
        row[:] = digamma(3) - digamma(xz) - digamma(yz) + digamma(alone)
    error = terms.std(axis=0) / np.sqrt(len(terms))
    found = KSG(margins=AsMeasured()).conditional_pointwise(x, y, z)
    assert (np.abs(found - terms.mean(axis=0)) <= 5 * error + 1e-9).all()


def information_of_whole_numbers(values, slope, sd):
    """I(X; Y) of X uniform on values and Y = slope X + sd N(0, 1), by quadrature of the entropy of Y."""
    grid = np.linspace(values.min() * slope - 8 * sd, values.max() * slope + 8 * sd, 20_001)
    density = norm.pdf(grid[:, np.newaxis], slope * values, sd).mean(axis=1)
    entropy = -np.trapezoid(density * np.log(np.where(density > 0, density, 1)), grid)
    return entropy - 0.5 * np.log(2 * np.pi * np.e * sd**2)


@pytest.mark.parametrize("margins", MARGINS)
@pytest.mark.parametrize("algorithm", [1, 2])
def test_whole_numbers_that_say_nothing(algorithm, margins):
    # Strict counts gave 0.25 nats here. The standard error of one estimate is about 0.006.
    rng = np.random.default_rng(0)
    x, y = rng.integers(240, size=20_000).astype(float), rng.normal(size=20_000)
    result = mutual_information(x, y, KSG(algorithm=algorithm, margins=margins))
    assert result.value == pytest.approx(0, abs=0.025)
    assert any("ties" in note for note in result.notes)


@pytest.mark.parametrize(
    "estimator", [KSG(), KSG(algorithm=2), KSG(k=5, metric="euclidean"), KSG(margins=AsMeasured())]
)
@pytest.mark.parametrize("n", [600, 5_000])
def test_age_and_blood_pressure(estimator, n):
    ages = np.arange(18, 80)
    truth = information_of_whole_numbers(ages, 0.8, 12)  # 0.437
    rng = np.random.default_rng(1)
    estimates = []
    for _ in range(8):
        age = rng.choice(ages, size=n)
        estimates.append(estimator.estimate(age, 0.8 * age + 12 * rng.normal(size=n)))
    # Strict counts gave 0.75 at n = 5,000. Four standard errors, and the estimator's own bias of .015.
    assert np.mean(estimates) == pytest.approx(truth, abs=4 * np.std(estimates) / np.sqrt(7) + 0.015)


@pytest.mark.parametrize("margins", [Standardized(), NormalScores()])
def test_mixture_of_whole_numbers_and_measurements(margins):
    ages = np.arange(18, 80)
    rng = np.random.default_rng(2)
    age = rng.choice(ages, size=5_000) + 0.5  # not whole, so numbers by any rule
    pressure = 0.8 * age + 12 * rng.normal(size=5_000)
    found = DiscreteContinuousMixture(margins=margins).estimate(age, pressure)
    assert found == pytest.approx(information_of_whole_numbers(ages, 0.8, 12), abs=0.04)


@pytest.mark.parametrize("estimator", [KSG(), DiscreteContinuousMixture()])
def test_conditional_independence_given_the_hour(estimator):
    rng = np.random.default_rng(3)
    values = []
    for _ in range(6):
        hour = rng.integers(24, size=1_000) + 0.5
        x, y = 0.3 * hour + rng.normal(size=(2, 1_000))
        values.append(conditional_mutual_information(x, y, hour, estimator, rng=0).value)
    # Strict counts gave 0.24. Within an hour nothing is left.
    assert np.mean(values) == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("levels", [2, 5, 24, 100])
@pytest.mark.parametrize("k", [1, 3, 10])
def test_ross_never_exceeds_the_entropy_of_the_classes(levels, k):
    rng = np.random.default_rng(levels)
    x = rng.integers(levels, size=400).astype(float)
    sizes = np.bincount(y := (x >= levels / 2).astype(int))
    entropy = digamma(400) - (sizes / 400) @ digamma(sizes)  # Grassberger (1988), unbiased up to exp(-n)
    terms = Ross(k=k).pointwise(x, y)
    assert (terms <= digamma(400) - digamma(sizes[y]) + 1e-12).all()
    assert terms.mean() == pytest.approx(entropy, abs=0.12 if levels > 24 else 0.05)  # x tells y


@pytest.mark.parametrize("kind", ["counts", "rounded"])
def test_ross_on_columns_with_ties(kind):
    # Truth by summation over the atoms of x given two equal classes.
    rng = np.random.default_rng(4)
    estimates = []
    for _ in range(10):
        y = rng.integers(2, size=1_000)
        x = rng.poisson(3 + 3 * y) if kind == "counts" else np.round(rng.normal(size=1_000) + 1.5 * y, 1)
        estimates.append(Ross().estimate(x, y))
    if kind == "counts":
        from scipy.stats import poisson

        chances = np.array([poisson.pmf(np.arange(60), 3), poisson.pmf(np.arange(60), 6)])
    else:
        edges = np.arange(-80, 100) / 10 - 0.05
        chances = np.array([np.diff(norm.cdf(edges)), np.diff(norm.cdf(edges - 1.5))])
    both = chances.mean(axis=0)
    truth = np.where(chances > 0, chances * np.log(np.where(chances > 0, chances / both, 1)), 0).sum() / 2
    assert np.mean(estimates) == pytest.approx(truth, abs=4 * np.std(estimates) / 3 + 0.01)


@pytest.mark.parametrize("estimator", [KSG(), KSG(algorithm=2), DiscreteContinuousMixture(), LocalNonuniformity()])
def test_a_count_of_days_is_no_trouble(estimator):
    # 1, 2, ..., n: nothing recurs, but every distance does, once on each side.
    rng = np.random.default_rng(5)
    values = [estimator.estimate(np.arange(1_000.0), rng.normal(size=1_000)) for _ in range(10)]
    assert np.mean(values) == pytest.approx(0, abs=4 * np.std(values) / 3 + 0.01)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), levels=st.integers(3, 30), margins=st.sampled_from(MARGINS))
def test_symmetric_in_any_order_with_ties(seed, levels, margins):
    rng = np.random.default_rng(seed)
    places = rng.permutation(levels * 30)[:80]  # no place twice
    x, y = (places % levels).astype(float), (places // levels).astype(float)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return
    estimator = KSG(margins=margins)
    value = estimator.estimate(x, y)
    order = rng.permutation(80)
    assert estimator.estimate(y, x) == pytest.approx(value, abs=1e-12)
    assert estimator.estimate(x[order], y[order]) == pytest.approx(value, abs=1e-12)
    assert estimator.estimate(-x, y) == pytest.approx(value, abs=1e-12)


def test_permuted_pairs_may_coincide_where_the_sample_does_not():
    # Each place of a 12 x 12 grid is taken once, so most permutations take some places twice.
    places = np.random.default_rng(6).permutation(144)[:100]
    x, y = (places % 12).astype(float), (places // 12).astype(float)
    result = mutual_information(x, y, KSG(), null=Permutation(99), rng=0)
    assert abs(result.null_floor) < 0.05
    assert result.pvalue > 0.01
    rows = np.array([np.random.default_rng(7).permutation(100) for _ in range(5)])
    expected = [DiscreteContinuousMixture().estimate(x + 0.5, (y + 0.5)[row]) for row in rows]
    shift = np.log(100) - digamma(100)
    np.testing.assert_allclose(KSG().permuted_estimates(x, y, rows) + shift, expected, atol=1e-12)
