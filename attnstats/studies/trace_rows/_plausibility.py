"""Agreement of attention, information and attributions with the tokens that people marked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from attnstats._validation import RealArray
from attnstats.datasets import HumanMarks
from attnstats.frame import encode_parameters
from attnstats.plausibility import AveragePrecision, Measure, RankCorrelation
from attnstats.plausibility._agreement import agreement_values, check_arguments, slot_means
from attnstats.studies.trace_rows._measures import RowsAndOutcomes, mean_row
from attnstats.trace import AttentionTrace

#: By the name of the outcome of each example: the measure of the literature, and one that counts who marked a token.
MEASURES: dict[str, Measure] = {"plausibility": AveragePrecision(), "plausibility_tau_b": RankCorrelation()}


def plausibility_rows(
    trace: AttentionTrace, marks: HumanMarks, explanations: Mapping[str, RealArray]
) -> RowsAndOutcomes:
    """Return rows of the mean agreement of each explanation with people, and that of each example.

    Scores are taken with their sign: a token that speaks against the predicted class explains it least.
    """
    tokens = None if trace.token_codes is None else [trace.tokens(place) for place in range(trace.n_examples)]
    rows, columns = [], {}
    for name, scores in explanations.items():
        for outcome, measure in MEASURES.items():
            reference = check_arguments(marks, measure, None)
            by_text = agreement_values(scores, marks, measure, reference, mask=trace.mask, tokens=tokens)
            values = slot_means(np.concatenate(by_text, axis=1)[0], [each.shape[1] for each in by_text])
            parameters = encode_parameters(explanation=name)
            rows.append(mean_row(outcome, values, measure.label, parameters=parameters))
            columns[f"{outcome}_{name}"] = values
    return rows, columns
