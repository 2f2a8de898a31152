"""Spearman's rho: statistic, exact and approximate null, interval."""

import math
import sys
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import ArrayLike
from scipy import special

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import InvalidInputError
from attnstats.ranks._exact import as_pair, exact_pvalue
from attnstats.ranks._kernels import centred_ranks, rank_correlation
from attnstats.results import ConfidenceInterval, SignificanceResult

#: All orders of 9 samples take milliseconds, of 12 some seconds.
_AUTO_SAMPLES, _MAX_SAMPLES = 9, 12


def spearman(
    x: ArrayLike, y: ArrayLike, *, alternative: str = "two-sided", exact: bool | None = None
) -> SignificanceResult:
    """Test the association of two variables by Spearman's rank correlation.

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Paired samples, at least 3; only their order matters. Tied values share their mean rank.
    alternative : {'two-sided', 'less', 'greater'}
        Whether rho differs from zero, or lies below or above it.
    exact : bool, optional
        Whether the p-value comes from all orders of y against x, ties included, or from the t distribution with n - 2
        degrees of freedom. By default it is exact with up to 9 samples; at most 12 can be asked for.
        At rho = 1 or -1, where t is infinite, the exact p-value is known for any n and is given.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are rho; `test` says which null was used, and `pvalue_floor` the smallest p-value of
        an exact one. A p-value below 2.2e-308 is reported as 2.2e-308.
        `interval(level)` is Fisher's z interval with variance (1 + rho^2 / 2) / (n - 3), from 4 samples on; it raises
        InvalidInputError below that, and at rho = 1 or -1, where it does not exist.

    Raises
    ------
    InvalidInputError
        If the lengths differ, a word is unknown, or ``exact=True`` is asked for with more than 12 samples.
    NonFiniteError
        If a value is NaN or infinite.
    TooFewSamplesError
        If there are fewer than 3 samples.
    ConstantInputError
        If x or y is all tied.

    References
    ----------
    D. G. Bonett and T. A. Wright, Psychometrika 65 (2000) 23-28: the interval.

    Examples
    --------
    >>> result = spearman([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5])
    >>> result
    rho = 0.829, p = .058, n = 6 pairs, Spearman's rho (exact)
    >>> result.interval(0.95)
    95 % CI [-0.127, 0.986] (Fisher z, Bonett-Wright)
    """
    x, y = as_pair(x, y, alternative, exact)
    n = x.size
    if exact and n > _MAX_SAMPLES:
        raise InvalidInputError(
            f"exact: must be False or None with more than {_MAX_SAMPLES} samples; got True, n = {n}"
        )
    rho = rank_correlation(x, y)
    floor = None
    if exact or (exact is None and n <= _AUTO_SAMPLES):
        test = "Spearman's rho (exact)"
        ranks_x, ranks_y = (centred_ranks(values).astype(np.int64) for values in (x, y))
        pvalue, floor = exact_pvalue(_null_distribution(ranks_x, ranks_y), int(ranks_x @ ranks_y), alternative)
    elif abs(rho) == 1:
        test = "Spearman's rho (exact)"
        pvalue = perfect_pvalue(x, rho, alternative)
    else:
        test = "Spearman's rho (t approximation)"
        t = rho * math.sqrt((n - 2) / ((1 - rho) * (1 + rho)))
        lower = {"two-sided": -abs(t), "greater": -t, "less": t}[alternative]
        pvalue = float(special.stdtr(n - 2, lower)) * (2 if alternative == "two-sided" else 1)
    return SignificanceResult(
        test=test,
        statistic=rho,
        pvalue=max(pvalue, sys.float_info.min),
        alternative=alternative,
        effect_name="rho",
        effect=rho,
        n=n,
        replication_unit="pair",
        pvalue_floor=floor,
        _interval=partial(_interval, rho, n),
    )


def perfect_pvalue(x: FloatArray, rho: float, alternative: str) -> float:
    """Return the exact p-value of a perfect rank correlation, rho = 1 or -1, of x with anything.

    Of the n! orders of y, the product of t! over its tied groups are perfect; the opposite sign can be reached too
    where the tie sizes read the same from both ends.
    """
    sizes = np.unique(x, return_counts=True)[1]
    one_sided = math.exp(sum(math.lgamma(size + 1) for size in sizes) - math.lgamma(x.size + 1))
    if alternative == "two-sided":
        pvalue = one_sided * (2 if (sizes == sizes[::-1]).all() else 1)
    else:
        pvalue = one_sided if (rho > 0) == (alternative == "greater") else 1.0
    return max(min(pvalue, 1.0), sys.float_info.min)


def _interval(rho: float, n: int, level: float) -> ConfidenceInterval:
    if n < 4 or abs(rho) == 1:
        raise InvalidInputError(
            f"interval: must have at least 4 samples and rho other than 1 and -1; got n = {n}, rho = {rho:g}"
        )
    half = -special.ndtri((1 - level) / 2) * math.sqrt((1 + rho**2 / 2) / (n - 3))
    z = math.atanh(rho)
    return ConfidenceInterval(math.tanh(z - half), math.tanh(z + half), level, "Fisher z, Bonett-Wright")


@njit(cache=True)
def _null_distribution(x: IntArray, y: IntArray) -> FloatArray:
    """Return the probability of each value -m, ..., m of x @ y over all orders of y (Heap 1963); x, y sum to 0."""
    y = y.copy()
    n = x.size
    largest = max(np.sum(x * x), np.sum(y * y))  # |x @ y| is at most the geometric mean of the two
    counts = np.zeros(2 * largest + 1)
    score = np.sum(x * y)
    counts[score + largest] += 1
    turns = np.zeros(n, dtype=np.int64)
    i = 1
    while i < n:
        if turns[i] < i:
            j = turns[i] if i % 2 else 0
            score += (x[j] - x[i]) * (y[i] - y[j])
            y[i], y[j] = y[j], y[i]
            counts[score + largest] += 1
            turns[i] += 1
            i = 1
        else:
            turns[i] = 0
            i += 1
    null: FloatArray = counts / counts.sum()
    return null
