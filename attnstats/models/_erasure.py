"""Texts with tokens deleted, and the predictions of a model on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import BoolArray

#: Tokens per forward pass: many short texts or few long ones.
_TOKENS = 2**16


def without(token_ids: NDArray[np.int32], erased: BoolArray) -> NDArray[np.int32]:
    """Return texts (n, width) without the erased tokens, closed up on the left, as wide as the longest (at least 1)."""
    kept = (token_ids != 0) & ~erased
    lengths = kept.sum(axis=1)
    result = np.zeros((len(token_ids), max(1, int(lengths.max()))), dtype=np.int32)
    result[np.arange(result.shape[1]) < lengths[:, np.newaxis]] = token_ids[kept]
    return result


def predict_texts(forward: Any, token_ids: NDArray[np.int32], n_classes: int) -> NDArray[np.float32]:
    """Return the probabilities (n, n_classes) of padded texts by a compiled forward pass, batched by length."""
    lengths = (token_ids != 0).sum(axis=1)
    order = np.argsort(lengths, kind="stable")
    probabilities = np.empty((len(token_ids), n_classes), dtype=np.float32)
    start = 0
    while start < len(order):
        # As many rows as fit if all were as short as the first, then as many as fit at the longest length among those.
        longest = lengths[order[start : start + max(1, _TOKENS // lengths[order[start]])]][-1]
        rows = order[start : start + max(1, _TOKENS // longest)]
        probabilities[rows] = forward(token_ids[rows, : lengths[rows[-1]]]).probabilities
        start += len(rows)
    return probabilities
