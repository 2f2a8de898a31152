"""The null of conditional independence: x exchanged among samples with nearly the same z."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from attnstats._validation import IntArray, RNGLike, as_generator, as_samples, check_count
from attnstats.exceptions import InvalidInputError
from attnstats.information._class_rule import is_discrete
from attnstats.information._strata import strata_of
from attnstats.information.neighbors._space import column_weights


@dataclass(frozen=True)
class Neighborhoods:
    """The rows that each row may exchange its x with."""

    strata: tuple[IntArray, ...]  # rows that are exchanged freely among themselves
    rows: IntArray  # (n_rest,) the others
    neighbors: IntArray  # (n_rest, n_neighbors + 1) places in `rows` of the nearest ones, itself included

    def draw(self, rng: RNGLike) -> IntArray:
        """Return for each sample the row whose x it receives, shape (n,), by algorithm 1 of Runge (2018).

        In random order, each row takes a random neighbour that is not taken yet; where all are taken, any of them.
        """
        generator = as_generator(rng)
        received = np.empty(len(self.rows) + sum(map(len, self.strata)), dtype=np.int64)
        for stratum in self.strata:
            received[stratum] = generator.permutation(stratum)
        shuffled = generator.permuted(self.neighbors, axis=1)
        received[self.rows] = self.rows[_take(generator.permutation(len(self.rows)), shuffled)]
        return received


@dataclass(frozen=True)
class LocalPermutation:
    """The local permutation test of conditional independence.

    Rows exchange their x with near neighbours in z, without replacement as far as possible: X* has nearly the
    distribution of X given Z, and given Z is independent of Y. Distances are in the max-norm over columns of z of unit
    variance. Classes z, and a value of z that occurs more than `n_neighbors` times, are strata, within which x is
    permuted.

    Parameters
    ----------
    n_resamples : int, default 199
        Permutations; the smallest attainable p-value is 1 / (n_resamples + 1).
    n_neighbors : int, default 5
        Neighbours to exchange with. With fewer, more rows keep their x, which costs power; with more, the dependence of
        x on z leaks into the p-value.

    References
    ----------
    Runge (2018), Conditional independence testing based on a nearest-neighbor estimator of conditional mutual
    information, AISTATS, algorithm 1.

    Examples
    --------
    >>> from attnstats.information import LocalPermutation
    >>> LocalPermutation(999).floor
    0.001
    >>> rows = LocalPermutation().neighborhoods(["a", "b", "a", "b"]).draw(rng=0)
    >>> bool((rows % 2 == [0, 1, 0, 1]).all())
    True
    """

    n_resamples: int = 199
    n_neighbors: int = 5

    def __post_init__(self) -> None:
        check_count(self.n_resamples, "n_resamples")
        check_count(self.n_neighbors, "n_neighbors")

    @property
    def floor(self) -> float:
        """Smallest p-value that is attainable."""
        return 1 / (self.n_resamples + 1)

    def neighborhoods(self, z: ArrayLike) -> Neighborhoods:
        """Return the rows that each row of z, shape (n,) or (n, dim_z), may exchange its x with.

        Raises
        ------
        InvalidInputError
            If every label z occurs once, so that there is nothing to exchange.
        """
        if is_discrete(z, "z"):
            strata = _members(strata_of(z, "z")[0])
            if max(map(len, strata)) < 2:
                raise InvalidInputError(
                    f"z: some label must occur twice, in two groups if there are any; got {len(strata)} different ones"
                )
            nobody = np.empty(0, dtype=np.int64)
            return Neighborhoods(tuple(strata), nobody, nobody.reshape(0, 1))
        samples = as_samples(z, "z")
        _, values, counts = np.unique(samples, axis=0, return_inverse=True, return_counts=True)
        strata = [rows for rows in _members(values.ravel()) if len(rows) > self.n_neighbors]
        rest = np.flatnonzero(counts[values.ravel()] <= self.n_neighbors)
        return Neighborhoods(tuple(strata), rest, self._nearest(samples[rest]))

    def _nearest(self, points: NDArray[np.float64]) -> IntArray:
        from scipy.spatial import cKDTree  # slow to import, and needed by few

        if len(points) < 2 or not np.ptp(points / 2, axis=0).any():  # one row, or some of equal z
            return np.tile(np.arange(len(points)), (len(points), 1))
        scaled = (points - points.mean(axis=0)) * column_weights(points, "z", standardize=True)
        count = min(self.n_neighbors + 1, len(points))
        nearest = cKDTree(scaled).query(scaled, k=count, p=np.inf)[1]
        return np.asarray(nearest, dtype=np.int64)


def _members(codes: IntArray) -> list[IntArray]:
    """Return the rows of each code."""
    order = np.argsort(codes, kind="stable").astype(np.int64)
    return np.split(order, np.cumsum(np.bincount(codes))[:-1])


@njit(cache=True)
def _take(order: IntArray, neighbors: IntArray) -> Any:
    """Return the first neighbour of each row that no earlier row of `order` took, else the last one."""
    taken = np.zeros(len(order), dtype=np.bool_)
    received = np.empty(len(order), dtype=np.int64)
    for row in order:
        for neighbor in neighbors[row]:
            received[row] = neighbor
            if not taken[neighbor]:
                break
        taken[received[row]] = True
    return received
