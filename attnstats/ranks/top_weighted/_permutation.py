"""The permutation test of a top-weighted rank correlation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, IntArray, RNGLike, as_generator, check_object
from attnstats.missing import CompleteCases, complete_cases
from attnstats.ranks.coefficients._arguments import as_pair
from attnstats.ranks.intervals._estimate import RankEstimate, delete_one_variances
from attnstats.ranks.intervals._rank_interval import RankInterval, with_interval
from attnstats.resampling import Permutation, permutation_test
from attnstats.results import SignificanceResult


@dataclass(frozen=True)
class PairStatistic:
    """A compiled function of two contiguous vectors, shape (n,) each, for resampling rows and permuting pairs."""

    function: Callable[[FloatArray, FloatArray], float]

    def __call__(self, x: FloatArray, y: FloatArray | None = None) -> float:
        """Return the statistic of x and y, or of the columns of x, shape (n, 2)."""
        return float(self.function(*np.ascontiguousarray(x.T if y is None else (x, y))))

    def without_one(self, rows: FloatArray) -> FloatArray:
        """Return the statistic without each of the rows, shape (n,)."""
        return np.array([self(np.delete(rows, i, axis=0)) for i in range(len(rows))])

    def permuted(self, x: FloatArray, y: FloatArray, orders: IntArray) -> FloatArray:
        """Return the statistic of x and ``y[order]`` for each row of `orders`, shape (n_orders, n)."""
        return np.array([self.function(x, pairing) for pairing in y[orders]])


def permuted_rank_test(
    given_x: ArrayLike,
    given_y: ArrayLike,
    statistic: PairStatistic,
    name: str,
    alternative: str,
    null: Permutation,
    interval: RankInterval | None,
    missing: CompleteCases | None,
    rng: RNGLike,
) -> SignificanceResult:
    """Return the permutation test of a statistic, with its interval if one is asked for."""
    (given_x, given_y), n_missing = complete_cases(missing, x=given_x, y=given_y)
    x, y = as_pair(given_x, given_y, alternative, null=null)
    generator = as_generator(rng)
    check_object(null, "null", Permutation, "Permutation(n_resamples=9999)")
    test = permutation_test(x, y, statistic, alternative=alternative, n_resamples=null.n_resamples, rng=generator)
    result = replace(test, test=f"{name}, {test.test}", effect_name=name, n_missing=n_missing)
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
        variances=partial(delete_one_variances, statistic.without_one, rows),
    )
    return with_interval(result, interval, estimate, generator)
