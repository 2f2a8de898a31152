"""A compiled k-d tree: nearest distances and strict ball counts in few dimensions.

Distances are those of `attnstats.information.neighbors`. The distance to a box is computed term by term like that of
two points; as rounding is monotone it bounds the *rounded* distance of every point in the box, so pruning changes no
result.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from attnstats._validation import FloatArray, IntArray

__all__ = ["KDTree", "build_tree", "insert_distance", "pair_distance", "tree_counts", "tree_nearest"]

_LEAF_SIZE = 12


class KDTree(NamedTuple):
    """Points sorted into nodes; node 0 is the root."""

    points: FloatArray  # (n, dim), in tree order
    order: IntArray  # (n,) original row of each point
    start: IntArray  # (n_nodes,) first point of a node
    stop: IntArray
    child: IntArray  # (n_nodes,) first of two neighbouring children, -1 for a leaf
    low: FloatArray  # (n_nodes, dim) bounding box
    high: FloatArray


def build_tree(points: FloatArray, weights: FloatArray) -> KDTree:
    """Return the tree of points, shape (n, dim), halved along the column of largest weighted range."""
    order, start, stop, child, low, high = _build(points, weights)
    return KDTree(points[order], order, start, stop, child, low, high)


@njit(cache=True)
def _partition(values, order, start, stop, middle):  # type: ignore[no-untyped-def]
    """Reorder ``order[start:stop]`` so that position `middle` holds what sorting by `values` would put there."""
    stop -= 1
    while start < stop:
        pivot = values[order[(start + stop) // 2]]
        i, j = start, stop
        while i <= j:
            while values[order[i]] < pivot:
                i += 1
            while values[order[j]] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if middle <= j:
            stop = j
        elif middle >= i:
            start = i
        else:
            return


@njit(cache=True)
def _build(points, weights):  # type: ignore[no-untyped-def]
    n, dim = points.shape
    capacity = 4 * (n // _LEAF_SIZE) + 3  # leaves hold more than half of _LEAF_SIZE points, and nodes < 2 leaves
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
            least = most = points[order[first], c]
            for p in range(first + 1, last):
                value = points[order[p], c]
                least = min(least, value)
                most = max(most, value)
            low[node, c], high[node, c] = least, most
            if (most - least) * weights[c] > widest:
                widest, axis = (most - least) * weights[c], c
        if last - first > _LEAF_SIZE and widest > 0:
            middle = (first + last) // 2
            _partition(points[:, axis], order, first, last, middle)
            child[node] = used
            start[used], stop[used] = first, middle
            start[used + 1], stop[used + 1] = middle, last
            used += 2
        node += 1
    return order, start[:used], stop[:used], child[:used], low[:used], high[:used]


@njit(cache=True)
def pair_distance(a, b, weights, euclidean):  # type: ignore[no-untyped-def]
    """Return the max-norm or squared Euclidean distance, columns in order: the rounding is part of the definition."""
    total = 0.0
    for c in range(a.size):
        term = abs(b[c] - a[c]) * weights[c]
        total = total + term * term if euclidean else max(total, term)
    return total


@njit(cache=True)
def _nearest(tree, node, point, weights, euclidean):  # type: ignore[no-untyped-def]
    """Distance of a point to the nearest place of a node's box."""
    total = 0.0
    for c in range(point.size):
        term = max(tree.low[node, c] - point[c], point[c] - tree.high[node, c], 0.0) * weights[c]
        total = total + term * term if euclidean else max(total, term)
    return total


@njit(cache=True)
def _farthest(tree, node, point, weights, euclidean):  # type: ignore[no-untyped-def]
    """Distance of a point to the farthest place of a node's box."""
    total = 0.0
    for c in range(point.size):
        term = max(tree.high[node, c] - point[c], point[c] - tree.low[node, c]) * weights[c]
        total = total + term * term if euclidean else max(total, term)
    return total


@njit(cache=True)
def insert_distance(best, value):  # type: ignore[no-untyped-def]
    """Put a value below the largest into an ascending array, dropping the largest."""
    slot = best.size - 1
    while slot > 0 and best[slot - 1] > value:
        best[slot] = best[slot - 1]
        slot -= 1
    best[slot] = value


@njit(cache=True)
def tree_nearest(tree, weights, euclidean, out):  # type: ignore[no-untyped-def]
    """Fill `out`, shape (n, k) and infinite, with the distances to the k nearest other points, ascending."""
    stack = np.empty(128, np.int64)
    bounds = np.empty(128)
    for i in range(len(tree.points)):
        point = tree.points[i]
        best = out[tree.order[i]]
        stack[0], bounds[0] = 0, 0.0
        depth = 1
        while depth:
            depth -= 1
            node = stack[depth]
            if bounds[depth] >= best[-1]:
                continue
            first = tree.child[node]
            if first < 0:
                for j in range(tree.start[node], tree.stop[node]):
                    if j != i:
                        distance = pair_distance(point, tree.points[j], weights, euclidean)
                        if distance < best[-1]:
                            insert_distance(best, distance)
                continue
            left = _nearest(tree, first, point, weights, euclidean)
            right = _nearest(tree, first + 1, point, weights, euclidean)
            # The nearer child is visited first: a tie goes to the side that holds the point itself.
            right_first = right < left or (right == left and i >= tree.start[first + 1])
            stack[depth], bounds[depth] = (first, left) if right_first else (first + 1, right)
            stack[depth + 1], bounds[depth + 1] = (first + 1, right) if right_first else (first, left)
            depth += 2


@njit(cache=True)
def tree_counts(tree, weights, radii, euclidean, out):  # type: ignore[no-untyped-def]
    """Fill `out`, shape (n,), with the numbers of points strictly closer than the radii, the point itself included."""
    stack = np.empty(128, np.int64)
    for i in range(len(tree.points)):
        point = tree.points[i]
        radius = radii[tree.order[i]]
        stack[0] = 0
        depth = 1
        count = 0
        while depth:
            depth -= 1
            node = stack[depth]
            if _nearest(tree, node, point, weights, euclidean) >= radius:
                continue
            if _farthest(tree, node, point, weights, euclidean) < radius:
                count += tree.stop[node] - tree.start[node]
            elif tree.child[node] < 0:
                for j in range(tree.start[node], tree.stop[node]):
                    count += pair_distance(point, tree.points[j], weights, euclidean) < radius
            else:
                stack[depth], stack[depth + 1] = tree.child[node], tree.child[node] + 1
                depth += 2
        out[tree.order[i]] = count
