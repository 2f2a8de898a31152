"""What scorers share: their output shape, and the last hidden state of a text as a query."""

from __future__ import annotations

from typing import Any

from keras import KerasTensor, layers, ops


class Scorer(layers.Layer):
    """A layer of one score for each hidden state."""

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Return (batch, tokens)."""
        return tuple(input_shape[:-1])


def last_state(hidden: KerasTensor, mask: KerasTensor) -> KerasTensor:
    """Return the hidden state of the last real token of each text, shape (batch, units)."""
    last = ops.sum(ops.cast(mask, "int32"), axis=-1) - 1
    at_last = ops.arange(ops.shape(hidden)[1], dtype="int32")[None] == last[:, None]
    return ops.sum(hidden * ops.cast(at_last, hidden.dtype)[..., None], axis=1)
