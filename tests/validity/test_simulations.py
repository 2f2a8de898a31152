"""A seeded slice of each simulation under analysis/validity agrees with its committed table."""

import importlib
import math
from pathlib import Path

import pandas as pd
import pytest

SCRIPTS = Path(__file__).parents[2] / "analysis" / "validity"
N_SIMULATIONS = 200


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module


def tolerance(rate):
    """Four standard errors of a rate over the slice; at least that of a rate of 1 %."""
    spread = max(rate * (1 - rate), 0.01 * 0.99)
    return 4 * math.sqrt(spread / N_SIMULATIONS)


def check_against_committed(slice_, name):
    keys = [column for column in slice_.columns if column not in ("rate", "mc_error", "n_simulations", "nominal")]
    committed = pd.read_csv(SCRIPTS / "results" / f"{name}.csv")
    both = slice_.merge(committed, on=keys, suffixes=("", "_committed"))
    assert len(both) == len(slice_) > 0
    for row in both.itertuples():
        assert row.rate == pytest.approx(row.rate_committed, abs=tolerance(row.rate_committed)), row
    return both.set_index(keys)["rate"]


def test_crossed_interval_covers_where_t_over_seeds_does_not(script):
    table = script("coverage_crossed").simulate(
        n_simulations=N_SIMULATIONS, n_seeds=(8,), n_examples=(50,), components=("mostly seed", "mostly example"), rng=1
    )
    rate = check_against_committed(table, "coverage_crossed")
    assert rate["mostly example", 8, 50, "crossed percentile bootstrap"] == pytest.approx(0.95, abs=tolerance(0.95))
    assert rate["mostly example", 8, 50, "t over seeds"] < 0.6  # it speaks of the same examples alone


def test_half_sampling_covers(script):
    table = script("coverage_half_sampling").simulate(
        n_simulations=N_SIMULATIONS, n=(100,), distributions=("normal",), rng=1
    )
    rate = check_against_committed(table, "coverage_half_sampling")
    assert rate.to_numpy() == pytest.approx([0.95, 0.95], abs=tolerance(0.95))


def test_tests_keep_their_level(script):
    module = script("type_one_error")
    trials = [trial for trial in module.trials() if trial[0]["n_seeds"] == 8 and "normal" in trial[0]["null"]]
    trials += [trial for trial in module.trials() if trial[0]["null"].startswith(("family", "target tied with 1"))]
    trials += [
        trial
        for trial in module.trials()
        if trial[0]["null"].startswith("no interaction, 1 blocks, 5 rows, noise 1 to 1")
    ]
    table = script("simulation").rates(trials, n_simulations=N_SIMULATIONS, rng=1)
    rate = check_against_committed(table, "type_one_error")
    uncorrected = rate.xs("any rejected, uncorrected", level="procedure").item()
    assert uncorrected > rate.xs("any rejected, Holm", level="procedure").item()
    assert rate.drop("any rejected, uncorrected", level="procedure").max() <= 0.05 + tolerance(0.05)
