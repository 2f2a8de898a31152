"""A compiled k-d tree: nearest neighbours and strict ball counts in few dimensions.

Distances are those of `_space`. The distance of two boxes is computed term by term like that
of two points; as rounding is monotone it bounds the *rounded* distance of every pair of their points, so pruning
changes no result. The points of a leaf are neighbours and go through the tree together, which shares the descent.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from attnstats._validation import FloatArray, IntArray

__all__ = ["KDTree", "build_tree", "insert_neighbor", "tree_counts", "tree_nearest"]

_LEAF_SIZE = 16
_STACK_SIZE = 128  # twice the depth of a tree halved at each node


class KDTree(NamedTuple):
    """Points sorted into nodes; node 0 is the root."""

    columns: FloatArray  # (dim, n + _LEAF_SIZE), in tree order; the last ones are padding
    order: IntArray  # (n,) original row of each point
    start: IntArray  # (n_nodes,) first point of a node
    stop: IntArray
    child: IntArray  # (n_nodes,) first of two neighbouring children, -1 for a leaf
    low: FloatArray  # (n_nodes, dim) bounding box
    high: FloatArray


def build_tree(points: FloatArray, weights: FloatArray, leaf_size: int = _LEAF_SIZE) -> KDTree:
    """Return the tree of points, shape (n, dim), halved along the column of largest weighted range."""
    return KDTree(*_build(points, weights, leaf_size))


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
def _build(points, weights, leaf_size):  # type: ignore[no-untyped-def]
    n, dim = points.shape
    capacity = 4 * (n // leaf_size) + 3  # leaves hold at least half of leaf_size points, and nodes < 2 leaves
    columns = np.zeros((dim, n + _LEAF_SIZE))
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
        widest, axis = -1.0, 0
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


@njit(cache=True)
def _leaf_distances(columns, i, first, weights, ends, euclidean, out):  # type: ignore[no-untyped-def]
    """Fill `out` with the distances of point i to _LEAF_SIZE points from `first`, columns in order."""
    at = np.uint64(first)  # unsigned: no wrap-around, which would keep the loops from vector instructions
    if not euclidean:
        for s in range(_LEAF_SIZE):
            out[s] = abs(columns[0, at + np.uint64(s)] - columns[0, i]) * weights[0]
        for c in range(1, weights.size):
            for s in range(_LEAF_SIZE):
                out[s] = max(out[s], abs(columns[c, at + np.uint64(s)] - columns[c, i]) * weights[c])
        return
    out[:] = 0.0
    total = np.empty(_LEAF_SIZE)
    c = 0
    for end in ends:
        total[:] = 0.0
        while c < end:
            for s in range(_LEAF_SIZE):
                term = (columns[c, at + np.uint64(s)] - columns[c, i]) * weights[c]
                total[s] += term * term
            c += 1
        for s in range(_LEAF_SIZE):
            out[s] = max(out[s], total[s])


@njit(cache=True)
def _box_distance(columns, i, low, high, j, weights, ends, euclidean):  # type: ignore[no-untyped-def]
    """Distance of a point to the nearest place of a box."""
    largest = 0.0
    c = 0
    for end in ends:
        total = 0.0
        while c < end:
            term = max(low[j, c] - columns[c, i], columns[c, i] - high[j, c], 0.0) * weights[c]
            total = total + term * term if euclidean else max(total, term)
            c += 1
        largest = max(largest, total)
    return largest


@njit(cache=True)
def _least_distance(low, high, i, other_low, other_high, j, weights, ends, euclidean):  # type: ignore[no-untyped-def]
    """Distance of the nearest places of two boxes."""
    largest = 0.0
    if not euclidean:
        for c in range(weights.size):
            largest = max(largest, max(other_low[j, c] - high[i, c], low[i, c] - other_high[j, c]) * weights[c])
        return largest
    c = 0
    for end in ends:
        total = 0.0
        while c < end:
            term = max(other_low[j, c] - high[i, c], low[i, c] - other_high[j, c], 0.0) * weights[c]
            total += term * term
            c += 1
        largest = max(largest, total)
    return largest


@njit(cache=True)
def _most_distance(low, high, i, other_low, other_high, j, weights, ends, euclidean):  # type: ignore[no-untyped-def]
    """Distance of the farthest places of two boxes."""
    largest = 0.0
    if not euclidean:
        for c in range(weights.size):
            largest = max(largest, max(other_high[j, c] - low[i, c], high[i, c] - other_low[j, c]) * weights[c])
        return largest
    c = 0
    for end in ends:
        total = 0.0
        while c < end:
            term = max(other_high[j, c] - low[i, c], high[i, c] - other_low[j, c]) * weights[c]
            total += term * term
            c += 1
        largest = max(largest, total)
    return largest


@njit(cache=True)
def insert_neighbor(distances, rows, i, distance, row):  # type: ignore[no-untyped-def]
    """Put a neighbour of `i` in its place, by distance and then by row, and drop the last."""
    slot = distances.shape[1] - 1
    while slot > 0 and (
        distances[i, slot - 1] > distance or (distances[i, slot - 1] == distance and rows[i, slot - 1] > row)
    ):
        distances[i, slot] = distances[i, slot - 1]
        rows[i, slot] = rows[i, slot - 1]
        slot -= 1
    distances[i, slot] = distance
    rows[i, slot] = row


@njit(cache=True)
def tree_nearest(tree, weights, ends, euclidean, distances, rows):  # type: ignore[no-untyped-def]
    """Fill `distances`, shape (n, k), and `rows` with the k nearest other points, by distance and then by row."""
    columns, order, start, stop, children, low, high = tree
    stack = np.empty(_STACK_SIZE, np.int64)
    leaf_distances = np.empty(_LEAF_SIZE)
    bounds = np.empty(_STACK_SIZE)
    k = distances.shape[1]
    best = np.empty((_LEAF_SIZE, k))
    best_rows = np.empty((_LEAF_SIZE, k), np.int64)
    for leaf in range(children.size):
        if children[leaf] >= 0:
            continue
        for first in range(start[leaf], stop[leaf], _LEAF_SIZE):  # a leaf of equal points has any size
            last = min(first + _LEAF_SIZE, stop[leaf])
            best[:] = np.inf
            best_rows[:] = -1
            reach = np.inf
            stack[0], bounds[0] = 0, 0.0
            depth = 1
            while depth and reach > 0:
                depth -= 1
                node = stack[depth]
                if bounds[depth] > reach:
                    continue
                child = children[node]
                if child >= 0:
                    left = _least_distance(low, high, leaf, low, high, child, weights, ends, euclidean)
                    right = _least_distance(low, high, leaf, low, high, child + 1, weights, ends, euclidean)
                    # The nearer child is visited first; a tie goes to the side that holds the leaf itself.
                    if right < left or (right == left and first >= start[child + 1]):
                        stack[depth], bounds[depth] = child, left
                        stack[depth + 1], bounds[depth + 1] = child + 1, right
                    else:
                        stack[depth], bounds[depth] = child + 1, right
                        stack[depth + 1], bounds[depth + 1] = child, left
                    depth += 2
                    continue
                reach = 0.0
                for i in range(first, last):
                    mine = i - first
                    farthest = best[mine, k - 1]
                    if _box_distance(columns, i, low, high, node, weights, ends, euclidean) <= farthest:
                        for block in range(start[node], stop[node], _LEAF_SIZE):
                            _leaf_distances(columns, i, block, weights, ends, euclidean, leaf_distances)
                            for j in range(block, min(block + _LEAF_SIZE, stop[node])):
                                distance = leaf_distances[j - block]
                                if j != i and (
                                    distance < farthest or (distance == farthest and order[j] < best_rows[mine, k - 1])
                                ):
                                    insert_neighbor(best, best_rows, mine, distance, order[j])
                                    farthest = best[mine, k - 1]
                            if farthest == 0:  # copies: their order says nothing, their number may be large
                                break
                    reach = max(reach, farthest)
            for i in range(first, last):
                for slot in range(k):
                    distances[order[i], slot] = best[i - first, slot]
                    rows[order[i], slot] = best_rows[i - first, slot]


@njit(cache=True)
def tree_counts(tree, weights, ends, euclidean, radii, inside, rim):  # type: ignore[no-untyped-def]
    """Fill `inside` and `rim`, shape (n,), as `attnstats.information.neighbors._space.Balls` defines them."""
    columns, order, start, stop, children, low, high = tree
    stack = np.empty(_STACK_SIZE, np.int64)
    leaf_distances = np.empty(_LEAF_SIZE)
    for leaf in range(children.size):
        if children[leaf] >= 0:
            continue
        for first in range(start[leaf], stop[leaf], _LEAF_SIZE):
            last = min(first + _LEAF_SIZE, stop[leaf])
            shared = 0
            smallest, largest = np.inf, 0.0
            for i in range(first, last):
                smallest = min(smallest, radii[order[i]])
                largest = max(largest, radii[order[i]])
            stack[0] = 0
            depth = 1 if largest > 0 else 0
            while depth:
                depth -= 1
                node = stack[depth]
                if _least_distance(low, high, leaf, low, high, node, weights, ends, euclidean) > largest:
                    continue
                if _most_distance(low, high, leaf, low, high, node, weights, ends, euclidean) < smallest:
                    shared += stop[node] - start[node]
                    continue
                if children[node] >= 0:
                    stack[depth], stack[depth + 1] = children[node], children[node] + 1
                    depth += 2
                    continue
                for i in range(first, last):
                    radius = radii[order[i]]
                    if not 0 < radius >= _box_distance(columns, i, low, high, node, weights, ends, euclidean):
                        continue
                    count = tied = 0
                    for block in range(start[node], stop[node], _LEAF_SIZE):
                        _leaf_distances(columns, i, block, weights, ends, euclidean, leaf_distances)
                        size = stop[node] - block
                        for s in range(_LEAF_SIZE):
                            count += (leaf_distances[s] < radius) & (s < size)
                            tied += (leaf_distances[s] == radius) & (s < size)
                    inside[order[i]] += count
                    rim[order[i]] += tied
            for i in range(first, last):
                inside[order[i]] += shared
