"""Mean differences of all pairs of conditions, and the critical value of the largest of their t statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import BoolArray, FloatArray, check_at_least
from attnstats.comparison._batches import batches
from attnstats.comparison._unit import ROUNDING, Unit
from attnstats.comparison.replication import check_replicates, complete_blocks
from attnstats.exceptions import ConstantInputError
from attnstats.missing import CompleteCases
from attnstats.results import plural


@dataclass(frozen=True, eq=False)
class PairwiseDifferences:
    """Mean differences and standard errors (1 on the diagonal) of k conditions, shape (k, k), in `unit`."""

    differences: FloatArray
    errors: FloatArray
    n_blocks: int
    n_replicates: int
    unit: Unit
    n_missing: int

    def critical_value(self, pairs: BoolArray, level: float, n_resamples: int, generator: np.random.Generator) -> float:
        """Return what the largest t statistic of `pairs`, shape (k, k), exceeds by chance with probability 1 − level.

        Simulated for normal values of one variance, each pair with a standard error of its own: Dunnett's and Tukey's
        construction without a pooled variance. The observed covariance is not used: with few replicates its rank is too
        low.
        """
        k = len(self.differences)
        largest = []
        for batch in batches(n_resamples, self.n_blocks * k * max(k, self.n_replicates)):
            drawn = generator.normal(size=(len(batch), self.n_blocks, k, self.n_replicates))
            largest.append(np.where(pairs, _statistics(drawn), -np.inf).max(axis=(1, 2)))
        return float(np.quantile(np.concatenate(largest), level, method="higher"))


def pairwise_differences(
    values: ArrayLike,
    minimum_replicates: int,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
) -> PairwiseDifferences:
    """Return the differences between conditions; values have shape (n_conditions, n_replicates), or blocks of such."""
    array, n_missing = complete_blocks(values, missing, replication_unit, 3, "(n_conditions, n_replicates)")
    n_blocks, n_conditions, n_replicates = array.shape
    check_at_least(n_conditions, 2, "number of conditions")
    check_replicates(n_replicates, minimum_replicates=minimum_replicates, replication_unit=replication_unit)
    unit = Unit.of(array)
    array = unit.divide(array)
    least = ROUNDING * np.abs(array).max()
    differences, errors = np.zeros((n_conditions, n_conditions)), np.ones((n_conditions, n_conditions))
    for first in range(n_conditions):  # one condition at a time, to need no more memory than the values themselves
        gaps = array[:, [first]] - array
        same = (np.ptp(gaps, axis=-1) <= least).all(axis=0) & (np.arange(n_conditions) != first)
        if same.any():
            raise ConstantInputError(
                f"values: must differ by varying amounts over {plural(replication_unit)}; got the same difference"
                f" between conditions {first} and {int(same.argmax())} for each, but for rounding"
            )
        differences[first] = gaps.mean(axis=(0, -1))
        errors[first] = np.sqrt(gaps.var(axis=-1, ddof=1).sum(axis=0) / n_replicates) / n_blocks
        errors[first, first] = 1.0
    return PairwiseDifferences(differences, errors, n_blocks, n_replicates, unit, n_missing)


def _statistics(values: FloatArray) -> FloatArray:
    """Return paired t statistics, (n, k, k), of n draws of shape (n_blocks, k, n_replicates); 0 on the diagonal."""
    k, n_replicates = values.shape[2:]
    means = values.mean(axis=-1, keepdims=True)
    residuals = values - means
    products = (residuals @ residuals.swapaxes(-2, -1)).sum(axis=1)
    squares = np.diagonal(products, axis1=1, axis2=2)
    variances = squares[:, :, np.newaxis] + squares[:, np.newaxis] - 2 * products
    variances[:, np.arange(k), np.arange(k)] = 1.0
    overall = means[..., 0].sum(axis=1)
    errors = np.sqrt(variances / (n_replicates * (n_replicates - 1)))
    t: FloatArray = (overall[:, :, np.newaxis] - overall[:, np.newaxis]) / errors
    return t
