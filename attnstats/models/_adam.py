"""Adam in one pass over each variable, and by its definition for embeddings."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class FusedAdam(keras.optimizers.Adam):
    """Adam in the compiled kernel of TensorFlow; that of Keras takes a dozen passes over every variable.

    A word that stands in a batch several times has one gradient, the sum. Keras squares the occurrences one by one, so
    that the second moment is too small and frequent words move too far (``findings/keras_adam_of_a_repeated_word.sh``).
    """

    def update_step(self, gradient: tf.Tensor | tf.IndexedSlices, variable: Any, learning_rate: Any) -> None:
        """Move a variable by one step."""
        place = self._get_variable_index(variable)
        steps = tf.cast(self.iterations.value + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].value.handle,
            v=self._velocities[place].value.handle,
            beta1_power=tf.pow(self.beta_1, steps),
            beta2_power=tf.pow(self.beta_2, steps),
            lr=learning_rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.convert_to_tensor(gradient),
        )
