"""The aligned ranks test of Hodges and Lehmann: conditions compared within blocks of one scale."""

from __future__ import annotations

import math
import sys
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from attnstats._validation import FloatArray, RNGLike, as_float_array, as_generator, check_at_least, check_count
from attnstats.comparison._batches import batches
from attnstats.comparison._complete import complete_columns
from attnstats.comparison._unit import ROUNDING, Unit
from attnstats.exceptions import ConstantInputError
from attnstats.missing import CompleteCases
from attnstats.resampling import permutation_pvalue
from attnstats.results import SignificanceResult


def aligned_ranks_test(
    values: ArrayLike,
    *,
    n_resamples: int = 9_999,
    replication_unit: str = "block",
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test whether any condition tends to be higher than another, by ranks over all blocks (Hodges and Lehmann).

    The mean of each block is subtracted and all k n values are ranked together. Unlike `friedman_test` it uses the size
    of differences across blocks, which must be measured on one scale, and has more power for few conditions. With r_bj
    the aligned midrank and R_j its sum over the n blocks,

        Q = (k − 1) Σ_j (R_j − mean R)² / Σ_bj (r_bj − r̄_b)².

    The effect is Q/(n (k − 1)), the share of the variation within blocks that lies between conditions. The p-value is
    that of Q over orders within blocks, all of them if they are no more than ``n_resamples + 1``, else random ones. For
    two conditions this is the two-sided signed-rank test.

    Parameters
    ----------
    values : array_like, shape (n_conditions, n_blocks)
        One value per condition and block; at least two of each.
    n_resamples : int
        Random permutations, or the largest number (less one) to enumerate.
    replication_unit, missing, rng
        As in `friedman_test`; `rng`, the source of randomness, is unused when exact.

    Returns
    -------
    SignificanceResult
        The statistic is Q; the alternative ``"greater"``; ``n`` counts blocks.

    Raises
    ------
    InvalidInputError, TooFewSamplesError, ConstantInputError
        If the shape is another; with fewer than two conditions or blocks; if conditions are equal in every block.

    References
    ----------
    Hodges and Lehmann (1962), Annals of Mathematical Statistics 33, 482-497. García, Fernández, Luengo and Herrera
    (2010), Information Sciences 180, 2044-2064.

    Examples
    --------
    >>> from attnstats.comparison import aligned_ranks_test
    >>> additive = [0.41, 0.38, 0.52, 0.44, 0.47, 0.36]
    >>> scaled_dot = [0.33, 0.36, 0.41, 0.39, 0.40, 0.37]
    >>> aligned_ranks_test([additive, scaled_dot], replication_unit="data set")
    partial eta² of aligned ranks = 0.674, p = .062, n = 6 data sets, aligned ranks test (exact)
    """
    check_count(n_resamples, "n_resamples")
    complete, n_missing = complete_columns(missing, values, replication_unit)
    array = as_float_array(complete, "values", ndim=2)
    check_at_least(array.shape[0], 2, "number of conditions")
    check_at_least(array.shape[1], 2, "number of blocks")
    k, n = array.shape
    array = Unit.of(array).divide(array)
    largest = float(np.abs(array).max())
    above = array - array.min(axis=0)  # so that the means below do not round more than the values are rounded
    aligned = above - above.mean(axis=0)
    if not (np.abs(aligned) > ROUNDING * largest).any():
        raise ConstantInputError(
            "values: must differ between the conditions of some block; got ties throughout, but for rounding"
        )
    ranks = _rank(aligned.T.ravel(), tolerance=4 * sys.float_info.epsilon * largest).reshape(n, k)
    ranks -= ranks.mean(axis=1, keepdims=True)
    spread = float((ranks**2).sum())
    exact = math.factorial(k) ** (n - 1) <= n_resamples + 1
    observed = float((ranks.sum(axis=0) ** 2).sum())
    null = _every_square(ranks) if exact else _random_squares(ranks, n_resamples, as_generator(rng))
    observed, null = (k - 1) * observed / spread, (k - 1) * null / spread
    pvalue = permutation_pvalue(observed, null, alternative="greater", exact=exact)
    floor = permutation_pvalue(float(null.max()), null, alternative="greater", exact=True) if exact else 0.0
    return SignificanceResult(
        test=f"aligned ranks test ({'exact' if exact else f'{n_resamples} resamples'})",
        statistic=observed,
        pvalue=pvalue,
        alternative="greater",
        effect_name="partial eta² of aligned ranks",
        effect=observed / (n * (k - 1)),
        n=n,
        replication_unit=replication_unit,
        pvalue_floor=floor or 1 / (n_resamples + 1),
        n_missing=n_missing,
    )


def _rank(values: FloatArray, tolerance: float) -> FloatArray:
    """Return midranks, those values tied that differ by no more than what the rounding of numbers makes of ties."""
    order = np.argsort(values)
    levels = np.empty(len(values), dtype=np.int64)
    levels[order] = np.cumsum(np.diff(values[order], prepend=values[order[0]]) > tolerance)
    return np.asarray(rankdata(levels))


def _every_square(ranks: FloatArray) -> FloatArray:
    """Return Σ_j R_j² for all orders within every block but the first, shape (n_orders,)."""
    sums = ranks[:1]
    for block in ranks[1:]:
        orders = np.array(list(permutations(block)))
        sums = (sums[:, np.newaxis] + orders).reshape(-1, ranks.shape[1])
    return np.asarray((sums**2).sum(axis=1))


def _random_squares(ranks: FloatArray, n_resamples: int, generator: np.random.Generator) -> FloatArray:
    """Return Σ_j R_j² for random orders within blocks, shape (n_resamples,)."""
    squares = np.empty(n_resamples)
    for batch in batches(n_resamples, ranks.size):
        sums = generator.permuted(np.tile(ranks, (len(batch), 1, 1)), axis=2).sum(axis=1)
        squares[batch] = (sums**2).sum(axis=1)
    return squares
