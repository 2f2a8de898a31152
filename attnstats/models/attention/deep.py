"""Deep attention: a perceptron that scores each hidden state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_count
from attnstats.exceptions import InvalidInputError
from attnstats.models.attention._scorer import Scorer


@keras.saving.register_keras_serializable(package="attnstats")
class Deep(Scorer):
    """Deep attention e_t = v·z_L with z_0 = h_t and z_l = relu(W_l z_(l-1) + b_l), of two or more hidden layers.

    Parameters
    ----------
    units : sequence of int
        Width of each hidden layer.

    Raises
    ------
    InvalidInputError
        If there are fewer than two layers, or a width is not an integer of at least 1.

    References
    ----------
    Pavlopoulos, Malakasiotis & Androutsopoulos 2017, *Deeper Attention to Abusive User Content Moderation*, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> Deep(units=(4, 3))(np.ones((2, 3, 5), "float32"), np.ones((2, 3), bool)).shape
    TensorShape([2, 3])
    """

    def __init__(self, units: Sequence[int] = (64, 64), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = tuple(check_count(width, "units") for width in units)
        if len(self.units) < 2:
            raise InvalidInputError(f"units: must name two or more hidden layers; got {self.units}")
        self.hidden_layers = [layers.Dense(width, activation="relu") for width in self.units]
        self.weigh = layers.Dense(1, use_bias=False)

    def build(self, input_shape: Any) -> None:
        """Create the weights for hidden states of shape (batch, tokens, units)."""
        shape = tuple(input_shape)
        for layer, width in zip(self.hidden_layers, self.units, strict=True):
            layer.build(shape)
            shape = (*shape[:-1], width)
        self.weigh.build(shape)

    def call(self, hidden: KerasTensor, mask: KerasTensor) -> KerasTensor:  # noqa: ARG002
        """Return scores of shape (batch, tokens)."""
        for layer in self.hidden_layers:
            hidden = layer(hidden)
        return ops.squeeze(self.weigh(hidden), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "units": self.units}
