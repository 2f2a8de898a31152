"""Concordance of two orders as a function of the gap between two tokens in one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from attnstats._conversion import read
from attnstats._validation import BoolArray, FloatArray, IntArray, check_count
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.ranks.batches._rows import as_rows

#: Most gaps that quantiles are computed from, evenly spaced over all.
_MAX_GAPS = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ConcordanceCurve:
    """How often two orders agree on a pair of tokens, by the gap between the two tokens in x.

    Pairs are not independent: compute intervals over examples or models from the arrays per example.

    Parameters
    ----------
    edges : ndarray of float, shape (n_bins + 1,)
        Edges of the bins of the gap, closed on the left; the last bin includes its upper edge.
    concordant : ndarray of float, shape (n_examples, n_bins)
        Pairs ordered alike in x and in y; a pair tied in y counts one half.
    pairs : ndarray of int, shape (n_examples, n_bins)
        Pairs whose gap lies in the bin.
    log_gap : ndarray of float, shape (n_examples, n_bins)
        Sum of the natural logarithm of the gap over these pairs.
    log_gap_square, log_gap_concordant : ndarray of float, shape (n_examples,)
        Sums over all pairs in the bins of the squared log gap, and of the log gap times the concordance.
    tied, outside : ndarray of int, shape (n_examples,)
        Pairs left out: tied in x, and with a gap outside the edges.
    """

    edges: FloatArray
    concordant: FloatArray
    pairs: IntArray
    log_gap: FloatArray
    log_gap_square: FloatArray
    log_gap_concordant: FloatArray
    tied: IntArray
    outside: IntArray

    @property
    def curve(self) -> FloatArray:
        """Share of concordant pairs per bin over all examples, shape (n_bins,); NaN in a bin without a pair."""
        return _ratio(self.concordant.sum(axis=0), self.pairs.sum(axis=0))

    @property
    def centers(self) -> FloatArray:
        """Geometric mean of the gaps per bin, shape (n_bins,); NaN in a bin without a pair."""
        return np.asarray(np.exp(_ratio(self.log_gap.sum(axis=0), self.pairs.sum(axis=0))))

    def slope(self) -> float:
        """Return the change of the share of concordant pairs per e-fold of the gap, without a standard error.

        It is the least-squares slope of concordance (0, 1/2 or 1) on the log gap over all pairs in the bins;
        ConstantInputError if there are no two different gaps.
        """
        n = int(self.pairs.sum())
        gap, square = float(self.log_gap.sum()), float(self.log_gap_square.sum())
        spread = square - gap**2 / n if n else 0.0
        if spread <= 1e-12 * square:
            raise ConstantInputError(f"x: must have at least two different gaps for a slope; got {n} pair(s), one gap")
        covariance = float(self.log_gap_concordant.sum()) - gap * float(self.concordant.sum()) / n
        return covariance / spread

    def __repr__(self) -> str:
        shares = ", ".join(f"{share:.3g}" for share in self.curve)
        return f"ConcordanceCurve({len(self.pairs)} examples, {self.pairs.sum()} pairs, [{shares}])"


def concordance_curve(
    x: ArrayLike, y: ArrayLike, *, edges: ArrayLike, mask: ArrayLike | None = None
) -> ConcordanceCurve:
    """Return how often the orders of x and y agree on a pair of tokens, by the gap between the two in x.

    Parameters
    ----------
    x, y : array_like, shape (n_examples, n_tokens)
        The two quantities of each token. The gap of a pair is its absolute difference in x: for log ratios pass log
        attention, with tokens of zero attention outside the mask.
    edges : array_like, shape (n_bins + 1,)
        Ascending edges of the gap bins, from 0 or above; the last may be infinite.
    mask : array_like of bool, shape (n_examples, n_tokens), optional
        True for a token that takes part.

    Returns
    -------
    ConcordanceCurve

    Raises
    ------
    InvalidInputError, NonFiniteError
        If the shapes differ or the edges do not ascend; if a value inside the mask is NaN or infinite.

    Examples
    --------
    >>> from attnstats.ranks import concordance_curve
    >>> attention, information = [[0.0, 0.1, 2.0]], [[1.0, 0.5, 3.0]]
    >>> concordance_curve(attention, information, edges=[0, 1, 3])
    ConcordanceCurve(1 examples, 3 pairs, [0, 1])
    """
    (first, second), inside, _ = as_rows(mask, gaps=True, x=x, y=y)
    bins = _as_edges(edges)
    curve = ConcordanceCurve(bins, *_count(first, second, inside, bins))
    _check_gaps(float(curve.log_gap_square.sum()))
    return curve


def gap_quantile_edges(x: ArrayLike, *, mask: ArrayLike | None = None, n_bins: int = 8) -> FloatArray:
    """Return edges of gap bins that hold about equally many pairs of tokens each.

    Parameters
    ----------
    x : array_like, shape (n_examples, n_tokens)
        The quantity whose gaps are binned; stack all examples that are to share the edges.
    mask : array_like of bool, shape (n_examples, n_tokens), optional
        True for a token that takes part.
    n_bins : int
        Number of bins.

    Returns
    -------
    ndarray, shape (n_bins + 1,)
        From 0 to the largest gap; the inner edges are quantiles of the gaps above zero, of at most two million of them.

    Raises
    ------
    TooFewSamplesError, InvalidInputError
        If there are fewer pairs with a gap than bins; if two quantiles coincide, since many gaps are equal.

    Examples
    --------
    >>> from attnstats.ranks import gap_quantile_edges
    >>> gap_quantile_edges([[0.0, 1.0, 3.0]], n_bins=2)
    array([0., 2., 3.])
    """
    (values,), inside, _ = as_rows(mask, gaps=True, x=x)
    check_count(n_bins, "n_bins")
    lengths = inside.sum(axis=1)
    n_pairs = int((lengths * (lengths - 1) // 2).sum())
    gaps, largest = _every_gap(values, inside, n_pairs, max(1, -(-n_pairs // _MAX_GAPS)))
    _check_gaps(largest)
    if gaps.size < n_bins:
        raise TooFewSamplesError(f"x: must have at least one pair with a gap per bin ({n_bins}); got {gaps.size}")
    edges = np.concatenate(([0.0], np.quantile(gaps, np.arange(1, n_bins) / n_bins), [largest]))
    if (np.diff(edges) <= 0).any():
        raise InvalidInputError(f"n_bins: must be small enough that quantiles of the gaps differ; got {n_bins}")
    return edges


def _check_gaps(largest: float) -> None:
    if math.isinf(largest):
        raise InvalidInputError("x: must have gaps below 1.8e308; got a larger one (divide the values by 2)")


def _as_edges(edges: ArrayLike) -> FloatArray:
    array = read(edges, "edges").floats("edges")
    if np.isnan(array).any():
        raise NonFiniteError(f"edges: must not hold NaN; got {edges!r}")
    if array.ndim != 1 or array.size < 2 or array[0] < 0 or not (array[1:] > array[:-1]).all():
        raise InvalidInputError(f"edges: must be at least 2 ascending numbers from 0 or above; got {edges!r}")
    return array


def _ratio(part: FloatArray, whole: IntArray) -> FloatArray:
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0))


@njit(cache=True)
def _count(
    x: FloatArray, y: FloatArray, mask: BoolArray, edges: FloatArray
) -> tuple[FloatArray, IntArray, FloatArray, FloatArray, FloatArray, IntArray, IntArray]:
    n_examples, n_bins = len(x), edges.size - 1
    concordant, log_gap = np.zeros((n_examples, n_bins)), np.zeros((n_examples, n_bins))
    pairs = np.zeros((n_examples, n_bins), dtype=np.int64)
    log_gap_square, log_gap_concordant = np.zeros(n_examples), np.zeros(n_examples)
    tied, outside = np.zeros(n_examples, dtype=np.int64), np.zeros(n_examples, dtype=np.int64)
    for row in range(n_examples):
        places = np.flatnonzero(mask[row])
        for i in range(places.size):
            for j in range(i):
                # Signed differences of the pair; its gap is that of x.
                in_x = x[row, places[i]] - x[row, places[j]]
                in_y = y[row, places[i]] - y[row, places[j]]
                gap = abs(in_x)
                if gap == 0:
                    tied[row] += 1
                    continue
                if gap < edges[0] or gap > edges[-1]:
                    outside[row] += 1
                    continue
                # Bins are closed on the left, and the last one on the right too.
                bin_ = min(np.searchsorted(edges, gap, side="right") - 1, n_bins - 1)
                agrees = 0.5 if in_y == 0 else 1.0 if (in_x > 0) == (in_y > 0) else 0.0
                log = math.log(gap)
                pairs[row, bin_] += 1
                concordant[row, bin_] += agrees
                log_gap[row, bin_] += log
                log_gap_square[row] += log * log
                log_gap_concordant[row] += log * agrees
    return concordant, pairs, log_gap, log_gap_square, log_gap_concordant, tied, outside


@njit(cache=True)
def _every_gap(x: FloatArray, mask: BoolArray, n_pairs: int, step: int) -> tuple[FloatArray, float]:
    """Return every `step`-th gap above zero, and the largest of all."""
    gaps = np.empty(n_pairs // step + 1)
    seen, kept, largest = 0, 0, 0.0
    for row in range(len(x)):
        values = x[row][mask[row]]
        for i in range(values.size):
            for j in range(i):
                gap = abs(values[i] - values[j])
                if gap == 0:
                    continue
                largest = max(largest, gap)
                if seen % step == 0:
                    gaps[kept] = gap
                    kept += 1
                seen += 1
    return gaps[:kept], largest
