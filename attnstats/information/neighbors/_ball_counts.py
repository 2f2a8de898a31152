"""Compiled counts of known rows in balls around pairs of new rows, with distances in sixteenths of an octave.

Two distances have the same level if they lie in the same sixteenth of an octave, so a level takes two bytes, and a
processor compares sixteen of them at once. Which radii count is up to the caller of a density ratio; what is counted
within one is exact.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# Compiled functions that call each other stand in one file: Numba's cache of a caller notices no change elsewhere.

_BITS_BELOW_LEVEL = 19  # of the 23 bits of a float32's fraction: what is left is the exponent and four bits
_TOP = 4095  # largest level, that of infinity included
_BLOCK = 4096  # rows counted in two bytes


@njit(cache=True)
def widen(levels, points, known):  # type: ignore[no-untyped-def]
    """Raise `levels` (n_points, n_known) to those of the max-norm with further columns, `known` transposed; float32."""
    distance = np.empty(known.shape[1], np.float32)
    bits = distance.view(np.int32)
    for i in range(levels.shape[0]):
        row = levels[i]
        for c in range(known.shape[0]):
            value, column = points[i, c], known[c]
            for j in range(distance.size):
                distance[j] = abs(column[j] - value)
            for j in range(distance.size):
                level = np.int16(bits[j] >> _BITS_BELOW_LEVEL)
                row[j] = level if level > row[j] else row[j]


@njit(cache=True)
def _count(levels, limit):  # type: ignore[no-untyped-def]
    """Return how many levels are at most the limit."""
    total = np.int64(0)
    for first in range(0, levels.size, _BLOCK):
        block = levels[first : first + _BLOCK]
        count = np.int16(0)
        for j in range(block.size):  # not over the values themselves: then the loop is one of vectors
            count = np.int16(count + np.int16(block[j] <= limit))
        total += count
    return total


@njit(cache=True)
def _smallest(levels, least, start):  # type: ignore[no-untyped-def]
    """Return the smallest limit that at least so many levels do not exceed, searched from a guess."""
    low, high, step = -1, _TOP, 1  # too few at `low`, enough at `high`
    limit = start
    while high - low > 1:
        if _count(levels, np.int16(limit)) < least:
            low = limit
            limit = min(low + step, (low + high + 1) // 2) if high == _TOP else (low + high) // 2
        else:
            high = limit
            limit = max(high - step, (low + high) // 2) if low == -1 else (low + high) // 2
        step *= 2
    return high


@njit(cache=True)
def ball_counts(levels_x, levels_y, left, right, least):  # type: ignore[no-untyped-def]
    """Count the known rows around pairs of points, in the smallest ball that holds `least` of them, (3, n, n_least).

    Pair q is the point left[q] of x with the point right[q] of y; counts are of both together, of x and of y.
    """
    out = np.empty((3, left.size, least.size), np.int32)
    joint = np.empty(levels_x.shape[1], np.int16)
    guesses = np.full(least.size, 127 << 4)  # a distance of 1
    for q in range(left.size):
        in_x, in_y = levels_x[left[q]], levels_y[right[q]]
        for j in range(joint.size):
            joint[j] = in_x[j] if in_x[j] > in_y[j] else in_y[j]
        for number in range(least.size):
            guesses[number] = _smallest(joint, least[number], guesses[number])
            limit = np.int16(guesses[number])
            out[0, q, number] = _count(joint, limit)
            out[1, q, number] = _count(in_x, limit)
            out[2, q, number] = _count(in_y, limit)
    return out
