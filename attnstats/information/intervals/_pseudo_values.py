"""Jackknife pseudo-values of the estimator of Kraskov, Stögbauer and Grassberger, without estimating n times."""

import numpy as np
from numba import njit

from attnstats._validation import FloatArray
from attnstats.information.knn._ties import parted_term, psi_table

__all__ = ["ksg_pseudo_values"]


def ksg_pseudo_values(x: FloatArray, weights_x: FloatArray, y: FloatArray, weights_y: FloatArray, k: int) -> FloatArray:
    """Return n I - (n - 1) I_j of each sample, shape (n,), with I_j the estimate (algorithm 1) without sample j.

    How leaving out j changes the term of i depends only on where j lies in x and in y: closer than the radius of i, at
    it, or farther. If no k others are left in the ball, it grows to the next distance. So one pass over all pairs,
    O(n² dim) in time and O(n) in memory, serves all j. Margins stay those of the whole sample.
    """
    n = len(x)
    psi = psi_table(n)
    terms, changes = np.empty(n), np.zeros(n)
    _leave_one_out(x, weights_x, y, weights_y, k, psi, terms, changes)
    terms += psi[n]
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
def _state(of_x, of_y, radius):  # type: ignore[no-untyped-def]
    """Return where a sample lies: 3 times in x plus in y, closer than the radius 0, at it 1, farther 2."""
    in_x = 1 if of_x == radius else 2 if of_x > radius else 0
    in_y = 1 if of_y == radius else 2 if of_y > radius else 0
    return 3 * in_x + in_y


@njit(cache=True)
def _leave_one_out(x, weights_x, y, weights_y, k, psi, terms, changes):  # type: ignore[no-untyped-def]
    """Fill the terms of all samples, and how much the terms of the others change in sum when one is left out."""
    n = len(x)
    holds, signs = np.eye(2) > 0, np.array([-1, -1])
    distance_x, distance_y = np.empty(n), np.empty(n)
    states, grown = np.empty(9, np.int64), np.empty(9, np.int64)
    change = np.empty(9)
    for i in range(n):
        nearest = np.full(k + 1, np.inf)
        for j in range(n):
            distance_x[j] = _distance(x[i], x[j], weights_x)
            distance_y[j] = _distance(y[i], y[j], weights_y)
            joint = max(distance_x[j], distance_y[j])
            if j != i and joint < nearest[k]:
                _insert(nearest, joint)
        radius, wider = nearest[k - 1], nearest[k]
        states[:] = 0
        grown[:] = 0
        for j in range(n):
            if j != i:
                states[_state(distance_x[j], distance_y[j], radius)] += 1
                grown[_state(distance_x[j], distance_y[j], wider)] += 1
        term = parted_term(psi, states, k, holds, signs)
        in_ball = states[0] + states[1] + states[3] + states[4]
        for state in range(9):
            change[state] = 0.0
            if states[state] == 0 or state == 8:
                continue
            if in_ball == k and state in (0, 1, 3, 4):
                grown[0] -= 1
                change[state] = parted_term(psi, grown, k, holds, signs) - term
                grown[0] += 1
            else:
                states[state] -= 1
                change[state] = parted_term(psi, states, k, holds, signs) - term
                states[state] += 1
        terms[i] = term
        for j in range(n):
            if j != i:
                changes[j] += change[_state(distance_x[j], distance_y[j], radius)]
