"""How the columns of a continuous variable are brought to one scale before a network sees them.

Mutual information does not change under invertible maps of x or of y, and what a network learns does. Each transform
is fitted to training rows and applied to all, so held-out rows stay held out.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import ndtri

from attnstats._validation import FloatArray

__all__ = ["Margins", "NormalScores", "Standardized"]


class Margins(Protocol):
    """A transform of columns, as a frozen dataclass."""

    def transform(self, fitted: FloatArray, values: FloatArray) -> FloatArray:
        """Return `values` (n, dim), transformed as the rows of `fitted` (n_fitted, dim) say."""
        ...


@dataclass(frozen=True)
class Standardized:
    """Columns to mean 0 and standard deviation 1; a column that does not vary becomes 0.

    Examples
    --------
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


@dataclass(frozen=True)
class NormalScores:
    """Columns to the normal quantiles of their ranks: what follows depends on the order of each column alone.

    A value becomes the standard normal quantile of (r + 1/2) / (n_fitted + 1), with r the mid-rank: how many fitted
    values lie below it, and half of those that equal it. Heavy tails and outliers lose their hold, and the estimate is
    the same for every increasing transform of a column.

    Examples
    --------
    >>> fitted = np.array([[10.0], [20.0], [1e9]])
    >>> NormalScores().transform(fitted, fitted).ravel().round(3)
    array([-0.674,  0.   ,  0.674])
    """

    def transform(self, fitted: FloatArray, values: FloatArray) -> FloatArray:
        """Return the normal scores of `values`, shape (n, dim)."""
        scores = np.empty_like(values)
        for column, known, found in zip(scores.T, np.sort(fitted, axis=0).T, values.T, strict=True):
            below, up_to = np.searchsorted(known, found, side="left"), np.searchsorted(known, found, side="right")
            column[:] = ndtri((below + up_to + 1) / (2 * (len(known) + 1)))
        return scores
