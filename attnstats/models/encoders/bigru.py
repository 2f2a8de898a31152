"""A bidirectional GRU encoder."""

from __future__ import annotations

import keras
from keras import KerasTensor, layers, ops

from attnstats.models.encoders._encoder import BidirectionalEncoder


@keras.saving.register_keras_serializable(package="attnstats")
class BiGRU(BidirectionalEncoder):
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

    direction = layers.GRU

    def call(self, embedded: KerasTensor, mask: KerasTensor) -> KerasTensor:
        """Return hidden states of shape (batch, tokens, units)."""
        return self.recurrent(embedded, mask=mask) * ops.cast(mask, embedded.dtype)[..., None]
