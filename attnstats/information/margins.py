"""How columns are scaled before distances are taken or a network is trained; information does not depend on it.

Each transform is fitted to some rows and applied to all, so held-out rows stay held out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
from scipy.special import ndtri

from attnstats._validation import FloatArray
from attnstats.exceptions import InvalidInputError

#: Largest sample whose levels are kept (16 of 1.6 MB at most): parts, permutations and draws ask for few sizes often.
_REMEMBERED = 100_000


@runtime_checkable
class Margins(Protocol):
    """A transform of columns, as a frozen dataclass."""

    def transform(self, fitted: FloatArray, values: FloatArray) -> FloatArray:
        """Return `values` (n, dim), transformed as the rows of `fitted` (n_fitted, dim) say."""


@dataclass(frozen=True)
class AsMeasured:
    """Columns as they come: distances in their own units, as in the bare definition of an estimator.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import AsMeasured
    >>> AsMeasured().transform(np.array([[1.0], [3.0]]), np.array([[2.0], [5.0]])).ravel()
    array([2., 5.])
    """

    def transform(self, fitted: FloatArray, values: FloatArray) -> FloatArray:
        """Return `values`."""
        del fitted
        return values


@dataclass(frozen=True)
class Standardized:
    """Columns to mean 0 and standard deviation 1; a column that does not vary becomes 0.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Standardized
    >>> Standardized().transform(np.array([[1.0], [3.0]]), np.array([[2.0], [5.0]])).ravel()
    array([0., 3.])
    """

    def transform(self, fitted: FloatArray, values: FloatArray) -> FloatArray:
        """Return ``(values - mean) / sd``, shape (n, dim)."""
        varies = np.ptp(fitted / 2, axis=0) > 0  # halves: a range may overflow
        scale = np.where(varies, np.abs(fitted).max(axis=0), np.inf)
        fitted, values = fitted / scale, values / scale
        deviation = np.where(varies, fitted.std(axis=0), 1)
        standardized: FloatArray = (values - fitted.mean(axis=0)) / deviation
        return standardized


class RankMargins(ABC):
    """Columns to a function of their ranks: what follows depends on the order of each column alone.

    The place of a value is (r + 1/2) / (n_fitted + 1) - 1/2, with r the mid-rank: how many fitted values lie below it,
    and half of those that equal it. Places of mirrored columns are mirrored to the last digit.
    """

    @abstractmethod
    def of_places(self, places: FloatArray) -> FloatArray:
        """Return the values that stand for places in (-1/2, 1/2)."""

    def levels(self, n: int) -> FloatArray:
        """Return what stands for the mid-ranks 0, 1/2, ..., n - 1 of n values, shape (2 n - 1,): not to be changed."""
        return _levels(self, n) if n <= _REMEMBERED else _levels.__wrapped__(self, n)

    def transform(self, fitted: FloatArray, values: FloatArray) -> FloatArray:
        """Return what stands for the places of `values` among those of `fitted`, shape (n, dim)."""
        places = np.empty_like(values)
        for column, known, found in zip(places.T, np.sort(fitted, axis=0).T, values.T, strict=True):
            below, up_to = np.searchsorted(known, found, side="left"), np.searchsorted(known, found, side="right")
            column[:] = (below + up_to - len(known)) / (2 * (len(known) + 1))
        return self.of_places(places)


@lru_cache(maxsize=16)
def _levels(margins: RankMargins, n: int) -> FloatArray:
    return margins.of_places(np.arange(1 - n, n) / (2 * (n + 1)))


@dataclass(frozen=True)
class NormalScores(RankMargins):
    """Columns to the standard normal quantiles of their places (`RankMargins`).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import NormalScores
    >>> fitted = np.array([[10.0], [20.0], [1e9]])
    >>> NormalScores().transform(fitted, fitted).ravel().round(3)
    array([-0.674,  0.   ,  0.674])
    """

    def of_places(self, places: FloatArray) -> FloatArray:
        """Return the normal quantiles of 1/2 + place."""
        # Through the lower tail on both sides, so that mirrored places get mirrored values.
        quantiles: FloatArray = np.copysign(ndtri(0.5 - np.abs(places)), places)
        return quantiles


@dataclass(frozen=True)
class UniformRanks(RankMargins):
    """Columns to their places (`RankMargins`), which are uniform on (-1/2, 1/2).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import UniformRanks
    >>> fitted = np.array([[10.0], [20.0], [1e9]])
    >>> UniformRanks().transform(fitted, fitted).ravel()
    array([-0.25,  0.  ,  0.25])
    """

    def of_places(self, places: FloatArray) -> FloatArray:
        """Return the places."""
        return places


def relative_ranks(values: FloatArray) -> FloatArray:
    """Return rank / (n + 1) of each value in its column, mid-ranks where values are equal, shape (n, dim)."""
    ranks = np.empty(values.shape)
    for column, out in zip(values.T, ranks.T, strict=True):
        _, place, counts = np.unique(column, return_inverse=True, return_counts=True)
        out[:] = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks / (len(values) + 1)


def normal_scores(values: FloatArray) -> FloatArray:
    """Return the normal quantile of each relative rank, shape (n, dim): the scores of Gaussian copulas.

    `NormalScores` gives mirrored columns mirrored values; these are rounded otherwise, by less than 1e-13.
    """
    scores: FloatArray = ndtri(relative_ranks(values))
    return scores


def check_margins(margins: object) -> None:
    """Raise unless `margins` is an object that transforms columns."""
    if isinstance(margins, type) or not hasattr(margins, "transform"):  # isinstance of a protocol takes 50 µs
        raise InvalidInputError(f"margins: must be an object such as NormalScores() or AsMeasured(); got {margins!r}")
