"""Overlap of the top k of two orders, and its hypergeometric test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike
from scipy.special import gammaln

from attnstats._validation import (
    BoolArray,
    FloatArray,
    IntArray,
    as_order,
    check_at_least,
    check_count,
    check_same_length,
)
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases, complete_cases
from attnstats.ranks.batches._rows import as_rows
from attnstats.results import format_pvalue, left_out


@dataclass(frozen=True, slots=True)
class TopKOverlap:
    """Overlap of the top k of two orders.

    Parameters
    ----------
    overlap : float
        Share of the top k that is in both, in [0, 1]; with ties at the k-th place the mean over all ways to break them.
    chance : float
        Its mean over all pairings of the two orders, k/n.
    pvalue : float
        Probability of at least this overlap over all pairings, exact given the ties.
    pvalue_floor : float
        The smallest p-value that is possible for these orders.
    k, n : int
        Size of the top, and number of samples.
    n_missing : int
        Samples that were left out because a value is missing.
    """

    overlap: float
    chance: float
    pvalue: float
    pvalue_floor: float
    k: int
    n: int
    n_missing: int = 0

    @property
    def jaccard(self) -> float:
        """Jaccard index of the two tops, overlap / (2 − overlap)."""
        return self.overlap / (2 - self.overlap)

    def summary(self) -> str:
        """Return the overlap as a sentence for a paper."""
        return (
            f"top-{self.k} overlap = {self.overlap:.3g} (chance {self.chance:.3g}), {format_pvalue(self.pvalue)}, "
            f"n = {self.n} samples{left_out(self.n_missing)}, hypergeometric (exact)"
        )

    def __repr__(self) -> str:
        return self.summary()


def top_k_overlap(x: ArrayLike, y: ArrayLike, *, k: int, missing: CompleteCases | None = None) -> TopKOverlap:
    """Test whether the top k of two orders overlap more than by chance.

    Where the k-th largest value is tied with the next, each of the r places left goes to each of the t tied samples
    with probability r/t, independently in x and y.

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Paired samples, at least 2; large values are the top.
    k : int
        Size of the top, below the number of samples.
    missing : CompleteCases, optional
        What to do about missing values, as in `kendall`.

    Returns
    -------
    TopKOverlap

    Raises
    ------
    InvalidInputError, NonFiniteError
        If the lengths differ, or k is not between 1 and n − 1; if a value is NaN or infinite.

    Examples
    --------
    >>> from attnstats.ranks import top_k_overlap
    >>> top_k_overlap([9, 8, 7, 1, 2, 3, 4, 0], [5, 9, 8, 1, 7, 2, 0, 3], k=3)
    top-3 overlap = 0.667 (chance 0.375), p = .286, n = 8 samples, hypergeometric (exact)
    """
    (x, y), n_missing = complete_cases(missing, x=x, y=y)
    first, second = as_order(x, "x", ndim=1), as_order(y, "y", ndim=1)
    n = check_same_length(x=first, y=second)
    check_at_least(n, 2, "number of samples")
    k = check_count(k, "k")
    if k >= n:
        raise InvalidInputError(f"k: must be below the number of samples, {n}; got {k}")
    shared = _shared(first, second, k)
    values, weights = _null(n, *_border(first, k)[1:], *_border(second, k)[1:])
    tolerance = 1e-10 * k
    return TopKOverlap(
        overlap=shared / k,
        chance=k / n,
        pvalue=min(float(weights[values >= shared - tolerance].sum()), 1.0),
        pvalue_floor=min(float(weights[values >= values[weights > 0].max() - tolerance].sum()), 1.0),
        k=k,
        n=n,
        n_missing=n_missing,
    )


def top_k_overlap_batch(x: ArrayLike, y: ArrayLike, *, k: int, mask: ArrayLike | None = None) -> FloatArray:
    """Return the overlap of the top k of the rows of two arrays.

    Parameters
    ----------
    x, y : array_like, shape (n_examples, n_tokens)
        The two quantities of each token; large values are the top.
    k : int
        Size of the top.
    mask : array_like of bool, shape (n_examples, n_tokens), optional
        True for a real token. Values outside the mask are ignored and may be NaN.

    Returns
    -------
    ndarray, shape (n_examples,)
        Share of the top k in both, in [0, 1], ties as in `top_k_overlap`; NaN for an example with k tokens or fewer.
        Its mean by chance is k over the number of tokens.

    Raises
    ------
    InvalidInputError, NonFiniteError
        If the shapes differ or k is below 1; if a value inside the mask is NaN or infinite.

    Examples
    --------
    >>> from attnstats.ranks import top_k_overlap_batch
    >>> top_k_overlap_batch([[0.5, 0.3, 0.2], [0.2, 0.4, 0.4]], [[0.9, 0.1, 0.4], [0.1, 0.9, 0.4]], k=1).tolist()
    [1.0, 0.5]
    """
    (first, second), inside, _ = as_rows(mask, x=x, y=y)
    return np.asarray(_rows(first, second, inside, check_count(k, "k")))


@njit(cache=True)
def _border(values: FloatArray, k: int) -> tuple[float, int, int, float]:
    """Return the k-th largest value, how many exceed it, how many tie with it, and the share of these in the top k."""
    last = np.partition(values, values.size - k)[values.size - k]
    sure, tied = 0, 0
    for value in values:
        sure += int(value > last)
        tied += int(value == last)
    return last, sure, tied, (k - sure) / tied


@njit(cache=True)
def _shared(x: FloatArray, y: FloatArray, k: int) -> float:
    last_x, _, _, share_x = _border(x, k)
    last_y, _, _, share_y = _border(y, k)
    shared = 0.0  # expected number of samples in both tops, ties at the k-th place broken independently
    for i in range(x.size):
        in_x = 1.0 if x[i] > last_x else share_x if x[i] == last_x else 0.0
        in_y = 1.0 if y[i] > last_y else share_y if y[i] == last_y else 0.0
        shared += in_x * in_y
    return shared


@njit(cache=True)
def _rows(x: FloatArray, y: FloatArray, mask: BoolArray, k: int) -> FloatArray:
    overlaps = np.full(len(x), np.nan)
    for row in range(len(x)):
        if mask[row].sum() > k:
            overlaps[row] = _shared(x[row][mask[row]], y[row][mask[row]], k) / k
    return overlaps


def _null(
    n: int, sure_x: int, tied_x: int, share_x: float, sure_y: int, tied_y: int, share_y: float
) -> tuple[FloatArray, FloatArray]:
    """Return the possible overlaps of the two tops and their probabilities."""
    # Both orders have three classes: above the k-th value, tied with it, below. Those of y above it fall into the
    # classes of x as in a draw without replacement, and then those of y tied with it into what is left.
    out_x = n - sure_x - tied_x
    sure = [(a, b) for a in range(min(sure_x, sure_y) + 1) for b in range(min(tied_x, sure_y - a) + 1)]
    values, weights = [], []
    for a, b in sure:
        if sure_y - a - b > out_x:
            continue
        first = _ways(sure_x, a) + _ways(tied_x, b) + _ways(out_x, sure_y - a - b) - _ways(n, sure_y)
        c, d = np.meshgrid(np.arange(min(sure_x - a, tied_y) + 1), np.arange(min(tied_x - b, tied_y) + 1))
        left = out_x - (sure_y - a - b)
        fits = (c + d <= tied_y) & (tied_y - c - d <= left)
        c, d = c[fits], d[fits]
        second = _ways(sure_x - a, c) + _ways(tied_x - b, d) + _ways(left, tied_y - c - d) - _ways(n - sure_y, tied_y)
        values.append(a + b * share_x + c * share_y + d * share_x * share_y)
        weights.append(np.exp(first + second))
    return np.concatenate(values), np.concatenate(weights)


def _ways(n: IntArray | int, k: IntArray | int) -> FloatArray:
    """Return the logarithm of n over k."""
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
