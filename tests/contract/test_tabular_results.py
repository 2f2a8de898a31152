"""Every result of a comparison stands in the results frame, with its numbers."""

import inspect
import json

import numpy as np
import pytest

from attnstats import comparison
from attnstats.comparison import (
    compare_with_best,
    estimate_effect,
    meta_analysis,
    nemenyi_test,
    paired_family_test,
    partial_conjunction_test,
    simultaneous_rank_intervals,
)
from attnstats.frame import Tabular, read_frame, to_frame, write_frame

#: Plans of a study to come: they are no results.
PLANS = {"SeedPlan", "SimulatedPower"}

RNG = np.random.default_rng(0)
VALUES = RNG.normal([[0.34], [0.25], [0.33]], 0.02, size=(3, 8))
RESULTS = [
    compare_with_best(VALUES, rng=0),
    estimate_effect(VALUES[0], VALUES[1]),
    meta_analysis([0.1, 0.3, 0.2], [0.01, 0.02, 0.01]),
    nemenyi_test(VALUES),
    paired_family_test(VALUES.T),
    partial_conjunction_test([0.01, 0.02, 0.3]),
    simultaneous_rank_intervals(VALUES, rng=0),
]


def test_every_result_is_tried():
    classes = {
        member.__name__
        for name in comparison.__all__
        if inspect.isclass(member := getattr(comparison, name)) and hasattr(member, "summary")
    }
    assert classes - PLANS == {type(result).__name__ for result in RESULTS}


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: type(result).__name__)
def test_stands_in_a_frame_that_can_be_written(result, tmp_path):
    assert isinstance(result, Tabular)
    frame = to_frame([result])
    assert len(frame) == len(result.rows()) > 0
    assert frame["value"].notna().all()
    write_frame(frame, tmp_path / "frame.csv")
    assert read_frame(tmp_path / "frame.csv").equals(frame)


def test_the_numbers_are_those_of_the_result():
    best, ranks = RESULTS[0], RESULTS[-1]
    frame = to_frame([best, ranks, RESULTS[5]])
    leads, places = (frame[frame["quantity"] == name] for name in ("lead", "rank"))
    assert tuple(leads["value"]) == best.leads
    assert [(row.ci_low, row.ci_high) for row in leads.itertuples()] == [
        (each.low, each.high) for each in best.intervals
    ]
    assert (tuple(places["ci_low"]), tuple(places["ci_high"])) == (ranks.low, ranks.high)
    holds = frame[frame["quantity"] == "partial_conjunction"]
    assert tuple(holds["pvalue"]) == RESULTS[5].pvalues
    assert [json.loads(each)["at_least"] for each in holds["parameters"]] == [1, 2, 3]
