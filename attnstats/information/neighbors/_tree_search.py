"""Compiled searches in trees: nearest neighbours, and counts of balls, in few dimensions and in the plane."""

from __future__ import annotations

import numpy as np
from numba import njit

# Compiled functions that call each other stand in one file: Numba's cache of a caller notices no change elsewhere.

LEAF_SIZE = 16
PLANE_LEAF_SIZE = 12
_STACK_SIZE = 128  # twice the depth of a tree halved at each node


@njit(cache=True)
def _insert(distances, rows, i, distance, row):  # type: ignore[no-untyped-def]
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
def _leaf_distances(columns, i, first, weights, ends, euclidean, out):  # type: ignore[no-untyped-def]
    """Fill `out` with the distances of point i to LEAF_SIZE points from `first`, columns in order."""
    at = np.uint64(first)  # unsigned: no wrap-around, which would keep the loops from vector instructions
    if not euclidean:
        for s in range(LEAF_SIZE):
            out[s] = abs(columns[0, at + np.uint64(s)] - columns[0, i]) * weights[0]
        for c in range(1, weights.size):
            for s in range(LEAF_SIZE):
                out[s] = max(out[s], abs(columns[c, at + np.uint64(s)] - columns[c, i]) * weights[c])
        return
    out[:] = 0.0
    total = np.empty(LEAF_SIZE)
    c = 0
    for end in ends:
        total[:] = 0.0
        while c < end:
            for s in range(LEAF_SIZE):
                term = (columns[c, at + np.uint64(s)] - columns[c, i]) * weights[c]
                total[s] += term * term
            c += 1
        for s in range(LEAF_SIZE):
            out[s] = max(out[s], total[s])


# The distance of two boxes is computed term by term like that of two points; as rounding is monotone it bounds the
# *rounded* distance of every pair of their points, so pruning changes no result. The points of a leaf are neighbours
# and go through the tree together, which shares the descent.
@njit(cache=True)
def _box_distance(columns, i, low, high, j, weights, ends, euclidean):  # type: ignore[no-untyped-def]
    """Return the distance of a point to the nearest place of a box."""
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
def _least_distance(low, high, i, j, weights, ends, euclidean):  # type: ignore[no-untyped-def]
    """Return the distance of the nearest places of two boxes, or of the farthest if `low` and `high` are swapped."""
    largest = 0.0
    c = 0
    for end in ends:
        total = 0.0
        while c < end:
            term = max(low[j, c] - high[i, c], low[i, c] - high[j, c], 0.0) * weights[c]
            total = total + term * term if euclidean else max(total, term)
            c += 1
        largest = max(largest, total)
    return largest


@njit(cache=True)
def tree_nearest(tree, weights, ends, euclidean, distances, rows):  # type: ignore[no-untyped-def]
    """Fill `distances`, shape (n, k), and `rows` with the k nearest other points, by distance and then by row."""
    columns, order, start, stop, children, low, high = tree
    stack = np.empty(_STACK_SIZE, np.int64)
    leaf_distances = np.empty(LEAF_SIZE)
    bounds = np.empty(_STACK_SIZE)
    k = distances.shape[1]
    best = np.empty((LEAF_SIZE, k))
    best_rows = np.empty((LEAF_SIZE, k), np.int64)
    for leaf in range(children.size):
        if children[leaf] >= 0:
            continue
        for first in range(start[leaf], stop[leaf], LEAF_SIZE):  # a leaf of equal points has any size
            last = min(first + LEAF_SIZE, stop[leaf])
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
                    left = _least_distance(low, high, leaf, child, weights, ends, euclidean)
                    right = _least_distance(low, high, leaf, child + 1, weights, ends, euclidean)
                    # The nearer child is visited first; a tie goes to the side that holds the leaf itself.
                    if right < left or (right == left and first >= start[child + 1]):
                        stack[depth], bounds[depth] = child, left
                        stack[depth + 1], bounds[depth + 1] = child + 1, right
                    else:
                        stack[depth], bounds[depth] = child + 1, right
                        stack[depth + 1], bounds[depth + 1] = child, left
                    depth += 2
                    continue
                # At a leaf: each point whose k-th neighbour lies no nearer than the leaf looks through it.
                reach = 0.0
                for i in range(first, last):
                    mine = i - first
                    farthest = best[mine, k - 1]
                    if _box_distance(columns, i, low, high, node, weights, ends, euclidean) <= farthest:
                        for block in range(start[node], stop[node], LEAF_SIZE):
                            _leaf_distances(columns, i, block, weights, ends, euclidean, leaf_distances)
                            for j in range(block, min(block + LEAF_SIZE, stop[node])):
                                distance = leaf_distances[j - block]
                                if j != i and (
                                    distance < farthest or (distance == farthest and order[j] < best_rows[mine, k - 1])
                                ):
                                    _insert(best, best_rows, mine, distance, order[j])
                                    farthest = best[mine, k - 1]
                            if farthest == 0:  # k copies are enough, of maybe many
                                break
                    reach = max(reach, farthest)
            for i in range(first, last):
                for slot in range(k):
                    distances[order[i], slot] = best[i - first, slot]
                    rows[order[i], slot] = best_rows[i - first, slot]


