"""Gumbel-softmax: softmax of scores with Gumbel noise."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_positive
from attnstats.models.normalizers.softmax import at_least_single, masked_softmax

#: Lower end of the uniform draws, so that log(-log U) is finite.
_SMALLEST = 1e-20


@keras.saving.register_keras_serializable(package="attnstats")
class GumbelSoftmax(layers.Layer):
    """Gumbel-softmax a = softmax((e + g) / temperature), with independent standard Gumbel noise g_t in training.

    Parameters
    ----------
    temperature : float
        Below one sharpens, above one flattens.
    noise_at_evaluation : bool
        Draw noise in inference too; without it, inference is ``Softmax(temperature)``.

    Raises
    ------
    InvalidInputError
        If `temperature` is not above zero.

    References
    ----------
    Jang, Gu & Poole 2017, *Categorical Reparameterization with Gumbel-Softmax*, equation 2.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.zeros((1, 2), "float32")
    >>> np.asarray(GumbelSoftmax(temperature=0.5)(scores, np.ones((1, 2), bool)))
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, temperature: float = 1.0, noise_at_evaluation: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.temperature = check_positive(temperature, "temperature")
        self.noise_at_evaluation = bool(noise_at_evaluation)
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, scores: KerasTensor, mask: KerasTensor, training: bool = False) -> KerasTensor:
        """Return attention of shape (batch, tokens)."""
        scores = at_least_single(scores)
        if training or self.noise_at_evaluation:
            uniform = keras.random.uniform(
                ops.shape(scores), _SMALLEST, 1.0, dtype=scores.dtype, seed=self.seed_generator
            )
            scores = scores - ops.log(-ops.log(uniform))
        return masked_softmax(scores / self.temperature, mask)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        own = {"temperature": self.temperature, "noise_at_evaluation": self.noise_at_evaluation}
        return {**super().get_config(), **own}
