"""Nearest-neighbour distances and strict ball counts, equal to the O(n^2) definition sample by sample.

The distance of samples i and j is made of the terms t_c = |x_jc - x_ic| * w_c: the largest of them (max-norm) or the
sum of their squares (squared Euclidean distance; its root is never taken). The weight multiplies the *difference*, so
values on a grid keep their ties. Rounding is monotone, hence everything that a tree or a sorted column skips is skipped
for a bound that no rounded distance can cross: the fast paths return the same numbers as `reference_nearest_distances`
and `reference_strict_counts`, not nearly the same.

Three ways, by dimension: a sorted column for one, a k-d tree for few, and for many a scan that leaves a pair early
(max-norm) or blocked matrix products that shortlist the pairs to be measured exactly (Euclidean).
"""

import numpy as np
from numba import njit

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.information.tree import build_tree, insert_distance, pair_distance, tree_counts, tree_nearest

__all__ = [
    "column_weights",
    "nearest_distances",
    "reference_nearest_distances",
    "reference_strict_counts",
    "strict_counts",
]

#: Above these dimensions a k-d tree prunes too little to pay.
_TREE_DIM_MAX_NORM = 16
_TREE_DIM_EUCLIDEAN = 6
#: Entries of one block of the Gram matrix (32 MiB).
_BLOCK_ENTRIES = 4_000_000


def column_weights(x: FloatArray, name: str, *, standardize: bool) -> FloatArray:
    """Return the weight of each column: one over its standard deviation, or one.

    A constant column adds nothing to any distance whatever its weight, and gets one.

    Raises
    ------
    ConstantInputError
        If every column is constant.
    InvalidInputError
        If the range of a column is beyond double precision.
    """
    spread = np.ptp(x / 2, axis=0)  # halved: the range of finite numbers need not be finite
    varies = spread > 0
    if not varies.any():
        raise ConstantInputError(f"{name}: must vary; got the same value in all {len(x)} samples")
    weights = np.ones(x.shape[1])
    if standardize:
        with np.errstate(over="ignore"):
            weights[varies] = 1 / spread[varies] / np.std(x[:, varies] / spread[varies], axis=0)
        if not np.isfinite(weights).all():
            column = int(np.argmin(np.isfinite(weights)))
            raise InvalidInputError(
                f"{name}: columns must have a spread that can be scaled to one; got {2 * spread[column]!r}"
                f" in column {column}"
            )
    return weights


def nearest_distances(points: FloatArray, weights: FloatArray, k: int, *, euclidean: bool = False) -> FloatArray:
    """Return the distances of each of the n > k samples to its k nearest other ones, ascending, shape (n, k).

    Distances are in the max-norm, or squared Euclidean ones.
    """
    out = np.full((len(points), k), np.inf)
    if points.shape[1] <= (_TREE_DIM_EUCLIDEAN if euclidean else _TREE_DIM_MAX_NORM):
        tree_nearest(build_tree(points, weights), weights, euclidean, out)
    elif not euclidean:
        _scan_nearest(points, weights, out)
    else:
        scaled, norms = _centred(points, weights)
        for rows in _blocks(len(points)):
            _gram_nearest(points, weights, scaled[rows] @ scaled.T, norms, rows.start, out)
    return out


def strict_counts(points: FloatArray, weights: FloatArray, radii: FloatArray, *, euclidean: bool = False) -> IntArray:
    """Return #{j : distance(i, j) < radii[i]} for each sample i, itself included where its radius is above zero.

    Radii are in the max-norm, or squared Euclidean ones.
    """
    dim = points.shape[1]
    out = np.zeros(len(points), dtype=np.int64)
    if dim == 1 and not euclidean:
        order = np.argsort(points[:, 0], kind="stable")
        _sorted_counts(points[order, 0], weights[0], radii, order, out)
    elif dim <= (_TREE_DIM_EUCLIDEAN if euclidean else _TREE_DIM_MAX_NORM):
        tree_counts(build_tree(points, weights), weights, radii, euclidean, out)
    elif not euclidean:
        _scan_counts(points, weights, radii, out)
    else:
        scaled, norms = _centred(points, weights)
        for rows in _blocks(len(points)):
            _gram_counts(points, weights, scaled[rows] @ scaled.T, norms, rows.start, radii, out)
    return out


def reference_nearest_distances(
    points: FloatArray, weights: FloatArray, k: int, *, euclidean: bool = False
) -> FloatArray:
    """`nearest_distances` by its definition, O(n^2) in time and memory."""
    distances = _all_distances(points, weights, euclidean)
    np.fill_diagonal(distances, np.inf)
    nearest: FloatArray = np.sort(distances, axis=1)[:, :k]
    return nearest


