"""Nearest neighbours and ball counts, by the fastest of several ways that all equal the O(n^2) definition exactly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numba import njit

from attnstats._validation import FloatArray, IntArray, check_at_least
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.information.margins import Margins, RankMargins, Standardized
from attnstats.information.neighbors._gram import counts_by_products, nearest_by_products
from attnstats.information.neighbors._plane import counts_in_column, nearest_in_plane
from attnstats.information.neighbors._scan import counts_by_scan, nearest_by_scan
from attnstats.information.neighbors._threads import in_threads
from attnstats.information.neighbors._tree import build_tree
from attnstats.information.neighbors._tree_search import LEAF_SIZE, tree_counts, tree_nearest

#: Radius of a ball that holds nothing but its centre and the copies of it.
ATOM = float(np.nextafter(0.0, 1.0))
#: A scan of all pairs beats a tree in samples fewer than this many, times two for each dimension.
_SCAN_NEAREST = 60
_SCAN_COUNTS = 500
_SCAN_GRAM = 150
#: Sums of a million values of this size, and their reciprocals, stay within double precision.
_LARGEST = 2.0**1000


# The weight multiplies the *difference*, so values on a grid keep their ties. Rounding is monotone, hence all that a
# tree or a sorted column skips is skipped for a bound that no rounded distance can cross.
class Space(NamedTuple):
    """Samples, and their distance: the largest |x_jc - x_ic| w_c over columns c, or, Euclidean, the sum of squares.

    The root of the sum is never taken. Over the blocks of a joint space the distance is the largest of theirs.
    """

    points: FloatArray  # (n, dim)
    weights: FloatArray  # (dim,)
    ends: IntArray  # last column, exclusive, of each block of a joint space
    euclidean: bool
    orders: tuple[IntArray, ...] = ()  # rows in ascending order of each column, where known
    recurs: bool | None = None  # whether a column holds a value twice, where known

    @classmethod
    def of(
        cls, x: FloatArray, name: str, margins: Margins, *, euclidean: bool = False, levels: FloatArray | None = None
    ) -> Space:
        """Return the space of one variable, shape (n, dim); errors as `column_weights` raises.

        Of margins by rank the `levels` of n may be given, which many columns have in common.
        """
        check_at_least(len(x), 1, f"number of samples of {name}")
        orders = (np.argsort(x[:, 0]),) if x.shape[1] == 1 else ()
        recurs = None
        if isinstance(margins, RankMargins):
            if (x == x[0]).all():
                raise constant(name, x)
            weights = np.ones(x.shape[1])
            points, recurs = np.empty_like(x), False
            levels = margins.levels(len(x)) if levels is None else levels
            for c in range(x.shape[1]):
                order = orders[c] if orders else np.argsort(x[:, c])
                recurs |= _fill_levels(x[:, c], order, levels, points[:, c])
        else:  # a unit of distance is a weight, which leaves equal differences equal
            weights = column_weights(x, name, standardize=margins == Standardized())
            points = x if margins == Standardized() else margins.transform(x, x)
        return cls(points, weights, np.array([x.shape[1]]), euclidean, orders, recurs)

    def with_points(self, points: FloatArray, orders: tuple[IntArray, ...] = ()) -> Space:
        """Return the same measure of distance on other samples; see `orders`."""
        return self._replace(points=points, orders=orders, recurs=None)

    @classmethod
    def without_constants(cls, x: FloatArray, name: str, margins: Margins, *, euclidean: bool = False) -> Space:
        """Return the space of the columns that vary, as one block; errors as `column_weights` raises."""
        space, varies = cls.of(x, name, margins, euclidean=euclidean), x.max(axis=0) > x.min(axis=0)
        points = np.ascontiguousarray(space.points[:, varies])
        return cls(points, space.weights[varies], np.array([varies.sum()]), euclidean)

    def joint(self, *others: Space) -> Space:
        """Return the joint space, where a distance is the largest of those in its parts."""
        parts = (self, *others)
        shifts = [0, *accumulate(len(part.weights) for part in parts[:-1])]
        return Space(
            np.hstack([part.points for part in parts]),
            np.concatenate([part.weights for part in parts]),
            np.concatenate([part.ends + shift for part, shift in zip(parts, shifts, strict=True)]),
            self.euclidean,
            tuple(order for part in parts for order in part.orders),
        )

    def distances(self, rows: IntArray) -> FloatArray:
        """Return the distances of each sample to the samples in its line of rows, shape (n, k)."""
        largest = np.zeros(rows.shape)
        for block in np.split(np.arange(len(self.weights)), self.ends[:-1]):
            total = np.zeros(rows.shape)
            for c in block:
                term = np.abs(self.points[rows, c] - self.points[:, c, np.newaxis]) * self.weights[c]
                total = total + term * term if self.euclidean else np.maximum(total, term)
            largest = np.maximum(largest, total)
        return largest


class Neighbors(NamedTuple):
    """The nearest other samples of each, shape (n, k), ascending, ties by row; where all are copies, any of these."""

    distances: FloatArray
    rows: IntArray


class Balls(NamedTuple):
    """How many samples lie `inside` the radius of each, itself included, and at its `rim`; 0 if it is not above 0."""

    inside: IntArray
    rim: IntArray


def column_weights(x: FloatArray, name: str, *, standardize: bool) -> FloatArray:
    """Return the weight of each column: one over its standard deviation, or one; one too if it is constant."""
    spread, deviation = np.empty((2, x.shape[1]))
    _spreads(x, spread, deviation)
    varies = spread > 0
    widest, largest = 2 * float(spread.max()), float(np.abs(x).max())
    if largest > _LARGEST or (varies.any() and not standardize and widest < 1 / _LARGEST):
        raise InvalidInputError(
            f"{name}: must be in a unit in which distances can be computed; got values up to {largest:.3g} and a range"
            f" of {widest:.3g}. Divide by a power of ten"
        )
    if not varies.any():
        raise constant(name, x)
    weights = np.ones(x.shape[1])
    if standardize:
        with np.errstate(over="ignore"):
            weights[varies] = 0.5 / spread[varies] / deviation[varies]
        if not np.isfinite(weights).all():
            column = int(np.argmin(np.isfinite(weights)))
            raise InvalidInputError(
                f"{name}: columns must have a spread that can be scaled to one; got {2 * spread[column]!r}"
                f" in column {column}"
            )
    return weights


def constant(name: str, x: FloatArray) -> ConstantInputError:
    """Return the error for a variable that does not vary."""
    return ConstantInputError(f"{name}: must vary; got the same value in all {len(x)} samples")


@njit(cache=True)
def _spreads(x, spread, deviation):  # type: ignore[no-untyped-def]
    """Fill half the range of each column, which is finite where the range is not, and its deviation over the range."""
    n, dim = x.shape
    for c in range(dim):
        low = high = x[0, c]
        for i in range(1, n):
            low, high = min(low, x[i, c]), max(high, x[i, c])
        low, spread[c] = low / 2, high / 2 - low / 2
        unit = spread[c] if spread[c] > 0 else 1.0
        first = second = 0.0  # moments on [0, 1]: the variance is 1 / (2 n) or more, so the difference loses nothing
        for i in range(n):
            position = (x[i, c] / 2 - low) / unit
            first += position
            second += position * position
        deviation[c] = np.sqrt(max(second - first * first / n, 0.0) / n)


@njit(cache=True)
def _fill_levels(column, order, levels, out):  # type: ignore[no-untyped-def]
    """Fill what stands for the mid-rank of each value (`RankMargins.levels`), and say whether a value recurs."""
    n = column.size
    recurs = False
    first = 0
    while first < n:
        last = first
        while last + 1 < n and column[order[last + 1]] == column[order[first]]:
            last += 1
        for place in range(first, last + 1):
            out[order[place]] = levels[first + last]
        recurs |= last > first
        first = last + 1
    return recurs


def common_unit(*spaces: Space) -> list[Space]:
    """Return Euclidean spaces in a unit, a power of two, in which no square leaves double precision."""
    with np.errstate(over="ignore"):
        exponent = max(int(np.frexp(np.abs(space.points).max(axis=0) * space.weights)[1].max()) for space in spaces)
    return [space._replace(weights=np.ldexp(space.weights, -exponent)) for space in spaces]


def nearest_neighbors(space: Space, k: int) -> Neighbors:
    """Return the k nearest other samples of each of n > k; Euclidean distances are squared."""
    points, weights, ends, euclidean, orders, _ = space
    n, dim = points.shape
    out = Neighbors(np.empty((n, k)), np.empty((n, k), dtype=np.int64))
    if dim == 2 and not euclidean:
        by_x, by_y = orders if len(orders) == 2 else (np.argsort(column) for column in points.T)
        nearest_in_plane(points, (by_x, by_y), weights, *out)
    elif n >= (_SCAN_GRAM if euclidean else _SCAN_NEAREST) << min(dim, 32):
        tree = build_tree(points, weights)
        in_threads(lambda first, last: tree_nearest(tree, ends, euclidean, first, last, *out), -(-n // LEAF_SIZE))
    elif euclidean:
        nearest_by_products(points, weights, ends, *out)
    else:
        nearest_by_scan(points, weights, *out)
    return out


def ball_counter(space: Space) -> Callable[[FloatArray], Balls]:
    """Return the function of radii that `count_balls` is; it keeps what does not depend on the radii."""
    points, weights, ends, euclidean, orders, _ = space
    n, dim = points.shape
    fill: Callable[..., None]
    if dim == 1 and not euclidean:
        order = orders[0] if orders else np.argsort(points[:, 0])
        fill = partial(counts_in_column, points[order, 0], order, float(weights[0]))
    elif n >= (_SCAN_GRAM if euclidean else _SCAN_COUNTS) << min(dim, 32):
        tree = build_tree(points, weights)

        def fill(radii: FloatArray, inside: IntArray, rim: IntArray) -> None:
            in_threads(
                lambda first, last: tree_counts(tree, ends, euclidean, radii, first, last, inside, rim),
                -(-n // LEAF_SIZE),
            )

    elif euclidean:
        fill = partial(counts_by_products, points, weights, ends)
    else:
        fill = partial(counts_by_scan, points, weights)

    def count(radii: FloatArray) -> Balls:
        balls = Balls(np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64))
        fill(radii, *balls)
        return balls

    return count


def count_balls(space: Space, radii: FloatArray) -> Balls:
    """Return how many samples lie inside the ball of each, and at its rim; radii in the unit of `nearest_neighbors`."""
    return ball_counter(space)(radii)
