"""Kendall's tau as a statistic for resampling, in compiled code."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, IntArray, as_order, check_member, check_same_length
from attnstats.exceptions import InvalidInputError


@dataclass(frozen=True)
class Tau:
    """Kendall's tau for `bootstrap_interval` and `permutation_test`; tau-b is NaN where x or y is constant.

    Parameters
    ----------
    variant : {'b', 'a'}
        As in `kendall`. Bootstrap tau-b: a row drawn twice is tied with itself, so tau-a of a resample is nearer to
        zero than that of the data.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.ranks import Tau
    >>> from attnstats.resampling import bootstrap_interval, permutation_test
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=60)
    >>> y = x + rng.normal(size=60)
    >>> bootstrap_interval(np.column_stack([x, y]), Tau(), rng=1)
    95 % CI [0.28, 0.555] (BCa bootstrap, 9999 resamples)
    >>> permutation_test(x, y, Tau(), n_resamples=999, rng=1)
    statistic = 0.433, p = .002, n = 60 pairs, permutation of pairings (999 resamples)
    """

    variant: str = "b"

    def __post_init__(self) -> None:
        check_member(self.variant, "variant", ("b", "a"))

    def __call__(self, x: ArrayLike, y: ArrayLike | None = None) -> float:
        """Return tau of x and y, shape (n,) each, or of the columns of x, shape (n, 2)."""
        first, second = _columns(as_order(x, "x")) if y is None else (as_order(x, "x"), as_order(y, "y"))
        return float(self.permuted(first, second, np.arange(len(first))[np.newaxis])[0])

    def weighted(self, data: FloatArray, counts: FloatArray) -> FloatArray:
        """Return tau of every resample, shape (n_resamples,), where row i is drawn ``counts[b, i]`` times."""
        first, second = _columns(data)
        order = np.argsort(first, kind="stable")
        x, y, weights = _codes(first)[order], _codes(second)[order], np.take(counts, order, axis=1)
        return np.asarray(weighted_taus(x, y, weights, self.variant == "a"))

    def permuted(self, x: FloatArray, y: FloatArray, orders: IntArray) -> FloatArray:
        """Return tau of x and ``y[order]`` for each row of `orders`, shape (n_orders, n)."""
        if x.ndim != 1 or y.ndim != 1:
            raise InvalidInputError(f"x and y: must have shape (n,); got {x.shape} and {y.shape}")
        check_same_length(x=x, y=y)
        order = np.argsort(x, kind="stable")
        return np.asarray(permuted_taus(_codes(x)[order], _codes(y), orders, order, self.variant == "a"))


def _columns(data: FloatArray) -> tuple[FloatArray, FloatArray]:
    if data.ndim != 2 or data.shape[1] != 2:
        raise InvalidInputError(f"data: must have the two columns x and y; got shape {data.shape}")
    return data[:, 0], data[:, 1]


def _codes(values: FloatArray) -> IntArray:
    """Return the rank of each value among the distinct ones, from 0."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


@njit(cache=True)
def weighted_taus(x: IntArray, y: IntArray, counts: FloatArray, all_pairs: bool) -> FloatArray:
    """Return tau of each row of counts; x, ascending, and y are codes from 0, shape (n,)."""
    taus = np.empty(counts.shape[0])
    tree = np.empty(y.max() + 2, dtype=np.int64)
    weights = np.empty(x.size, dtype=np.int64)
    for resample in range(counts.shape[0]):
        for i in range(x.size):
            weights[i] = np.int64(counts[resample, i])
        taus[resample] = _tau(x, y, weights, tree, all_pairs)
    return taus


@njit(cache=True)
def permuted_taus(x: IntArray, y: IntArray, orders: IntArray, place: IntArray, all_pairs: bool) -> FloatArray:
    """Return tau of x and each reordering of y; x is ascending, and its element i came from `place[i]`."""
    taus = np.empty(orders.shape[0])
    tree = np.empty(y.max() + 2, dtype=np.int64)
    weights = np.ones(x.size, dtype=np.int64)
    drawn = np.empty_like(y)
    for resample in range(orders.shape[0]):
        for i in range(x.size):
            drawn[i] = y[orders[resample, place[i]]]
        taus[resample] = _tau(x, drawn, weights, tree, all_pairs)
    return taus


@njit(cache=True)
def _tau(x: IntArray, y: IntArray, weights: IntArray, tree: IntArray, all_pairs: bool) -> float:
    """Return tau of weighted pairs in ascending order of x; `tree` is room for a Fenwick tree over the values of y."""
    n_values = tree.size - 1
    tree[:] = 0
    at = np.zeros(n_values, dtype=np.int64)  # weight of lower x at each y
    score, total, tied_x = 0, 0, 0
    start = 0
    while start < x.size:
        stop = start
        before = total
        # Pairs tied in x count nothing: the group is compared with lower x first, and enters the tree afterwards.
        while stop < x.size and x[stop] == x[start]:
            weight = weights[stop]
            if weight > 0:
                below = 0
                node = y[stop]
                while node > 0:
                    below += tree[node]
                    node &= node - 1
                # Lower x with lower y, minus lower x with higher y (before − below − at).
                score += weight * (2 * below + at[y[stop]] - before)
                total += weight
            stop += 1
        tied_x += (total - before) * (total - before - 1) // 2
        for i in range(start, stop):
            weight = weights[i]
            if weight > 0:
                at[y[i]] += weight
                node = y[i] + 1
                while node <= n_values:
                    tree[node] += weight
                    node += node & -node
        start = stop
    pairs = total * (total - 1) // 2
    if all_pairs:
        return score / pairs if pairs else math.nan
    tied_y = 0
    for code in range(n_values):
        tied_y += at[code] * (at[code] - 1) // 2
    untied = float(pairs - tied_x) * float(pairs - tied_y)
    return score / math.sqrt(untied) if untied > 0 else math.nan
