"""A seeded slice of the simulation of ties agrees with its committed table, and the table says what the docs do."""

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from tests.validity.tables import committed_table, script

N_SIMULATIONS = 4


@pytest.fixture
def module():
    return script("copula_ties")


@pytest.fixture
def committed():
    return committed_table("copula_ties")


def test_the_truth_is_that_of_the_cells(module):
    truths = {cut.name: cut.truth(0.6) for cut in module.cuts()}
    same = 0.25 + math.asin(0.6) / (2 * math.pi)  # two normals of one sign (Sheppard 1899)
    assert truths["2 levels"] == pytest.approx(
        2 * same * math.log(4 * same) + (1 - 2 * same) * math.log(2 - 4 * same), abs=1e-6
    )
    edges = np.clip(module.cuts()[2].edges, -8, 8)
    bounds = np.concatenate([[-8], edges, [8]])
    below = multivariate_normal(cov=[[1, 0.6], [0.6, 1]]).cdf(np.stack(np.meshgrid(bounds, bounds), axis=-1))
    cells = np.diff(np.diff(below, axis=0), axis=1)
    assert truths["5 levels"] == pytest.approx((cells * np.log(cells / 0.2**2)).sum(), abs=1e-4)
    assert truths["1 digit"] < truths["2 digits"] < truths["as measured"] == pytest.approx(-math.log(0.64) / 2)


@pytest.mark.slow
def test_a_slice_agrees_with_the_table(module, committed):
    keys = ["columns", "rho", "n", "estimator"]
    table = module.simulate(n_simulations=N_SIMULATIONS, sizes=(300,), names=("2 levels", "5 levels", "1 digit"), rng=1)
    both = table[table["estimator"] != "BestBound"].merge(committed, on=keys, suffixes=("", "_committed"))
    assert len(both) == 18
    for row in both.itertuples():
        spread = row.mc_error_committed * math.sqrt(row.n_simulations_committed / N_SIMULATIONS)
        assert row.bias == pytest.approx(row.bias_committed, abs=max(5 * spread, 0.002)), row


def test_the_copulas_are_right_from_two_levels_to_none(committed):
    copulas = committed[committed["estimator"].isin(["GaussianCopula", "StudentCopula"])]
    assert len(copulas) == 2 * 2 * 2 * 12
    assert copulas["refused"].max() == 0
    assert copulas["bias"].abs().max() < 0.004  # the docs
    assert (copulas["bias"].abs() - 2 * copulas["mc_error"]).max() < 0.001
    best = committed[committed["estimator"] == "BestBound"]
    assert best["refused"].max() == 0
    assert best[best["n"] == 2000]["bias"].abs().max() < 0.02