@njit(cache=True)
def tree_counts(tree, weights, ends, euclidean, radii, inside, rim):  # type: ignore[no-untyped-def]
    """Fill `inside` and `rim`, shape (n,), as `Balls` defines them."""
    columns, order, start, stop, children, low, high = tree
    stack = np.empty(_STACK_SIZE, np.int64)
    leaf_distances = np.empty(LEAF_SIZE)
    for leaf in range(children.size):
        if children[leaf] >= 0:
            continue
        for first in range(start[leaf], stop[leaf], LEAF_SIZE):
            last = min(first + LEAF_SIZE, stop[leaf])
            shared = 0
            asked = radii[order[first:last]]
            smallest, largest = asked.min(), asked.max()
            stack[0] = 0
            depth = 1 if largest > 0 else 0
            while depth:
                depth -= 1
                node = stack[depth]
                # A node beyond all balls is left out, one inside all of them counted as a whole.
                if _least_distance(low, high, leaf, node, weights, ends, euclidean) > largest:
                    continue
                if _least_distance(high, low, leaf, node, weights, ends, euclidean) < smallest:
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
                    for block in range(start[node], stop[node], LEAF_SIZE):
                        _leaf_distances(columns, i, block, weights, ends, euclidean, leaf_distances)
                        size = stop[node] - block
                        for s in range(LEAF_SIZE):
                            count += (leaf_distances[s] < radius) & (s < size)
                            tied += (leaf_distances[s] == radius) & (s < size)
                    inside[order[i]] += count
                    rim[order[i]] += tied
            for i in range(first, last):
                inside[order[i]] += shared


@njit(cache=True)
def _gap(box, node, left, right, low, high, weight_x, weight_y):  # type: ignore[no-untyped-def]
    """Return the distance of a node's box and another one."""
    return max(
        max(box[node, 0] - right, left - box[node, 1], 0.0) * weight_x,
        max(box[node, 2] - high, low - box[node, 3], 0.0) * weight_y,
    )


@njit(cache=True)
def plane_nearest(x, y, order, start, stop, children, box, weight_x, weight_y, distances, rows):  # type: ignore[no-untyped-def]
    """Fill `distances` and `rows` as `tree_nearest` does, from a tree of two columns; `order` its rows."""
    k = distances.shape[1]
    stack = np.empty(_STACK_SIZE, np.int64)
    bounds = np.empty(_STACK_SIZE)
    best = np.empty((PLANE_LEAF_SIZE, k))
    best_rows = np.empty((PLANE_LEAF_SIZE, k), np.int64)
    for leaf in range(children.size):
        if children[leaf] >= 0:
            continue
        left, right, low, high = box[leaf, 0], box[leaf, 1], box[leaf, 2], box[leaf, 3]
        for first in range(start[leaf], stop[leaf], PLANE_LEAF_SIZE):  # a leaf of equal points has any size
            last = min(first + PLANE_LEAF_SIZE, stop[leaf])
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
                    one = _gap(box, child, left, right, low, high, weight_x, weight_y)
                    two = _gap(box, child + 1, left, right, low, high, weight_x, weight_y)
                    # The nearer child is visited first; a tie goes to the side that holds the leaf itself.
                    if two < one or (two == one and first >= start[child + 1]):
                        stack[depth], bounds[depth] = child, one
                        stack[depth + 1], bounds[depth + 1] = child + 1, two
                    else:
                        stack[depth], bounds[depth] = child + 1, two
                        stack[depth + 1], bounds[depth + 1] = child, one
                    depth += 2
                    continue
                reach = 0.0  # the largest distance to a k-th neighbour among the points of the leaf
                for i in range(first, last):
                    a, b = x[i], y[i]
                    mine = i - first
                    farthest = best[mine, k - 1]
                    if _gap(box, node, a, a, b, b, weight_x, weight_y) <= farthest:
                        for j in range(start[node], stop[node]):
                            distance = max(abs(x[j] - a) * weight_x, abs(y[j] - b) * weight_y)
                            if distance <= farthest and j != i:
                                row = order[j]
                                if distance < farthest or row < best_rows[mine, k - 1]:
                                    _insert(best, best_rows, mine, distance, row)
                                    farthest = best[mine, k - 1]
                                if farthest == 0:  # k copies are enough, of maybe many
                                    break
                    reach = max(reach, farthest)
            for i in range(first, last):
                for slot in range(k):
                    distances[order[i], slot] = best[i - first, slot]
                    rows[order[i], slot] = best_rows[i - first, slot]