def reference_strict_counts(
    points: FloatArray, weights: FloatArray, radii: FloatArray, *, euclidean: bool = False
) -> IntArray:
    """`strict_counts` by its definition, O(n^2) in time and memory."""
    counts: IntArray = (_all_distances(points, weights, euclidean) < radii[:, np.newaxis]).sum(axis=1, dtype=np.int64)
    return counts


def _all_distances(points: FloatArray, weights: FloatArray, euclidean: bool) -> FloatArray:
    total = np.zeros((len(points), len(points)))
    for column, weight in zip(points.T, weights, strict=True):
        term = np.abs(column[np.newaxis, :] - column[:, np.newaxis]) * weight
        total = total + term * term if euclidean else np.maximum(total, term)
    return total


def _blocks(n: int) -> list[slice]:
    size = max(1, _BLOCK_ENTRIES // n)
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def _centred(points: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    # Centring leaves differences alone and keeps the cancellation in |a|^2 + |b|^2 - 2ab small.
    scaled = (points - points.mean(axis=0)) * weights
    return scaled, np.einsum("ij,ij->i", scaled, scaled)


@njit(cache=True)
def _sorted_counts(values, weight, radii, order, out):  # type: ignore[no-untyped-def]
    """Bisection on the rounded difference itself: x +- radius would round to the wrong side."""
    n = values.size
    for i in range(n):
        value = values[i]
        radius = radii[order[i]]
        if not radius > 0:
            continue
        low, high = -1, i  # values[high] is inside, values[low] is not
        while high - low > 1:
            middle = (low + high) // 2
            if (value - values[middle]) * weight < radius:
                high = middle
            else:
                low = middle
        left = high
        low, high = i, n  # values[low] is inside, values[high] is not
        while high - low > 1:
            middle = (low + high) // 2
            if (values[middle] - value) * weight < radius:
                low = middle
            else:
                high = middle
        out[order[i]] = high - left


@njit(cache=True)
def _within(a, b, weights, radius):  # type: ignore[no-untyped-def]
    """Whether the max-norm distance lies below `radius`, left at the first column that says no."""
    for c in range(a.size):  # noqa: SIM110 (compiled)
        if abs(b[c] - a[c]) * weights[c] >= radius:
            return False
    return True


@njit(cache=True)
def _scan_nearest(points, weights, out):  # type: ignore[no-untyped-def]
    n = len(points)
    for i in range(n):
        for j in range(n):
            if j != i and _within(points[i], points[j], weights, out[i, -1]):
                insert_distance(out[i], pair_distance(points[i], points[j], weights, False))


@njit(cache=True)
def _scan_counts(points, weights, radii, out):  # type: ignore[no-untyped-def]
    n = len(points)
    for i in range(n):
        for j in range(n):
            out[i] += _within(points[i], points[j], weights, radii[i])


@njit(cache=True)
def _error_factor(dim):  # type: ignore[no-untyped-def]
    """Bound of |Gram distance - definition| over |a|^2 + |b|^2, twice the usual gamma_n analysis (Higham 2002, 3.1)."""
    return 8 * (dim + 8) * np.finfo(np.float64).eps


@njit(cache=True)
def _gram_nearest(points, weights, gram, norms, offset, out):  # type: ignore[no-untyped-def]
    factor = _error_factor(weights.size)
    for row in range(len(gram)):
        i = offset + row
        best = np.full(out.shape[1], np.inf)  # upper bounds of the nearest
        for j in range(norms.size):
            total = norms[i] + norms[j]
            upper = total - 2 * gram[row, j] + factor * total
            if upper < best[-1] and j != i:
                insert_distance(best, upper)
        bound = best[-1]
        for j in range(norms.size):
            total = norms[i] + norms[j]
            if total - 2 * gram[row, j] - factor * total <= bound and j != i:
                distance = pair_distance(points[i], points[j], weights, True)
                if distance < out[i, -1]:
                    insert_distance(out[i], distance)


@njit(cache=True)
def _gram_counts(points, weights, gram, norms, offset, radii, out):  # type: ignore[no-untyped-def]
    factor = _error_factor(weights.size)
    for row in range(len(gram)):
        i = offset + row
        count = 0
        for j in range(norms.size):
            total = norms[i] + norms[j]
            distance = total - 2 * gram[row, j]
            if distance + factor * total < radii[i]:
                count += 1
            elif distance - factor * total < radii[i]:
                count += pair_distance(points[i], points[j], weights, True) < radii[i]
        out[i] = count
