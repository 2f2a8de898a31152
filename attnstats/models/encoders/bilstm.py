"""A bidirectional LSTM encoder."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import KerasTensor, layers

from attnstats.models.encoders._encoder import BidirectionalEncoder

#: What is added to the input and forget gates at padding: their sigmoid is zero, to the last digit.
_SHUT = -1e4


@keras.saving.register_keras_serializable(package="attnstats")
class BiLSTM(BidirectionalEncoder):
    """Bidirectional LSTM, h_t = [forward LSTM at t; backward LSTM at t]: each hidden state depends on the whole text.

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

    direction = layers.LSTM

    def call(self, embedded: KerasTensor, mask: KerasTensor) -> KerasTensor:
        """Return hidden states of shape (batch, tokens, units); padding must follow the real tokens."""
        real = tf.cast(mask, embedded.dtype)[..., None]
        by_time = tf.transpose(tf.concat([embedded, 1 - real], axis=2), (1, 0, 2))
        forward = _states(self.recurrent.forward_layer.cell, by_time)
        backward = _states(self.recurrent.backward_layer.cell, tf.reverse(by_time, [0]))
        return tf.transpose(tf.concat([forward, tf.reverse(backward, [0])], axis=2), (1, 0, 2)) * real


def _states(cell: layers.LSTMCell, inputs: tf.Tensor) -> tf.Tensor:
    """Return the states (tokens, batch, units) of an LSTM, the whole text in one kernel, faster than Keras' loop.

    The last column of `inputs` (tokens, batch, dim + 1) is one at padding, where the state is zero: a text turned round
    begins with its padding, and starts as it does without.
    """
    closed = tf.concat([tf.fill((2 * cell.units,), _SHUT), tf.zeros((2 * cell.units,))], axis=0)
    rows = tf.concat([cell.kernel.value, closed[None], cell.recurrent_kernel.value, cell.bias.value[None]], axis=0)
    # Keras orders the gates as input, forget, cell, output; BlockLSTM as input, cell, forget, output. BlockLSTMV2 has
    # Keras' order, but its gradient is that of BlockLSTM.
    of_input, of_forget, of_cell, of_output = tf.split(rows, 4, axis=1)
    rows = tf.concat([of_input, of_cell, of_forget, of_output], axis=1)
    start = tf.zeros((tf.shape(inputs)[1], cell.units))
    no_peephole = tf.zeros((cell.units,))
    return tf.raw_ops.BlockLSTM(
        seq_len_max=tf.shape(inputs, out_type=tf.int64)[0],
        x=inputs,
        cs_prev=start,
        h_prev=start,
        w=rows[:-1],
        wci=no_peephole,
        wcf=no_peephole,
        wco=no_peephole,
        b=rows[-1],
        forget_bias=0,  # Keras has it in the bias
        cell_clip=-1,  # none
    ).h
