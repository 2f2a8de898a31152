"""One trace becomes rows of the results frame; the study and people with their own arrays share this road."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from attnstats._validation import FloatArray, RNGLike, as_generator
from attnstats.ablation import Ablation, OutputHead, RetrainedAblation, ablate
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.frame import Row, to_frame
from attnstats.information import MIEstimator, Probe
from attnstats.resampling import Permutation
from attnstats.studies.measures import conicity, effective_positions, entropy_deficit, gini, mean_row, output_entropy
from attnstats.studies.orders import (
    GAP_EDGES,
    PointwiseView,
    ablation_rows,
    order_rows,
    pointwise_matrices,
    sample_rows,
)
from attnstats.studies.profiles import PositionView, RankView, position_rows, rank_rows, whole_state_rows
from attnstats.trace import AttentionTrace

__all__ = ["TraceAnalysis", "View", "analyse_trace"]

_KEYS = ("study", "dataset", "encoder", "attention", "normalizer", "seed")


View: TypeAlias = RankView | PositionView | PointwiseView


@dataclass(frozen=True, eq=False)
class TraceAnalysis:
    """What one trace holds.

    Parameters
    ----------
    frame : DataFrame
        Results frame of this trace.
    examples : DataFrame
        One row per example and one column per outcome (``tau_b``, ``information``, ``gini``, ...), NaN where an outcome
        is undefined: what crossed intervals over models and examples are made of.
    """

    frame: pd.DataFrame
    examples: pd.DataFrame


def analyse_trace(
    trace: AttentionTrace,
    *,
    views: Sequence[View] = (RankView(), PointwiseView()),
    estimators: Sequence[MIEstimator] = (Probe(),),
    ablations: Sequence[Ablation] = (),
    model: OutputHead | None = None,
    null: Permutation | None = None,
    near_tie: float = GAP_EDGES[1],
    sample: Sequence[int] = (),
    class_names: Sequence[str] | None = None,
    rng: RNGLike = None,
) -> TraceAnalysis:
    """Return the information, agreement, skew and ablation rows of one trace.

    Parameters
    ----------
    trace : AttentionTrace
        From `attnstats.models.trace_attention` or your own arrays.
    views : sequence of RankView, PositionView, PointwiseView
        How information is laid beside attention.
    estimators : sequence of MIEstimator
        Estimators for a vector and a class; the first one also measures the context vector and the attention itself.
    ablations : sequence of Ablation
        Interventions whose attention is set against the intact model's pointwise MI, or where they retrain the model
        against its own.
    model : OutputHead, optional
        The trained model, for the outputs under an ablation and for interventions that need it.
    null : Permutation
        Permuted pairs behind each null floor; five by default.
    near_tie : float
        Gap |log a - log a'| below which two weights count as nearly equal.
    sample : sequence of int
        Examples whose tokens are listed one by one.
    class_names : sequence of str, optional
        Names of the classes in that list; their numbers by default.
    rng : None, int or numpy.random.Generator
        Source of randomness (SPEC 7).

    Returns
    -------
    TraceAnalysis

    Raises
    ------
    ConstantInputError
        If the model predicts one class only: nothing can be told about a constant.
    InvalidInputError
        If a kind of view stands twice.
    TooFewSamplesError
        If too few examples are long enough for a view.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> output = rng.integers(0, 2, size=300)
    >>> hidden = rng.normal(size=(300, 6, 4)) + 2 * output[:, None, None] * (np.arange(6) == 2)[:, None]
    >>> attention = rng.dirichlet([1, 1, 9, 1, 1, 1], size=300)      # looks at token 2, which knows the output
    >>> analysis = analyse_trace(AttentionTrace.from_arrays(attention=attention, hidden=hidden, output=output), rng=1)
    >>> analysis.frame.query("quantity == 'tau_b'").value.round(1).tolist()
    [0.2]
    """
    if len(np.unique(trace.predicted)) < 2:
        raise ConstantInputError(f"output: must hold at least two predicted classes; got only {trace.predicted[0]!r}")
    if len({type(view) for view in views}) < len(views):
        raise InvalidInputError(f"views: must hold each kind of view once; got {list(views)!r}")
    streams = iter(as_generator(rng).spawn(len(views) + 2 + len(ablations)))
    null = null or Permutation(5)
    rows = _descriptive_rows(trace)
    examples: dict[str, FloatArray] = {"gini": gini(trace.attention, trace.mask)}
    if trace.label is not None:
        examples["correct"] = (trace.predicted == trace.label).astype(np.float64)
    first = estimators[0]
    whole_rows, examples["context_information"] = whole_state_rows(trace, first, next(streams))
    rows += whole_rows
    order_stream = next(streams)
    for view in views:
        stream = next(streams)
        if isinstance(view, RankView):
            view_rows, examples["information"] = rank_rows(trace, view, estimators, null, stream)
            rows += view_rows
        elif isinstance(view, PositionView):
            rows += position_rows(trace, view, estimators, null, stream)
        else:
            pointwise = pointwise_matrices(trace, view, stream)
            view_rows, view_examples = order_rows(trace, view, pointwise, near_tie, order_stream)
            rows += view_rows + sample_rows(trace, pointwise.whole, view_examples["tau_b"], sample, class_names)
            examples |= view_examples
            for ablation in ablations:
                intervention, estimate = next(streams).spawn(2)
                ablated = ablate(trace, ablation, model=model, rng=intervention)
                values = pointwise.whole
                if isinstance(ablation, RetrainedAblation):  # its hidden states are its own, and so is their order
                    values = pointwise_matrices(ablated, view, estimate).whole
                own_rows, agreement = ablation_rows(trace, ablated, ablation, view, values)
                rows += own_rows
                examples[f"tau_b_{ablation.name}"] = agreement
    keys: dict[str, Any] = {name: trace.metadata[name] for name in _KEYS if name in trace.metadata}
    rows = [replace(row, **{**keys, "ablation": row.ablation or "none"}) for row in rows]
    return TraceAnalysis(to_frame(rows), pd.DataFrame(examples))


def _descriptive_rows(trace: AttentionTrace) -> list[Row]:
    attention, mask, n = trace.attention, trace.mask, trace.n_examples
    largest = np.where(mask, attention, 0).max(axis=1)
    rows = [
        Row(quantity="output_entropy", value=output_entropy(trace.predicted), unit="nats", n=n),
        Row(quantity="mean_length", value=float(trace.lengths.mean()), unit="tokens", n=n),
        mean_row("conicity", conicity(trace.hidden, mask), "cosine"),
        mean_row("gini", gini(attention, mask), "coefficient"),
        mean_row("entropy_deficit", entropy_deficit(attention, mask), "proportion"),
        mean_row("max_attention", largest, "proportion"),
        mean_row("effective_positions", effective_positions(attention, mask), "tokens"),
    ]
    if "epochs" in trace.metadata:
        rows.append(Row(quantity="epochs", value=float(trace.metadata["epochs"]), unit="epochs"))
    if trace.label is not None:
        rows.append(mean_row("accuracy", (trace.predicted == trace.label).astype(float), "proportion"))
    return rows
