"""Checks of the arrays that a model or an intervention returns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._distributions import check_attention, check_probabilities, spacing, sum_tolerance
from attnstats._validation import FloatArray, RealArray
from attnstats.ablation.interventions.interface import OutputHead
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.trace import AttentionTrace
from attnstats.trace._arrays import real_array


def check_head(model: object) -> None:
    """Raise unless `model` is an `OutputHead`."""
    if isinstance(model, type) or not isinstance(model, OutputHead):
        raise InvalidInputError(
            "model: must have predict_from_attention(hidden, attention), as a SoftmaxHead has; "
            f"got {type(model).__name__}"
        )


def check_recomputed(ablated: AttentionTrace, asked: str) -> None:
    """Raise if the output of an ablated trace is still that of the intact model."""
    if ablated.output_kept:
        raise InvalidInputError(
            f"model: {asked} needs the output under the new attention, but without a model the intact output was kept; "
            "give ablate the trained model, or a SoftmaxHead of its saved weights"
        )


def checked_attention(answer: Any, trace: AttentionTrace, name: str) -> FloatArray:
    """Return the attention from an intervention, in double precision; `name` says which."""
    weights = real_array(answer, f"{name}: attention", ("n_examples", "n_tokens")).astype(np.float64)
    if weights.shape != trace.mask.shape:
        raise InvalidInputError(f"{name}: attention must have shape {trace.mask.shape}; got {weights.shape}")
    check_attention(weights, trace.mask, f"{name}: attention", sum_tolerance(spacing(answer), weights.shape[1]))
    return weights


def checked_output(answer: Any, trace: AttentionTrace, name: str) -> FloatArray:
    """Return the class probabilities from a model, in double precision; `name` says which."""
    rows = real_array(answer, f"{name}: class probabilities", ("n_examples", "n_classes")).astype(np.float64)
    if len(rows) != trace.n_examples or rows.shape[1] < 2:
        raise InvalidInputError(
            f"{name}: class probabilities must have shape ({trace.n_examples}, n_classes), 2 or more; got {rows.shape}"
        )
    check_probabilities(rows, name, sum_tolerance(spacing(answer), rows.shape[1]))
    return rows


def checked_logits(answer: Any, hidden: RealArray) -> FloatArray:
    """Return the logits of a linear head, in double precision."""
    logits: NDArray[Any] = real_array(answer, "model: token_logits", ("n_examples", "n_tokens", "n_classes"))
    if logits.shape[:2] != hidden.shape[:2] or logits.shape[2] < 2:
        raise InvalidInputError(
            f"model: token_logits must have shape (*{hidden.shape[:2]}, n_classes), 2 or more; got {logits.shape}"
        )
    if not np.isfinite(logits).all():
        raise NonFiniteError("model: token_logits must be finite; got NaN or infinity")
    return logits.astype(np.float64)
