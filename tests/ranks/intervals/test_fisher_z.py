"""Intervals of tau and rho: variances against the definitions, coverage, and what they refuse."""

import itertools

import numpy as np
import pytest
from scipy import special, stats

from attnstats import ranks
from attnstats.exceptions import InvalidInputError, TooFewSamplesError, UnreliableEstimateWarning
from attnstats.ranks import Fieller, JackknifeInterval, goodman_kruskal_gamma, kendall, somers_d, spearman
from attnstats.ranks._kernels import ordered
from attnstats.ranks._partner_kernels import partner_moments
from attnstats.ranks.coefficients._kendall import TAU_A, TAU_B
from attnstats.ranks.coefficients._kendall_s import OrdinalAssociation, PartnerMoments
from attnstats.ranks.coefficients.goodman_kruskal import GAMMA
from attnstats.ranks.coefficients.somers import SOMERS_D
from attnstats.resampling import BCa


def variances(coefficient, rows):
    return coefficient.variances(PartnerMoments(len(rows), *partner_moments(*ordered(*rows.T.copy()))))


def test_jackknife_variance_of_tau_a_is_that_of_leaving_out():
    x, y = np.random.default_rng(3).integers(0, 6, (2, 15)).astype(float)
    left_out = [kendall(np.delete(x, i), np.delete(y, i), variant="a", exact=False).effect for i in range(15)]
    jackknife, _ = variances(TAU_A, np.column_stack([x, y]))
    assert jackknife == pytest.approx(14 / 15 * ((left_out - np.mean(left_out)) ** 2).sum())


@pytest.mark.parametrize("coefficient", [TAU_B, SOMERS_D, GAMMA], ids=lambda each: each.name)
def test_jackknife_variance_of_ratios_is_near_that_of_leaving_out(coefficient: OrdinalAssociation):
    """To first order only: within 3 % at n = 200."""
    x, y = np.random.default_rng(4).normal(size=(2, 200))
    rows = np.column_stack([x, x + y]).round()
    left_out = [coefficient(np.delete(rows, i, axis=0)) for i in range(200)]
    jackknife, deflated = variances(coefficient, rows)
    assert jackknife == pytest.approx(199 / 200 * ((left_out - np.mean(left_out)) ** 2).sum(), rel=0.03)
    assert deflated < jackknife


def test_both_variances_enclose_the_true_one():
    """Over all samples of 7 from 3 points with replacement; their mixture is off by 6 % on average."""
    population = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 1.0]])
    samples = [population[list(each)] for each in itertools.product(range(3), repeat=7)]
    varied = [rows for rows in samples if (rows != rows[0]).any()]
    constant = [0.0] * (len(samples) - len(varied))
    signs = [np.sign(rows[:, np.newaxis] - rows).prod(axis=2).sum() / 42 for rows in samples]
    jackknife, deflated = np.array([variances(TAU_A, rows) for rows in varied] + [(each, each) for each in constant]).T
    assert deflated.mean() < np.var(signs) < jackknife.mean()
    assert (0.6 * jackknife + 0.4 * deflated).mean() == pytest.approx(np.var(signs), rel=0.07)


def test_interval_is_fishers_with_the_weighted_variance():
    x, y = np.random.default_rng(3).normal(size=(2, 15))
    result = kendall(x, y, variant="a", interval=JackknifeInterval())
    jackknife, deflated = variances(TAU_A, np.column_stack([x, y]))
    half = stats.t.isf(0.05, 14) * np.sqrt(0.6 * jackknife + 0.4 * deflated) / (1 - result.effect**2)
    z = np.arctanh(result.effect)
    interval = result.interval(0.9)
    assert np.arctanh([interval.low, interval.high]) == pytest.approx([z - half, z + half])


def test_interval_of_tau_a_stays_within_what_ties_allow():
    x, y = np.repeat([0.0, 1.0], 8), np.array([0.0] * 7 + [1.0] * 9)
    largest = np.sqrt(64 * 63) / 120
    assert kendall(x, y, variant="a").interval(0.999).high < largest


