"""Kendall's W: agreement of several judges on one order."""

from __future__ import annotations

import itertools
import math
import sys

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from attnstats._validation import FloatArray, IntArray, RNGLike, as_generator, as_order, check_at_least
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.ranks._kernels import centred_ranks
from attnstats.ranks.coefficients._arguments import check_null
from attnstats.ranks.coefficients._pvalues import permutation_pvalue, permuted_scores
from attnstats.resampling import Permutation
from attnstats.results import SignificanceResult

#: Number of sums of ranks up to which the null is exact.
_MAX_COST = 1e6


def kendall_w(
    ratings: ArrayLike, *, exact: bool | None = None, null: Permutation | None = None, rng: RNGLike = None
) -> SignificanceResult:
    """Test whether several judges agree on the order of items, by Kendall's coefficient of concordance W.

    W is the variance of the items' rank sums over the largest that the judges' ties allow: 0 without agreement, 1 if
    all judges give the same order. Without ties, the mean of Spearman's rho over pairs of judges is (m W − 1)/(m − 1).

    Parameters
    ----------
    ratings : array_like, shape (n_judges, n_items)
        At least 2 judges and 3 items. Only the order within a judge matters; tied values share their mean rank.
    exact : bool, optional
        Whether the p-value comes from all orders within the judges, or from the F approximation. By default it is exact
        with up to 3 judges of 5 items, 6 of 4, or 20 of 3.
    null : Permutation, optional
        Take the p-value from random orders within the judges instead.
    rng : seed or Generator, optional
        Source of the permutations.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are W, `n` is the number of judges; the test is one-sided.

    Raises
    ------
    InvalidInputError
        If the shape is wrong, or ``exact=True`` is out of reach.
    NonFiniteError, TooFewSamplesError
        If a rating is NaN or infinite; if there are fewer than 2 judges or 3 items.
    ConstantInputError
        If a judge ties all items.

    References
    ----------
    M. G. Kendall and B. Babington Smith, Annals of Mathematical Statistics 10 (1939) 275-287; M. G. Kendall, Rank
    Correlation Methods, 4th ed., Griffin 1970, chapters 6 and 7.

    Examples
    --------
    >>> from attnstats.ranks import kendall_w
    >>> kendall_w([[1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 5, 6], [1, 3, 2, 5, 4, 6]])
    W = 0.86, p = .002, n = 3 judges, Kendall's W (exact)
    """
    values = as_order(ratings, "ratings", ndim=2)
    m, n = values.shape
    check_at_least(m, 2, "number of judges")
    check_at_least(n, 3, "number of items")
    for judge, row in enumerate(values):
        if (row == row[0]).all():
            raise ConstantInputError(f"ratings: must vary over the items; judge {judge} gives {row[0]:g} throughout")
    check_null(exact, null)
    ranks = np.array([centred_ranks(np.ascontiguousarray(row)) for row in values])
    spread = int((ranks.sum(axis=0) ** 2).sum())
    largest = m * float((ranks**2).sum())
    w = spread / largest
    feasible = _cost(m, n) <= _MAX_COST
    floor: float | None = None
    if null is not None:
        how, floor = f"{null.n_resamples} permutations", null.floor
        spreads = permuted_scores(lambda orders: (orders.sum(axis=1) ** 2).sum(axis=1), ranks, null, as_generator(rng))
        pvalue = permutation_pvalue(spread, spreads, "greater")
    elif exact and not feasible:
        raise InvalidInputError(f"exact: must be False or None with so many orders; got True, {m} judges of {n} items")
    elif exact or (exact is None and feasible):
        how = "exact"
        spreads, weights = _every_spread(ranks)
        pvalue, floor = float(weights[spreads >= spread].sum()), float(weights[spreads == spreads.max()].sum())
    elif w == 1:  # F is infinite: every further judge has the order of the first
        how = "exact"
        groups = np.unique(ranks[0], return_counts=True)[1]
        pvalue = math.exp((m - 1) * float(special.gammaln(groups + 1).sum() - special.gammaln(n + 1)))
    else:
        how = "F approximation"
        df = n - 1 - 2 / m
        pvalue = float(special.fdtrc(df, (m - 1) * df, (m - 1) * w / (1 - w)))
    return SignificanceResult(
        test=f"Kendall's W ({how})",
        statistic=w,
        pvalue=max(min(pvalue, 1.0), sys.float_info.min),
        alternative="greater",
        effect_name="W",
        effect=w,
        n=m,
        replication_unit="judge",
        pvalue_floor=floor,
    )


def _cost(m: int, n: int) -> float:
    """Return about how many sums of ranks `_every_spread` forms."""
    if n > 8:
        return math.inf
    orders = math.factorial(n)
    sums = [min(float(orders) ** judge, (1.0 + judge * (n - 1)) ** (n - 1) / orders + 1) for judge in range(1, m)]
    return orders * sum(sums)


def _every_spread(ranks: IntArray) -> tuple[IntArray, FloatArray]:
    """Return the values of the sum of squared rank sums over all orders within the judges, and their probabilities."""
    # Judge after judge, the rank sums of the items are kept in ascending order: which item has which does not matter.
    sums, weights = np.sort(ranks[:1], axis=1), np.ones(1)
    for judge in ranks[1:]:
        orders = np.array(list(itertools.permutations(judge)))
        grown = np.sort((sums[:, np.newaxis] + orders).reshape(-1, judge.size), axis=1)
        sums, where = np.unique(grown, axis=0, return_inverse=True)
        weights = np.asarray(np.bincount(where.ravel(), np.repeat(weights / len(orders), len(orders))))
    return (sums**2).sum(axis=1), weights
