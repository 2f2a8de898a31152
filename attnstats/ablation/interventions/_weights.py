"""Attention weights from scores, and after erasing tokens."""

from __future__ import annotations

import numpy as np

from attnstats._validation import BoolArray, FloatArray, RealArray


def masked_softmax(logs: RealArray, mask: BoolArray, temperature: float = 1.0) -> FloatArray:
    """Return softmax(logs / temperature) over the real tokens of the last axis, zero elsewhere and at -infinity."""
    inside = np.where(mask, logs, -np.inf).astype(np.float64)
    with np.errstate(over="ignore", under="ignore"):  # underflow: a weight of zero
        weights = np.exp((inside - inside.max(axis=-1, keepdims=True)) / temperature)
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def log_weights(attention: RealArray) -> FloatArray:
    """Return log a in double precision, minus infinity where a weight is zero."""
    weights = np.asarray(attention, dtype=np.float64)
    return np.log(weights, out=np.full(weights.shape, -np.inf), where=weights > 0)


def without_tokens(attention: RealArray, mask: BoolArray, erased: BoolArray) -> FloatArray:
    """Return the attention without some tokens, rescaled to sum to one; equal where what is left has no weight."""
    left = mask & ~erased
    weights = np.where(left, attention, 0).astype(np.float64)
    weights = np.where(weights.sum(axis=1, keepdims=True) > 0, weights, left)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
