"""The result of an ablation test stands in the results frame, with its numbers."""

import numpy as np

from attnstats.ablation import ablation_test
from attnstats.frame import read_frame, to_frame, write_frame
from attnstats.studies._ablation_rows import ablation_result_rows

VALUES = np.random.default_rng(0).normal([[0.34], [0.25]], 0.02, size=(2, 8))


def test_a_difference_and_its_equivalence_are_two_rows(tmp_path):
    result = ablation_test(VALUES[0], VALUES[1], margin=0.05, ablation="uniform", outcome="tau_b")
    frame = to_frame(ablation_result_rows(result))
    first, second = frame.itertuples()
    assert (first.value, first.ci_low, first.pvalue) == (result.effect, result.interval.low, result.difference.pvalue)
    assert (second.alternative, second.pvalue) == ("equivalence", result.equivalence.pvalue)
    assert first.ablation == second.ablation == "uniform"
    assert first.n_seeds == second.n_seeds == 8
    write_frame(frame, tmp_path / "frame.csv")
    assert read_frame(tmp_path / "frame.csv").equals(frame)


def test_without_a_margin_there_is_one_row():
    (row,) = ablation_result_rows(ablation_test(VALUES[0], VALUES[1], outcome="tau_b"))
    assert row.parameters == '{"null_value": 0.0, "outcome": "tau_b"}'
