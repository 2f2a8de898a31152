"""The last hidden state of each text, as a query."""

from __future__ import annotations

from keras import KerasTensor, ops


def last_state(hidden: KerasTensor, mask: KerasTensor) -> KerasTensor:
    """Return the hidden state of the last real token of each text, shape (batch, units)."""
    last = ops.sum(ops.cast(mask, "int32"), axis=-1) - 1
    at_last = ops.arange(ops.shape(hidden)[1], dtype="int32")[None] == last[:, None]
    return ops.sum(hidden * ops.cast(at_last, hidden.dtype)[..., None], axis=1)
