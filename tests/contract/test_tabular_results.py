"""Every result of an ablation stands in the results frame, with its numbers."""

import numpy as np

from attnstats.ablation import ablation_test
from attnstats.frame import Tabular, read_frame, to_frame, write_frame

VALUES = np.random.default_rng(0).normal([[0.34], [0.25]], 0.02, size=(2, 8))
RESULTS = [ablation_test(VALUES[0], VALUES[1], margin=0.05, ablation="uniform", outcome="tau_b")]


def test_stands_in_a_frame_that_can_be_written(tmp_path):
    (result,) = RESULTS
    assert isinstance(result, Tabular)
    frame = to_frame(RESULTS)
    assert len(frame) == len(result.rows()) > 0
    assert frame["value"].notna().all()
    write_frame(frame, tmp_path / "frame.csv")
    assert read_frame(tmp_path / "frame.csv").equals(frame)


def test_a_difference_and_its_equivalence_are_two_rows():
    result = RESULTS[0]
    first, second = to_frame([result]).itertuples()
    assert (first.value, first.ci_low, first.pvalue) == (result.effect, result.interval.low, result.difference.pvalue)
    assert (second.alternative, second.pvalue) == ("equivalence", result.equivalence.pvalue)
    assert first.ablation == second.ablation == "uniform"
