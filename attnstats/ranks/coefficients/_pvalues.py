"""P-values of a rank score, from its exact null distribution or from random permutations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray
from attnstats.resampling import Permutation
from attnstats.resampling._blocks import blocks


def exact_pvalue(null: FloatArray, observed: int, alternative: str) -> tuple[float, float]:
    """Return the p-value of an observed score, and the smallest p-value that the null distribution allows.

    Parameters
    ----------
    null : ndarray, shape (2 * m + 1,)
        Probability of each score -m, ..., m under the null hypothesis.
    observed : int
        The score.
    alternative : {'two-sided', 'less', 'greater'}
        Two-sided is the probability of a score at least as far from 0, the mean under the null hypothesis: given ties,
        the distribution need not be symmetric.
    """
    score = np.arange(null.size) - null.size // 2
    distance = {"two-sided": np.abs(score), "greater": score, "less": -score}[alternative]
    reached = {"two-sided": abs(observed), "greater": observed, "less": -observed}[alternative]
    extreme = distance[null > 0].max()
    pvalue, floor = null[distance >= reached].sum(), null[distance >= extreme].sum()
    return min(float(pvalue), 1.0), float(floor)  # the whole distribution sums to 1 but for rounding


def permuted_scores(
    score: Callable[[IntArray], NDArray[Any]], n: int, null: Permutation, generator: np.random.Generator
) -> NDArray[Any]:
    """Return the scores of random permutations, shape (n_resamples,); `score` takes orders of y, (n_orders, n)."""
    scores = []
    for size in blocks(null.n_resamples, 8 * n):
        orders = np.tile(np.arange(n), (size, 1))
        generator.permuted(orders, axis=1, out=orders)
        scores.append(score(orders))
    return np.concatenate(scores)


def permutation_pvalue(observed: int, permuted: NDArray[Any], alternative: str) -> float:
    """Return (1 + #)/(B + 1), # of B permuted scores as extreme as the observed one; two-sided by distance from 0."""
    distance = {"two-sided": np.abs(permuted), "greater": permuted, "less": -permuted}[alternative]
    reached = {"two-sided": abs(observed), "greater": observed, "less": -observed}[alternative]
    return (1 + int(np.count_nonzero(distance >= reached))) / (len(permuted) + 1)
