"""Compiled searches in trees: nearest neighbours, and counts of balls, in few dimensions and in the plane."""

from __future__ import annotations

import numpy as np
from numba import njit

# Compiled functions that call each other stand in one file: Numba's cache of a caller notices no change elsewhere.

LEAF_SIZE = 64  # points that are measured together
GROUP = 32  # leaves whose boxes are measured together
PLANE_LEAF_SIZE = 12
CUT, INSIDE = 1, 2  # kinds of boxes, 0 beyond the ball
_STACK_SIZE = 128  # twice the depth of a tree halved at each node


@njit(cache=True, nogil=True)
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


# The points of a leaf, or the boxes of a group, are measured in one go: they lie beside each other in memory, so the
# loops over them are ones of vectors, three columns at a time; missing columns are zero. (Flat arrays, as a view costs
# as much as what is measured in it; unsigned places, as negative ones would count from the end.) Points and boxes that
# are absent are NaN, which `a if a > b else b` keeps in place of b.
@njit(cache=True, nogil=True)
def _to_points(blocks, leaf, points, i, weights, ends, euclidean, out):  # type: ignore[no-untyped-def]
    """Fill `out` with the distances of a point to those of a leaf, columns in order."""
    one, two, three = np.uint64(LEAF_SIZE), np.uint64(2 * LEAF_SIZE), np.uint64(3 * LEAF_SIZE)
    at = np.uint64(leaf * weights.size * LEAF_SIZE)
    for s in range(LEAF_SIZE):
        out[s] = 0.0
    if not euclidean:
        for c in range(0, weights.size, 3):
            x, y, z = points[i, c], points[i, c + 1], points[i, c + 2]
            by_x, by_y, by_z = weights[c], weights[c + 1], weights[c + 2]
            for s in range(LEAF_SIZE):
                p = at + np.uint64(s)
                first, second = abs(blocks[p] - x) * by_x, abs(blocks[p + one] - y) * by_y
                third = abs(blocks[p + two] - z) * by_z
                first = first if first > second else second
                first = first if first > third else third
                out[s] = out[s] if out[s] > first else first
            at += three
        return
    total = np.empty(LEAF_SIZE)
    c = 0
    for end in ends:
        total[:] = 0.0
        while c < end:
            value, weight = points[i, c], weights[c]
            for s in range(LEAF_SIZE):
                term = (blocks[at + np.uint64(s)] - value) * weight
                total[s] += term * term
            at += one
            c += 1
        for s in range(LEAF_SIZE):
            out[s] = out[s] if out[s] > total[s] else total[s]


# The distance of a box is computed term by term like that of two points; as rounding is monotone it bounds the
# *rounded* distance of every point inside, so what is left out for it changes no result.
@njit(cache=True, nogil=True)
def _to_boxes(low, high, group, points, i, weights, ends, euclidean, out):  # type: ignore[no-untyped-def]
    """Fill `out` with the distances of a point to the nearest places of boxes, farthest if `low` and `high` swap."""
    one, two, three = np.uint64(GROUP), np.uint64(2 * GROUP), np.uint64(3 * GROUP)
    at = np.uint64(group * weights.size * GROUP)
    for s in range(GROUP):
        out[s] = 0.0
    if not euclidean:
        for c in range(0, weights.size, 3):
            x, y, z = points[i, c], points[i, c + 1], points[i, c + 2]
            by_x, by_y, by_z = weights[c], weights[c + 1], weights[c + 2]
            for s in range(GROUP):
                p = at + np.uint64(s)
                first, other = low[p] - x, x - high[p]
                first = (first if first > other else other) * by_x
                second, other = low[p + one] - y, y - high[p + one]
                second = (second if second > other else other) * by_y
                third, other = low[p + two] - z, z - high[p + two]
                third = (third if third > other else other) * by_z
                first = first if first > second else second
                first = first if first > third else third
                out[s] = out[s] if out[s] > first else first
            at += three
        return
    total = np.empty(GROUP)
    c = 0
    for end in ends:
        total[:] = 0.0
        while c < end:
            value, weight = points[i, c], weights[c]
            for s in range(GROUP):
                below, above = low[at + np.uint64(s)] - value, value - high[at + np.uint64(s)]
                term = below if below > above else above
                term = (0.0 if term < 0.0 else term) * weight
                total[s] += term * term
            at += one
            c += 1
        for s in range(GROUP):
            out[s] = out[s] if out[s] > total[s] else total[s]


