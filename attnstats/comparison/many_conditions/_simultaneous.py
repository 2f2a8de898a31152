"""Mean differences of all pairs of conditions, and the critical value of the largest of their t statistics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import BoolArray, FloatArray, check_at_least
from attnstats.comparison._batches import batches
from attnstats.comparison._names import as_names
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
    names: tuple[str, ...] | None = None

    def critical_value(self, pairs: BoolArray, level: float, n_resamples: int, generator: np.random.Generator) -> float:
        """Return what the largest t statistic of `pairs`, shape (k, k), exceeds by chance with probability 1 − level.

        Simulated for normal values of one variance, each pair with a standard error of its own: Dunnett's and Tukey's
        construction without a pooled variance. The observed covariance is not used: with few replicates its rank is too
        low.
        """
        k = len(self.differences)

        streams = generator.spawn(3)

        def largest(n_draws: int) -> FloatArray:
            means, products = self._drawn(n_draws, streams)
            squares = np.diagonal(products, axis1=1, axis2=2)
            variances = squares[:, :, np.newaxis] + squares[:, np.newaxis] - 2 * products
            variances[:, np.arange(k), np.arange(k)] = 1.0
            t = (means[:, :, np.newaxis] - means[:, np.newaxis]) / np.sqrt(variances)
            return np.asarray(np.where(pairs, t, -np.inf).max(axis=(1, 2)))

        return self._quantile(largest, k * k, level, n_resamples)

    def critical_value_against_one(self, level: float, n_resamples: int, generator: np.random.Generator) -> float:
        """Return the critical value of the pairs of one condition with each of the others.

        Of the residuals of each other condition only their part along those of the first enters, which is normal, and
        the square of the rest, which is that of n − 2 normals: no value of a replicate need be drawn.
        """
        n, k = self.n_replicates, len(self.differences)
        of_means, of_first, of_along, of_rest = generator.spawn(4)  # so that batches of any size draw the same

        def largest(n_draws: int) -> FloatArray:
            shape = n_draws, self.n_blocks
            means = of_means.normal(size=(*shape, k)).sum(axis=1) / np.sqrt(n)
            first = of_first.chisquare(n - 1, size=(*shape, 1))
            along = of_along.normal(size=(*shape, k - 1))
            rest = of_rest.chisquare(n - 2, size=(*shape, k - 1)) if n > 2 else 0.0
            variances = ((np.sqrt(first) - along) ** 2 + rest).sum(axis=1) / (n * (n - 1))
            return np.asarray(((means[:, :1] - means[:, 1:]) / np.sqrt(variances)).max(axis=1))

        return self._quantile(largest, 4 * k, level, n_resamples)

    def _drawn(self, n_draws: int, streams: Sequence[np.random.Generator]) -> tuple[FloatArray, FloatArray]:
        """Return sums over blocks of means (n_draws, k) and of their covariances under the null, (n_draws, k, k).

        Products of residuals are drawn by Bartlett's decomposition: those of n replicates need k values a condition at
        most, not n (Bartlett 1933, Proceedings of the Royal Society of Edinburgh 53, 260-283).
        """
        n, k = self.n_replicates, len(self.differences)
        width = min(k, n - 1)
        places = np.arange(width)
        shape = n_draws, self.n_blocks
        of_means, of_sides, of_diagonals = streams
        factors = np.tril(of_sides.normal(size=(*shape, k, width)))
        factors[..., places, places] = np.sqrt(of_diagonals.chisquare(n - 1 - places, size=(*shape, width)))
        products = (factors @ factors.swapaxes(-1, -2)).sum(axis=1)
        return of_means.normal(size=(*shape, k)).sum(axis=1) / np.sqrt(n), products / (n * (n - 1))

    def _quantile(self, largest: Callable[[int], FloatArray], n_values: int, level: float, n_resamples: int) -> float:
        """Return a quantile of the largest statistics, drawn in batches that fit in memory."""
        drawn = [largest(len(batch)) for batch in batches(n_resamples, self.n_blocks * n_values)]
        return float(np.quantile(np.concatenate(drawn), level, method="higher"))


def pairwise_differences(
    values: ArrayLike,
    minimum_replicates: int,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
    names: Sequence[object] | None = None,
) -> PairwiseDifferences:
    """Return the differences between conditions; values have shape (n_conditions, n_replicates), or blocks of such."""
    array, n_missing = complete_blocks(values, missing, replication_unit, 3, "(n_conditions, n_replicates)")
    n_blocks, n_conditions, n_replicates = array.shape
    check_at_least(n_conditions, 2, "number of conditions")
    labels = None if names is None else as_names(names, n_conditions, "conditions")
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
                f" between {_pair(first, int(same.argmax()), labels)} for each, but for rounding"
            )
        differences[first] = gaps.mean(axis=(0, -1))
        errors[first] = np.sqrt(gaps.var(axis=-1, ddof=1).sum(axis=0) / n_replicates) / n_blocks
        errors[first, first] = 1.0
    return PairwiseDifferences(differences, errors, n_blocks, n_replicates, unit, n_missing, labels)


def _pair(first: int, second: int, labels: tuple[str, ...] | None) -> str:
    return f"conditions {first} and {second}" if labels is None else f"{labels[first]!r} and {labels[second]!r}"
