"""Max-norm neighbours in the plane, by a tree of its own for this commonest case; counts along one sorted column."""

from __future__ import annotations

import numpy as np
from numba import njit

from attnstats._validation import FloatArray, IntArray
from attnstats.information.neighbors._threads import in_threads
from attnstats.information.neighbors._tree_search import PLANE_LEAF_SIZE, plane_nearest


def nearest_in_plane(
    points: FloatArray, orders: tuple[IntArray, IntArray], weights: FloatArray, distances: FloatArray, rows: IntArray
) -> None:
    """Fill `distances` and `rows` as `tree_nearest` does; `orders` holds the rows in ascending order of each column."""
    x, y = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    tree = _build(x, y, orders[0].astype(np.int32), orders[1].astype(np.int32), weights[0], weights[1], PLANE_LEAF_SIZE)
    in_threads(
        lambda first, last: plane_nearest(*tree, weights[0], weights[1], first, last, distances, rows), len(tree[3])
    )


def counts_in_column(
    values: FloatArray, order: IntArray, weight: float, radii: FloatArray, inside: IntArray, rim: IntArray
) -> None:
    """Fill `inside` and `rim`, shape (n,), as `Balls` defines them, along one ascending column with rows `order`."""
    in_threads(
        lambda first, last: _column_counts(values, order, weight, radii, first, last, inside, rim), len(values), 50_000
    )


@njit(cache=True, nogil=True)
def _column_counts(values, order, weight, radii, start, stop, inside, rim):  # type: ignore[no-untyped-def]
    """Fill the counts at some places of the column."""
    # By galloping from each value both ways, then bisecting, on the rounded difference: x +- radius would miscount.
    n = values.size
    for i in range(start, stop):
        value, radius = values[i], radii[order[i]]
        if not radius > 0:
            continue
        below, step = 0, 1  # values[i - below] is inside, values[i - below - open_below] is not
        while step <= i and (value - values[i - step]) * weight < radius:
            below, step = step, 4 * step
        open_below = min(step, i + 1) - below
        above, step = 0, 1
        while step < n - i and (values[i + step] - value) * weight < radius:
            above, step = step, 4 * step
        open_above = min(step, n - i) - above
        # Both sides at once, which hides the waiting; without a branch on the data, which could not be foreseen.
        while open_below > 1 or open_above > 1:
            half = open_below >> 1
            below += half * ((value - values[i - below - half]) * weight < radius)
            open_below -= half
            half = open_above >> 1
            above += half * ((values[i + above + half] - value) * weight < radius)
            open_above -= half
        inside[order[i]] = below + above + 1
        if below < i and (value - values[i - below - 1]) * weight == radius:
            rim[order[i]] += _at_radius(values, value, i - below - 1, -1, weight, radius)
        if above < n - 1 - i and (values[i + above + 1] - value) * weight == radius:
            rim[order[i]] += _at_radius(values, value, i + above + 1, 1, weight, radius)


@njit(cache=True, nogil=True)
def _at_radius(values, value, first, side, weight, radius):  # type: ignore[no-untyped-def]
    """Return how many values lie at the radius exactly, the first of them known, by galloping."""
    left = first + 1 if side < 0 else values.size - first
    tied, step = 1, 1
    while tied + step <= left and abs(values[first + side * (tied + step - 1)] - value) * weight <= radius:
        tied += step
        step *= 2
    step //= 2
    while step:
        if tied + step <= left and abs(values[first + side * (tied + step - 1)] - value) * weight <= radius:
            tied += step
        step //= 2
    return tied


@njit(cache=True, nogil=True)
def _divide(chosen, others, side, spare, start, middle, stop):  # type: ignore[no-untyped-def]
    """Split the rows of a node at the middle of the first order, and the second order likewise, kept ascending."""
    for p in range(start, middle):
        side[chosen[p]] = 1
    for p in range(middle, stop):
        side[chosen[p]] = 0
    kept, moved = start, 0
    for p in range(start, stop):  # without a branch on the data
        row = others[p]
        others[kept] = row
        spare[moved] = row
        kept += side[row]
        moved += 1 - side[row]
    others[middle:stop] = spare[:moved]


@njit(cache=True, nogil=True)
def _build(x, y, by_x, by_y, weight_x, weight_y, leaf_size):  # type: ignore[no-untyped-def]
    """Return columns and rows in tree order, and the nodes: start, stop, first child (-1 for a leaf), box."""
    n = x.size
    capacity = 4 * (n // leaf_size) + 3  # leaves hold at least half of leaf_size points, and nodes < 2 leaves
    start = np.empty(capacity, np.int32)
    stop = np.empty(capacity, np.int32)
    child = np.full(capacity, -1, np.int32)
    box = np.empty((capacity, 4))
    side = np.empty(n, np.uint8)
    spare = np.empty(n, np.int32)
    start[0], stop[0] = 0, n
    used = 1
    node = 0
    while node < used:
        first, last = start[node], stop[node]
        left, right = x[by_x[first]], x[by_x[last - 1]]
        low, high = y[by_y[first]], y[by_y[last - 1]]
        box[node, 0], box[node, 1], box[node, 2], box[node, 3] = left, right, low, high
        width, height = (right - left) * weight_x, (high - low) * weight_y
        if last - first > leaf_size and max(width, height) > 0:
            middle = (first + last) // 2
            if width >= height:
                _divide(by_x, by_y, side, spare, first, middle, last)
            else:
                _divide(by_y, by_x, side, spare, first, middle, last)
            child[node] = used
            start[used], stop[used] = first, middle
            start[used + 1], stop[used + 1] = middle, last
            used += 2
        node += 1
    return x[by_x], y[by_x], by_x, start[:used], stop[:used], child[:used], box[:used]
