"""A k-d tree of points, compiled; `_tree_search` goes through it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from attnstats._validation import FloatArray, IntArray
from attnstats.information.neighbors._tree_search import LEAF_SIZE


class KDTree(NamedTuple):
    """Points sorted into nodes; node 0 is the root."""

    columns: FloatArray  # (dim, n + LEAF_SIZE), in tree order; the last ones are padding
    order: IntArray  # (n,) original row of each point
    start: IntArray  # (n_nodes,) first point of a node
    stop: IntArray
    child: IntArray  # (n_nodes,) first of two neighbouring children, -1 for a leaf
    low: FloatArray  # (n_nodes, dim) bounding box
    high: FloatArray


def build_tree(points: FloatArray, weights: FloatArray, leaf_size: int = LEAF_SIZE) -> KDTree:
    """Return the tree of points, shape (n, dim), halved along the column of largest weighted range."""
    return KDTree(*_build(points, weights, leaf_size, LEAF_SIZE))


@njit(cache=True)
def _partition(columns, order, axis, start, stop, middle):  # type: ignore[no-untyped-def]
    """Reorder the points from `start` to `stop` so that `middle` holds what sorting by a column would put there."""
    stop -= 1
    while start < stop:
        pivot = columns[axis, (start + stop) // 2]
        i, j = start, stop
        while i <= j:
            while columns[axis, i] < pivot:
                i += 1
            while columns[axis, j] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                for c in range(columns.shape[0]):
                    columns[c, i], columns[c, j] = columns[c, j], columns[c, i]
                i += 1
                j -= 1
        if middle <= j:
            stop = j
        elif middle >= i:
            start = i
        else:
            return


@njit(cache=True)
def _build(points, weights, leaf_size, padding):  # type: ignore[no-untyped-def]
    """Return the fields of `KDTree`; nodes are halved at the median of their widest column, breadth first."""
    n, dim = points.shape
    capacity = 4 * (n // leaf_size) + 3  # leaves hold at least half of leaf_size points, and nodes < 2 leaves
    columns = np.zeros((dim, n + padding))
    columns[:, :n] = points.T
    order = np.arange(n)
    start = np.zeros(capacity, np.int64)
    stop = np.zeros(capacity, np.int64)
    child = np.full(capacity, -1, np.int64)
    low = np.empty((capacity, dim))
    high = np.empty((capacity, dim))
    stop[0] = n
    used = 1
    node = 0
    while node < used:
        first, last = start[node], stop[node]
        widest, axis = -1.0, 0  # the bounding box, and its longest side
        for c in range(dim):
            least = most = columns[c, first]
            for p in range(first + 1, last):
                least = min(least, columns[c, p])
                most = max(most, columns[c, p])
            low[node, c], high[node, c] = least, most
            if (most - least) * weights[c] > widest:
                widest, axis = (most - least) * weights[c], c
        if last - first > leaf_size and widest > 0:
            middle = (first + last) // 2
            _partition(columns, order, axis, first, last, middle)
            child[node] = used
            start[used], stop[used] = first, middle
            start[used + 1], stop[used + 1] = middle, last
            used += 2
        node += 1
    return columns, order, start[:used], stop[:used], child[:used], low[:used], high[:used]
