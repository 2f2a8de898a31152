"""What is measured on a model at a checkpoint of its training: less than on the model that is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from attnstats._validation import FloatArray, RealArray
from attnstats.exceptions import ConvergenceError, InvalidInputError
from attnstats.frame import Row, encode_parameters
from attnstats.information import MIEstimator
from attnstats.resampling import Permutation
from attnstats.studies.trace_rows._description import descriptive_rows, key_columns
from attnstats.studies.trace_rows._references import attribution_rows
from attnstats.studies.trace_rows.analyse import View
from attnstats.studies.trace_rows.orders import PointwiseView, order_rows, pointwise_matrices
from attnstats.studies.trace_rows.outputs import PredictedClass
from attnstats.studies.trace_rows.profiles import Profiled, RankView, rank_rows
from attnstats.trace import AttentionTrace

#: The attributions that are set beside attention at checkpoints.
CHECKPOINT_ATTRIBUTIONS = ("gradient_times_input", "leave_one_out")


def checkpoint_rows(
    trace: AttentionTrace,
    *,
    views: Sequence[View],
    estimator: MIEstimator,
    attributions: Mapping[str, RealArray],
    near_tie: float,
    updates: int,
    step_size: float,
    rng: np.random.Generator,
) -> list[Row]:
    """Return the rows of a trace after some updates, by rank and token by token where `views` hold that.

    A model that predicts one class only has no information about it: a row of ``not_estimated`` says so for each view,
    and what needs no information stands beside it.
    """
    rows, _ = descriptive_rows(trace)
    rows.append(Row(quantity="step_size", value=step_size, unit="learning rate"))
    profiled = Profiled([PredictedClass()], [estimator], Permutation(1))
    information: FloatArray | None = None
    for view, stream in zip(views, rng.spawn(len(views)), strict=True):
        try:
            if isinstance(view, RankView):
                rows += rank_rows(trace, view, profiled, stream)[0]
            elif isinstance(view, PointwiseView):
                halves = pointwise_matrices(trace, trace.predicted, view, stream)
                rows += order_rows(trace, view, halves, near_tie, stream)[0]
                information = halves.whole
        except (InvalidInputError, ConvergenceError) as error:
            name = "rank" if isinstance(view, RankView) else "pointwise"
            rows.append(Row(quantity="not_estimated", view=name, parameters=encode_parameters(error=str(error))))
    for name, scores in attributions.items():
        rows += attribution_rows(trace, name, scores, information)[0]
    keys: dict[str, Any] = {**key_columns(trace), "ablation": "none", "updates": updates}
    return [replace(row, **keys) for row in rows]
