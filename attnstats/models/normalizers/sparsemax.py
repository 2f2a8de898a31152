"""Sparsemax: the Euclidean projection of the scores onto the simplex."""

from __future__ import annotations

import keras
from keras import KerasTensor, layers, ops

from attnstats.models.normalizers.softmax import masked_scores


@keras.saving.register_keras_serializable(package="attnstats")
class Sparsemax(layers.Layer):
    """Sparsemax a = argmin over the simplex of ``||a - e||²``: weights far from the largest score are exactly zero.

    References
    ----------
    Martins & Astudillo 2016, *From Softmax to Sparsemax*, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> np.asarray(Sparsemax()(np.array([[0.5, 1.0, -1.0]], "float32"), np.ones((1, 3), bool)))
    array([[0.25, 0.75, 0.  ]], dtype=float32)
    """

    def call(self, scores: KerasTensor, mask: KerasTensor, training: bool = False) -> KerasTensor:  # noqa: ARG002
        """Return attention of shape (batch, tokens); `training` has no effect."""
        scores = masked_scores(scores, mask)
        # Scores more than 1 below the largest get no weight; raising them to -2 keeps the cumulative sums accurate.
        ordered = ops.maximum(ops.flip(ops.sort(scores, axis=-1), axis=-1), -2.0)
        rank = ops.arange(1, ops.shape(scores)[-1] + 1, dtype=scores.dtype)[None]
        in_support = 1 + rank * ordered > ops.cumsum(ordered, axis=-1)
        size = ops.sum(ops.cast(in_support, scores.dtype), axis=-1, keepdims=True)
        threshold = (ops.sum(ops.where(in_support, ordered, 0.0), axis=-1, keepdims=True) - 1) / size
        return ops.maximum(scores - threshold, 0.0) * ops.cast(mask, scores.dtype)
