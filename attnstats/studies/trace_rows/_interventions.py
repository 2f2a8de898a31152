"""Interventions on one trained model: its attention replaced, and its tokens erased in a given order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from attnstats._validation import FloatArray, RealArray
from attnstats.ablation import (
    Ablation,
    OutputHead,
    ZeroedAttention,
    comprehensiveness,
    decision_flip_fraction,
    sufficiency,
    total_variation,
)
from attnstats.ablation.interventions.interface import label_of
from attnstats.frame import Row, encode_parameters
from attnstats.information.interface import brief
from attnstats.ranks import kendall_batch
from attnstats.studies.trace_rows._measures import RowsAndOutcomes, gini, mean_row
from attnstats.studies.trace_rows.orders import PointwiseView
from attnstats.trace import AttentionTrace


def ablation_rows(
    trace: AttentionTrace, ablated: AttentionTrace, ablation: Ablation, view: PointwiseView, values: FloatArray
) -> RowsAndOutcomes:
    """Return rows of one ablation and its outcomes by example; its agreement is that with `values`, a pointwise MI.

    Accuracy and total variation are there only if a model recomputed the output under the new attention.
    """
    if ablation.orders_tokens:
        taus = kendall_batch(ablated.attention, values, mask=trace.mask)
        agreement, ties = taus.statistic, float(np.nanmean(taus.tie_fraction))
    else:
        # Equal weights order nothing: tau-a is exactly zero, where tau-b would be undefined.
        agreement, ties = np.zeros(trace.n_examples), 1.0
    label = label_of(ablation)
    skew = gini(ablated.attention, trace.mask)
    examples = {f"tau_b_{label}": agreement, f"gini_{label}": skew}
    rows = [
        mean_row(
            "tau_b", agreement, "correlation", ties=ties, view="pointwise", estimator=brief(view.probe), ablation=label
        ),
        mean_row("gini", skew, "coefficient", ablation=label),
    ]
    if ablated.output_kept:  # without a model nothing is known of the output under this attention
        return rows, examples
    if trace.label is not None:
        correct = (ablated.predicted == trace.label).astype(np.float64)
        examples[f"correct_{label}"] = correct
        rows.append(mean_row("accuracy", correct, "proportion", ablation=label))
    if trace.output.ndim == 2:
        change = total_variation(trace, ablated)
        examples[f"total_variation_{label}"] = change
        rows.append(mean_row("total_variation", change, "proportion", ablation=label))
    return rows, examples


def erasure_rows(trace: AttentionTrace, model: OutputHead, orders: Mapping[str, RealArray]) -> RowsAndOutcomes:
    """Return rows of what taking the attention of tokens away does to the output, by order, and outcomes by example."""
    rows: list[Row] = []
    examples: dict[str, FloatArray] = {}
    eraser = ZeroedAttention(model)
    for name, order in orders.items():
        outcomes = {
            "comprehensiveness": comprehensiveness(trace, order, eraser).mean(axis=1),
            "sufficiency": sufficiency(trace, order, eraser).mean(axis=1),
            "decision_flip_fraction": decision_flip_fraction(trace, order, eraser),
        }
        for quantity, values in outcomes.items():
            rows.append(mean_row(quantity, values, "proportion", parameters=encode_parameters(order=name)))
            examples[f"{quantity}_{name}"] = values
    return rows, examples
