"""Means over a score matrix without its diagonal, for NumPy arrays and tensors of a Keras backend alike."""

from __future__ import annotations

from typing import Any

import numpy as np


def namespace(scores: Any) -> Any:
    """Return NumPy for its arrays, and `keras.ops`, which has the same functions, for tensors."""
    if isinstance(scores, np.ndarray):
        return np
    from keras import ops

    return ops


def diagonal(matrix: Any) -> Any:
    return namespace(matrix).diagonal(matrix, axis1=-2, axis2=-1)


def n_others(matrix: Any) -> Any:
    """Return n - 1 in the precision of the matrix."""
    xp = namespace(matrix)
    n = xp.shape(matrix)[-1]
    return matrix.dtype.type(n - 1) if xp is np else xp.cast(n - 1, matrix.dtype)


def row_mean(matrix: Any) -> Any:
    """Return the mean of each row without the diagonal."""
    return (namespace(matrix).sum(matrix, axis=-1) - diagonal(matrix)) / n_others(matrix)


def row_log_mean_exp(scores: Any) -> Any:
    """Return the log of the mean of exp over each row without the diagonal, without overflow."""
    xp = namespace(scores)
    off = xp.where(xp.eye(xp.shape(scores)[-1], dtype="bool"), -np.inf, scores)
    top = xp.max(off, axis=-1, keepdims=True)
    return xp.log(xp.sum(xp.exp(off - top), axis=-1) / n_others(scores)) + top[..., 0]


def softplus(values: Any) -> Any:
    xp = namespace(values)
    return np.logaddexp(values, values.dtype.type(0)) if xp is np else xp.softplus(values)
