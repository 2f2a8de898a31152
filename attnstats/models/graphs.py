"""The two compiled graphs of a model: one training step, and the forward pass; each serves batches of any shape."""

from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from attnstats.models.classifier import AttentionClassifier, Forward

__all__ = ["Graphs", "graphs_of"]


@dataclass(frozen=True, eq=False)
class Graphs:
    """Compiled functions of one model, and the optimizer that its training steps use.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        Adam; its state belongs to the training in progress.
    step : callable
        (token_ids (batch, tokens), labels (batch,)) to the mean cross-entropy before the step, in nats.
    forward : callable
        token_ids (batch, tokens) to `Forward`, at evaluation.
    """

    optimizer: keras.optimizers.Optimizer
    step: Any
    forward: Any


def graphs_of(model: AttentionClassifier) -> Graphs:
    """Return the graphs of a model; they are made once and stay with it through all trainings."""
    if model.graphs is None:
        model.graphs = _build(model)
    graphs: Graphs = model.graphs
    return graphs


def _build(model: AttentionClassifier) -> Graphs:
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    # Open dimensions: one trace for all batch sizes and widths, where Keras' own loop would trace each function thrice.
    token_ids, labels = tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int64)

    @tf.function(input_signature=[token_ids, labels], autograph=False)
    def step(token_ids: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            probabilities = model(token_ids, training=True).probabilities
            loss = ops.mean(keras.losses.sparse_categorical_crossentropy(labels, probabilities))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    @tf.function(input_signature=[token_ids], autograph=False)
    def forward(token_ids: tf.Tensor) -> Forward:
        result: Forward = model(token_ids, training=False)
        return result

    return Graphs(optimizer, step, forward)
