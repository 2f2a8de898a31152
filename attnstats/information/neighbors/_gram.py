"""Blocked matrix products: Euclidean nearest neighbours and strict ball counts in many dimensions.

|a - b|^2 = |a|^2 + |b|^2 - 2 ab comes out of one matrix product, in single precision where that tells most pairs
apart. Its error is bounded; pairs that the bound leaves open are measured by the definition, and every pair once, for
both of its points.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray
from attnstats.information.neighbors._tree import insert_neighbor

__all__ = ["gram_counts", "gram_nearest"]

#: Rows and columns of one block (4 MiB in single precision).
_BLOCK = 1024
_CHUNK = 128  # pairs of a row that are looked at together

Floats: TypeAlias = NDArray[Any]  # in single or double precision
Factors: TypeAlias = list[tuple[Floats, Floats]]


def gram_nearest(
    points: FloatArray, weights: FloatArray, ends: IntArray, distances: FloatArray, rows: IntArray
) -> None:
    """Fill `distances`, shape (n, k), and `rows` with the k nearest other points, by distance and then by row."""
    n, k = distances.shape
    order = np.random.default_rng(0).permutation(n)  # in random order new nearest ones are soon rare
    points = points[order]
    some = points[:500]  # enough to tell how fine the products must be
    near = [np.sort(_definition(some, i, weights, ends))[: k + 1].max() for i in range(0, len(some), 50)]
    factors, errors = _factors(points, weights, ends, float(np.median(near)))
    best, best_rows = np.full((n, k), np.inf), np.full((n, k), -1)
    for first, second, block in _squares(factors):
        _nearest(points, weights, ends, block, errors, first, second, order, best, best_rows)
    distances[order], rows[order] = best, best_rows


def gram_counts(
    points: FloatArray, weights: FloatArray, ends: IntArray, radii: FloatArray, inside: IntArray, rim: IntArray
) -> None:
    """Fill `inside` and `rim`, shape (n,), as `attnstats.information.neighbors._space.Balls` defines them."""
    asked = radii > 0
    if not asked.any():
        return
    inside[asked] = 1
    factors, errors = _factors(points, weights, ends, float(np.median(radii[asked])))
    # No pair is closer than a negative distance that exceeds every error.
    limits = np.where(asked, radii, -1 - 4 * float(errors.max()))
    for first, second, block in _squares(factors):
        _counts(points, weights, ends, block, errors, first, second, limits, inside, rim)


def _factors(points: FloatArray, weights: FloatArray, ends: IntArray, radius: float) -> tuple[Factors, Floats]:
    """Return matrices whose products are the squared distances, and the error that each point adds to them."""
    # Centring leaves differences alone and keeps the cancellation small; the mean need not be exact.
    scaled = (points - points.mean(axis=0)) * weights
    parts = np.split(scaled, ends[:-1], axis=1)
    norms = [np.einsum("ij,ij->i", part, part) for part in parts]
    largest = np.max(norms, axis=0)
    # Eight times the usual bound for inner products (Higham 2002, section 3.1) leaves room for the rounding around it.
    factor = 16.0 * (points.shape[1] + 8)
    single = np.finfo(np.float32)
    fits = largest.max() < single.max / 16 and radius > 200 * factor * single.eps * np.median(largest)
    precision = np.finfo(np.float32 if fits else np.float64)
    factors = []
    for part, norm in zip(parts, norms, strict=True):
        one = np.ones_like(norm)
        left, right = np.column_stack([-2 * part, norm, one]), np.column_stack([part, one, norm])
        factors.append((left.astype(precision.dtype), right.astype(precision.dtype)))
    return factors, (factor * (float(precision.eps) * largest + float(precision.tiny))).astype(precision.dtype)


def _squares(factors: Factors) -> Iterator[tuple[int, int, Floats]]:
    """Yield first row, first column and squared distances of each block of the upper triangle."""
    n = len(factors[0][0])
    # Memory that is given back and asked for again at each block costs a tenth of the time.
    room = np.empty((len(factors), _BLOCK, _BLOCK), dtype=factors[0][0].dtype)
    for first in range(0, n, _BLOCK):
        for second in range(first, n, _BLOCK):
            block, *others = (
                np.matmul(left[first : first + _BLOCK], right[second : second + _BLOCK].T, out=out)
                for (left, right), out in zip(factors, room[:, : n - first, : n - second], strict=True)
            )
            for other in others:
                np.maximum(block, other, out=block)
            yield first, second, block


@njit(cache=True)
def _distance(points, i, j, weights, ends):  # type: ignore[no-untyped-def]
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
def _definition(points, i, weights, ends):  # type: ignore[no-untyped-def]
    return np.array([_distance(points, i, j, weights, ends) for j in range(len(points))])


@njit(cache=True)
def _nearest(points, weights, ends, block, errors, first, second, order, best, best_rows):  # type: ignore[no-untyped-def]
    height, width = block.shape
    k = best.shape[1]
    slack = errors[second : second + width].copy()
    limits = np.empty_like(slack)
    for j in range(width):
        limits[j] = best[second + j, k - 1] + slack[j]
    for row in range(height):
        i = first + row
        squares = block[row]
        error = errors[i]
        start = row + 1 if first == second else 0
        limit = np.empty_like(slack[:1])
        limit[0] = best[i, k - 1] + error
        for begin in range(start, width, _CHUNK):
            end = min(begin + _CHUNK, width)
            if not _any_below(squares[begin:end], limit[0], slack[begin:end], limits[begin:end], error):
                continue
            for j in range(begin, end):
                if squares[j] > max(limit[0] + slack[j], limits[j] + error):
                    continue
                distance = _distance(points, i, second + j, weights, ends)
                for a, b in ((i, second + j), (second + j, i)):
                    farthest = best[a, k - 1]
                    if distance < farthest or (distance == farthest and order[b] < best_rows[a, k - 1]):
                        insert_neighbor(best, best_rows, a, distance, order[b])
                limit[0] = best[i, k - 1] + error
                limits[j] = best[second + j, k - 1] + slack[j]


@njit(cache=True)
def _any_below(squares, limit, slack, limits, error):  # type: ignore[no-untyped-def]
    """Whether any squared distance of a row may be within the limit of the row or of its column."""
    left = False
    for j in range(squares.size):
        left |= (squares[j] <= limit + slack[j]) | (squares[j] <= limits[j] + error)
    return left


@njit(cache=True)
def _counts(points, weights, ends, block, errors, first, second, radii, out, rim):  # type: ignore[no-untyped-def]
    height, width = block.shape
    slack = errors[second : second + width].copy()
    upper, lower = np.empty_like(slack), np.empty_like(slack)
    for j in range(width):
        upper[j] = radii[second + j] + slack[j]
        lower[j] = radii[second + j] - slack[j]
    counts = np.zeros(width, np.int32)
    mine = np.empty_like(slack[:2])
    for row in range(height):
        i = first + row
        squares = block[row]
        mine[0], mine[1] = radii[i] - errors[i], radii[i] + errors[i]
        for begin in range(row + 1 if first == second else 0, width, _CHUNK):
            end = min(begin + _CHUNK, width)
            count, open_pairs = _count_chunk(
                squares[begin:end],
                mine[0],
                mine[1],
                errors[i],
                slack[begin:end],
                lower[begin:end],
                upper[begin:end],
                counts[begin:end],
            )
            out[i] += count
            if open_pairs == 0:
                continue
            for j in range(begin, end):
                square = squares[j]
                to_i = mine[0] - slack[j] <= square < mine[1] + slack[j]
                to_j = lower[j] - errors[i] <= square < upper[j] + errors[i]
                if to_i or to_j:
                    distance = _distance(points, i, second + j, weights, ends)
                    out[i] += to_i and distance < radii[i]
                    counts[j] += to_j and distance < radii[second + j]
                    rim[i] += to_i and distance == radii[i]
                    rim[second + j] += to_j and distance == radii[second + j]
    for j in range(width):
        out[second + j] += counts[j]


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
