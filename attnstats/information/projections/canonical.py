"""Canonical projections: the most dependent directions of x and of y, cross-fitted.

Functions of x and of y share no more information than x and y do, so an estimate on components errs on the low side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import sub
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from scipy.linalg import cholesky, solve_triangular, svd

from attnstats._validation import FloatArray, IntArray, check_count, check_positive
from attnstats.exceptions import InvalidInputError
from attnstats.information._folds import random_folds

Features: TypeAlias = Callable[[FloatArray], FloatArray]
Both: TypeAlias = tuple[Features, Features]  # of x and of y

#: Ridge penalties tried, in units of the mean variance of a feature.
_RIDGES = (1e-1, 1e-2, 1e-3)
_N_FOLDS = 4


@runtime_checkable
class Projection(Protocol):
    """How x and y are reduced to few components."""

    def cross_fit(self, x: FloatArray, y: FloatArray, groups: IntArray, rng: np.random.Generator) -> CrossFit:
        """Return the components of every row, from directions fitted without its group.

        Parameters
        ----------
        x, y : ndarray of shape (n, dim_x) and (n, dim_y)
        groups : ndarray of int, shape (n,)
            Group of each row, numbered from 0.
        rng : Generator
            Source of the folds.
        """
        ...


class FittedMap(NamedTuple):
    """The maps of new rows of x and of y to their components, shape (n, n_components)."""

    x: Features
    y: Features


class CrossFit(NamedTuple):
    """Cross-fitted components of every row, and the directions fitted to all rows."""

    x: FloatArray  # (n, n_components), by decreasing correlation
    y: FloatArray
    reference: FittedMap
    sizes: tuple[tuple[int, int], ...]  # the numbers of leading components of x and of y to choose from
    folds: IntArray | None  # (n,) rows of one fold share their directions; None if all rows do


@dataclass(frozen=True)
class AllColumns:
    """No projection: x and y as they are.

    Examples
    --------
    >>> from attnstats.information import AllColumns
    >>> AllColumns()
    AllColumns()
    """

    def cross_fit(self, x: FloatArray, y: FloatArray, groups: IntArray, rng: np.random.Generator) -> CrossFit:
        """Return x and y unchanged; parameters as in `Projection`."""
        del groups, rng
        return CrossFit(x, y, FittedMap(_identity, _identity), ((x.shape[1], y.shape[1]),), None)


@dataclass(frozen=True)
class LinearProjection:
    """Linear canonical directions, with a ridge penalty chosen on held-out rows.

    Parameters
    ----------
    max_components : int, default 3
        Largest number of components of each variable; fewer if x or y has fewer columns.

    References
    ----------
    Hotelling (1936), Biometrika 28, 321-377. Vinod (1976), J. Econometrics 4, 147-166.

    Examples
    --------
    >>> from attnstats.information import LinearProjection
    >>> LinearProjection()
    LinearProjection(max_components=3)
    """

    max_components: int = 3

    def __post_init__(self) -> None:
        check_count(self.max_components, "max_components")

    def cross_fit(self, x: FloatArray, y: FloatArray, groups: IntArray, rng: np.random.Generator) -> CrossFit:
        """Return cross-fitted components; parameters as in `Projection`."""
        n_components = min(self.max_components, x.shape[1], y.shape[1])
        return _cross_fit([(_identity, _identity)], x, y, groups, n_components, rng)


@dataclass(frozen=True)
class KernelProjection:
    """Nonlinear canonical directions, in random Fourier features of a Gaussian kernel and in the columns themselves.

    Parameters
    ----------
    max_components : int, default 3
        Number of components of each variable.
    widths : tuple of float, default (0.7, 1.5, 3.0)
        Kernel widths to choose from on held-out rows, in units of sqrt(dim) for columns of unit variance.
    n_features : int, default 150
        Random features of each variable, at least `max_components`.

    References
    ----------
    Rahimi, Recht (2007), Random features for large-scale kernel machines, NeurIPS. Lopez-Paz, Sra, Smola, Ghahramani,
    Schölkopf (2014), Randomized nonlinear component analysis, ICML.

    Examples
    --------
    >>> from attnstats.information import KernelProjection
    >>> KernelProjection(n_features=200)
    KernelProjection(max_components=3, widths=(0.7, 1.5, 3.0), n_features=200)
    """

    max_components: int = 3
    widths: tuple[float, ...] = (0.7, 1.5, 3.0)
    n_features: int = 150

    def __post_init__(self) -> None:
        check_count(self.max_components, "max_components")
        check_count(self.n_features, "n_features", minimum=self.max_components)
        if not isinstance(self.widths, tuple) or not self.widths:
            raise InvalidInputError(f"widths: must be a tuple of kernel widths; got {self.widths!r}")
        for width in self.widths:
            check_positive(width, "widths")

    def cross_fit(self, x: FloatArray, y: FloatArray, groups: IntArray, rng: np.random.Generator) -> CrossFit:
        """Return cross-fitted components; parameters as in `Projection`."""
        candidates = [
            (_fourier(x.shape[1], width, self.n_features, rng), _fourier(y.shape[1], width, self.n_features, rng))
            for width in self.widths
        ]
        return _cross_fit(candidates, x, y, groups, self.max_components, rng)


def _cross_fit(
    candidates: list[Both], x: FloatArray, y: FloatArray, groups: IntArray, n_components: int, rng: np.random.Generator
) -> CrossFit:
    """Return the components of each fold, from directions fitted to the other folds."""
    functions, values, ridge = _choose(candidates, x, y, groups, n_components, rng)
    folds = random_folds(groups, _N_FOLDS, rng)
    whole = _Moments.of(*values)
    means, weights = whole.directions(ridge, n_components)
    targets = [_components(*each) for each in zip(values, means, weights, strict=True)]
    out = [np.empty_like(target) for target in targets]
    for fold in range(_N_FOLDS):
        test = folds == fold
        training = whole.without(_Moments.of(values[0][test], values[1][test]))
        for side, (mean, weight) in enumerate(zip(*training.directions(ridge, n_components), strict=True)):
            components = _components(values[side], mean, weight)
            # Directions of folds differ by sign and rotation. They are aligned with those of all rows on the training
            # folds, else the fold would be a common cause of both components; not exactly, so a little of it remains.
            turn = np.linalg.lstsq(components[~test], targets[side][~test], rcond=None)[0]
            out[side][test] = components[test] @ turn
    sizes = tuple((size, size) for size in range(1, n_components + 1))
    return CrossFit(out[0], out[1], FittedMap(*map(_fitted, functions, means, weights)), sizes, folds)


class _Moments(NamedTuple):
    """Sums and cross-products of the features of some rows, from which those of a fold can be subtracted."""

    n: int
    sum_x: FloatArray
    sum_y: FloatArray
    xx: FloatArray
    yy: FloatArray
    xy: FloatArray

    @classmethod
    def of(cls, x: FloatArray, y: FloatArray) -> _Moments:
        return cls(len(x), x.sum(axis=0), y.sum(axis=0), x.T @ x, y.T @ y, x.T @ y)

    def without(self, other: _Moments) -> _Moments:
        return _Moments(*map(sub, self, other))

    def directions(
        self, ridge: float, n_components: int
    ) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
        """Return means and weights of x and y, from the singular vectors of the whitened cross-covariance."""
        mean_x, mean_y = self.sum_x / self.n, self.sum_y / self.n
        root_x = _root(self.xx / self.n, mean_x, ridge)
        root_y = _root(self.yy / self.n, mean_y, ridge)
        # The singular vectors of L_x^-1 S_xy L_y^-T, with L the Cholesky factors, are the directions after whitening.
        cross = solve_triangular(root_x, self.xy / self.n - np.outer(mean_x, mean_y), lower=True)
        cross = solve_triangular(root_y, cross.T, lower=True).T
        left, _, right = svd(cross, full_matrices=False)
        weights_x = solve_triangular(root_x, left[:, :n_components], lower=True, trans="T")
        weights_y = solve_triangular(root_y, right[:n_components].T, lower=True, trans="T")
        return (mean_x, mean_y), (weights_x, weights_y)


def _root(second: FloatArray, mean: FloatArray, ridge: float) -> FloatArray:
    """Return the root of the penalised covariance from second moments and means."""
    covariance = second - np.outer(mean, mean)
    # What is left of a column that does not vary here is rounding, and may be negative.
    rounding = 16 * len(mean) * np.finfo(np.float64).eps * float(np.diag(second).max(initial=0.0))
    penalty = max(ridge * float(np.trace(covariance)) / len(covariance), rounding, np.finfo(np.float64).tiny)
    root: FloatArray = cholesky(covariance + penalty * np.eye(len(covariance)), lower=True)
    return root


def _fitted(features: Features, mean: FloatArray, weights: FloatArray) -> Features:
    return lambda rows: _components(features(rows), mean, weights)


def _components(features: FloatArray, mean: FloatArray, weights: FloatArray) -> FloatArray:
    components: FloatArray = features @ weights - mean @ weights
    return components


def _choose(
    candidates: list[Both], x: FloatArray, y: FloatArray, groups: IntArray, n_components: int, rng: np.random.Generator
) -> tuple[Both, tuple[FloatArray, FloatArray], float]:
    """Return the features, their values and the penalty with the most Gaussian information on the held-out half."""
    fitted = random_folds(groups, 2, rng) == 0
    choices = []
    for functions in candidates:
        values = functions[0](x), functions[1](y)
        moments = _Moments.of(values[0][fitted], values[1][fitted])
        for ridge in _RIDGES:
            directions = zip(values, *moments.directions(ridge, n_components), strict=True)
            components = [_components(each[~fitted], mean, weights) for each, mean, weights in directions]
            # A component that correlates negatively on held-out rows was fitted to noise, and counts as uncorrelated.
            correlation = np.clip(_column_correlations(*components), 0, 1 - 1e-9)
            choices.append((-float(np.log1p(-(correlation**2)).sum()), functions, values, ridge))
    _, functions, values, ridge = max(choices, key=lambda choice: choice[0])
    return functions, values, ridge


def _column_correlations(x: FloatArray, y: FloatArray) -> FloatArray:
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    scale = np.sqrt((x * x).sum(axis=0) * (y * y).sum(axis=0))
    correlation: FloatArray = (x * y).sum(axis=0) / np.where(scale > 0, scale, 1)  # a component may be constant here
    return correlation


def _identity(values: FloatArray) -> FloatArray:
    return values


def _fourier(dim: int, width: float, n_features: int, rng: np.random.Generator) -> Features:
    frequencies = rng.normal(size=(dim, n_features)) / (width * np.sqrt(dim))
    phases = rng.uniform(0, 2 * np.pi, size=n_features)

    def features(values: FloatArray) -> FloatArray:
        waves = np.sqrt(2 / n_features) * np.cos(values @ frequencies + phases)
        return np.hstack([values / np.sqrt(dim), waves])

    return features
