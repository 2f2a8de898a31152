"""How a continuous column is cut into bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from attnstats._validation import FloatArray, IntArray, check_count
from attnstats.exceptions import ConstantInputError, TooFewSamplesError


@runtime_checkable
class Partition(Protocol):
    """How one continuous column is cut into bins."""

    def assign(self, column: FloatArray) -> IntArray:
        """Return the bin of each value of a column, both of shape (n,), numbered from 0 in ascending order."""
        ...


@dataclass(frozen=True)
class EqualWidth:
    """Bins of equal width from the smallest to the largest value.

    Parameters
    ----------
    n_bins : int, default 8
        Number of bins; some may be empty.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import EqualWidth
    >>> EqualWidth(2).assign(np.array([0.0, 1.0, 2.0, 10.0]))
    array([0, 0, 0, 1])
    """

    n_bins: int = 8

    def __post_init__(self) -> None:
        check_count(self.n_bins, "n_bins")

    def assign(self, column: FloatArray) -> IntArray:
        """Return the bin of each value, shape (n,)."""
        half = column / 2  # the range of finite numbers need not be finite
        width = half.max() - half.min()
        if width == 0:
            return np.zeros(len(column), dtype=np.int64)
        position = (half - half.min()) / width * self.n_bins
        bins: IntArray = np.minimum(position.astype(np.int64), self.n_bins - 1)
        return bins


@dataclass(frozen=True)
class Quantile:
    """Bins with equal numbers of samples; equal values share a bin, so with ties there may be fewer.

    A value on an edge, an order statistic, goes into the bin below, so increasing transforms change nothing.

    Parameters
    ----------
    n_bins : int, default 8
        Number of bins.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Quantile
    >>> Quantile(2).assign(np.array([0.0, 1.0, 2.0, 10.0]))
    array([0, 0, 1, 1])
    """

    n_bins: int = 8

    def __post_init__(self) -> None:
        check_count(self.n_bins, "n_bins")

    def assign(self, column: FloatArray) -> IntArray:
        """Return the bin of each value, shape (n,)."""
        below = -(-len(column) * np.arange(1, self.n_bins) // self.n_bins)  # rounded up
        edges = np.unique(np.sort(column)[below - 1])
        return np.searchsorted(edges, column, side="left").astype(np.int64, copy=False)


@dataclass(frozen=True)
class FreedmanDiaconis:
    """Bins of equal width of at most 2 IQR / n^(1/3), with IQR the interquartile range; a constant column is one bin.

    Raises
    ------
    ConstantInputError, TooFewSamplesError
        If the quartiles are equal and the column varies; if there are more bins than samples (heavy tails).

    References
    ----------
    Freedman, Diaconis (1981), Zeitschrift für Wahrscheinlichkeitstheorie und verwandte Gebiete 57, 453-476.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import FreedmanDiaconis
    >>> FreedmanDiaconis().assign(np.arange(8.0))
    array([0, 0, 0, 0, 1, 1, 1, 1])
    """

    def assign(self, column: FloatArray) -> IntArray:
        """Return the bin of each value, shape (n,)."""
        half = column / 2  # the range of finite numbers need not be finite
        span = half.max() - half.min()
        if span == 0:
            return np.zeros(len(column), dtype=np.int64)
        first, third = np.quantile(half, [0.25, 0.75])
        if first == third:
            raise ConstantInputError(
                "FreedmanDiaconis: the quartiles of a column must differ; got both equal to"
                f" {2 * first:g}. Use Quantile, or integers for a discrete column"
            )
        wanted = span / (third - first) * len(column) ** (1 / 3) / 2
        if wanted > len(column):
            raise TooFewSamplesError(
                f"FreedmanDiaconis: the rule must ask for no more bins than samples; got {np.ceil(wanted):.0f} bins for"
                f" {len(column)} samples. Use Quantile where tails are heavy"
            )
        return EqualWidth(int(np.ceil(wanted))).assign(column)
