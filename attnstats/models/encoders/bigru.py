"""A bidirectional GRU encoder: each hidden state sees the whole text."""

from typing import ClassVar

import keras
from keras import layers

from attnstats.models.encoders._recurrent import Recurrent

__all__ = ["BiGRU"]


@keras.saving.register_keras_serializable(package="attnstats")
class BiGRU(Recurrent):
    """h_t = [forward GRU at t; backward GRU at t].

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

    recurrent_layer: ClassVar[type[layers.Layer]] = layers.GRU
