"""Adam in one pass over a variable, against the Adam of Keras."""

import keras
import numpy as np
import tensorflow as tf

from attnstats.models._adam import FusedAdam


def _trained(optimizer: keras.optimizers.Adam, *, dense: bool) -> list[np.ndarray]:
    embedding = keras.Variable(np.linspace(-1, 1, 12, dtype=np.float32).reshape(6, 2))
    bias = keras.Variable(np.ones(3, np.float32))
    optimizer.build([embedding, bias])
    rng = np.random.default_rng(0)
    for step in range(40):
        # One word twice in a batch, and words that no batch holds but the first: their momentum still moves them.
        words = tf.constant([1, 1, 5 if step == 0 else step % 3])
        of_embedding = tf.IndexedSlices(rng.normal(size=(3, 2)).astype(np.float32), words, tf.constant([6, 2]))
        of_bias = tf.constant(rng.normal(size=3).astype(np.float32))
        optimizer.learning_rate = 0.1 / (1 + step)
        optimizer.apply([tf.convert_to_tensor(of_embedding) if dense else of_embedding, of_bias], [embedding, bias])
    return [np.asarray(each) for each in (embedding, bias)]


def test_equals_the_adam_of_keras_on_dense_gradients():
    keras_adam = _trained(keras.optimizers.Adam(), dense=True)
    for own, expected in zip(_trained(FusedAdam(), dense=False), keras_adam, strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-5, atol=1e-6)


def test_a_word_that_stands_in_a_batch_often_moves_as_far_as_another():
    embedding = keras.Variable(np.zeros((4, 1), np.float32))
    optimizer = FusedAdam(0.001)
    optimizer.build([embedding])
    words = tf.constant([1] + 25 * [2])
    optimizer.apply([tf.IndexedSlices(tf.ones((26, 1)), words, tf.constant([4, 1]))], [embedding])
    np.testing.assert_allclose(np.asarray(embedding)[:, 0], [0, -0.001, -0.001, 0], rtol=1e-5)
