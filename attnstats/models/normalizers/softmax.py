"""Softmax over real tokens, and the masked form that others share."""

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_positive

__all__ = ["Softmax", "at_least_single", "masked_scores", "masked_softmax"]

#: Stands for minus infinity, without its NaN in differences and gradients.
_LOWEST = -1e9


def at_least_single(scores: KerasTensor) -> KerasTensor:
    """Return scores of half precision in single: half can hold no sum over many tokens, nor what stands at padding."""
    half = keras.backend.standardize_dtype(scores.dtype) in ("float16", "bfloat16")
    return ops.cast(scores, "float32") if half else scores


def masked_scores(scores: KerasTensor, mask: KerasTensor) -> KerasTensor:
    """Return scores less their maximum over real tokens, at most zero, and very low at padding."""
    scores = at_least_single(scores)
    scores = ops.where(mask, scores, _LOWEST)
    # Shifting all scores changes no normalizer; the shift needs no gradient.
    shifted = scores - ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True))
    return ops.where(mask, shifted, _LOWEST)


def masked_softmax(scores: KerasTensor, mask: KerasTensor) -> KerasTensor:
    """Return exp(e_t) / sum over real u of exp(e_u), exactly zero at padding."""
    weights = ops.exp(masked_scores(scores, mask))
    weights = weights * ops.cast(mask, weights.dtype)
    total = ops.sum(weights, axis=-1, keepdims=True)
    # The largest weight is exp(0) = 1, so only an example without tokens has a total below one.
    return weights / ops.maximum(total, 1.0)


@keras.saving.register_keras_serializable(package="attnstats")
class Softmax(layers.Layer):
    """a_t = exp(e_t / temperature) / sum over u of exp(e_u / temperature).

    Parameters
    ----------
    temperature : float
        Below one sharpens, above one flattens.

    Raises
    ------
    InvalidInputError
        If `temperature` is not above zero.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.log(np.array([[1.0, 3.0, 7.0]], "float32"))
    >>> np.asarray(Softmax()(scores, np.array([[True, True, False]]))).round(3)
    array([[0.25, 0.75, 0.  ]], dtype=float32)
    """

    def __init__(self, temperature: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.temperature = check_positive(temperature, "temperature")

    def call(self, scores: KerasTensor, mask: KerasTensor, training: bool = False) -> KerasTensor:  # noqa: ARG002
        """Return attention of shape (batch, tokens); the same in training and at evaluation."""
        return masked_softmax(scores / self.temperature, mask)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "temperature": self.temperature}
