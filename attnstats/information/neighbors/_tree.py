"""A k-d tree of points, compiled, its leaves laid out as blocks of memory; `_tree_search` goes through it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from attnstats._validation import FloatArray, IntArray
from attnstats.information.neighbors._tree_search import GROUP, LEAF_SIZE


class KDTree(NamedTuple):
    """Points in tree order: each `LEAF_SIZE` of them make a leaf, each `GROUP` leaves a group; the last hold fewer.

    Points and leaves that are absent are NaN, which compares as neither near nor far.
    """

    order: IntArray  # (n,) original row of each point
    weights: FloatArray  # (dim,), columns of zeros added up to a multiple of three
    blocks: FloatArray  # (n_leaves, dim, LEAF_SIZE) flat, coordinates: a leaf is one block of memory
    leaf_low: FloatArray  # (n_groups, dim, GROUP) flat, bounding boxes of the leaves
    leaf_high: FloatArray
    start: IntArray  # (n_nodes,) first point of a node; node 0 is the root, and a node of one group is not divided
    stop: IntArray
    child: IntArray  # (n_nodes,) first of two neighbouring children
    low: FloatArray  # (n_nodes, dim) bounding boxes
    high: FloatArray


def build_tree(points: FloatArray, weights: FloatArray) -> KDTree:
    """Return the tree of points, shape (n, dim), each node halved along the column of largest weighted range."""
    n, dim = points.shape
    columns, order = np.zeros((-(-dim // 3) * 3, n)), np.arange(n)
    columns[:dim] = points.T
    weights = np.append(weights, np.ones(len(columns) - dim))
    nodes = _divide(columns, order, weights, LEAF_SIZE * GROUP)
    for group in range(0, n, LEAF_SIZE * GROUP):
        part = slice(group, group + LEAF_SIZE * GROUP)
        _divide(columns[:, part], order[part], weights, LEAF_SIZE)
    return KDTree(order, weights, *_leaves(columns, LEAF_SIZE, GROUP), *nodes)


def blockwise(points: FloatArray, weights: FloatArray, size: int) -> IntArray:
    """Return the rows in an order in which those of each block of so many are near each other."""
    order = np.arange(len(points))
    _divide(points.T.copy(), order, weights, size)
    return order


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _divide(columns, order, weights, size):  # type: ignore[no-untyped-def]
    """Sort points into nodes of `size`, all full but the last; return start, stop, child, low and high of all nodes."""
    dim, n = columns.shape
    capacity = 2 * ((n + size - 1) // size)
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
        if last - first > size:
            middle = first + (last - first + 2 * size - 1) // (2 * size) * size  # half of the blocks, rounded up
            if widest > 0:
                _partition(columns, order, axis, first, last, middle)
            child[node] = used
            start[used], stop[used] = first, middle
            start[used + 1], stop[used + 1] = middle, last
            used += 2
        node += 1
    return start[:used], stop[:used], child[:used], low[:used], high[:used]


@njit(cache=True, nogil=True)
def _leaves(columns, leaf_size, group):  # type: ignore[no-untyped-def]
    """Return the points by leaf, and the bounding boxes of the leaves by group."""
    dim, n = columns.shape
    n_leaves = (n + leaf_size - 1) // leaf_size
    n_groups = (n_leaves + group - 1) // group
    blocks = np.full((n_leaves, dim, leaf_size), np.nan)
    low = np.full((n_groups, dim, group), np.nan)
    high = np.full((n_groups, dim, group), np.nan)
    for leaf in range(n_leaves):
        first = leaf * leaf_size
        for c in range(dim):
            least = most = columns[c, first]
            for p in range(first, min(first + leaf_size, n)):
                value = columns[c, p]
                blocks[leaf, c, p - first] = value
                least, most = min(least, value), max(most, value)
            low[leaf // group, c, leaf % group] = least
            high[leaf // group, c, leaf % group] = most
    return blocks.ravel(), low.ravel(), high.ravel()
