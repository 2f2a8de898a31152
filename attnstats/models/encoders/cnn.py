"""A convolutional encoder: each hidden state depends on its token and a few neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_count
from attnstats.exceptions import InvalidInputError
from attnstats.models.encoders._encoder import Encoder


@keras.saving.register_keras_serializable(package="attnstats")
class CNN(Encoder):
    """Convolutional encoder with parallel convolutions, h_t = relu([conv_1(x)_t; conv_2(x)_t; ...]).

    Parameters
    ----------
    units : int
        Width of the hidden states, divided among the convolutions as evenly as possible.
    widths : sequence of int
        Tokens that each convolution spans, centred on its token.

    Raises
    ------
    InvalidInputError
        If a width is not an integer of at least 1, or there are more widths than units.

    References
    ----------
    Kim 2014, *Convolutional Neural Networks for Sentence Classification*.

    Examples
    --------
    >>> import numpy as np
    >>> CNN(units=4)(np.ones((2, 3, 5), "float32"), np.ones((2, 3), bool)).shape
    TensorShape([2, 3, 4])
    """

    def __init__(self, units: int = 128, widths: Sequence[int] = (1, 3, 5), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = check_count(units, "units")
        self.widths = tuple(check_count(width, "widths") for width in widths)
        n = len(self.widths)
        if not 1 <= n <= self.units:
            raise InvalidInputError(f"widths: must hold between 1 and units={self.units} widths; got {n}")
        filters = [self.units // n + (index < self.units % n) for index in range(n)]
        self.convolutions = [
            layers.Conv1D(count, width, padding="same", activation="relu")
            for count, width in zip(filters, self.widths, strict=True)
        ]

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of shape (batch, tokens, dim)."""
        for convolution in self.convolutions:
            convolution.build(input_shape)

    def call(self, embedded: KerasTensor, mask: KerasTensor) -> KerasTensor:
        """Return hidden states of shape (batch, tokens, units)."""
        real = ops.cast(mask, embedded.dtype)[..., None]
        # Padding is set to zero, as the convolution itself pads beyond the end of the text.
        embedded = embedded * real
        return ops.concatenate([convolution(embedded) for convolution in self.convolutions], axis=-1) * real

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "widths": self.widths}
