"""Compiled sums over the partners of each sample: what the variance of tau and weighted tau are made of."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from attnstats._validation import FloatArray, IntArray
from attnstats.ranks._kernels import Codes

#: Entries of a block of the tree, and samples of which moments are taken at once.
_BLOCK, _CHUNK = 32, 1024

# All take the codes of x and of y in the order of x, then of y, from `ordered`.


@njit(cache=True)
def partner_moments(x: Codes, y: Codes) -> tuple[IntArray, IntArray, IntArray]:
    """Return the totals, (4,), and the sums of products, (4, 4), of what `_sums_of_run` finds, in time n log n.

    The sums of products are exact: high * 2^32 + low.
    """
    tree, of_y, room = _room(y)
    totals, high, low = np.zeros(4, dtype=np.int64), np.zeros((4, 4), dtype=np.int64), np.zeros((4, 4), dtype=np.int64)
    start, first = 0, 0
    while start < x.size:
        start = _sums_of_run(x, y, start, tree, of_y, room, start - first)
        if start - first >= _CHUNK or start == x.size:  # some runs at once, and no more memory than they take
            _add_moments(room, start - first, totals, high, low)
            first = start
    return totals, high, low


@njit(cache=True)
def _add_moments(sums: Codes, n: int, totals: IntArray, high: IntArray, low: IntArray) -> None:
    for a in range(4):
        total = 0
        for i in range(n):
            total += sums[a, i]
        totals[a] += total
        for b in range(a + 1):
            above, rest = 0, 0
            for i in range(n):
                product = int(sums[a, i]) * int(sums[b, i])
                above += product >> 32
                rest += product & 0xFFFFFFFF
            high[a, b] += above
            low[a, b] += rest
            high[b, a], low[b, a] = high[a, b], low[a, b]


@njit(cache=True)
def _room(y: Codes) -> tuple[Codes, Codes, Codes]:
    """Return room for `_sums_of_run`, before the first run: for the tree, for the codes of y and for the sums."""
    # How often each code of y occurs, and how often it is in the tree: side by side, since they are looked up together.
    of_y = np.zeros((y.size, 2), dtype=np.int32)
    for code in y:
        of_y[code, 0] += 1
    return _tree(y.size), of_y, np.empty((4, y.size), dtype=np.int32)


@njit(cache=True, inline="always")  # counting references to its arrays takes as long as a short run
def _sums_of_run(x: Codes, y: Codes, start: int, tree: Codes, of_y: Codes, room: Codes, at: int) -> int:
    """Put S and the untied in x, in y and in both among the partners of each sample of a run of equal x into the room.

    The room has shape (4, n), and they go from its column `at` on. Returns where the run stops.
    """
    n, stop, first = x.size, start + 1, start
    while stop < n and x[stop] == start:  # a code is the first place of its values
        stop += 1
    while first < stop:  # runs of equal x and y
        code, last = y[first], first + 1
        while last < stop and y[last] == code:
            last += 1
        lower_lower = _entered(tree, code, n)  # partners by x, then by y
        lower_higher = start - lower_lower - of_y[code, 1]
        higher_lower = code - lower_lower - (first - start)
        higher_higher = n - code - of_y[code, 0] - lower_higher - (stop - last)
        agree, disagree = lower_lower + higher_higher, lower_higher + higher_lower
        for place in range(first, last):  # samples equal in both have the same partners
            i = at + place - start
            room[0, i], room[3, i] = agree - disagree, agree + disagree
            room[1, i], room[2, i] = n - (stop - start), n - of_y[code, 0]
        first = last
    for place in range(start, stop):
        of_y[y[place], 1] += 1
        _enter(tree, y[place], n)
    return stop


@njit(cache=True)
def _tree(n: int) -> Codes:
    """Return an empty tree of counts of n codes."""
    # Each entry holds how many of those before it in its block were entered. A code is in one block of each level; the
    # entries of a level are the blocks of the level before.
    size, entries = 0, n
    while entries > 1:
        entries = -(-entries // _BLOCK)
        size += entries * _BLOCK
    return np.zeros(size, dtype=np.int32)


@njit(cache=True)
def _entered(tree: Codes, code: int, n: int) -> int:
    """Return how many of the entered codes lie below this one."""
    total, level, entries = 0, 0, n
    while entries > 1:
        total += tree[level + code]
        entries = -(-entries // _BLOCK)
        level += entries * _BLOCK
        code //= _BLOCK
    return total


@njit(cache=True)
def _enter(tree: Codes, code: int, n: int) -> None:
    level, entries = 0, n
    while entries > 1:
        entries = -(-entries // _BLOCK)
        first, within = level + code // _BLOCK * _BLOCK, code % _BLOCK
        block = tree[first : first + _BLOCK]
        for i in range(block.size):  # at once
            block[i] += int(within < i)
        level += entries * _BLOCK
        code //= _BLOCK


@njit(cache=True)
def weighted_counts(x: Codes, y: Codes) -> tuple[float, int]:
    """Return weighted tau, NaN where x or y is constant, and the pairs tied in x or in y, in time n log n."""
    n = x.size
    tree, of_y, room = _room(y)
    # Weighted S, and weighted pairs untied in x and in y, for the ranks by x and by y. A pair weighs the sum of the
    # weights of its samples, so a sum over pairs is one over samples: each weight times the sum over the partners.
    by_x, by_y, dealt = np.zeros(3), np.zeros(3), np.zeros(n, dtype=np.int64)
    untied, start = 0, 0  # untied pairs counted from both samples
    while start < n:
        stop = _sums_of_run(x, y, start, tree, of_y, room, 0)
        for place in range(start, stop):
            sums = room[:, place - start]
            weight_x = 1.0 / (n - place)  # of the rank by x, ties broken by y, and the other way around
            weight_y = 1.0 / (n - y[place] - dealt[y[place]])
            dealt[y[place]] += 1
            for each in range(3):
                by_x[each] += weight_x * sums[each]
                by_y[each] += weight_y * sums[each]
            untied += sums[3]
        start = stop
    tied = (n * (n - 1) - untied) // 2
    if by_x[1] == 0 or by_x[2] == 0:
        return math.nan, tied
    return (by_x[0] / math.sqrt(by_x[1] * by_x[2]) + by_y[0] / math.sqrt(by_y[1] * by_y[2])) / 2, tied


@njit(cache=True)
def weighted_rows(x: Codes, y: Codes, n_used: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return weighted tau and the share of tied pairs of the first codes of each row, from `ordered_rows`."""
    statistic, tie_fraction = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for row in range(len(x)):
        n = n_used[row]
        if n >= 2:
            statistic[row], tied = weighted_counts(x[row, :n], y[row, :n])
            tie_fraction[row] = tied / (n * (n - 1) // 2)
    return statistic, tie_fraction
