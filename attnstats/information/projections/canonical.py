"""Canonical projections: the most dependent directions of x and of y, cross-fitted.

Functions of x and of y share no more information than x and y do, so an estimate on components errs on the low side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np

from attnstats._validation import FloatArray, IntArray, check_count, check_positive
from attnstats.exceptions import InvalidInputError
from attnstats.information.projections._moments import Moments, column_correlations

Features: TypeAlias = Callable[[FloatArray], FloatArray]
Both: TypeAlias = tuple[Features, Features]  # of x and of y

#: Ridge penalties tried, in units of the mean variance of a feature.
_RIDGES = (1e-1, 1e-2, 1e-3)
#: Rows by which features and penalty are chosen.
_MAX_ROWS = 1000


@runtime_checkable
class Projection(Protocol):
    """How x and y are reduced to few components."""

    def cross_fit(self, x: FloatArray, y: FloatArray, folds: IntArray, rng: np.random.Generator) -> CrossFit:
        """Return the components of every row, from directions fitted without its fold.

        Parameters
        ----------
        x, y : ndarray of shape (n, dim_x) and (n, dim_y)
        folds : ndarray of int, shape (n,)
            Fold of each row, numbered from 0; at least two.
        rng : Generator
            Source of whatever is drawn.
        """
        ...


class CrossFit(NamedTuple):
    """Cross-fitted components of every row."""

    x: FloatArray  # (n, n_components), by decreasing correlation
    y: FloatArray
    sizes: tuple[tuple[int, int], ...]  # the numbers of leading components of x and of y to choose from
    settled: Projection  # the projection with what it chose, to be fitted to parts of the rows


@dataclass(frozen=True)
class AllColumns:
    """No projection: x and y as they are.

    Examples
    --------
    >>> from attnstats.information import AllColumns
    >>> AllColumns()
    AllColumns()
    """

    def cross_fit(self, x: FloatArray, y: FloatArray, folds: IntArray, rng: np.random.Generator) -> CrossFit:
        """Return x and y unchanged; parameters as in `Projection`."""
        del folds, rng
        return CrossFit(x, y, ((x.shape[1], y.shape[1]),), self)


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

    def cross_fit(self, x: FloatArray, y: FloatArray, folds: IntArray, rng: np.random.Generator) -> CrossFit:
        """Return cross-fitted components; parameters as in `Projection`."""
        n_components = min(self.max_components, x.shape[1], y.shape[1])
        features = _identity, _identity
        _, ridge = _choose([features], x, y, folds, n_components, rng)
        return CrossFit(*_cross_fit(features, ridge, x, y, folds, n_components), _sizes(n_components), self)


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

    def cross_fit(self, x: FloatArray, y: FloatArray, folds: IntArray, rng: np.random.Generator) -> CrossFit:
        """Return cross-fitted components; parameters as in `Projection`."""
        candidates = [
            (_fourier(x.shape[1], width, self.n_features, rng), _fourier(y.shape[1], width, self.n_features, rng))
            for width in self.widths
        ]
        chosen, ridge = _choose(candidates, x, y, folds, self.max_components, rng)
        components = _cross_fit(candidates[chosen], ridge, x, y, folds, self.max_components)
        return CrossFit(*components, _sizes(self.max_components), replace(self, widths=(self.widths[chosen],)))


def held_out_components(
    x: FloatArray, y: FloatArray, folds: IntArray, rng: np.random.Generator
) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """Return all linear canonical components of each fold, fitted to about half of the other folds, and to all.

    The directions of folds are not aligned: where all directions are kept, that would tell each what the others know.
    """
    n_components = min(x.shape[1], y.shape[1])
    _, ridge = _choose([(_identity, _identity)], x, y, folds, n_components, rng)
    masks = [folds == fold for fold in range(int(folds.max()) + 1)]
    parts = [Moments.of(x[mask], y[mask]) for mask in masks]

    def fitted_to(n_folds: int) -> tuple[FloatArray, FloatArray]:
        out = np.empty((len(x), n_components)), np.empty((len(y), n_components))
        for fold, test in enumerate(masks):
            known = Moments.total([parts[(fold + each) % len(parts)] for each in range(1, n_folds + 1)])
            for side, own in zip(out, known.directions(ridge, n_components).components(x[test], y[test]), strict=True):
                side[test] = own
        return out

    return fitted_to(len(parts) // 2), fitted_to(len(parts) - 1)


def _sizes(n_components: int) -> tuple[tuple[int, int], ...]:
    return tuple((size, size) for size in range(1, n_components + 1))


def _cross_fit(
    features: Both, ridge: float, x: FloatArray, y: FloatArray, folds: IntArray, n_components: int
) -> tuple[FloatArray, FloatArray]:
    """Return the components of each fold, from directions fitted to the other folds."""
    values = features[0](x), features[1](y)
    masks = [folds == fold for fold in range(int(folds.max()) + 1)]
    parts = [Moments.of(values[0][mask], values[1][mask]) for mask in masks]
    whole = Moments.total(parts)
    targets = whole.directions(ridge, n_components).components(*values)
    out = np.empty_like(targets[0]), np.empty_like(targets[1])
    for test, part in zip(masks, parts, strict=True):
        components = whole.without(part).directions(ridge, n_components).components(*values)
        for side, target, own in zip(out, targets, components, strict=True):
            # Directions of folds differ by sign and rotation. They are aligned with those of all rows on the training
            # folds, else the fold would be a common cause of both components; not exactly, so a little of it remains.
            side[test] = own[test] @ np.linalg.lstsq(own[~test], target[~test], rcond=None)[0]
    return out


def _choose(
    candidates: list[Both], x: FloatArray, y: FloatArray, folds: IntArray, n_components: int, rng: np.random.Generator
) -> tuple[int, float]:
    """Return the candidate and the penalty that, fitted to every second fold, have most Gaussian information on others.

    Of many rows, so many are drawn as tell the candidates apart.
    """
    rows = np.arange(len(x)) if len(x) <= _MAX_ROWS else rng.choice(len(x), _MAX_ROWS, replace=False)
    fitted = folds[rows] % 2 == 0
    choices = []
    for number, features in enumerate(candidates):
        of_x, of_y = features[0](x[rows]), features[1](y[rows])
        moments = Moments.of(of_x[fitted], of_y[fitted])
        for ridge in _RIDGES:
            components = moments.directions(ridge, n_components).components(of_x[~fitted], of_y[~fitted])
            # A component that correlates negatively on held-out rows was fitted to noise, and counts as uncorrelated.
            correlation = np.clip(column_correlations(*components), 0, 1 - 1e-9)
            choices.append((-float(np.log1p(-(correlation**2)).sum()), number, ridge))
    _, number, ridge = max(choices, key=lambda choice: choice[0])
    return number, ridge


def _identity(values: FloatArray) -> FloatArray:
    return values


def _fourier(dim: int, width: float, n_features: int, rng: np.random.Generator) -> Features:
    frequencies = rng.normal(size=(dim, n_features)) / (width * np.sqrt(dim))
    phases = rng.uniform(0, 2 * np.pi, size=n_features)

    def features(values: FloatArray) -> FloatArray:
        waves = np.sqrt(2 / n_features) * np.cos(values @ frequencies + phases)
        return np.hstack([values / np.sqrt(dim), waves])

    return features
