"""Entmax with alpha = 1.5: between softmax and sparsemax."""

from __future__ import annotations

import keras
from keras import KerasTensor, layers, ops

from attnstats.models.normalizers.softmax import masked_scores


@keras.saving.register_keras_serializable(package="attnstats")
class Entmax15(layers.Layer):
    """Entmax with alpha 1.5, a_t = max(e_t / 2 - threshold, 0)², where the threshold makes the weights sum to one.

    It maximises a·e + H(a) over the simplex, with the Tsallis entropy H(a) = 4/3 Σ (a_t - a_t^1.5).

    References
    ----------
    Peters, Niculae & Martins 2019, *Sparse Sequence-to-Sequence Models*, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> np.asarray(Entmax15()(np.array([[1.0, 1.0, -9.0]], "float32"), np.ones((1, 3), bool))).round(3)
    array([[0.5, 0.5, 0. ]], dtype=float32)
    """

    def call(self, scores: KerasTensor, mask: KerasTensor, training: bool = False) -> KerasTensor:  # noqa: ARG002
        """Return attention of shape (batch, tokens); `training` has no effect."""
        half = masked_scores(scores, mask) / 2
        # Halves more than 1 below the largest get no weight; raising them to -2 keeps the cumulative sums accurate.
        ordered = ops.maximum(ops.flip(ops.sort(half, axis=-1), axis=-1), -2.0)
        rank = ops.arange(1, ops.shape(scores)[-1] + 1, dtype=half.dtype)[None]
        mean = ops.cumsum(ordered, axis=-1) / rank
        spread = ops.cumsum(ops.square(ordered), axis=-1) - rank * ops.square(mean)
        # The support is locally constant, so no gradient is needed through its search, where the root may be of zero;
        # in the formula of the threshold below, 1 - spread is above zero.
        in_support = ops.stop_gradient(mean - ops.sqrt(ops.maximum(1 - spread, 0.0) / rank)) <= ordered
        size = ops.sum(ops.cast(in_support, half.dtype), axis=-1, keepdims=True)
        mean = ops.sum(ops.where(in_support, ordered, 0.0), axis=-1, keepdims=True) / size
        spread = ops.sum(ops.where(in_support, ops.square(ordered - mean), 0.0), axis=-1, keepdims=True)
        threshold = mean - ops.sqrt((1 - spread) / size)
        return ops.square(ops.maximum(half - threshold, 0.0)) * ops.cast(mask, half.dtype)
