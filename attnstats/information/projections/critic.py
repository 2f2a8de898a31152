"""Log density ratios T(x, y) learned on some rows, and the Donsker-Varadhan lower bounds they give on others."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import digamma, logsumexp

from attnstats._validation import FloatArray, IntArray, check_at_least
from attnstats.information._folds import random_folds
from attnstats.information.interface import MIEstimator
from attnstats.information.neighbors._pair_search import counts_among

_N_FOLDS = 5
#: Independent pairs for each row.
_N_SHIFTS = 5
#: The k over which `NeighborCritic` averages.
_NEIGHBORS = (5, 20)


#: A log density ratio: T(x, y) of paired rows, shape (n,).
Critic = Callable[[FloatArray, FloatArray], FloatArray]


class CriticEstimator(MIEstimator):
    """An estimator that can name its log density ratio."""

    @abstractmethod
    def fit_critic(self, x: FloatArray, y: FloatArray, groups: IntArray, rng: np.random.Generator) -> Critic:
        """Learn a log density ratio from rows of normal scores, shapes (n, dim_x) and (n, dim_y)."""


class GaussianCritic(NamedTuple):
    """The log density ratio of Gaussian components correlated in pairs, with correlations estimated from known rows."""

    known_x: FloatArray
    known_y: FloatArray

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return T of each row of x with that of y."""
        scale_x, scale_y = _scale(self.known_x), _scale(self.known_y)
        products = (self.known_x / scale_x * (self.known_y / scale_y)).mean(axis=0)
        # Canonical components correlate positively by construction, so negative correlations are taken as zero.
        rho = np.clip(products, 0, 1 - np.finfo(np.float64).eps)
        x, y = x / scale_x, y / scale_y
        terms = (2 * rho * x * y - rho**2 * (x * x + y * y)) / (1 - rho**2) - np.log1p(-(rho**2))
        ratio: FloatArray = terms.sum(axis=1) / 2
        return ratio


class NeighborCritic(NamedTuple):
    """The log density ratio at new rows from their nearest neighbours among N known rows, averaged over several k.

    For rows x and y: psi(k) + psi(N) - psi(n_x + 1) - psi(n_y + 1), n_x and n_y the numbers of known rows that are
    closer in x and in y than the k-th neighbour of (x, y).
    """

    known_x: FloatArray
    known_y: FloatArray

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return T of each row of x with that of y."""
        check_at_least(len(self.known_x), _NEIGHBORS[0] + 1, "number of samples in each half of x and y")
        scale_x, scale_y = _scale(self.known_x), _scale(self.known_y)
        neighbors = np.array([k for k in _NEIGHBORS if k < len(self.known_x)])
        known_x, known_y = (np.ascontiguousarray(each.T) for each in (self.known_x / scale_x, self.known_y / scale_y))
        counts = counts_among(x / scale_x, y / scale_y, known_x, known_y, neighbors)
        ratio = digamma(neighbors) + digamma(len(self.known_x)) - digamma(counts + 1).sum(axis=0)
        mean: FloatArray = ratio.mean(axis=1)
        return mean


def held_out_bounds(
    estimators: tuple[CriticEstimator, ...], x: FloatArray, y: FloatArray, groups: IntArray, rng: np.random.Generator
) -> FloatArray:
    """Return the cross-fitted Donsker-Varadhan bound of each estimator on the same pairs, (n_estimators,), nats."""
    folds = random_folds(groups, _N_FOLDS, rng)
    paired: list[list[FloatArray]] = [[] for _ in estimators]
    crossed: list[list[FloatArray]] = [[] for _ in estimators]
    for fold in range(_N_FOLDS):
        training, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        left, right = independent_pairs(test, groups, rng)
        codes = np.unique(groups[training], return_inverse=True)[1]
        for number, (estimator, seed) in enumerate(zip(estimators, rng.spawn(len(estimators)), strict=True)):
            critic = estimator.fit_critic(x[training], y[training], codes, seed)
            paired[number].append(critic(x[test], y[test]))
            crossed[number].append(critic(x[left], y[right]))
    return np.array(
        [bound(np.concatenate(first), np.concatenate(second)) for first, second in zip(paired, crossed, strict=True)]
    )


def bound(paired: FloatArray, crossed: FloatArray) -> float:
    """Return mean T over pairs less log mean exp T over independent pairs, nats (Donsker and Varadhan 1983)."""
    return float(paired.mean() - logsumexp(crossed) + np.log(len(crossed)))


def independent_pairs(rows: IntArray, groups: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Return rows of x and rows of y that belong to different groups, each row several times."""
    shifts = rng.permutation(np.arange(1, len(rows)))[:_N_SHIFTS]
    left = np.tile(rows, len(shifts))
    right = np.concatenate([np.roll(rows, shift) for shift in shifts])
    apart = groups[left] != groups[right]
    return left[apart], right[apart]


def _scale(known: FloatArray) -> FloatArray:
    """Return the standard deviations, and 1 for a component that does not vary."""
    spread = known.std(axis=0)
    return np.where(spread > 0, spread, 1.0)
