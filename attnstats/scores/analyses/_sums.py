"""Means of samples, and weighted sums of independent means, also where some do not vary."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison._unit import ROUNDING, Unit
from attnstats.comparison.replication import ReplicateMean
from attnstats.results import plural


def mean_of(values: FloatArray, unit: str, largest: float = 0.0) -> ReplicateMean:
    """Return the mean of independent values; its error is 0 where they differ by no more than rounding.

    `largest` is the size of the numbers whose differences the values are.
    """
    scale = Unit.of(values)
    scaled = scale.divide(values)
    rounding = ROUNDING * max(float(np.abs(scaled).max()), math.ldexp(largest, -scale.exponent))
    n = len(scaled)
    error = 0.0 if np.ptp(scaled) <= rounding else float(scaled.std(ddof=1)) / math.sqrt(n)
    return ReplicateMean(float(scaled.mean()), error, float(n - 1), n, f"t over {plural(unit)}", scale, unit)


def unvarying(values: FloatArray, unit: str, n: int) -> ReplicateMean:
    """Return the mean of values that nothing tells the error of, with error 0; `n` counts the units."""
    scale = Unit.of(values)
    return ReplicateMean(float(scale.divide(values).mean()), 0.0, 1.0, n, f"t over {plural(unit)}", scale, unit)


def weighted_sum(means: Sequence[ReplicateMean], weights: Sequence[float], method: str) -> ReplicateMean:
    """Return the weighted sum of independent means, with the degrees of freedom of Satterthwaite (1946).

    A mean whose error is 0 adds nothing to that of the sum.
    """
    if len(means) == 1 and weights[0] == 1:
        return means[0]
    exponent = max(mean.unit.exponent for mean in means)
    factors = np.ldexp(np.asarray(weights, dtype=np.float64), [mean.unit.exponent - exponent for mean in means])
    parts = (factors * [mean.error for mean in means]) ** 2
    varying = parts > 0
    total = float(parts.sum())
    inverse = float((parts[varying] ** 2 / np.array([mean.df for mean in means])[varying]).sum())
    df = total**2 / inverse if inverse else math.inf
    return ReplicateMean(
        float(factors @ [mean.value for mean in means]),
        math.sqrt(total),
        df,
        sum(mean.n for mean in means),
        method,
        Unit(exponent, means[0].unit.name),
        means[0].replication_unit,
    )


def mean_over(means: Sequence[ReplicateMean]) -> ReplicateMean:
    """Return the mean over data sets that share nothing, each weighing the same."""
    return weighted_sum(means, [1 / len(means)] * len(means), means[0].method)
