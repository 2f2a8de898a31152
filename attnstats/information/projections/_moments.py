"""Canonical directions from moments, which add up over folds of rows."""

from __future__ import annotations

from operator import sub
from typing import NamedTuple

import numpy as np
from scipy.linalg.lapack import dtrtrs

from attnstats._validation import FloatArray

#: Subspace iteration: further dimensions that are carried along, and steps.
_EXTRA = 5
_N_STEPS = 5


class Directions(NamedTuple):
    """Means and weights by which features of x and of y become components."""

    mean_x: FloatArray
    mean_y: FloatArray
    weights_x: FloatArray  # (dim_x, n_components), by decreasing correlation
    weights_y: FloatArray

    def components(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the components of rows, shape (n, n_components) each."""
        return (x @ self.weights_x - self.mean_x @ self.weights_x, y @ self.weights_y - self.mean_y @ self.weights_y)


class Moments(NamedTuple):
    """Sums and cross-products of the features of some rows, from which those of a fold can be subtracted."""

    n: int
    sum_x: FloatArray
    sum_y: FloatArray
    xx: FloatArray
    yy: FloatArray
    xy: FloatArray

    @classmethod
    def of(cls, x: FloatArray, y: FloatArray) -> Moments:
        """Return the moments of rows."""
        return cls(len(x), x.sum(axis=0), y.sum(axis=0), x.T @ x, y.T @ y, x.T @ y)

    @classmethod
    def total(cls, parts: list[Moments]) -> Moments:
        """Return the moments of all parts together."""
        return cls(*(sum(each[1:], start=each[0]) for each in zip(*parts, strict=True)))

    def without(self, other: Moments) -> Moments:
        """Return the moments of the rows that are not in a part."""
        return Moments(*map(sub, self, other))

    def directions(self, ridge: float, n_components: int) -> Directions:
        """Return the directions of largest correlation, from the singular vectors of the whitened cross-covariance."""
        mean_x, mean_y = self.sum_x / self.n, self.sum_y / self.n
        root_x = _root(self.xx / self.n, mean_x, ridge)
        root_y = _root(self.yy / self.n, mean_y, ridge)
        # The singular vectors of L_x^-1 S_xy L_y^-T, with L the Cholesky factors, are the directions after whitening.
        # LAPACK is called without SciPy's checks, which cost more than it does.
        cross = dtrtrs(root_x, self.xy / self.n - np.outer(mean_x, mean_y), lower=1)[0]
        cross = dtrtrs(root_y, cross.T, lower=1)[0].T
        left, right = _leading(cross, n_components)
        weights_x = dtrtrs(root_x, left, lower=1, trans=1)[0]
        weights_y = dtrtrs(root_y, right, lower=1, trans=1)[0]
        return Directions(mean_x, mean_y, weights_x, weights_y)


def _root(second: FloatArray, mean: FloatArray, ridge: float) -> FloatArray:
    """Return the root of the penalised covariance from second moments and means."""
    covariance = second - np.outer(mean, mean)
    # What is left of a column that does not vary here is rounding, and may be negative.
    rounding = 16 * len(mean) * np.finfo(np.float64).eps * float(np.diag(second).max(initial=0.0))
    penalty = max(ridge * float(np.trace(covariance)) / len(covariance), rounding, np.finfo(np.float64).tiny)
    return np.asarray(np.linalg.cholesky(covariance + penalty * np.eye(len(covariance))), dtype=np.float64)


def _leading(matrix: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Return the leading singular vectors, as columns: by subspace iteration where all of them would cost more.

    Directions that stand out converge in a few steps; those of noise, whose singular values are close, need not.
    """
    width = count + _EXTRA
    if 2 * width > min(matrix.shape):
        left, _, right = np.linalg.svd(matrix, full_matrices=False)
        return left[:, :count], right[:count].T
    basis = np.random.default_rng(0).normal(size=(matrix.shape[1], width))
    for _ in range(_N_STEPS):
        basis = np.linalg.qr(matrix.T @ (matrix @ basis))[0]
    left, _, turn = np.linalg.svd(matrix @ basis, full_matrices=False)
    return left[:, :count], basis @ turn[:count].T


def column_correlations(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the correlation of each column of x with that of y."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    scale = np.sqrt((x * x).sum(axis=0) * (y * y).sum(axis=0))
    correlation: FloatArray = (x * y).sum(axis=0) / np.where(scale > 0, scale, 1)  # a component may be constant here
    return correlation
