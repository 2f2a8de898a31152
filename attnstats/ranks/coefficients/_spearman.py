"""Spearman's rank correlation and its test."""

from __future__ import annotations

import math
import sys
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import ArrayLike
from scipy import special

from attnstats._validation import FloatArray, IntArray, RNGLike, as_generator
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases, complete_cases
from attnstats.ranks._kernels import centred_ranks, rank_correlation
from attnstats.ranks.coefficients._arguments import as_pair
from attnstats.ranks.coefficients._exact_nulls import product_cost, product_distribution
from attnstats.ranks.coefficients._pvalues import exact_pvalue, permutation_pvalue, permuted_scores, tail_pvalue
from attnstats.ranks.intervals._estimate import RankEstimate, delete_one_variances
from attnstats.ranks.intervals._rank_interval import RankInterval, rank_result, with_interval
from attnstats.ranks.intervals.score_interval import ScoreInterval, spearman_pivot
from attnstats.resampling import Permutation
from attnstats.results import SignificanceResult

#: Operations up to which the exact null is the default (less than a second), and up to which it can be asked for.
_AUTO_COST, _MAX_COST = 2e8, 1.5e9


def spearman(
    x: ArrayLike,
    y: ArrayLike,
    *,
    alternative: str = "two-sided",
    exact: bool | None = None,
    null: Permutation | None = None,
    interval: RankInterval | None = None,
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test the association of two variables by Spearman's rank correlation.

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Paired samples, at least 3; only their order matters. Tied values share their mean rank.
    exact : bool, optional
        Whether the p-value comes from the exact distribution of rho given the ties, or from t with n − 2 degrees of
        freedom. By default it is exact with up to 14 samples without ties, and with more where many are tied; without
        ties ``exact=True`` takes up to 16. At rho = 1 or −1 the p-value is exact for any n.
    interval : ScoreInterval, BonettWright, JackknifeInterval, Fieller, or a bootstrap method such as BCa, optional
        How the interval is made; `ScoreInterval` by default.
    alternative, null, missing, rng
        As in `kendall`.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are rho; the rest is as in `kendall`. With fewer than 4 samples, and at rho = 1 or −1,
        there is no score interval: `confidence_interval` is None, and `interval(level)` raises InvalidInputError.

    Raises
    ------
    InvalidInputError, NonFiniteError, TooFewSamplesError, ConstantInputError
        As `kendall`.

    References
    ----------
    D. G. Bonett and T. A. Wright, Psychometrika 65 (2000) 23-28: the variance of the interval.

    Examples
    --------
    >>> from attnstats.ranks import spearman
    >>> spearman([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5])
    rho = 0.829, 95 % CI [0.0512, 0.988], p = .058, n = 6 pairs, Spearman's rho (exact)
    """
    (x, y), n_missing = complete_cases(missing, x=x, y=y)
    x, y = as_pair(x, y, alternative, exact, null)
    n, generator = x.size, as_generator(rng)
    ranks_x, ranks_y = centred_ranks(x), centred_ranks(y)
    cost = math.inf if exact is False or null is not None else product_cost(ranks_x, ranks_y)
    if exact and cost > _MAX_COST:
        raise InvalidInputError(
            f"exact: must be False or None where there are too many orders: 16 samples without ties are the most; "
            f"got True, n = {n}"
        )
    rho, product = rank_correlation(ranks_x, ranks_y), int(ranks_x @ ranks_y)
    floor = None
    if null is not None:
        how, floor = f"{null.n_resamples} permutations", null.floor
        products = permuted_scores(lambda drawn: drawn @ ranks_x, ranks_y, null, generator)
        pvalue = permutation_pvalue(product, products, alternative)
    elif exact or (exact is None and cost <= _AUTO_COST):
        how = "exact"
        pvalue, floor = exact_pvalue(product_distribution(ranks_x, ranks_y), product, alternative)
    elif abs(rho) == 1:
        how = "exact"
        pvalue = perfect_pvalue(x, rho, alternative)
    else:
        how = "t approximation"
        t = rho * math.sqrt((n - 2) / ((1 - rho) * (1 + rho)))
        pvalue = tail_pvalue(partial(special.stdtr, n - 2), t, alternative)
    rows = np.column_stack([x, y])
    estimate = RankEstimate(
        name="rho",
        value=rho,
        scale=1.0,
        rows=rows,
        tied=any((np.bincount(ranks + n) > 1).any() for ranks in (ranks_x, ranks_y)),
        statistic=_rho,
        variances=partial(delete_one_variances, _rhos_without_one, rows),
        fieller=(1.06, 3),
        pivot=spearman_pivot,
    )
    result = rank_result(estimate, f"Spearman's rho ({how})", pvalue, alternative, floor=floor, n_missing=n_missing)
    return with_interval(result, ScoreInterval() if interval is None else interval, estimate, generator)


def perfect_pvalue(x: FloatArray, rho: float, alternative: str) -> float:
    """Return the exact p-value of rho = 1 or −1 between x and any y with the same ties."""
    # Of the n! orders of y, the product of t! over its tied groups give this rho; the opposite sign can be reached too
    # where the sizes of the groups read the same from both ends.
    sizes = np.unique(x, return_counts=True)[1]
    one_sided = math.exp(sum(math.lgamma(size + 1) for size in sizes) - math.lgamma(x.size + 1))
    if alternative == "two-sided":
        pvalue = one_sided * (2 if (sizes == sizes[::-1]).all() else 1)
    else:
        pvalue = one_sided if (rho > 0) == (alternative == "greater") else 1.0
    return max(min(pvalue, 1.0), sys.float_info.min)


def _rho(rows: FloatArray) -> float:
    return float(rank_correlation(*(centred_ranks(column) for column in np.ascontiguousarray(rows.T))))


def _rhos_without_one(rows: FloatArray) -> FloatArray:
    x, y = np.ascontiguousarray(rows.T)
    return np.asarray(rank_correlations_without_one(x, y, centred_ranks(x), centred_ranks(y)))


@njit(cache=True)
def rank_correlations_without_one(x: FloatArray, y: FloatArray, ranks_x: IntArray, ranks_y: IntArray) -> FloatArray:
    """Return Spearman's rho without each sample in turn, shape (n,), in time n squared."""
    n = x.size
    without = np.empty(n)
    for out in range(n):
        xx, yy, xy = 0.0, 0.0, 0.0
        for i in range(n):
            if i != out:  # without a sample, the doubled centred rank of another moves by the sign of the step from it
                in_x = ranks_x[i] - (int(x[i] > x[out]) - int(x[i] < x[out]))
                in_y = ranks_y[i] - (int(y[i] > y[out]) - int(y[i] < y[out]))
                xx += in_x * in_x
                yy += in_y * in_y
                xy += in_x * in_y
        without[out] = xy / math.sqrt(xx * yy) if xx > 0 and yy > 0 else math.nan
    return without
