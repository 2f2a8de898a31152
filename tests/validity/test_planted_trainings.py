"""The table of planted information under each training, against means by hand."""

import math
import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

from attnstats.datasets import planted
from attnstats.exceptions import FewReplicatesWarning
from attnstats.frame import Row, encode_parameters, to_frame

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "analysis" / "planted_trainings.py"))
PLANTINGS = tuple(f"planted(n_texts=100, strengths={strengths})" for strengths in ((0.95, 0.65), (0.65, 0.95)))
CARRIED = sum(math.log(2) + p * math.log(p) + (1 - p) * math.log(1 - p) for p in (0.95, 0.65)) / 12
#: Lower and higher slope under the first planting: a preference for its strong word, which the second takes back.
PREFERENCE = 5.0


def rows_of(training, slope, *, skip=()):
    spread = np.arange(8) - 3.5
    rows = []
    for place, dataset in enumerate(PLANTINGS):
        for seed in range(8):
            if (place, seed) in skip:
                continue
            keys = {"dataset": dataset, "encoder": "mlp", "attention": "additive", "normalizer": "softmax"}
            keys |= {"training": training, "seed": seed, "ablation": "none"}
            value = slope + (PREFERENCE if place == 0 else -PREFERENCE) + spread[seed]
            rows.append(Row(quantity="known_slope", value=value, **keys))
            rows.append(Row(quantity="tau_b_known", value=0.5 + 0.01 * seed, **keys))
            rows.append(Row(quantity="tau_b_known", value=0.9, **{**keys, "ablation": "permuted"}))
            rows.append(Row(quantity="tau_b_known", value=0.9, **{**keys, "normalizer": "entmax15"}))
            rows.append(Row(quantity="tau_b_known", value=0.9, **{**keys, "dataset": "reviews"}))
            about = {"view": "position", "estimator": "Probe()"}
            for position in (1, 2):
                known = CARRIED + 0.01 * position + 0.001 * spread[seed]
                at = encode_parameters(position=position)
                rows.append(Row(quantity="mi", value=known, parameters=at, output="label", **about, **keys))
                rows.append(Row(quantity="mi", value=9.0, parameters=at, output="class", **about, **keys))
    return rows


def test_measures_are_means_over_plantings_with_intervals_over_seeds():
    table = SCRIPT["summarise"](to_frame([*rows_of("standard", 2.0), *rows_of("early", -3.0)]))
    assert list(table["training"].unique()) == ["standard", "early"]
    by = table.set_index(["training", "encoder", "attention", "measure"])
    half = t.ppf(0.975, 7) * np.std(np.arange(8), ddof=1) / math.sqrt(8)
    for training, slope in (("standard", 2.0), ("early", -3.0)):
        row = by.loc[training, "mlp", "additive", "slope"]
        assert row[["value", "ci_low", "ci_high"]].tolist() == pytest.approx([slope, slope - half, slope + half])
        assert row["n_seeds"] == 8
        assert by.loc[(training, "mlp", "additive", "attention"), "value"] == pytest.approx(0.535)
        assert by.loc[(training, "mlp", "additive", "MI by position"), "value"] == pytest.approx(0.015)
    page = SCRIPT["page"](table)
    assert "by training: standard, 0 of 1; early, 0 of 1. Seeds: 8." in page
    assert f"| standard | mlp | additive | 0.535 [0.515, 0.555] | 2.000 [{2 - half:.3f}, {2 + half:.3f}] |" in page


def test_a_seed_that_lacks_one_planting_is_left_out():
    with pytest.warns(FewReplicatesWarning, match="got 7"):
        table = SCRIPT["summarise"](to_frame(rows_of("standard", 9.0, skip=[(1, 0)])))
    slope = table.set_index("measure").loc["slope"]
    assert slope["n_seeds"] == 7
    assert slope["value"] == pytest.approx(9.5)  # without the lowest of eight
    assert "standard, 1 of 1. Seeds: 7." in SCRIPT["page"](table)


def test_an_older_frame_has_no_trainings():
    frame = to_frame(rows_of(None, 2.0))
    assert set(SCRIPT["summarise"](frame)["training"]) == {"–"}


def test_the_ceiling_is_that_of_an_order_without_ties():
    # Of 66 pairs of 12 words 45 are of two fillers; the others are 2 x 10 of a signal and a filler, and one of signals.
    assert SCRIPT["ceiling"](planted(20, strengths=(0.9, 0.6))) == pytest.approx(math.sqrt(21 / 66))
    assert SCRIPT["ceiling"](planted(20, strengths=(0.9, 0.9))) == pytest.approx(math.sqrt(20 / 66))
