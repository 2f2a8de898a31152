"""Log density ratios T(x, y) learned on some rows, and the Donsker-Varadhan lower bounds they give on others."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import digamma, logsumexp

from attnstats._validation import BoolArray, FloatArray, IntArray, check_at_least
from attnstats.information._folds import dealt_in_turn
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.information.neighbors._ball_counts import ball_counts, widen

_N_FOLDS = 10
#: Independent pairs for each row.
_N_SHIFTS = 3
#: The numbers of neighbours over which `neighbor_log_ratios` averages.
_NEIGHBORS = (5, 20)


class HeldOutFold(NamedTuple):
    """Rows to learn from, and pairs of other rows: those that belong together, then pairs of independent ones."""

    training: IntArray
    half: IntArray  # about half of the training rows
    test: IntArray
    left: IntArray  # row of x of each pair; the first len(test) pairs are the rows under test themselves
    right: IntArray  # row of y of each pair


class HeldOutPairs(NamedTuple):
    """Pairs of rows, by folds of whole groups, on which critics are judged that were learned on the other folds."""

    fold: IntArray  # (n,) of each row
    folds: tuple[HeldOutFold, ...]

    @classmethod
    def draw(cls, groups: IntArray, rng: np.random.Generator, max_rows: int) -> HeldOutPairs:
        """Deal groups, numbered from 0, into folds, and pair each row with others of its fold at random.

        Where there are more rows than `max_rows`, so many are learned from and tested on, by groups.
        """
        order = rng.permutation(int(groups.max()) + 1)
        n_folds = min(_N_FOLDS, len(order) // 2)
        fold = dealt_in_turn(order, groups, n_folds)
        taken = np.cumsum(np.bincount(groups)[order]) <= max_rows
        taken[: 2 * n_folds] = True  # two of each fold, to be paired
        used = np.isin(groups, order[taken])
        return cls(fold, tuple(_held_out(used, (fold - number) % n_folds, groups, rng) for number in range(n_folds)))

    def bounds(self, log_ratios: Callable[[HeldOutFold], FloatArray]) -> FloatArray:
        """Return the bound of each critic, nats, from its log ratios of a fold's pairs, shape (n_critics, n_pairs)."""
        values = [log_ratios(fold) for fold in self.folds]
        sizes = [len(fold.test) for fold in self.folds]
        paired = np.hstack([each[:, :size] for each, size in zip(values, sizes, strict=True)])
        crossed = np.hstack([each[:, size:] for each, size in zip(values, sizes, strict=True)])
        return np.array([bound(*each) for each in zip(paired, crossed, strict=True)])

    @property
    def rows(self) -> IntArray:
        """The rows that are learned from and tested on."""
        return np.union1d(self.folds[0].training, self.folds[0].test)

    def corrected(self, half: float, whole: float, estimate: float) -> float:
        """Return the bound of a parametric critic at unlimited rows, from those of half and all training rows, nats.

        What the errors of the parameters cost falls as one over the number of rows. The estimate of the family is
        corrected for it, and is the most that the family can claim.
        """
        n_half, n_whole = len(self.folds[0].half), len(self.folds[0].training)
        cost = max(whole - half, 0.0) * n_half / (n_whole - n_half)
        return min(whole + cost, max(whole, estimate))


class Evidence(NamedTuple):
    """The held-out bound of an estimator's critic, nats, and a function that returns the local terms of the rows."""

    bound: float
    terms: Callable[[], LocalTerms]


class CriticEstimator(MIEstimator):
    """An estimator that can name its log density ratio."""

    @abstractmethod
    def evidence(self, x: FloatArray, y: FloatArray, pairs: HeldOutPairs, rng: np.random.Generator) -> Evidence:
        """Judge the log density ratio learned on the training rows of each fold by its pairs.

        Choices that take few numbers (a penalty, degrees of freedom, how many components) may look at all rows: the
        bound serves to compare families, and is no certified one.

        Parameters
        ----------
        x, y : ndarray of shape (n, dim_x) and (n, dim_y)
            Normal scores.
        pairs : HeldOutPairs
            What to learn from and what to test on; its `bounds` does the sum.
        rng : Generator
            Source of whatever is drawn.
        """


