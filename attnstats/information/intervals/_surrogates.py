"""Samples with Gaussian dependence and known information, and the margins of a given sample, to measure a bias on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import bisect
from scipy.special import logsumexp

from attnstats._validation import FloatArray, IntArray
from attnstats.information.margins import NormalScores

#: Draws on which the distance of classes with a given information is found.
_N_DRAWS = 2_000
#: Classes this many standard deviations apart, and not further, stand for information close to the entropy of y.
_FURTHEST = 20.0


class Drawn(NamedTuple):
    """A sample of a surrogate, and the mean of its true local terms, whose sampling error an estimate shares."""

    x: FloatArray
    y: NDArray[np.generic]
    information: float


class GaussianSurrogate:
    """A Gaussian copula like that of a sample of continuous margins, with a chosen mutual information.

    With the canonical correlations r_i of the sample's normal scores, those of the surrogate are R_i with
    1 - R_i² = (1 - r_i²)^t, and t is chosen so that -sum log(1 - R_i²) / 2 is the information.
    """

    def __init__(self, x: FloatArray, y: FloatArray, information: float) -> None:
        self.n = len(x)
        self.margins_x, self.margins_y = np.sort(x, axis=0), np.sort(y, axis=0)
        x, self.factor_x = _whiten(NormalScores().transform(x, x))
        y, self.factor_y = _whiten(NormalScores().transform(y, y))
        left, correlations, right = np.linalg.svd(x.T @ y / self.n, full_matrices=False)
        log_residual = np.log1p(-(np.clip(correlations, 1e-9, 1 - 1e-9) ** 2))
        self.log_residual = log_residual * (2 * information / -log_residual.sum())
        self.correlations = np.sqrt(-np.expm1(self.log_residual))
        # Directions outside the canonical ones keep their variance through the complements of left and right.
        self.left, self.right = left, right.T

    def sample(self, rng: np.random.Generator) -> Drawn:
        """Draw x of shape (n, dim_x) and y of shape (n, dim_y)."""
        x = rng.normal(size=(self.n, len(self.left)))
        y = rng.normal(size=(self.n, len(self.right)))
        u, noise, r, residual = x @ self.left, y @ self.right, self.correlations, np.exp(self.log_residual / 2)
        v = r * u + residual * noise
        y += (v - noise) @ self.right.T
        # log p(v | u) / p(v) of normal v with mean r u and variance 1 - r².
        terms = (v**2 - noise**2 - self.log_residual).sum(axis=1) / 2
        x, y = with_margins(x @ self.factor_x, self.margins_x), with_margins(y @ self.factor_y, self.margins_y)
        return Drawn(x, y, float(terms.mean()))


class ClassSurrogate:
    """Classes like those of a sample, Gaussian up to its margins, with a chosen mutual information.

    All have the covariance that the sample's normal scores have within its classes; their means are the sample's, drawn
    apart or together as the information asks.
    """

    def __init__(self, x: FloatArray, codes: IntArray, information: float) -> None:
        self.codes, self.margins = codes, np.sort(x, axis=0)
        x = NormalScores().transform(x, x)
        counts = np.bincount(codes)
        self.log_shares = np.log(counts / len(codes))
        means = np.stack([np.bincount(codes, column) for column in x.T], axis=1) / counts[:, np.newaxis]
        within, self.factor = _whiten(x - means[codes])
        # The means in the coordinates of `within`; a direction without variance within classes cannot be drawn.
        self.means = (means - x.mean(axis=0)) @ np.linalg.pinv(self.factor)
        self.dim = within.shape[1]
        spread = np.sqrt((self.means**2).sum(axis=1).max())
        if information <= 0 or spread == 0:
            self.means = np.zeros_like(self.means)
            return
        directions = np.linalg.svd(self.means, full_matrices=False)[2]  # what classes differ in
        fixed = np.random.default_rng(0)
        y = fixed.choice(codes, size=_N_DRAWS)
        noise, means = fixed.normal(size=(_N_DRAWS, len(directions))), self.means @ directions.T

        def excess(scale: float) -> float:
            return float(self._terms(noise + scale * means[y], y, scale * means).mean()) - information

        furthest = _FURTHEST / spread
        self.means *= furthest if excess(furthest) < 0 else bisect(excess, 0.0, furthest, xtol=1e-3 * furthest)

    def sample(self, rng: np.random.Generator) -> Drawn:
        """Draw x of shape (n, dim); the classes are those of the sample."""
        x = rng.normal(size=(len(self.codes), self.dim)) + self.means[self.codes]
        terms = self._terms(x, self.codes, self.means)
        return Drawn(with_margins(x @ self.factor, self.margins), self.codes, float(terms.mean()))

    def _terms(self, x: FloatArray, y: IntArray, means: FloatArray) -> FloatArray:
        """Return log p(y | x) / p(y) of classes with these means and unit variances."""
        log_joint = self.log_shares + x @ means.T - (means**2).sum(axis=1) / 2
        terms: FloatArray = log_joint[np.arange(len(y)), y] - logsumexp(log_joint, axis=1) - self.log_shares[y]
        return terms


def with_margins(drawn: FloatArray, margins: FloatArray) -> FloatArray:
    """Return ascending columns in the order that the values drawn have, shape (n, dim)."""
    values = np.empty_like(drawn)
    np.put_along_axis(values, np.argsort(drawn, axis=0), margins, axis=0)
    return values


def _whiten(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return uncorrelated columns of unit variance, and the matrix that turns such columns into ones like `values`."""
    spread = np.ptp(values / 2, axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)
    left, singular, right = np.linalg.svd(scaled, full_matrices=False)
    kept = singular > singular[0] * max(values.shape) * np.finfo(np.float64).eps
    factor = (singular[kept, np.newaxis] * right[kept]) / np.sqrt(len(values)) * np.where(spread > 0, spread, 0)
    return left[:, kept] * np.sqrt(len(values)), factor
