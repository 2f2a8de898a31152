"""Nulls of independent series: one of them is put in another order that keeps what it owes to its own past."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from attnstats._validation import IntArray, check_count
from attnstats._variable import Variable


class SeriesNull(ABC):
    """A way to draw series that are like one of two, and have nothing to do with the other.

    Rows must be in the order of time. A permutation of rows presumes that they can be exchanged, which those of a
    series with autocorrelation cannot: it finds dependence between independent series far too often.

    Attributes
    ----------
    n_resamples : int
        Series drawn; the smallest attainable p-value is 1 / (n_resamples + 1).
    """

    n_resamples: int

    def __post_init__(self) -> None:
        check_count(self.n_resamples, "n_resamples")

    @property
    def floor(self) -> float:
        """Smallest p-value that is attainable."""
        return 1 / (self.n_resamples + 1)

    @abstractmethod
    def rearranged(self, series: Variable, generator: np.random.Generator) -> IntArray:
        """Return for each row of a series the row whose value it receives, shape (n,).

        Raises
        ------
        TooFewSamplesError
            If the series is too short.
        """
