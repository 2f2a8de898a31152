"""Kendall's tau and Spearman's rho of many short examples at once."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from attnstats._validation import BoolArray, FloatArray, IntArray, check_flag, check_member
from attnstats.exceptions import TooFewSamplesError
from attnstats.missing import CompleteCases
from attnstats.ranks._kernels import pair_counts_of_rows, spearman_rows
from attnstats.ranks.batches._rows import as_rows
from attnstats.ranks.coefficients._exact_nulls import product_distribution, score_distribution
from attnstats.ranks.coefficients._spearman import perfect_pvalue
from attnstats.results import left_out

#: Largest numbers of tokens with exact p-values.
_TABLE_TAU, _TABLE_RHO = 20, 12


@dataclass(frozen=True, slots=True, eq=False)
class RankAgreement:
    """Agreement of two orderings, one value per example; arrays have shape (n_examples,).

    Parameters
    ----------
    coefficient : str
        ``"tau-b"``, ``"tau-a"``, ``"rho"`` or ``"weighted tau"``.
    statistic : ndarray of float
        The coefficient, in [-1, 1]; NaN where it is undefined.
    pvalue : ndarray of float
        Two-sided p-value given the ties; NaN where undefined. The share of small ones grows with the length of the
        examples: report the mean of the statistic instead.
    tie_fraction : ndarray of float
        Share of the pairs of tokens that are tied in x or in y; NaN with fewer than two tokens.
    n_used : ndarray of int
        Number of tokens that took part.
    exact : ndarray of bool
        Whether the p-value is exact; the others are asymptotic.
    n_missing : int
        Tokens inside the mask that were left out because x or y is missing there.
    """

    coefficient: str
    statistic: FloatArray
    pvalue: FloatArray
    tie_fraction: FloatArray
    n_used: IntArray
    exact: BoolArray
    n_missing: int = 0

    @property
    def undefined(self) -> int:
        """Number of examples without a value: fewer than two tokens or, except for tau-a, x or y all tied."""
        return int(np.isnan(self.statistic).sum())

    def mean(self) -> float:
        """Return the mean of the statistic where it is defined; TooFewSamplesError if it is for no example."""
        if self.undefined == self.statistic.size:
            raise TooFewSamplesError(
                f"mean: {self.coefficient} must be defined for at least 1 example; got 0 of {self.statistic.size}"
            )
        return float(np.nanmean(self.statistic))

    def __repr__(self) -> str:
        counts = f"{self.statistic.size} examples, {self.undefined} undefined{left_out(self.n_missing)}"
        return f"RankAgreement({self.coefficient}, {counts})"


def kendall_batch(
    x: ArrayLike,
    y: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    variant: str = "b",
    exact: bool = True,
    missing: CompleteCases | None = None,
) -> RankAgreement:
    """Return Kendall's tau between the rows of two arrays.

    Parameters
    ----------
    x, y : array_like, shape (n_examples, n_tokens)
        The two quantities, for instance attention and pointwise mutual information of each token.
    mask : array_like of bool, shape (n_examples, n_tokens), optional
        True for a real token. Values outside the mask are ignored and may be NaN.
    variant : {'b', 'a'}
        tau-b divides by the pairs untied in x and in y, and is undefined where either is all tied. tau-a divides by all
        pairs, and is 0 (with p = 1) for an example that is all tied, such as uniform attention.
    exact : bool
        Whether examples of at most 20 tokens without ties get the exact p-value.
    missing : CompleteCases, optional
        Leave out tokens with a missing value inside the mask, which `n_missing` of the result counts; by default they
        raise an error.

    Returns
    -------
    RankAgreement
        P-values that are not exact are those of the normal approximation, as in `kendall` with ``exact=False``.

    Raises
    ------
    InvalidInputError, NonFiniteError
        If the shapes differ or `variant` is unknown; if a value inside the mask is NaN or infinite.

    Examples
    --------
    >>> from attnstats.ranks import kendall_batch
    >>> attention = [[0.5, 0.3, 0.2], [0.7, 0.3, 0.0]]
    >>> information = [[0.9, 0.1, 0.4], [0.2, 0.6, float("nan")]]
    >>> agreement = kendall_batch(attention, information, mask=[[True, True, True], [True, True, False]])
    >>> agreement.statistic.round(3).tolist(), agreement.n_used.tolist()
    ([0.333, -1.0], [3, 2])
    """
    (first, second), inside, n_missing = as_rows(mask, missing=missing, x=x, y=y)
    check_member(variant, "variant", ("b", "a"))
    check_flag(exact, "exact")
    n_used = np.count_nonzero(inside, axis=1)
    counts, variances = pair_counts_of_rows(first, second, inside)
    statistic, pvalue, tie_fraction = _taus(counts, variances, n_used, all_pairs=variant == "a")
    tabulated = (tie_fraction == 0) & (n_used <= _TABLE_TAU) & exact
    _look_up(pvalue, statistic, np.where(tabulated, n_used, 0), _score_tails)
    return RankAgreement(f"tau-{variant}", statistic, pvalue, tie_fraction, n_used, tabulated, n_missing)


def _taus(
    counts: IntArray, variances: FloatArray, n_used: IntArray, *, all_pairs: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return tau, its p-value by the normal approximation, and the share of tied pairs of each example."""
    pairs = n_used * (n_used - 1) // 2
    score, tied_x, tied_y, tied_either = counts.T
    some, varies = pairs > 0, (tied_x < pairs) & (tied_y < pairs)
    statistic, pvalue, tie_fraction = np.full((3, len(pairs)), np.nan)
    np.divide(tied_either, pairs, out=tie_fraction, where=some)
    if all_pairs:
        np.divide(score, pairs, out=statistic, where=some)
        pvalue[some] = 1.0
    else:  # in floats: the product of the untied pairs can overflow an int64
        untied = (pairs - tied_x).astype(np.float64) * (pairs - tied_y)
        np.divide(score, np.sqrt(untied), out=statistic, where=varies)
    z = np.abs(score[varies]) / np.sqrt(2.0 * variances[varies])
    pvalue[varies] = np.maximum(list(map(math.erfc, z.tolist())), sys.float_info.min)
    return statistic, pvalue, tie_fraction


