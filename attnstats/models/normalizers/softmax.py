"""Softmax over real tokens, and the masked scores that other normalizers use."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_positive

#: In place of minus infinity, which would give NaN in differences and gradients.
_LOWEST = -1e9


def at_least_single(scores: KerasTensor) -> KerasTensor:
    """Return half-precision scores in single precision, since half holds neither long sums nor masked scores."""
    half = keras.backend.standardize_dtype(scores.dtype) in ("float16", "bfloat16")
    return ops.cast(scores, "float32") if half else scores


def masked_scores(scores: KerasTensor, mask: KerasTensor) -> KerasTensor:
    """Return scores less their maximum over real tokens, and very low ones at padding."""
    scores = at_least_single(scores)
    scores = ops.where(mask, scores, _LOWEST)
    # No normalizer changes under a shift of all scores, so the shift needs no gradient.
    shifted = scores - ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True))
    return ops.where(mask, shifted, _LOWEST)


def masked_softmax(scores: KerasTensor, mask: KerasTensor) -> KerasTensor:
    """Return exp(e_t) / sum over real u of exp(e_u), exactly zero at padding."""
    weights = ops.exp(masked_scores(scores, mask))
    weights = weights * ops.cast(mask, weights.dtype)
    total = ops.sum(weights, axis=-1, keepdims=True)
    # The largest weight is exp(0) = 1, so the total is below one only in an example without tokens.
    return weights / ops.maximum(total, 1.0)


@keras.saving.register_keras_serializable(package="attnstats")
class Softmax(layers.Layer):
    """Softmax a_t = exp(e_t / temperature) / Σ_u exp(e_u / temperature), over real tokens.

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
        """Return attention of shape (batch, tokens); `training` has no effect."""
        return masked_softmax(scores / self.temperature, mask)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "temperature": self.temperature}
