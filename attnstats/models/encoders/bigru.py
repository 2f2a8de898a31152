"""A bidirectional GRU encoder."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_count
from attnstats.exceptions import InvalidInputError


@keras.saving.register_keras_serializable(package="attnstats")
class BiGRU(layers.Layer):
    """Bidirectional GRU, h_t = [forward GRU at t; backward GRU at t]: each hidden state depends on the whole text.

    Parameters
    ----------
    units : int
        Width of the hidden states, half for each direction; even.

    Raises
    ------
    InvalidInputError
        If `units` is not an even integer of at least 2.

    References
    ----------
    Cho et al. 2014, *Learning Phrase Representations using RNN Encoder-Decoder*.

    Examples
    --------
    >>> import numpy as np
    >>> BiGRU(units=4)(np.ones((2, 3, 5), "float32"), np.ones((2, 3), bool)).shape
    TensorShape([2, 3, 4])
    """

    def __init__(self, units: int = 128, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = check_count(units, "units", minimum=2)
        if self.units % 2:
            raise InvalidInputError(f"units: must be even, half for each direction; got {units}")
        self.recurrent = layers.Bidirectional(layers.GRU(self.units // 2, return_sequences=True))

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of shape (batch, tokens, dim)."""
        self.recurrent.build(input_shape)

    def call(self, embedded: KerasTensor, mask: KerasTensor) -> KerasTensor:
        """Return hidden states of shape (batch, tokens, units)."""
        return self.recurrent(embedded, mask=mask) * ops.cast(mask, embedded.dtype)[..., None]

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Return (batch, tokens, units)."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "units": self.units}