def spearman_batch(
    x: ArrayLike,
    y: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    exact: bool = True,
    missing: CompleteCases | None = None,
) -> RankAgreement:
    """Return Spearman's rho between the rows of two arrays.

    Parameters
    ----------
    x, y : array_like, shape (n_examples, n_tokens)
        The two quantities of each token.
    exact : bool
        Whether examples of at most 12 tokens without ties get the exact p-value.
    mask, missing
        As in `kendall_batch`.

    Returns
    -------
    RankAgreement
        P-values that are not exact are those of the t approximation with n − 2 degrees of freedom, as in `spearman`
        with ``exact=False``; where rho is 1 or −1 they are exact.

    Raises
    ------
    InvalidInputError, NonFiniteError
        As `kendall_batch`.

    Examples
    --------
    >>> from attnstats.ranks import spearman_batch
    >>> spearman_batch([[0.5, 0.3, 0.2]], [[0.9, 0.1, 0.4]]).statistic.tolist()
    [0.5]
    """
    (first, second), inside, n_missing = as_rows(mask, missing=missing, x=x, y=y)
    check_flag(exact, "exact")
    statistic, tie_fraction = spearman_rows(first, second, inside)
    n_used = np.count_nonzero(inside, axis=1)
    pvalue = np.full(len(statistic), np.nan)
    perfect = np.abs(statistic) == 1
    for row in np.flatnonzero(perfect):
        pvalue[row] = perfect_pvalue(first[row, inside[row]], statistic[row], "two-sided")
    usual = np.isfinite(statistic) & ~perfect
    rho, df = np.abs(statistic[usual]), n_used[usual] - 2
    pvalue[usual] = np.maximum(2 * special.stdtr(df, -rho * np.sqrt(df / ((1 - rho) * (1 + rho)))), sys.float_info.min)
    tabulated = (tie_fraction == 0) & (n_used <= _TABLE_RHO) & exact
    _look_up(pvalue, statistic, np.where(tabulated, n_used, 0), _product_tails)
    return RankAgreement("rho", statistic, pvalue, tie_fraction, n_used, tabulated | perfect, n_missing)


def _look_up(pvalue: FloatArray, statistic: FloatArray, lengths: IntArray, tails: Callable[[int], FloatArray]) -> None:
    """Fill in the exact p-values of the examples of these lengths, but for length 0, from a table for each length."""
    for n in np.unique(lengths[lengths > 0]).tolist():
        table = tails(n)
        scores = np.rint(np.abs(statistic[lengths == n]) * (table.size - 1))  # the last is that of a perfect agreement
        pvalue[lengths == n] = table[scores.astype(np.int64)]


@cache
def _score_tails(n: int) -> FloatArray:
    """Return the probability of |S| >= 0, 1, ..., n (n - 1) / 2 without ties."""
    return _two_sided_tails(score_distribution((1,) * n, (1,) * n))


@cache
def _product_tails(n: int) -> FloatArray:
    """Return the probability of |x @ y| >= 0, 1, ... of doubled centred ranks without ties."""
    ranks = 2 * np.arange(1, n + 1) - (n + 1)
    return _two_sided_tails(product_distribution(ranks, ranks))


def _two_sided_tails(null: FloatArray) -> FloatArray:
    middle = null.size // 2
    folded = null[middle:].copy()
    folded[1:] += null[:middle][::-1]
    return np.minimum(np.cumsum(folded[::-1])[::-1], 1.0)
