"""Compiled searches among all pairs, which decide what the coarse measures of `_scan` and `_gram` leave open."""

from __future__ import annotations

import numpy as np
from numba import njit

# Compiled functions that call each other stand in one file: Numba's cache of a caller notices no change elsewhere.

SCAN_BLOCK = 128  # points measured against one in a go
TOP = 32766  # largest step; a threshold above it lets every pair through
_STRIDE = 16  # columns between two looks whether any pair of a block is left
_SLACK = 1e-9  # far above the rounding of positions, far below a step
_CHUNK = 128  # pairs of a row of products that are looked at together


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
def _possible(distance, width):  # type: ignore[no-untyped-def]
    """Return the number of steps from which on a pair lies farther than a distance."""
    steps = distance / width * (1 + _SLACK) + 2 + _SLACK
    return np.int16(steps) if steps < TOP else np.int16(TOP + 1)


@njit(cache=True)
def _certain(distance, width):  # type: ignore[no-untyped-def]
    """Return the number of steps below which a pair lies closer than a distance."""
    steps = np.ceil(distance / width * (1 - _SLACK) - 1 - _SLACK)
    return np.int16(max(0.0, min(steps, TOP)))


@njit(cache=True)
def _is_far(by_row, i, low, high, block, limit):  # type: ignore[no-untyped-def]
    """Return whether all points of a block lie at least `limit` steps from a row."""
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
            for j in range(SCAN_BLOCK):
                s0 = np.int16(max(q0[j], p0) - min(q0[j], p0))
                s1 = np.int16(max(q1[j], p1) - min(q1[j], p1))
                s2 = np.int16(max(q2[j], p2) - min(q2[j], p2))
                s3 = np.int16(max(q3[j], p3) - min(q3[j], p3))
                out[j] = max(max(out[j], s0), max(s1, max(s2, s3)))
        left = np.int16(0)
        for j in range(SCAN_BLOCK):
            left |= np.int16(out[j] < max(limits[j], limit))
        if left == 0:
            return False
    return True


@njit(cache=True)
def _max_distance(points, i, j, weights, limit):  # type: ignore[no-untyped-def]
    """Return the max-norm distance, or some value above the limit where it lies above."""
    largest = 0.0
    for c in range(weights.size):
        largest = max(largest, abs(points[j, c] - points[i, c]) * weights[c])
        if largest > limit:
            break
    return largest


@njit(cache=True)
def scan_nearest(points, weights, by_row, by_block, low, high, width, order, distances, rows):  # type: ignore[no-untyped-def]
    """Fill the nearest neighbours of points in blocks, whose original rows are `order`."""
    n, k = distances.shape
    best = np.full((n, k), np.inf)
    best_rows = np.full((n, k), -1)
    possible = np.full(len(by_row), np.int16(TOP + 1))
    steps = np.empty(SCAN_BLOCK, np.int16)
    for within in (True, False):  # first the near points that share a block
        for first in range(0, n, SCAN_BLOCK):
            block, last = first // SCAN_BLOCK, min(first + SCAN_BLOCK, n)
            columns, here = by_block[block], possible[first : first + SCAN_BLOCK]
            largest = here.max()
            for i in range(first, last) if within else range(first):
                mine = possible[i]
                if _is_far(by_row, i, low, high, block, max(mine, largest)):
                    continue
                if not _any_possible(by_row, i, columns, here, mine, steps):
                    continue
                # What the steps leave open is measured, once for both points, whose limits shrink on the way.
                for j in range(max(first, i + 1), last):
                    if steps[j - first] >= max(possible[i], possible[j]):
                        continue
                    limit = max(best[i, k - 1], best[j, k - 1])
                    distance = _max_distance(points, i, j, weights, limit)
                    for a, b in ((i, j), (j, i)):
                        farthest = best[a, k - 1]
                        if distance < farthest or (distance == farthest and order[b] < best_rows[a, k - 1]):
                            _insert(best, best_rows, a, distance, order[b])
                            possible[a] = _possible(best[a, k - 1], width)
                largest = here.max()
    distances[order] = best
    rows[order] = best_rows


