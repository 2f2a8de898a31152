"""Every result of a comparison or an ablation stands in the results frame, with its numbers."""

import inspect
import json

import numpy as np
import pytest

from attnstats import comparison
from attnstats.ablation import ablation_test
from attnstats.comparison import (
    compare_with_best,
    estimate_effect,
    intraclass_correlation,
    meta_analysis,
    nemenyi_test,
    paired_family_test,
    partial_conjunction_test,
    simultaneous_rank_intervals,
    variance_components,
)
from attnstats.frame import read_frame, to_frame, write_frame
from attnstats.studies import result_rows

#: Plans of a study to come: they are no results.
PLANS = {"SampleSizePlan", "SimulatedPower"}

VALUES = np.random.default_rng(0).normal([[0.34], [0.25], [0.33]], 0.02, size=(3, 8))
RESULTS = [
    compare_with_best(VALUES, rng=0),
    estimate_effect(VALUES[0], VALUES[1]),
    intraclass_correlation(VALUES.T.ravel(), clusters=np.repeat(np.arange(8), 3)),
    meta_analysis([0.1, 0.3, 0.2], [0.01, 0.02, 0.01]),
    nemenyi_test(VALUES),
    paired_family_test(VALUES.T),
    partial_conjunction_test([0.01, 0.02, 0.3]),
    simultaneous_rank_intervals(VALUES, rng=0),
    variance_components(VALUES.T),
]


def test_every_result_is_tried():
    members = [getattr(comparison, name) for name in comparison.__all__]
    classes = {member.__name__ for member in members if inspect.isclass(member) and hasattr(member, "summary")}
    assert classes - PLANS == {type(result).__name__ for result in RESULTS}


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: type(result).__name__)
def test_stands_in_a_frame_that_can_be_written(result, tmp_path):
    frame = to_frame(result_rows(result))
    assert len(frame) == len(result_rows(result)) > 0
    assert frame["value"].notna().all()
    write_frame(frame, tmp_path / "frame.csv")
    assert read_frame(tmp_path / "frame.csv").equals(frame)


def test_the_numbers_are_those_of_the_result():
    best, ranks, holds = RESULTS[0], RESULTS[7], RESULTS[6]
    leads, places = to_frame(result_rows(best)), to_frame(result_rows(ranks))
    assert tuple(leads["value"]) == best.leads
    assert [(row.ci_low, row.ci_high) for row in leads.itertuples()] == [
        (each.low, each.high) for each in best.intervals
    ]
    assert (tuple(places["ci_low"]), tuple(places["ci_high"])) == (ranks.low, ranks.high)
    frame = to_frame(result_rows(holds))
    assert tuple(frame["pvalue"]) == holds.pvalues
    assert [json.loads(each)["at_least"] for each in frame["parameters"]] == [1, 2, 3]


def test_a_family_has_its_correction_and_adjusted_pvalues():
    frame = to_frame(result_rows(RESULTS[5]))
    assert frame["pvalue_adjusted"].tolist() == list(RESULTS[5].pvalues_adjusted)
    assert set(frame["correction"]) == {"max_t"}


def test_what_is_no_result_is_refused():
    with pytest.raises(TypeError, match="result: must be a result of a comparison or an ablation; got 3"):
        result_rows(3)


def test_a_difference_and_its_equivalence_are_two_rows(tmp_path):
    result = ablation_test(VALUES[0], VALUES[1], margin=0.05, ablation="uniform", outcome="tau_b")
    frame = to_frame(result_rows(result))
    first, second = frame.itertuples()
    assert (first.value, first.ci_low, first.pvalue) == (result.effect, result.interval.low, result.difference.pvalue)
    assert (second.alternative, second.pvalue) == ("equivalence", result.equivalence.pvalue)
    assert first.ablation == second.ablation == "uniform"
    assert first.n_seeds == second.n_seeds == 8
    write_frame(frame, tmp_path / "frame.csv")
    assert read_frame(tmp_path / "frame.csv").equals(frame)


def test_without_a_margin_there_is_one_row():
    (row,) = result_rows(ablation_test(VALUES[0], VALUES[1], outcome="tau_b"))
    assert row.parameters == '{"null_value": 0.0, "outcome": "tau_b"}'
