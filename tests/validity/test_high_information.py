"""A seeded slice of the simulation of much information agrees with its table, and the table says what the docs do."""

import numpy as np
import pytest
from scipy.stats import lomax

from tests.validity.tables import committed_table, script


@pytest.fixture
def module():
    return script("high_information")


@pytest.fixture
def committed():
    return committed_table("high_information")


def test_the_information_of_a_gamma_and_an_exponential_is_the_mean_of_its_local_terms(module):
    truth, sample = module.gamma_exponential(1.0)
    log_x, log_y = (each[:, 0] for each in sample(np.random.default_rng(0), 200_000))
    x, y, shape = np.exp(log_x), np.exp(log_y), 0.3164  # solves psi(shape + 1) - log(shape) = 1
    assert x.mean() == pytest.approx(shape, rel=0.02)
    conditional = log_x - x * y
    marginal = lomax(shape).logpdf(y)
    assert (conditional - marginal).mean() == pytest.approx(truth, abs=0.02)


def test_the_docs_say_what_the_table_does(committed):
    level = committed["truth"].round().astype(int)
    means = committed.groupby(["estimator", level])["mean_abs_error"].mean().round(3)
    assert means["BestBound()"].tolist() == [0.087, 0.145, 0.322]
    assert means["KSG(k=1)"].tolist() == [0.069, 0.123, 0.242]
    others = committed[(committed["law"] != "uniform noise, 3 + 3 columns") & (committed["estimator"] == "BestBound()")]
    assert others.groupby(level)["mean_abs_error"].mean().round(3).tolist() == [0.014, 0.025, 0.143]


@pytest.mark.slow
def test_a_slice_agrees_with_the_table(module, committed):
    table = module.simulate(n_simulations=1, truths=(4.0,), rng=1)
    both = table.merge(committed, on=["law", "truth", "estimator"], suffixes=("", "_committed"))
    assert len(both) == len(module.LAWS) * len(module.ESTIMATORS)
    for row in both.itertuples():
        spread = max(row.mc_error_committed * np.sqrt(row.n_simulations_committed), 0.02)
        assert row.bias == pytest.approx(row.bias_committed, abs=5 * spread), row
