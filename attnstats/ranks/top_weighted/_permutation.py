"""The permutation test of a top-weighted rank correlation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from attnstats._validation import FloatArray, IntArray, check_object
from attnstats.ranks.intervals._estimate import RankEstimate, delete_one_variances
from attnstats.ranks.intervals._rank_interval import RankInterval, with_interval
from attnstats.resampling import Permutation, permutation_test
from attnstats.results import SignificanceResult


@dataclass(frozen=True)
class PairStatistic:
    """A compiled function of two vectors, for resampling rows and permuting pairs.

    Parameters
    ----------
    function : callable
        Takes x and y, shape (n,) each, contiguous.
    """

    function: Callable[[FloatArray, FloatArray], float]

    def __call__(self, x: FloatArray, y: FloatArray | None = None) -> float:
        """Return the statistic of x and y, or of the columns of x, shape (n, 2)."""
        first, second = (x[:, 0], x[:, 1]) if y is None else (x, y)
        return float(self.function(np.ascontiguousarray(first), np.ascontiguousarray(second)))

    def permuted(self, x: FloatArray, y: FloatArray, orders: IntArray) -> FloatArray:
        """Return the statistic of x and ``y[order]`` for each row of `orders`, shape (n_orders, n)."""
        return np.array([self.function(x, pairing) for pairing in y[orders]])


def permuted_rank_test(
    x: FloatArray,
    y: FloatArray,
    statistic: PairStatistic,
    name: str,
    alternative: str,
    null: Permutation,
    interval: RankInterval | None,
    generator: np.random.Generator,
) -> SignificanceResult:
    """Return the permutation test of a statistic, with its interval if one is asked for."""
    check_object(null, "null", Permutation, "Permutation(n_resamples=9999)")
    test = permutation_test(x, y, statistic, alternative=alternative, n_resamples=null.n_resamples, rng=generator)
    result = replace(test, test=f"{name}, {test.test}", effect_name=name)
    if interval is None:
        return result
    rows = np.column_stack([x, y])
    estimate = RankEstimate(
        name=name,
        value=result.effect,
        scale=1.0,
        rows=rows,
        tied=False,
        statistic=statistic,
        variances=partial(delete_one_variances, statistic, rows),
    )
    return with_interval(result, interval, estimate, generator)