@njit(cache=True)
def scan_counts(points, weights, by_row, by_block, low, high, width, n_whole, radii, out, rim):  # type: ignore[no-untyped-def]
    """Fill the counts inside each ball and at its rim; the first `n_whole` points have no step clipped."""
    n = len(points)
    possible = np.zeros(len(by_row), np.int16)
    certain = np.zeros(len(by_row), np.int16)
    for i in range(n):
        if radii[i] > 0:
            possible[i], certain[i] = _possible(radii[i], width), _certain(radii[i], width)
            out[i] += 1
    steps = np.empty(SCAN_BLOCK, np.int16)
    counts = np.empty(SCAN_BLOCK, np.int16)
    for first in range(0, n, SCAN_BLOCK):
        block, last = first // SCAN_BLOCK, min(first + SCAN_BLOCK, n)
        columns, here = by_block[block], possible[first : first + SCAN_BLOCK]
        sure_here = certain[first : first + SCAN_BLOCK].copy()
        largest = here.max()
        whole = last <= n_whole
        if not whole:
            sure_here[:] = 0  # a clipped point may lie farther than its steps say
        counts[:] = 0
        for i in range(last):
            mine = possible[i]
            if i % TOP == 0:  # before 16 bits overflow
                out[first:last] += counts[: last - first]
                counts[:] = 0
            if _is_far(by_row, i, low, high, block, max(mine, largest)):
                continue
            if not _any_possible(by_row, i, columns, here, mine, steps):
                continue
            sure = certain[i] if whole else np.int16(0)
            steps[: max(i - first + 1, 0)] = TOP + 1  # in the block on the diagonal, only pairs after i
            steps[last - first :] = TOP + 1  # padding
            count, unsure = _count_block(steps, mine, sure, here, sure_here, counts)
            out[i] += count
            if unsure == 0:
                continue
            for j in range(last - first):  # between certain and impossible the definition decides
                to_i = sure <= steps[j] < mine
                to_j = sure_here[j] <= steps[j] < here[j]
                if to_i or to_j:
                    distance = _max_distance(points, i, first + j, weights, max(radii[i], radii[first + j]))
                    out[i] += to_i and distance < radii[i]
                    counts[j] += to_j and distance < radii[first + j]
                    rim[i] += to_i and distance == radii[i]
                    rim[first + j] += to_j and distance == radii[first + j]
        out[first:last] += counts[: last - first]


@njit(cache=True)
def _count_block(steps, mine, sure, here, sure_here, counts):  # type: ignore[no-untyped-def]
    """Count the pairs certainly inside, for the row and for each point of the block, and those left open."""
    count = np.int16(0)
    unsure = np.int16(0)
    for j in range(SCAN_BLOCK):
        inside = np.int16(steps[j] < sure)
        inside_here = np.int16(steps[j] < sure_here[j])
        count = np.int16(count + inside)
        counts[j] = np.int16(counts[j] + inside_here)
        unsure |= np.int16(np.int16(steps[j] < mine) - inside) | np.int16(np.int16(steps[j] < here[j]) - inside_here)
    return count, unsure


@njit(cache=True)
def _square_distance(points, i, j, weights, ends):  # type: ignore[no-untyped-def]
    """Return the squared distance as it is defined, columns in order."""
    largest = 0.0
    c = 0
    for end in ends:
        total = 0.0
        while c < end:
            term = (points[j, c] - points[i, c]) * weights[c]
            total += term * term
            c += 1
        largest = max(largest, total)
    return largest


@njit(cache=True)
def product_nearest(points, weights, ends, block, errors, first, second, order, best, best_rows):  # type: ignore[no-untyped-def]
    """Update the neighbours of points `first`... and `second`... from the block of their approximate squares."""
    height, width = block.shape
    k = best.shape[1]
    slack = errors[second : second + width].copy()
    limits = (best[second : second + width, k - 1] + slack).astype(slack.dtype)
    for row in range(height):
        i = first + row
        squares = block[row]
        error = errors[i]
        limit = np.empty_like(slack[:1])  # in the precision of the products
        limit[0] = best[i, k - 1] + error
        for begin in range(row + 1 if first == second else 0, width, _CHUNK):
            end = min(begin + _CHUNK, width)
            if not _any_below(squares[begin:end], limit[0], slack[begin:end], limits[begin:end], error):
                continue
            for j in range(begin, end):
                if squares[j] > max(limit[0] + slack[j], limits[j] + error):  # farther, whatever the error
                    continue
                distance = _square_distance(points, i, second + j, weights, ends)
                for a, b in ((i, second + j), (second + j, i)):
                    farthest = best[a, k - 1]
                    if distance < farthest or (distance == farthest and order[b] < best_rows[a, k - 1]):
                        _insert(best, best_rows, a, distance, order[b])
                limit[0] = best[i, k - 1] + error
                limits[j] = best[second + j, k - 1] + slack[j]


