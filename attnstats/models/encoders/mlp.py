"""A context-free encoder: each hidden state depends on its own token alone."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_count
from attnstats.models.encoders._encoder import Encoder


@keras.saving.register_keras_serializable(package="attnstats")
class MLP(Encoder):
    """Context-free encoder h_t = tanh(W x_t + b), the "average" encoder of Jain & Wallace.

    Parameters
    ----------
    units : int
        Width of the hidden states.

    Raises
    ------
    InvalidInputError
        If `units` is not an integer of at least 1.

    References
    ----------
    Jain & Wallace 2019, *Attention is not Explanation*, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> MLP(units=4)(np.ones((2, 3, 5), "float32"), np.ones((2, 3), bool)).shape
    TensorShape([2, 3, 4])
    """

    def __init__(self, units: int = 128, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = check_count(units, "units")
        self.project = layers.Dense(self.units, activation="tanh")

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of shape (batch, tokens, dim)."""
        self.project.build(input_shape)

    def call(self, embedded: KerasTensor, mask: KerasTensor) -> KerasTensor:
        """Return hidden states of shape (batch, tokens, units)."""
        return self.project(embedded) * ops.cast(mask, embedded.dtype)[..., None]
