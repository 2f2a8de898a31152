"""AP correlation: Kendall's tau with more weight at the top of one ranking."""

from __future__ import annotations

import math

from numba import njit
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, RNGLike, check_member
from attnstats.missing import CompleteCases
from attnstats.ranks.intervals._rank_interval import RankInterval
from attnstats.ranks.top_weighted._permutation import PairStatistic, permuted_rank_test
from attnstats.resampling import Permutation
from attnstats.results import SignificanceResult


def ap_correlation(
    x: ArrayLike,
    y: ArrayLike,
    *,
    variant: str = "a",
    alternative: str = "two-sided",
    null: Permutation = Permutation(9_999),  # noqa: B008 (frozen)
    interval: RankInterval | None = None,
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test the association of a ranking x with a reference y by the AP correlation of Yilmaz, Aslam and Robertson.

    For each sample but the top one of x, take the samples ranked above it: the share that y ranks above it too, less
    the share that y ranks below; ties in y count for neither. tau_AP is the mean of these differences.

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Paired samples, at least 3; only their order matters, and large values are the top.
    variant : {'a', 'b'}
        How ties in x are treated (Urbano and Marrero 2017). ``'a'``: the mean of tau_AP over all ways to break them,
        for an x that should have no ties. ``'b'``: the mean over the samples with others strictly above them, averaged
        with that with x and y exchanged; symmetric, and 1 for an order with ties against itself.
    interval : JackknifeInterval or a bootstrap method such as BCa, optional
        How the interval is made; none by default. The jackknife takes time n cubed.
    alternative, null
        As in `weighted_tau`.
    missing, rng
        As in `kendall`.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are tau_AP.

    Raises
    ------
    InvalidInputError, NonFiniteError, TooFewSamplesError, ConstantInputError
        As `kendall`.

    References
    ----------
    E. Yilmaz, J. A. Aslam and S. Robertson, A new rank correlation coefficient for information retrieval, SIGIR 2008,
    587-594, equation 3. J. Urbano and M. Marrero, The treatment of ties in AP correlation, ICTIR 2017, 321-324.

    Examples
    --------
    >>> from attnstats.ranks import ap_correlation
    >>> ap_correlation([5, 4, 3, 2, 1, 0], [5, 4, 3, 0, 1, 2], rng=0)
    tau-AP,a = 0.74, p = .033, n = 6 pairs, tau-AP,a, permutation of pairings (exact)
    """
    check_member(variant, "variant", ("a", "b"))
    statistic = PairStatistic({"a": ap_mean_over_ties, "b": ap_of_strict_order}[variant])
    return permuted_rank_test(x, y, statistic, f"tau-AP,{variant}", alternative, null, interval, missing, rng)


@njit(cache=True)
def ap_mean_over_ties(x: FloatArray, y: FloatArray) -> float:
    """Return the mean of tau_AP over all ways to break ties in x; NaN where x or y is constant."""
    # A sample of a tied group of t, below p others, takes the places p + 1, ..., p + t equally often. What the order
    # within the group adds for one sample, it takes from another.
    n, total = x.size, 0.0
    if (x == x[0]).all() or (y == y[0]).all():
        return math.nan
    for i in range(n):
        above, tied, score = 0, 0, 0
        for j in range(n):
            if x[j] > x[i]:
                above += 1
                score += int(y[j] > y[i]) - int(y[j] < y[i])
            elif x[j] == x[i]:
                tied += 1
        if above > 0:
            share = 0.0  # sum over its places of 1 over the number of samples above
            for place in range(above, above + tied):
                share += 1.0 / place
            total += score * share / tied
    return total / (n - 1)


@njit(cache=True)
def ap_of_strict_order(x: FloatArray, y: FloatArray) -> float:
    """Return the symmetric tau_AP over the samples that have others strictly above; NaN where x or y is constant."""
    return float((_one_way(x, y) + _one_way(y, x)) / 2)


@njit(cache=True)
def _one_way(x: FloatArray, y: FloatArray) -> float:
    n, total, counted = x.size, 0.0, 0
    for i in range(n):
        above, score = 0, 0
        for j in range(n):
            if x[j] > x[i]:
                above += 1
                score += int(y[j] > y[i]) - int(y[j] < y[i])
        if above > 0:
            counted += 1
            total += score / above
    return total / counted if counted > 0 else math.nan
