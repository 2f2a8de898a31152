"""Jackknife pseudo-values of the estimator of Kraskov, Stögbauer and Grassberger, without estimating n times."""

import numpy as np
from numba import njit
from scipy.special import digamma

from attnstats._validation import FloatArray

__all__ = ["ksg_pseudo_values"]


def ksg_pseudo_values(x: FloatArray, weights_x: FloatArray, y: FloatArray, weights_y: FloatArray, k: int) -> FloatArray:
    """Return n I - (n - 1) I_j of each sample, shape (n,), with I_j the estimate (algorithm 1) without sample j.

    Leaving out j changes the term of i in two ways only. If j is one of the k neighbours of i, the (k+1)-th takes its
    place, whichever it was; if j is inside a marginal strip of i alone, the count there falls by one. So one pass over
    all pairs, O(n² dim) in time and O(n) in memory, serves all j. Weights stay those of the whole sample.
    """
    n = len(x)
    psi = digamma(np.arange(n + 1))  # psi[0] is not used
    terms, changes = np.empty(n), np.zeros(n)
    _leave_one_out(x, weights_x, y, weights_y, k, psi, terms, changes)
    terms += psi[k] + psi[n]
    without = (terms.sum() - terms + changes + (n - 1) * (psi[n - 1] - psi[n])) / (n - 1)
    pseudo_values: FloatArray = n * terms.mean() - (n - 1) * without
    return pseudo_values


@njit(cache=True)
def _distance(a, b, weights):  # type: ignore[no-untyped-def]
    """Return the max-norm distance of two points."""
    largest = 0.0
    for c in range(a.size):
        largest = max(largest, abs(b[c] - a[c]) * weights[c])
    return largest


@njit(cache=True)
def _insert(best, value):  # type: ignore[no-untyped-def]
    """Put a value below the largest into an ascending array, dropping the largest."""
    slot = best.size - 1
    while slot > 0 and best[slot - 1] > value:
        best[slot] = best[slot - 1]
        slot -= 1
    best[slot] = value


@njit(cache=True)
def _leave_one_out(x, weights_x, y, weights_y, k, psi, terms, changes):  # type: ignore[no-untyped-def]
    """Fill the terms of all samples, and how much the terms of the others change in sum when one is left out."""
    n = len(x)
    distance_x, distance_y = np.empty(n), np.empty(n)
    for i in range(n):
        nearest = np.full(k + 1, np.inf)
        for j in range(n):
            distance_x[j] = _distance(x[i], x[j], weights_x)
            distance_y[j] = _distance(y[i], y[j], weights_y)
            joint = max(distance_x[j], distance_y[j])
            if j != i and joint < nearest[k]:
                _insert(nearest, joint)
        radius, wider = nearest[k - 1], nearest[k]
        count_x = count_y = wide_x = wide_y = 0
        for j in range(n):
            count_x += distance_x[j] < radius
            count_y += distance_y[j] < radius
            wide_x += distance_x[j] < wider
            wide_y += distance_y[j] < wider
        term = -psi[count_x] - psi[count_y]
        without_neighbour = -psi[max(wide_x - 1, 1)] - psi[max(wide_y - 1, 1)]
        terms[i] = term
        for j in range(n):
            if j == i:
                continue
            if distance_x[j] <= radius and distance_y[j] <= radius:
                changes[j] += without_neighbour - term
            elif distance_x[j] < radius:
                changes[j] += psi[count_x] - psi[count_x - 1]
            elif distance_y[j] < radius:
                changes[j] += psi[count_y] - psi[count_y - 1]
