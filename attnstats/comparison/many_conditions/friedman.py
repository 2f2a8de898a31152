"""Friedman's test of conditions compared within blocks by ranks."""

from __future__ import annotations

import math
import sys
from functools import lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc
from scipy.stats import rankdata

from attnstats._validation import FloatArray, IntArray, as_order, check_at_least
from attnstats.comparison._arguments import check_exact
from attnstats.comparison._complete import complete_columns
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.results import SignificanceResult

#: Arrangements of rank sums that the exact null may visit: by default, and at most.
_AUTO_COST, _MAX_COST = 1_000_000, 100_000_000
#: Arrangements held at once.
_MAX_STEP = 5_000_000


def friedman_test(
    values: ArrayLike,
    *,
    exact: bool | None = None,
    replication_unit: str = "block",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether any condition tends to be higher than another, comparing within blocks.

    With R_j the sum over n blocks of the midrank of condition j among the k of its block,

        χ² = (k − 1) Σ_j (R_j − n (k + 1)/2)² / Σ_bj (r_bj − (k + 1)/2)²,

    which corrects for ties. The effect is Kendall's W = χ²/(n (k − 1)), 0 where the blocks disagree and 1 where all
    rank alike without ties. The exact p-value is that of χ² over all orders within every block, given the ties.
    Elsewhere F = (n − 1) χ²/(n (k − 1) − χ²) has k − 1 and (k − 1)(n − 1) degrees of freedom (Iman and Davenport 1980);
    the chi-squared approximation of the textbooks is far too conservative for few blocks.

    Parameters
    ----------
    values : array_like, shape (n_conditions, n_blocks)
        One value per condition and block, at least two of each.
    exact : bool, optional
        Whether to take the exact distribution. By default where it takes less than about a second: up to some 20 blocks
        for 4 conditions, 8 for 5, 3 for 6.
    replication_unit : str
        What a block is, in the singular: ``"data set"``, ``"seed"``.
    missing : CompleteCases, optional
        How to treat missing values, block by block; by default they raise an error.

    Returns
    -------
    SignificanceResult
        The statistic is χ²; the alternative is ``"greater"``; ``n`` counts blocks. No p-value is below the least that
        the orders allow.

    Raises
    ------
    InvalidInputError
        If the shape is another, or ``exact=True`` would take too long.
    TooFewSamplesError, ConstantInputError
        With fewer than two conditions or blocks; if all values of every block are tied.

    References
    ----------
    Friedman (1937), Journal of the American Statistical Association 32, 675-701. Iman and Davenport (1980),
    Communications in Statistics A 9, 571-595. Demšar (2006), Journal of Machine Learning Research 7, 1-30.

    Examples
    --------
    >>> from attnstats.comparison import friedman_test
    >>> additive = [0.41, 0.38, 0.52, 0.44, 0.47, 0.36]
    >>> deep = [0.39, 0.37, 0.50, 0.45, 0.43, 0.35]
    >>> scaled_dot = [0.33, 0.36, 0.41, 0.39, 0.40, 0.34]
    >>> friedman_test([additive, deep, scaled_dot], replication_unit="data set")
    Kendall's W = 0.861, p = .002, n = 6 data sets, Friedman test (exact)
    """
    check_exact(exact)
    ranks, n_missing = block_ranks(values, missing, replication_unit)
    n, k = ranks.shape
    spread = float(((ranks - (k + 1) / 2) ** 2).sum())
    if spread == 0:
        raise ConstantInputError("values: must differ between the conditions of some block; got ties throughout")
    sums = ranks.sum(axis=0)
    statistic = (k - 1) * float(((sums - n * (k + 1) / 2) ** 2).sum()) / spread
    patterns = sorted(tuple(sorted(np.rint(2 * block).astype(int).tolist())) for block in ranks)
    null = None if exact is False else _null(tuple(patterns), _MAX_COST if exact else _AUTO_COST)
    if null is not None:
        scores, probabilities = null
        reached = scores >= round(float(((2 * sums) ** 2).sum()))
        test, pvalue = "Friedman test (exact)", float(probabilities[reached].sum())
        floor: float | None = float(probabilities[scores == scores.max()].sum())
    elif exact:
        raise InvalidInputError(f"exact: must be False or None for {k} conditions in {n} blocks; got True")
    else:
        test, floor = "Friedman test (Iman-Davenport F)", None
        left = max(n * (k - 1) - statistic, 0.0)
        tail = float(fdtrc(k - 1, (k - 1) * (n - 1), (n - 1) * statistic / left)) if left > 1e-12 * n else 0.0
        pvalue = max(tail, math.exp(-(n - 1) * math.lgamma(k + 1)), sys.float_info.min)
    return SignificanceResult(
        test=test,
        statistic=statistic,
        pvalue=min(pvalue, 1.0),  # the probabilities sum to 1 but for rounding
        alternative="greater",
        effect_name="Kendall's W",
        effect=statistic / (n * (k - 1)),
        n=n,
        replication_unit=replication_unit,
        pvalue_floor=floor,
        n_missing=n_missing,
    )


def block_ranks(values: ArrayLike, missing: CompleteCases | None, replication_unit: str) -> tuple[FloatArray, int]:
    """Return the midranks within blocks, shape (n_blocks, n_conditions), and the number of blocks left out."""
    complete, n_missing = complete_columns(missing, values, replication_unit)
    array = as_order(complete, "values", ndim=2, by_column=True)
    check_at_least(array.shape[0], 2, "number of conditions")
    check_at_least(array.shape[1], 2, "number of blocks")
    return np.asarray(rankdata(array.T, axis=1)), n_missing


@lru_cache(maxsize=64)
def _null(patterns: tuple[tuple[int, ...], ...], budget: int) -> tuple[IntArray, FloatArray] | None:
    """Return each value of Σ_j (2 R_j)² and its probability, or None if that takes more than `budget`.

    `patterns` holds twice the midranks of each block, ascending. Since each block is put in a random order, only the
    sorted sums of those before matter, which keeps the number of different ones small.
    """
    doubled = np.array(patterns)
    n, k = doubled.shape
    if (2 * k * n + 1) ** k > np.iinfo(np.int64).max:
        return None
    place = (2 * k * n + 1) ** np.arange(k)
    sums, weights = doubled[:1], np.ones(1)
    for block in doubled[1:]:
        if math.factorial(k) > budget:
            return None
        orders = np.array(list(permutations(block.tolist())))
        orders, repeats = np.unique(orders, axis=0, return_counts=True)
        cost = len(sums) * len(orders)
        budget -= cost
        if budget < 0 or cost > _MAX_STEP:
            return None
        grown = np.sort((sums[:, np.newaxis] + orders).reshape(-1, k), axis=1)
        share = np.outer(weights, repeats / repeats.sum()).ravel()
        _, first, where = np.unique(grown @ place, return_index=True, return_inverse=True)
        sums, weights = grown[first], np.bincount(where, weights=share).astype(np.float64)
    return (sums**2).sum(axis=1), weights
