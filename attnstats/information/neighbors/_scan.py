"""Compiled scans of all pairs in the max-norm: nearest neighbours and strict ball counts where a tree does not pay.

A pair is first measured in whole steps, 16 bits a column: points that differ by b steps lie more than b - 1 and less
than b + 1 step widths apart, whatever the rounding, and 16 pairs fit one vector instruction. Only pairs that these
bounds leave open are measured in double precision, and every pair once, for both of its points. Points that are near
each other in the first columns share a block, so that in few dimensions most blocks are far away as a whole.
"""

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.information.neighbors._tree import build_tree, insert_neighbor

__all__ = ["scan_counts", "scan_nearest"]

Steps: TypeAlias = NDArray[np.int16]

_BLOCK = 128  # points measured against one in a go
_STRIDE = 16  # columns between two looks whether any pair of a block is left
_TOP = 32766  # largest step; a threshold above it lets every pair through
_SLACK = 1e-9  # far above the rounding of positions, far below a step


def scan_nearest(points: FloatArray, weights: FloatArray, distances: FloatArray, rows: IntArray) -> None:
    """Fill `distances`, shape (n, k), and `rows` with the k nearest other points, by distance and then by row."""
    n, k = distances.shape
    order = _blockwise(points, weights)
    points = points[order]
    some = points[:: n // 500 + 1]  # enough to tell how fine the steps must be
    near = [np.sort((np.abs(some - point) * weights).max(axis=1))[: k + 1].max() for point in some[::32]]
    steps, width, _ = _quantise(points, weights, float(np.median(near)))
    _nearest(points, weights, *_blocks(steps), width, order, distances, rows)


def scan_counts(points: FloatArray, weights: FloatArray, radii: FloatArray, inside: IntArray, rim: IntArray) -> None:
    """Fill `inside` and `rim`, shape (n,), as `attnstats.information.neighbors._space.Balls` defines them."""
    asked = radii[radii > 0]
    steps, width, whole = _quantise(points, weights, float(np.median(asked)) if len(asked) else 0.0)
    order = _blockwise(points, weights)
    order = order[np.argsort(~whole[order], kind="stable")]
    counts, tied = np.zeros((2, len(points)), dtype=np.int64)
    _counts(points[order], weights, *_blocks(steps[order]), width, int(whole.sum()), radii[order], counts, tied)
    inside[order], rim[order] = counts, tied


def _blockwise(points: FloatArray, weights: FloatArray) -> IntArray:
    """Return the rows in an order that keeps near points together."""
    return build_tree(points[:, :8], weights[:8], _BLOCK).order


def _quantise(points: FloatArray, weights: FloatArray, radius: float) -> tuple[Steps, float, BoolArray]:
    """Return columns in steps, their common width, fine against the radius, and the points not clipped at the ends."""
    low, high = points.min(axis=0), points.max(axis=0)
    with np.errstate(over="ignore", under="ignore"):
        width = float(((high - low) * weights).max()) / (_TOP - 2)
        if width > radius / 256 > 0:
            width = radius / 256
            some = points[:: len(points) // 500 + 1]  # where the middle lies changes how fast the scan is, alone
            low = np.median(some, axis=0) - (width / weights) * (_TOP / 2)
    steps, whole = np.zeros(points.shape, dtype=np.int16), np.zeros(len(points), dtype=np.bool_)
    if not 0 < width < np.inf:  # beyond double precision: the bounds say nothing
        return steps, np.inf, whole
    _place(points, weights, low, width, steps, whole)
    return steps, width, whole


@njit(cache=True)
def _place(points, weights, low, width, steps, whole):  # type: ignore[no-untyped-def]
    """Fill the step in which each value lies, and which points have none clipped."""
    for i in range(len(points)):
        whole[i] = True
        for c in range(weights.size):
            position = np.floor((points[i, c] - low[c]) * weights[c] / width) + 1
            if 0 < position < _TOP:
                steps[i, c] = np.int16(position)
            else:
                steps[i, c], whole[i] = np.int16(_TOP if position > 0 else 0), False


def _blocks(steps: Steps) -> tuple[Steps, Steps, Steps, Steps]:
    """Return the steps by row and by block, column and row, padded to whole blocks and groups of four columns.

    And the lowest and highest steps of each block, shape (n_blocks, dim).
    """
    n, dim = steps.shape
    by_row = np.zeros((-(-n // _BLOCK) * _BLOCK, -(-dim // 4) * 4), dtype=np.int16)
    by_row[:n, :dim] = steps
    by_row[n:, :dim] = steps[-1]
    by_block = np.ascontiguousarray(by_row.reshape(-1, _BLOCK, by_row.shape[1]).transpose(0, 2, 1))
    return by_row, by_block, by_block.min(axis=2), by_block.max(axis=2)


@njit(cache=True)
def _possible(distance, width):  # type: ignore[no-untyped-def]
    """Return the number of steps from which on a pair lies farther than a distance."""
    steps = distance / width * (1 + _SLACK) + 2 + _SLACK
    return np.int16(steps) if steps < _TOP else np.int16(_TOP + 1)


@njit(cache=True)
def _certain(distance, width):  # type: ignore[no-untyped-def]
    """Return the number of steps below which a pair lies closer than a distance."""
    steps = np.ceil(distance / width * (1 - _SLACK) - 1 - _SLACK)
    return np.int16(max(0.0, min(steps, _TOP)))


@njit(cache=True)
def _is_far(by_row, i, low, high, block, limit):  # type: ignore[no-untyped-def]
    """Whether all points of a block lie at least `limit` steps from a row."""
    for c in range(by_row.shape[1]):
        if low[block, c] - by_row[i, c] >= limit or by_row[i, c] - high[block, c] >= limit:
            return True
    return False


@njit(cache=True)
def _any_possible(by_row, i, columns, limits, limit, out):  # type: ignore[no-untyped-def]
    """Fill `out` with the steps between a row and those of a block, and say whether any lie below a limit."""
    dim = columns.shape[0]
    out[:] = 0
    for first in range(0, dim, _STRIDE):
        for c in range(first, min(first + _STRIDE, dim), 4):
            p0, p1, p2, p3 = by_row[i, c], by_row[i, c + 1], by_row[i, c + 2], by_row[i, c + 3]
            q0, q1, q2, q3 = columns[c], columns[c + 1], columns[c + 2], columns[c + 3]
            for j in range(_BLOCK):
                s0 = np.int16(max(q0[j], p0) - min(q0[j], p0))
                s1 = np.int16(max(q1[j], p1) - min(q1[j], p1))
                s2 = np.int16(max(q2[j], p2) - min(q2[j], p2))
                s3 = np.int16(max(q3[j], p3) - min(q3[j], p3))
                out[j] = max(max(out[j], s0), max(s1, max(s2, s3)))
        left = np.int16(0)
        for j in range(_BLOCK):
            left |= np.int16(out[j] < max(limits[j], limit))
        if left == 0:
            return False
    return True


@njit(cache=True)
def _distance(points, i, j, weights, limit):  # type: ignore[no-untyped-def]
    """Return the max-norm distance, or some value above the limit where it lies above."""
    largest = 0.0
    for c in range(weights.size):
        largest = max(largest, abs(points[j, c] - points[i, c]) * weights[c])
        if largest > limit:
            break
    return largest


@njit(cache=True)
def _nearest(points, weights, by_row, by_block, low, high, width, order, distances, rows):  # type: ignore[no-untyped-def]
    n, k = distances.shape
    best = np.full((n, k), np.inf)
    best_rows = np.full((n, k), -1)
    possible = np.full(len(by_row), np.int16(_TOP + 1))
    steps = np.empty(_BLOCK, np.int16)
    for within in (True, False):  # first the near points that share a block
        for first in range(0, n, _BLOCK):
            block, last = first // _BLOCK, min(first + _BLOCK, n)
            columns, here = by_block[block], possible[first : first + _BLOCK]
            largest = here.max()
            for i in range(first, last) if within else range(first):
                mine = possible[i]
                if _is_far(by_row, i, low, high, block, max(mine, largest)):
                    continue
                if not _any_possible(by_row, i, columns, here, mine, steps):
                    continue
                for j in range(max(first, i + 1), last):
                    if steps[j - first] >= max(possible[i], possible[j]):
                        continue
                    limit = max(best[i, k - 1], best[j, k - 1])
                    distance = _distance(points, i, j, weights, limit)
                    for a, b in ((i, j), (j, i)):
                        farthest = best[a, k - 1]
                        if distance < farthest or (distance == farthest and order[b] < best_rows[a, k - 1]):
                            insert_neighbor(best, best_rows, a, distance, order[b])
                            possible[a] = _possible(best[a, k - 1], width)
                largest = here.max()
    distances[order] = best
    rows[order] = best_rows


@njit(cache=True)
def _counts(points, weights, by_row, by_block, low, high, width, n_whole, radii, out, rim):  # type: ignore[no-untyped-def]
    n = len(points)
    possible = np.zeros(len(by_row), np.int16)
    certain = np.zeros(len(by_row), np.int16)
    for i in range(n):
        if radii[i] > 0:
            possible[i], certain[i] = _possible(radii[i], width), _certain(radii[i], width)
            out[i] += 1
    steps = np.empty(_BLOCK, np.int16)
    counts = np.empty(_BLOCK, np.int16)
    for first in range(0, n, _BLOCK):
        block, last = first // _BLOCK, min(first + _BLOCK, n)
        columns, here = by_block[block], possible[first : first + _BLOCK]
        sure_here = certain[first : first + _BLOCK].copy()
        largest = here.max()
        whole = last <= n_whole
        if not whole:
            sure_here[:] = 0  # a clipped point may lie farther than its steps say
        counts[:] = 0
        for i in range(last):
            mine = possible[i]
            if i % _TOP == 0:  # before 16 bits overflow
                for j in range(last - first):
                    out[first + j] += counts[j]
                counts[:] = 0
            if _is_far(by_row, i, low, high, block, max(mine, largest)):
                continue
            if not _any_possible(by_row, i, columns, here, mine, steps):
                continue
            sure = certain[i] if whole else np.int16(0)
            for j in range(i - first + 1):  # in the block on the diagonal, only pairs after i
                steps[j] = _TOP + 1
            for j in range(last - first, _BLOCK):  # padding
                steps[j] = _TOP + 1
            count, unsure = _count_block(steps, mine, sure, here, sure_here, counts)
            out[i] += count
            if unsure == 0:
                continue
            for j in range(last - first):
                to_i = sure <= steps[j] < mine
                to_j = sure_here[j] <= steps[j] < here[j]
                if to_i or to_j:
                    distance = _distance(points, i, first + j, weights, max(radii[i], radii[first + j]))
                    out[i] += to_i and distance < radii[i]
                    counts[j] += to_j and distance < radii[first + j]
                    rim[i] += to_i and distance == radii[i]
                    rim[first + j] += to_j and distance == radii[first + j]
        for j in range(last - first):
            out[first + j] += counts[j]


@njit(cache=True)
def _count_block(steps, mine, sure, here, sure_here, counts):  # type: ignore[no-untyped-def]
    """Count the pairs certainly inside, for the row and for each point of the block, and those left open."""
    count = np.int16(0)
    unsure = np.int16(0)
    for j in range(_BLOCK):
        inside = np.int16(steps[j] < sure)
        inside_here = np.int16(steps[j] < sure_here[j])
        count = np.int16(count + inside)
        counts[j] = np.int16(counts[j] + inside_here)
        unsure |= np.int16(np.int16(steps[j] < mine) - inside) | np.int16(np.int16(steps[j] < here[j]) - inside_here)
    return count, unsure
