"""P-values of a rank score: exact, from a symmetric distribution, or from random permutations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray
from attnstats.resampling import Permutation
from attnstats.resampling._blocks import blocks


def exact_pvalue(null: FloatArray, observed: int, alternative: str) -> tuple[float, float]:
    """Return the p-value of a score, and the smallest one possible, from the probabilities of -m, ..., m."""
    # Two-sided by distance from 0, the mean under the null hypothesis: given ties, the distribution may be asymmetric.
    score = np.arange(null.size) - null.size // 2
    distance = {"two-sided": np.abs(score), "greater": score, "less": -score}[alternative]
    reached = {"two-sided": abs(observed), "greater": observed, "less": -observed}[alternative]
    extreme = distance[null > 0].max()
    pvalue, floor = null[distance >= reached].sum(), null[distance >= extreme].sum()
    return min(float(pvalue), 1.0), float(floor)  # the whole distribution sums to 1 but for rounding


def tail_pvalue(cdf: Callable[[float], float | np.floating[Any]], observed: float, alternative: str) -> float:
    """Return the p-value of a statistic from its null distribution function, symmetric about 0."""
    lower = {"two-sided": -abs(observed), "greater": -observed, "less": observed}[alternative]
    return float(cdf(lower)) * (2 if alternative == "two-sided" else 1)


def permuted_scores(
    score: Callable[[IntArray], NDArray[Any]], values: IntArray, null: Permutation, generator: np.random.Generator
) -> NDArray[Any]:
    """Return the scores, shape (n_resamples,), of values permuted along the last axis; `score` takes many at once."""
    scores = []
    for size in blocks(null.n_resamples, values.nbytes):
        drawn = np.repeat(values[np.newaxis], size, axis=0)
        generator.permuted(drawn, axis=-1, out=drawn)
        scores.append(score(drawn))
    return np.concatenate(scores)


def permutation_pvalue(observed: int, permuted: NDArray[Any], alternative: str) -> float:
    """Return (1 + #)/(B + 1), # of B permuted scores as extreme as the observed one; two-sided by distance from 0."""
    distance = {"two-sided": np.abs(permuted), "greater": permuted, "less": -permuted}[alternative]
    reached = {"two-sided": abs(observed), "greater": observed, "less": -observed}[alternative]
    return (1 + int(np.count_nonzero(distance >= reached))) / (len(permuted) + 1)