def gaussian_log_ratio(x: FloatArray, y: FloatArray, fold: HeldOutFold, rho: FloatArray | None = None) -> FloatArray:
    """Return the log density ratio of Gaussian components at a fold's pairs, shape (n_pairs,), nats.

    Components correlate in pairs, by default as they do in the training rows.
    """
    of_x, of_y = x / _scale(x[fold.training]), y / _scale(y[fold.training])
    if rho is None:
        rho = (of_x[fold.training] * of_y[fold.training]).mean(axis=0)
    # Canonical components correlate positively by construction, so negative correlations are taken as zero.
    rho = np.clip(rho, 0, 1 - np.finfo(np.float64).eps)
    # log ratio = [2 rho x y - rho^2 (x^2 + y^2)] / [2 (1 - rho^2)] - log(1 - rho^2) / 2, summed over components.
    weights = 1 / (1 - rho**2)
    squares_x, squares_y = (of_x * of_x) @ (rho**2 * weights), (of_y * of_y) @ (rho**2 * weights)
    products = np.einsum("ij,ij->i", (of_x * (2 * rho * weights))[fold.left], of_y[fold.right])
    ratio: FloatArray = (products - squares_x[fold.left] - squares_y[fold.right] - np.log1p(-(rho**2)).sum()) / 2
    return ratio


def neighbor_log_ratios(
    x: FloatArray, y: FloatArray, fold: HeldOutFold, sizes: tuple[tuple[int, int], ...]
) -> FloatArray:
    """Return log density ratios from known rows near a fold's pairs, for growing numbers of columns.

    With c, c_x and c_y of N known rows in the smallest ball, of a grid of radii, that holds k of them in x and y
    together: psi(c) + psi(N) - psi(c_x) - psi(c_y), averaged over several k.

    Returns
    -------
    ndarray of shape (n_sizes, n_pairs)
        Nats.
    """
    n_known = len(fold.training)
    check_at_least(n_known, _NEIGHBORS[0] + 1, "number of samples to learn from in x and y")
    least = np.array([k for k in _NEIGHBORS if k < n_known])
    psi = digamma(np.arange(n_known + 1, dtype=np.float64))
    place = np.empty(len(x), dtype=np.int64)  # of a row among those under test
    place[fold.test] = np.arange(len(fold.test))
    left, right = place[fold.left], place[fold.right]
    levels_x, levels_y = np.zeros((2, len(fold.test), n_known), np.int16)
    ratios, done = [], (0, 0)
    for size in sizes:
        for levels, values, first, last in zip((levels_x, levels_y), (x, y), done, size, strict=True):
            known = values[fold.training, first:last]
            scale = _scale(known)
            points = np.float32(values[fold.test, first:last] / scale)
            widen(levels, points, np.ascontiguousarray(np.float32(known / scale).T))
        done = size
        both, in_x, in_y = psi[ball_counts(levels_x, levels_y, left, right, least)]
        ratios.append((both - in_x - in_y).mean(axis=1) + psi[n_known])
    return np.array(ratios)


def bound(paired: FloatArray, crossed: FloatArray) -> float:
    """Return mean T over pairs less log mean exp T over independent pairs, nats (Donsker and Varadhan 1983)."""
    return float(paired.mean() - logsumexp(crossed) + np.log(len(crossed)))


def _held_out(used: BoolArray, place: IntArray, groups: IntArray, rng: np.random.Generator) -> HeldOutFold:
    """Return the fold at place 0, its rows paired several times with those of another group."""
    test = np.flatnonzero(used & (place == 0))
    order = rng.permutation(test)
    shifts = range(1, min(_N_SHIFTS, len(test) - 1) + 1)
    left = np.concatenate([test, *(order for _ in shifts)])
    right = np.concatenate([test, *(np.roll(order, shift) for shift in shifts)])
    apart = groups[left] != groups[right]
    apart[: len(test)] = True
    training = np.flatnonzero(used & (place > 0))
    half = training[place[training] <= (int(place.max()) + 1) // 2]
    return HeldOutFold(training, half, test, left[apart], right[apart])


def _scale(known: FloatArray) -> FloatArray:
    """Return the standard deviations, and 1 for a component that does not vary."""
    spread = known.std(axis=0)
    return np.where(spread > 0, spread, 1.0)