@njit(cache=True, nogil=True)
def _count_in_leaf(blocks, leaf, points, i, weights, ends, euclidean, radius, measured):  # type: ignore[no-untyped-def]
    """Return how many points of a leaf are nearer than the radius, and how many at it."""
    inside = at_rim = 0
    if weights.size > 3 or euclidean:
        _to_points(blocks, leaf, points, i, weights, ends, euclidean, measured)
        for s in range(LEAF_SIZE):
            inside += measured[s] < radius
            at_rim += measured[s] == radius
        return inside, at_rim
    one, two = np.uint64(LEAF_SIZE), np.uint64(2 * LEAF_SIZE)  # the same, with nothing kept: a third of the time
    at = np.uint64(leaf * 3 * LEAF_SIZE)
    x, y, z = points[i, 0], points[i, 1], points[i, 2]
    by_x, by_y, by_z = weights[0], weights[1], weights[2]
    for s in range(LEAF_SIZE):
        p = at + np.uint64(s)
        first, second = abs(blocks[p] - x) * by_x, abs(blocks[p + one] - y) * by_y
        third = abs(blocks[p + two] - z) * by_z
        first = first if first > second else second
        first = first if first > third else third
        inside += first < radius
        at_rim += first == radius
    return inside, at_rim


@njit(cache=True, nogil=True)
def _sort_boxes(low, high, group, points, i, weights, ends, euclidean, radius, near, far, kinds):  # type: ignore[no-untyped-def]
    """Fill `kinds` with what a ball does to each box, and return how many lie inside."""
    whole = 0
    if weights.size > 3 or euclidean:
        _to_boxes(low, high, group, points, i, weights, ends, euclidean, near)
        _to_boxes(high, low, group, points, i, weights, ends, euclidean, far)
        for s in range(GROUP):
            whole += far[s] < radius
            kinds[s] = np.uint8(near[s] <= radius) + np.uint8(far[s] < radius)
        return whole
    one, two = np.uint64(GROUP), np.uint64(2 * GROUP)
    at = np.uint64(group * 3 * GROUP)
    x, y, z = points[i, 0], points[i, 1], points[i, 2]
    by_x, by_y, by_z = weights[0], weights[1], weights[2]
    for s in range(GROUP):
        p = at + np.uint64(s)
        below, above = low[p] - x, x - high[p]
        first, farthest = (below if below > above else above) * by_x, (below if below < above else above) * by_x
        below, above = low[p + one] - y, y - high[p + one]
        second, other = (below if below > above else above) * by_y, (below if below < above else above) * by_y
        first, farthest = first if first > second else second, farthest if farthest < other else other
        below, above = low[p + two] - z, z - high[p + two]
        third, other = (below if below > above else above) * by_z, (below if below < above else above) * by_z
        first, farthest = first if first > third else third, farthest if farthest < other else other
        whole += -farthest < radius
        kinds[s] = np.uint8(first <= radius) + np.uint8(-farthest < radius)
    return whole


@njit(cache=True, nogil=True)
def _between_boxes(low, high, other_low, other_high, node, weights, ends, euclidean):  # type: ignore[no-untyped-def]
    """Return the distance of the nearest places of a box and a node, or the farthest if `low` and `high` swap."""
    largest = 0.0
    c = 0
    for end in ends:
        total = 0.0
        while c < end:
            term = max(other_low[node, c] - high[c], low[c] - other_high[node, c], 0.0) * weights[c]
            total = total + term * term if euclidean else max(total, term)
            c += 1
        largest = max(largest, total)
    return largest