def test_fieller_is_the_printed_formula():
    x, y = np.random.default_rng(0).normal(size=(2, 40))
    for result, variance in (
        (kendall(x, y, interval=Fieller()), 0.437 / 36),
        (spearman(x, y, interval=Fieller()), 1.06 / 37),
    ):
        interval, z = result.interval(0.9), np.arctanh(result.effect)
        half = stats.norm.isf(0.05) * np.sqrt(variance)
        assert np.arctanh([interval.low, interval.high]) == pytest.approx([z - half, z + half])


def test_fieller_warns_of_ties_and_refuses_small_samples():
    x = np.arange(10) // 2
    with pytest.warns(UnreliableEstimateWarning, match="without ties"):
        kendall(x, x[[1, 0, 5, 3, 2, 4, 6, 9, 7, 8]], interval=Fieller())
    result = kendall([1, 2, 3, 4], [1, 3, 2, 4], interval=Fieller())
    assert result.confidence_interval is None
    with pytest.raises(InvalidInputError, match="at least 5 samples and tau-b other than 1 and -1; got n = 4"):
        result.interval()


def test_jackknife_of_rho_is_that_of_leaving_out():
    x, y = np.random.default_rng(8).integers(0, 9, (2, 20)).astype(float)
    result = spearman(x, y, interval=JackknifeInterval())
    left_out = [stats.spearmanr(np.delete(x, i), np.delete(y, i)).statistic for i in range(20)]
    error = np.sqrt(19 / 20 * ((left_out - np.mean(left_out)) ** 2).sum()) / (1 - result.effect**2)
    z, half = np.arctanh(result.effect), stats.t.isf(0.025, 19) * error
    interval = result.interval()
    assert np.arctanh([interval.low, interval.high]) == pytest.approx([z - half, z + half])
    with pytest.raises(TooFewSamplesError, match="for a jackknife: must be at least 4; got 3"):
        spearman([1, 2, 3], [1, 3, 2], interval=JackknifeInterval())


def test_bca_is_that_of_the_bootstrap_of_pairs():
    x, y = np.random.default_rng(8).normal(size=(2, 40))
    interval = kendall(x, x + y, interval=BCa(999), rng=1).interval()
    reference = stats.bootstrap(
        (x, x + y), lambda a, b: stats.kendalltau(a, b).statistic, paired=True, vectorized=False, n_resamples=999, rng=0
    ).confidence_interval
    # The Monte Carlo error of either end is 0.013.
    assert (interval.low, interval.high) == pytest.approx((reference.low, reference.high), abs=0.06)
    assert interval.n_resamples == 999


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.UndercoverageWarning")
def test_bootstrap_without_a_value_on_a_resample_is_refused():
    with pytest.raises(InvalidInputError, match="must be finite"):
        goodman_kruskal_gamma([0] * 7 + [1], [0] * 3 + [1] * 5, interval=BCa(199), rng=0)


def test_intervals_narrow_as_samples_grow_and_find_the_truth():
    """Population values of a normal with correlation 0.5: tau 1/3, rho 6/π asin 1/4; n = 4000, 5 standard errors."""
    x, noise = np.random.default_rng(11).normal(size=(2, 4000))
    y = 0.5 * x + np.sqrt(0.75) * noise
    truth = {somers_d: 1 / 3, goodman_kruskal_gamma: 1 / 3, kendall: 1 / 3, spearman: 6 / np.pi * np.arcsin(0.25)}
    for function, value in truth.items():
        interval = function(x, y).interval(2 * special.ndtr(5) - 1)
        assert value in interval
        assert interval.high - interval.low < 0.15


def test_the_former_name_of_the_jackknife_warns_and_works():
    with pytest.warns(DeprecationWarning, match=r"attnstats\.ranks\.Jackknife is now JackknifeInterval"):
        former = ranks.Jackknife
    assert former is JackknifeInterval


@pytest.mark.parametrize("classes", [[1, 1, 1, 0, 0], [0, 0, 1, 1, 0, 1], [0, 1, 0, 1, 2, 2, 1]])
def test_interval_of_tau_c_stays_within_one(classes):
    interval = kendall(np.arange(len(classes)), classes, variant="c").interval(0.99)
    assert -1 <= interval.low < interval.high <= 1
