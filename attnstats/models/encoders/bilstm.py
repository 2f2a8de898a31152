"""A bidirectional LSTM encoder: each hidden state sees the whole text."""

from typing import ClassVar

import keras
from keras import layers

from attnstats.models.encoders._recurrent import Recurrent

__all__ = ["BiLSTM"]


@keras.saving.register_keras_serializable(package="attnstats")
class BiLSTM(Recurrent):
    """h_t = [forward LSTM at t; backward LSTM at t].

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
    Graves & Schmidhuber 2005, *Framewise phoneme classification with bidirectional LSTM*.

    Examples
    --------
    >>> import numpy as np
    >>> BiLSTM(units=4)(np.ones((2, 3, 5), "float32"), np.ones((2, 3), bool)).shape
    TensorShape([2, 3, 4])
    """

    recurrent_layer: ClassVar[type[layers.Layer]] = layers.LSTM