@njit(cache=True, nogil=True)
def _look_through(blocks, leaf, points, i, itself, weights, ends, euclidean, order, measured, best, best_rows):  # type: ignore[no-untyped-def]
    """Put the points of a leaf that are near enough among the neighbours of a point; `itself` is its place or -1."""
    _to_points(blocks, leaf, points, i, weights, ends, euclidean, measured)
    k = best.shape[1]
    farthest = best[i, k - 1]
    near = 0
    for s in range(LEAF_SIZE):
        near += measured[s] <= farthest
    if near == 0:
        return
    first = leaf * LEAF_SIZE
    for s in range(LEAF_SIZE):
        distance = measured[s]
        if distance <= farthest and s != itself:
            row = order[first + s]
            if distance < farthest or row < best_rows[i, k - 1]:
                _insert(best, best_rows, i, distance, row)
                farthest = best[i, k - 1]


@njit(cache=True, nogil=True)
def tree_nearest(tree, ends, euclidean, first_leaf, last_leaf, distances, rows):  # type: ignore[no-untyped-def]
    """Fill `distances`, shape (n, k), and `rows` with the k nearest others, by distance and then by row, of leaves."""
    order, weights, blocks, leaf_low, leaf_high, start, _, children, low, high = tree
    n, dim, k = order.size, weights.size, distances.shape[1]
    stack, bounds = np.empty(_STACK_SIZE, np.int64), np.empty(_STACK_SIZE)
    measured, gaps = np.empty(LEAF_SIZE), np.empty(GROUP)
    points = np.empty((LEAF_SIZE, dim))
    best = np.empty((LEAF_SIZE, k))
    best_rows = np.empty((LEAF_SIZE, k), np.int64)
    left_low, left_high = np.empty(dim), np.empty(dim)
    # The points of a leaf are near each other and go through the tree together.
    for leaf in range(first_leaf, last_leaf):
        first = leaf * LEAF_SIZE
        n_points = min(LEAF_SIZE, n - first)
        best[:] = np.inf
        best_rows[:] = -1
        for c in range(dim):
            at = (leaf // GROUP * dim + c) * GROUP + leaf % GROUP
            left_low[c], left_high[c] = leaf_low[at], leaf_high[at]
            for s in range(n_points):
                points[s, c] = blocks[(leaf * dim + c) * LEAF_SIZE + s]
        reach = 0.0  # the largest distance to a k-th neighbour among the points of the leaf
        for i in range(n_points):
            _look_through(blocks, leaf, points, i, i, weights, ends, euclidean, order, measured, best, best_rows)
            reach = max(reach, best[i, k - 1])
        stack[0], bounds[0] = 0, 0.0
        depth = 1
        while depth and reach > 0:
            depth -= 1
            node = stack[depth]
            if bounds[depth] > reach:
                continue
            child = children[node]
            if child >= 0:
                one = _between_boxes(left_low, left_high, low, high, child, weights, ends, euclidean)
                two = _between_boxes(left_low, left_high, low, high, child + 1, weights, ends, euclidean)
                # The nearer child is visited first; a tie goes to the side that holds the leaf itself.
                if two < one or (two == one and first >= start[child + 1]):
                    stack[depth], bounds[depth] = child, one
                    stack[depth + 1], bounds[depth + 1] = child + 1, two
                else:
                    stack[depth], bounds[depth] = child + 1, two
                    stack[depth + 1], bounds[depth + 1] = child, one
                depth += 2
                continue
            group = start[node] // (LEAF_SIZE * GROUP)
            reach = 0.0
            for i in range(n_points):
                if best[i, k - 1] > 0:  # k copies are enough, of maybe many
                    _to_boxes(leaf_low, leaf_high, group, points, i, weights, ends, euclidean, gaps)
                    for s in range(GROUP):
                        other = group * GROUP + s
                        if gaps[s] <= best[i, k - 1] and other != leaf:
                            _look_through(
                                blocks, other, points, i, -1, weights, ends, euclidean, order, measured, best, best_rows
                            )
                reach = max(reach, best[i, k - 1])
        for i in range(n_points):
            for slot in range(k):
                distances[order[first + i], slot] = best[i, slot]
                rows[order[first + i], slot] = best_rows[i, slot]


@njit(cache=True, nogil=True)
def tree_counts(tree, ends, euclidean, radii, first_leaf, last_leaf, inside, rim):  # type: ignore[no-untyped-def]
    """Fill `inside` and `rim`, shape (n,), as `Balls` defines them, of the points of some leaves."""
    order, weights, blocks, leaf_low, leaf_high, start, stop, children, low, high = tree
    n, dim = order.size, weights.size
    stack = np.empty(_STACK_SIZE, np.int64)
    measured, near, far = np.empty(LEAF_SIZE), np.empty(GROUP), np.empty(GROUP)
    points = np.empty((LEAF_SIZE, dim))
    limits = np.empty(LEAF_SIZE)
    counts, tied = np.empty(LEAF_SIZE, np.int64), np.empty(LEAF_SIZE, np.int64)
    kinds, open_leaves = np.empty(GROUP, np.uint8), np.empty(GROUP, np.int64)
    left_low, left_high = np.empty(dim), np.empty(dim)
    for leaf in range(first_leaf, last_leaf):
        first = leaf * LEAF_SIZE
        n_points = min(LEAF_SIZE, n - first)
        for c in range(dim):
            at = (leaf // GROUP * dim + c) * GROUP + leaf % GROUP
            left_low[c], left_high[c] = leaf_low[at], leaf_high[at]
            for s in range(n_points):
                points[s, c] = blocks[(leaf * dim + c) * LEAF_SIZE + s]
        smallest, largest = np.inf, 0.0
        for i in range(n_points):
            limits[i] = radii[order[first + i]]
            smallest, largest = min(smallest, limits[i]), max(largest, limits[i])
        counts[:] = 0
        tied[:] = 0
        shared = 0
        stack[0] = 0
        depth = 1 if largest > 0 else 0
        while depth:
            depth -= 1
            node = stack[depth]
            # A node beyond all balls is left out, one inside all of them counted as a whole.
            if _between_boxes(left_low, left_high, low, high, node, weights, ends, euclidean) > largest:
                continue
            if _between_boxes(left_high, left_low, high, low, node, weights, ends, euclidean) < smallest:
                shared += stop[node] - start[node]
                continue
            if children[node] >= 0:
                stack[depth], stack[depth + 1] = children[node], children[node] + 1
                depth += 2
                continue
            group = start[node] // (LEAF_SIZE * GROUP)
            for i in range(n_points):
                radius = limits[i]
                if not radius > 0:
                    continue
                whole = _sort_boxes(
                    leaf_low, leaf_high, group, points, i, weights, ends, euclidean, radius, near, far, kinds
                )
                n_open = 0
                for s in range(GROUP):  # without a branch on the data, which could not be foreseen
                    open_leaves[n_open] = s
                    n_open += kinds[s] == CUT
                counts[i] += whole * LEAF_SIZE
                for place in range(n_open):
                    count, at_rim = _count_in_leaf(
                        blocks,
                        group * GROUP + open_leaves[place],
                        points,
                        i,
                        weights,
                        ends,
                        euclidean,
                        radius,
                        measured,
                    )
                    counts[i] += count
                    tied[i] += at_rim
                if stop[node] == n and n % LEAF_SIZE and kinds[n // LEAF_SIZE % GROUP] == INSIDE:  # not a full leaf
                    counts[i] -= LEAF_SIZE - n % LEAF_SIZE
        for i in range(n_points):
            inside[order[first + i]] = counts[i] + shared
            rim[order[first + i]] = tied[i]


@njit(cache=True, nogil=True)
def _gap(box, node, left, right, low, high, weight_x, weight_y):  # type: ignore[no-untyped-def]
    """Return the distance of a node's box and another one."""
    return max(
        max(box[node, 0] - right, left - box[node, 1], 0.0) * weight_x,
        max(box[node, 2] - high, low - box[node, 3], 0.0) * weight_y,
    )


@njit(cache=True, nogil=True)
def plane_nearest(x, y, order, start, stop, children, box, weight_x, weight_y, first_node, last_node, distances, rows):  # type: ignore[no-untyped-def]
    """Fill `distances` and `rows` as `tree_nearest` does, of the leaves among some nodes of a tree of two columns."""
    k = distances.shape[1]
    stack = np.empty(_STACK_SIZE, np.int64)
    bounds = np.empty(_STACK_SIZE)
    best = np.empty((PLANE_LEAF_SIZE, k))
    best_rows = np.empty((PLANE_LEAF_SIZE, k), np.int64)
    for leaf in range(first_node, last_node):
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
