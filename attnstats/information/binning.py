"""Mutual information of discrete variables, and of continuous ones cut into bins.

A partition object says how a continuous column is cut, an entropy object how the entropy of a discrete variable is
estimated from its counts; `Binned` joins one of each.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_labels,
    as_samples,
    check_at_least,
    check_count,
    check_same_length,
)
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.information.interface import is_discrete

__all__ = ["Binned", "EntropyEstimator", "EqualWidth", "MillerMadow", "Partition", "PlugIn", "Quantile"]


@runtime_checkable
class Partition(Protocol):
    """How one continuous column is cut into bins."""

    def assign(self, column: FloatArray) -> IntArray:
        """Return the bin of each value, shape (n,), numbered from 0 in ascending order of the values."""
        ...


@runtime_checkable
class EntropyEstimator(Protocol):
    """How an entropy is estimated from the counts of a discrete variable."""

    def entropy(self, counts: IntArray) -> float:
        """Return the entropy in nats; counts are positive, one for each value that occurs."""
        ...


@dataclass(frozen=True)
class EqualWidth:
    """Bins of equal width from the smallest to the largest value.

    Parameters
    ----------
    n_bins : int, default 8
        Number of bins; some may stay empty.

    Examples
    --------
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
    """Bins that hold equal numbers of samples; equal values share a bin.

    Edges are order statistics and a value on an edge belongs below it, so the bins do not change under an increasing
    transform of the column. With ties there may be fewer bins.

    Parameters
    ----------
    n_bins : int, default 8
        Number of bins.

    Examples
    --------
    >>> Quantile(2).assign(np.array([0.0, 1.0, 2.0, 10.0]))
    array([0, 0, 1, 1])
    """

    n_bins: int = 8

    def __post_init__(self) -> None:
        check_count(self.n_bins, "n_bins")

    def assign(self, column: FloatArray) -> IntArray:
        """Return the bin of each value, shape (n,)."""
        levels = np.arange(1, self.n_bins) / self.n_bins
        edges = np.unique(np.quantile(column, levels, method="inverted_cdf"))
        return np.searchsorted(edges, column, side="left").astype(np.int64)


@dataclass(frozen=True)
class PlugIn:
    """The entropy of the observed frequencies (maximum likelihood), biased low by about (cells - 1) / 2n.

    Examples
    --------
    >>> round(PlugIn().entropy(np.array([2, 2])), 4)
    0.6931
    """

    def entropy(self, counts: IntArray) -> float:
        """Return the entropy in nats."""
        total = counts.sum()
        return float(np.log(total) - (counts * np.log(counts)).sum() / total)


@dataclass(frozen=True)
class MillerMadow:
    """The plug-in entropy plus its first-order bias, (occupied cells - 1) / 2n.

    References
    ----------
    Miller (1955), Note on the bias of information estimates, in Information Theory in Psychology.
    Paninski (2003), Estimation of entropy and mutual information, Neural Computation 15, section 4.

    Examples
    --------
    >>> round(MillerMadow().entropy(np.array([2, 2])), 4)
    0.8181
    """

    def entropy(self, counts: IntArray) -> float:
        """Return the entropy in nats."""
        return PlugIn().entropy(counts) + float((len(counts) - 1) / (2 * counts.sum()))


@dataclass(frozen=True)
class Binned:
    """Mutual information as H(X) + H(Y) - H(X, Y) of discrete or binned variables.

    Columns of floating point are cut by ``bins``, each on its own; integers, booleans and strings are taken as they are
    (`attnstats.information.interface.is_discrete`). The cell of a sample is the combination of its columns.

    Parameters
    ----------
    bins : EqualWidth or Quantile, default Quantile(n_bins=8)
        How a continuous column is cut.
    entropy : PlugIn or MillerMadow, default MillerMadow()
        How the three entropies are estimated.

    Raises
    ------
    TooFewSamplesError
        If the occupied cells of x times those of y outnumber the samples: the estimate would be mostly bias.

    Notes
    -----
    Binning loses information, so this estimates a lower bound of the mutual information of continuous variables.
    A variable that does not vary carries none, and the estimate is 0. The local terms are those of the plug-in
    estimate, all shifted by the same amount where the entropy corrects its bias.

    Examples
    --------
    >>> x = [0, 0, 1, 1, 0, 0, 1, 1]
    >>> round(Binned(entropy=PlugIn()).estimate(x, x), 4)
    0.6931
    >>> Binned(bins=Quantile(4))
    Binned(bins=Quantile(n_bins=4), entropy=MillerMadow())
    """

    bins: Partition = Quantile()
    entropy: EntropyEstimator = MillerMadow()

    allows_duplicates: ClassVar[bool] = True
    discrete_y: ClassVar[bool] = True
    continuous_y: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if isinstance(self.bins, type) or not isinstance(self.bins, Partition):
            raise InvalidInputError(f"bins: must be a partition such as Quantile(8); got {self.bins!r}")
        if isinstance(self.entropy, type) or not isinstance(self.entropy, EntropyEstimator):
            raise InvalidInputError(f"entropy: must be an estimator such as MillerMadow(); got {self.entropy!r}")

    def estimate(self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None) -> float:
        """Return the estimate in nats."""
        return float(self.pointwise(x, y, groups=groups, rng=rng).mean())

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return log p(x, y) / (p(x) p(y)) of each sample's cell, shifted by the bias correction, shape (n,), nats."""
        del rng  # deterministic
        cells_x, cells_y = self._cells(x, "x"), self._cells(y, "y")
        n = check_same_length(x=cells_x, y=cells_y)
        if groups is not None:
            check_same_length(x=cells_x, groups=as_labels(groups, "groups")[0])
        check_at_least(n, 2, "number of samples of x and y")
        counts_x, counts_y = np.bincount(cells_x), np.bincount(cells_y)
        if len(counts_x) * len(counts_y) > n:
            raise TooFewSamplesError(
                "x and y: the cells must not outnumber the samples; got"
                f" {len(counts_x)} cells of x times {len(counts_y)} of y for {n} samples. Use fewer bins or dimensions"
            )
        _, cells, counts = np.unique(cells_x * len(counts_y) + cells_y, return_inverse=True, return_counts=True)
        local: FloatArray = np.log(counts[cells] * (n / counts_x[cells_x]) / counts_y[cells_y])
        information = self.entropy.entropy(counts_x) + self.entropy.entropy(counts_y) - self.entropy.entropy(counts)
        shifted: FloatArray = local + (information - local.mean())
        return shifted

    def _cells(self, values: ArrayLike, name: str) -> IntArray:
        """Return the cell of each sample, numbered from 0 without gaps."""
        array: NDArray[Any] = np.asarray(values)
        if is_discrete(array):
            columns = array.T if array.ndim == 2 else [array]
            codes = [as_labels(column, name)[0] for column in columns]
        else:
            codes = [self.bins.assign(column) for column in as_samples(array, name).T if len(column)]
        if not codes or not len(codes[0]):
            raise TooFewSamplesError(f"{name}: must hold samples; got shape {array.shape}")
        _, cells = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
        return cells.ravel().astype(np.int64)
