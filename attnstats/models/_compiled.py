"""The compiled functions of a model, each compiled when first used, for batches of any shape and all trainings."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from attnstats.models._adam import FusedAdam
from attnstats.models.classifier import AttentionClassifier, Forward

# Open dimensions, so that each function is traced once for all batch sizes and widths.
_TOKEN_IDS = tf.TensorSpec((None, None), tf.int32)
_MASK = tf.TensorSpec((None, None), tf.bool)
_CLASSES = tf.TensorSpec((None,), tf.int64)
_WEIGHTS = tf.TensorSpec((None, None), tf.float32)


def compiled_functions(model: AttentionClassifier) -> CompiledFunctions:
    """Return the compiled functions of a model; they are kept with it."""
    if model.compiled_functions is None:
        model.compiled_functions = CompiledFunctions(model)
    functions: CompiledFunctions = model.compiled_functions
    return functions


def _states(size: int) -> tf.TensorSpec:
    # With the size unknown, Keras would take a convolution that is compiled for every shape.
    return tf.TensorSpec((None, None, size), tf.float32)


class CompiledFunctions:
    """Compiled functions of one model, and the Adam optimizer of its training steps."""

    def __init__(self, model: AttentionClassifier) -> None:
        self.model = model
        self.weight_decay = 0.0
        self.optimizer = FusedAdam()
        self.optimizer.build(model.trainable_variables)

    def restart(self, learning_rate: float, weight_decay: float) -> None:
        """Reset the optimizer, and set its learning rate and weight decay."""
        for variable in self.optimizer.variables:
            variable.assign(ops.zeros_like(variable))
        self.optimizer.learning_rate = learning_rate
        if weight_decay != self.weight_decay:  # a number that is compiled into the steps
            self.weight_decay = weight_decay
            for name in ("step", "guided_step", "scorer_step"):
                self.__dict__.pop(name, None)

    @cached_property
    def step(self) -> Any:
        """(token_ids (batch, tokens), labels (batch,)) to the mean cross-entropy before the training step, nats."""
        model = self.model
        return self._step(
            [_TOKEN_IDS], model.trainable_variables, lambda token_ids: model(token_ids, training=True).probabilities
        )

    @cached_property
    def guided_step(self) -> Any:
        """(token_ids, attention (batch, tokens), labels) to the loss before the step; trains all but the scorer."""
        model = self.model
        scorer = {id(variable) for variable in model.attention.trainable_variables}
        others = [variable for variable in model.trainable_variables if id(variable) not in scorer]

        def probabilities(token_ids: tf.Tensor, attention: tf.Tensor) -> tf.Tensor:
            return model.classify(model.encode(token_ids, training=True), attention, training=True)

        return self._step([_TOKEN_IDS, _WEIGHTS], others, probabilities)

    @cached_property
    def forward(self) -> Any:
        """token_ids to `Forward`, in inference mode."""
        return tf.function(
            lambda token_ids: self.model(token_ids, training=False), input_signature=[_TOKEN_IDS], autograph=False
        )

    @cached_property
    def guided_forward(self) -> Any:
        """(token_ids, attention) to `Forward` under this attention, in inference mode."""
        model = self.model

        @tf.function(input_signature=[_TOKEN_IDS, _WEIGHTS], autograph=False)
        def guided_forward(token_ids: tf.Tensor, attention: tf.Tensor) -> Forward:
            hidden = model.encode(token_ids)
            return Forward(model.classify(hidden, attention), attention, hidden)

        return guided_forward

    @cached_property
    def encode(self) -> Any:
        """token_ids to hidden states (batch, tokens, units), in inference mode."""
        return tf.function(self.model.encode, input_signature=[_TOKEN_IDS], autograph=False)

    @cached_property
    def noiseless_forward(self) -> Any:
        """token_ids to `Forward`, in inference mode and without noise of the normalizer."""
        if not self._draws_noise:
            return self.forward

        @tf.function(input_signature=[_TOKEN_IDS], autograph=False)
        def noiseless_forward(token_ids: tf.Tensor) -> Forward:
            mask = ops.not_equal(token_ids, 0)
            hidden = self.model.encode(token_ids)
            attention = self._noiseless(self.model.attention(hidden, mask), mask)
            return Forward(self.model.classify(hidden, attention), attention, hidden)

        return noiseless_forward

    @cached_property
    def gradient(self) -> Any:
        """(embedded (batch, tokens, dim), mask, classes) to (probability, its gradient by `embedded`); no noise."""
        return self._gradient(through_attention=True)

    @cached_property
    def gradient_at_fixed_attention(self) -> Any:
        """As `gradient`, with the attention weights held constant."""
        return self._gradient(through_attention=False)

    @cached_property
    def scorer_step(self) -> Any:
        """(hidden (batch, tokens, units), mask, labels) to the loss before the step; trains the scorer alone."""
        model = self.model

        def probabilities(hidden: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            attention = model.normalizer(model.attention(hidden, mask), mask, training=True)
            return model.classify(hidden, attention, training=True)

        return self._step([_states(model.encoder.units), _MASK], model.attention.trainable_variables, probabilities)

    @cached_property
    def scorer_forward(self) -> Any:
        """(hidden, mask) to `Forward`, in inference mode."""
        model = self.model

        @tf.function(input_signature=[_states(model.encoder.units), _MASK], autograph=False)
        def scorer_forward(hidden: tf.Tensor, mask: tf.Tensor) -> Forward:
            attention = model.normalizer(model.attention(hidden, mask), mask, training=False)
            return Forward(model.classify(hidden, attention), attention, hidden)

        return scorer_forward

    def _step(self, signature: list[tf.TensorSpec], variables: list[Any], probabilities: Callable[..., Any]) -> Any:
        @tf.function(input_signature=[*signature, _CLASSES], autograph=False)
        def step(*inputs: tf.Tensor) -> tf.Tensor:
            *given, labels = inputs
            with tf.GradientTape() as tape:
                loss = ops.mean(keras.losses.sparse_categorical_crossentropy(labels, probabilities(*given)))
            gradients = tape.gradient(loss, variables)
            if self.weight_decay:  # apart from the gradient, which Adam rescales
                share = 1 - self.optimizer.learning_rate * self.weight_decay
                for variable in variables:
                    variable.assign(share * variable)
            self.optimizer.apply(gradients, variables)
            return loss

        return step

    def _gradient(self, *, through_attention: bool) -> Any:
        model = self.model

        @tf.function(input_signature=[_states(model.embedding_size), _MASK, _CLASSES], autograph=False)
        def gradient(embedded: tf.Tensor, mask: tf.Tensor, classes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(embedded)
                hidden = model.encoder(embedded, mask)
                attention = self._noiseless(model.attention(hidden, mask), mask)
                if not through_attention:
                    attention = ops.stop_gradient(attention)
                probabilities = model.classify(hidden, attention)
                of_class = tf.gather(probabilities, classes, axis=1, batch_dims=1)
            # The texts of a batch are independent, so the gradient of the sum holds the gradient of each.
            return of_class, tape.gradient(of_class, embedded)

        return gradient

    @property
    def _draws_noise(self) -> bool:
        return bool(getattr(self.model.normalizer, "noise_at_evaluation", False))

    @cached_property
    def _noiseless(self) -> layers.Layer:
        normalizer = self.model.normalizer
        if not self._draws_noise:
            return normalizer
        return type(normalizer).from_config({**normalizer.get_config(), "noise_at_evaluation": False})
