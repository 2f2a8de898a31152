"""Blocked matrix products: Euclidean nearest neighbours and ball counts in many dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray
from attnstats.information.neighbors._pair_search import product_counts, product_nearest

#: Rows and columns of one block (4 MiB in single precision).
_BLOCK = 1024

Floats: TypeAlias = NDArray[Any]  # in single or double precision
Factors: TypeAlias = list[tuple[Floats, Floats]]


def nearest_by_products(
    points: FloatArray, weights: FloatArray, ends: IntArray, distances: FloatArray, rows: IntArray
) -> None:
    """Fill `distances` and `rows` as `tree_nearest` does."""
    n, k = distances.shape
    order = np.random.default_rng(0).permutation(n)  # in random order new nearest ones are soon rare
    points = points[order]
    some = points[:500]  # enough to tell how fine the products must be
    starts = np.append(0, ends[:-1])
    squares = (np.add.reduceat(((some - each) * weights) ** 2, starts, axis=1).max(axis=1) for each in some[::50])
    near = [np.sort(each)[: k + 1].max() for each in squares]
    factors, errors = _factors(points, weights, ends, float(np.median(near)))
    best, best_rows = np.full((n, k), np.inf), np.full((n, k), -1)
    for first, second, block in _squares(factors):
        product_nearest(points, weights, ends, block, errors, first, second, order, best, best_rows)
    distances[order], rows[order] = best, best_rows


def counts_by_products(
    points: FloatArray, weights: FloatArray, ends: IntArray, radii: FloatArray, inside: IntArray, rim: IntArray
) -> None:
    """Fill `inside` and `rim`, shape (n,), as `Balls` defines them."""
    asked = radii > 0
    if not asked.any():
        return
    inside[asked] = 1
    factors, errors = _factors(points, weights, ends, float(np.median(radii[asked])))
    # No pair is closer than a negative distance that exceeds every error.
    limits = np.where(asked, radii, -1 - 4 * float(errors.max()))
    for first, second, block in _squares(factors):
        product_counts(points, weights, ends, block, errors, first, second, limits, inside, rim)


# |a - b|^2 = |a|^2 + |b|^2 - 2 ab comes out of one matrix product, in single precision where that tells most pairs
# apart. Its error is bounded; pairs that the bound leaves open are measured by the definition, and every pair once, for
# both of its points.
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