@njit(cache=True)
def _any_below(squares, limit, slack, limits, error):  # type: ignore[no-untyped-def]
    """Return whether any squared distance of a row may be within the limit of the row or of its column."""
    left = False
    for j in range(squares.size):
        left |= (squares[j] <= limit + slack[j]) | (squares[j] <= limits[j] + error)
    return left


@njit(cache=True)
def product_counts(points, weights, ends, block, errors, first, second, radii, out, rim):  # type: ignore[no-untyped-def]
    """Add the counts of points `first`... and `second`... from the block of their approximate squares."""
    height, width = block.shape
    slack = errors[second : second + width].copy()
    mine, theirs = np.empty_like(slack[:2]), radii[second : second + width]
    upper, lower = (theirs + slack).astype(slack.dtype), (theirs - slack).astype(slack.dtype)
    counts = np.zeros(width, np.int32)
    for row in range(height):
        i = first + row
        squares = block[row]
        mine[0], mine[1] = radii[i] - errors[i], radii[i] + errors[i]
        for begin in range(row + 1 if first == second else 0, width, _CHUNK):
            end = min(begin + _CHUNK, width)
            part = slice(begin, end)
            count, open_pairs = _count_chunk(
                squares[part], mine[0], mine[1], errors[i], slack[part], lower[part], upper[part], counts[part]
            )
            out[i] += count
            if open_pairs == 0:
                continue
            for j in range(begin, end):  # within the error of the product the definition decides
                square = squares[j]
                to_i = mine[0] - slack[j] <= square < mine[1] + slack[j]
                to_j = lower[j] - errors[i] <= square < upper[j] + errors[i]
                if to_i or to_j:
                    distance = _square_distance(points, i, second + j, weights, ends)
                    out[i] += to_i and distance < radii[i]
                    counts[j] += to_j and distance < radii[second + j]
                    rim[i] += to_i and distance == radii[i]
                    rim[second + j] += to_j and distance == radii[second + j]
    out[second : second + width] += counts


@njit(cache=True)
def _count_chunk(squares, below, above, error, slack, lower, upper, counts):  # type: ignore[no-untyped-def]
    """Count the pairs certainly inside for the row and for each column, and those left open."""
    count = np.int32(0)
    open_pairs = np.int32(0)
    for j in range(squares.size):
        square = squares[j]
        to_i, to_j = square < below - slack[j], square < lower[j] - error
        count += np.int32(to_i)
        counts[j] += np.int32(to_j)
        open_pairs += np.int32((square < above + slack[j]) != to_i) + np.int32((square < upper[j] + error) != to_j)
    return count, open_pairs


@njit(cache=True)
def counts_among(x, y, known_x, known_y, neighbors):  # type: ignore[no-untyped-def]
    """Return how many known rows (transposed) are nearer to each new one than its k-th neighbour, shape (2, n, n_k)."""
    n, n_known = len(x), known_x.shape[1]
    out = np.zeros((2, n, neighbors.size))
    distance_x, distance_y = np.empty(n_known), np.empty(n_known)
    best, best_rows = np.empty((1, neighbors[-1])), np.empty((1, neighbors[-1]), np.int64)
    for i in range(n):
        _distances(x[i], known_x, distance_x)
        _distances(y[i], known_y, distance_y)
        best[:] = np.inf
        best_rows[:] = -1
        for j in range(n_known):
            joint = max(distance_x[j], distance_y[j])
            if joint < best[0, -1]:
                _insert(best, best_rows, 0, joint, j)
        for number in range(neighbors.size):
            radius = best[0, neighbors[number] - 1]
            out[0, i, number] = _count_below(distance_x, radius)
            out[1, i, number] = _count_below(distance_y, radius)
    return out


@njit(cache=True)
def _distances(point, known, out):  # type: ignore[no-untyped-def]
    """Fill `out` with the max-norm distances, column by column so that the loop over rows is one of vectors."""
    out[:] = 0
    for c in range(point.size):
        value, column = point[c], known[c]
        for j in range(out.size):
            distance = abs(column[j] - value)
            out[j] = distance if distance > out[j] else out[j]


@njit(cache=True)
def _count_below(values, radius):  # type: ignore[no-untyped-def]
    count = 0
    for value in values:
        count += value < radius
    return count
