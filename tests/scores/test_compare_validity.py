"""A seeded slice of the simulations of the whole call, whose bounds would fail if a level of .05 were .10."""

from __future__ import annotations

import math

import pytest

from tests.validity.tables import committed_table, script

N_SIMULATIONS = 300
#: Of each kind of analysis one that is quick: crossed, t over runs, proportions, clusters.
SETTINGS = (
    "5 runs × 50 examples, both vary",
    "5 runs alone, runs vary",
    "200 examples alone, right at a rate of 0.5",
    "40 texts of 5 examples, texts vary",
)


@pytest.fixture(scope="module")
def table():
    module = script("compare")
    chosen = [design for design in script("settings").settings() if design.setting in SETTINGS]
    assert len(chosen) == len(SETTINGS)
    return module.simulate(n_simulations=N_SIMULATIONS, chosen=chosen, rng=1, with_slow=False)


def rates_of(table, procedure):
    analyses = ["CrossedAnova", "PairedT", "PairedProportions", "ClusterRobust"]
    rates = table[(table["procedure"] == procedure) & table["estimator"].isin(analyses)].set_index("setting")["rate"]
    assert len(rates) == len(SETTINGS)
    return rates


@pytest.mark.slow
def test_the_analysis_is_always_the_same(table):
    assert (rates_of(table, "was chosen") == 1).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "procedure",
    ["first difference, p", "interval of the first difference misses", "interval of a mean misses",
     "equivalent at the margin", "interval of the effect misses"],
)  # fmt: skip
def test_the_level_is_kept(table, procedure):
    together = rates_of(table, procedure).mean()
    error = math.sqrt(0.05 * 0.95 / (N_SIMULATIONS * len(SETTINGS)))
    assert abs(together - 0.05) < 3 * error < 0.02  # .10 would be eight errors away


@pytest.mark.slow
def test_the_effect_is_found_more_often_than_not(table):
    assert rates_of(table, "the effect is found").min() > 0.5


@pytest.mark.slow
def test_the_slice_agrees_with_the_committed_table(table):
    keys = ["estimator", "setting", "procedure"]
    both = table.merge(committed_table("compare"), on=keys, suffixes=("", "_committed"))
    assert len(both) == len(table)
    for row in both.itertuples():
        rate = (row.rate * row.n_simulations + row.rate_committed * row.n_simulations_committed) / (
            row.n_simulations + row.n_simulations_committed
        )
        spread = max(rate * (1 - rate), 0.01 * 0.99) * (1 / row.n_simulations + 1 / row.n_simulations_committed)
        assert abs(row.rate - row.rate_committed) <= 4 * math.sqrt(spread), row


@pytest.mark.slow
def test_going_on_gives_what_one_run_gives(monkeypatch):
    module = script("compare")
    monkeypatch.setattr(module, "CHUNK", 50)
    (design,) = [each for each in script("settings").settings() if each.setting == SETTINGS[1]]
    whole = module.simulate(n_simulations=2 * module.CHUNK, chosen=[design], rng=1, with_slow=False)
    first = module.simulate(n_simulations=module.CHUNK, chosen=[design], rng=1, with_slow=False)
    rest = module._chunk(module.CompareTrial(design), 1, module.CHUNK, 1, None)
    again = module._joined(first, rest)
    assert again["rate"].to_list() == pytest.approx(whole["rate"].to_list(), abs=1e-4)
    assert again["n_simulations"].to_list() == whole["n_simulations"].to_list()
