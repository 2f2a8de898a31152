"""Data bound to their units: a statistic of the data, of random resamples, and without one unit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray
from attnstats.resampling._scale import ROUNDING, Scale, norm
from attnstats.resampling.bootstrap._draws import (
    Units,
    draw,
    drawn_errors,
    drawn_means,
    drawn_sums,
    random_words,
    scale,
    seeded,
    tally,
)
from attnstats.resampling.statistic import Statistic, WeightedStatistic, apply, evaluate, gradient, means_function

# Means go through sums of the drawn units, weighted statistics through counts; any other gets resampled arrays.

#: Weights of one batch, 1 MiB: they stay in the processor's cache.
BATCH = 2**17
#: Step of a numerical derivative with respect to a mean, in standard errors of the mean.
_STEP = 0.01


class Sample(ABC):
    """Data with the units that are resampled."""

    #: What a callable statistic is given.
    data: Any
    #: Number of units of each resampled factor, by the factor's name.
    factors: dict[str, int]
    #: How many units one resample draws.
    n_draws: int
    #: Rows that were left out because something in them was missing.
    n_missing: int = 0

    @abstractmethod
    def rescaled(self) -> tuple[Sample, Scale]:
        """Return the same units with values near 1, and what takes a mean of those back."""

    @abstractmethod
    def moments(self) -> tuple[float, float, float]:
        """Return the mean, its standard error, and the skewness of the units over the root of their number."""

    @abstractmethod
    def observed(self, statistic: Statistic) -> float:
        """Return the statistic of the data."""

    @abstractmethod
    def resampled(self, statistic: Statistic, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        """Return the statistic of random resamples, shape (n_resamples,)."""

    @abstractmethod
    def resample(self, generator: np.random.Generator) -> Sample:
        """Return one random resample, with units of its own to be resampled in turn."""

    def check_jackknife(self) -> None:  # noqa: B027 (most need not override it)
        """Raise where there is no one unit to leave out."""

    @abstractmethod
    def influence(self, statistic: Statistic) -> FloatArray:
        """Return by how much each unit moves the statistic, shape (n_units,), from leaving each out in turn."""

    @abstractmethod
    def standard_error(self, statistic: Statistic) -> float:
        """Return the standard error by the delta method for means, by the jackknife for other statistics."""

    def resampled_with_errors(
        self, statistic: Statistic, n_resamples: int, generator: np.random.Generator
    ) -> FloatArray:
        """Return the statistic of random resamples beside its standard error in each, shape (n_resamples, 2)."""
        resamples = (self.resample(generator) for _ in range(n_resamples))
        return np.array([(each.observed(statistic), each.standard_error(statistic)) for each in resamples])

    def resampled_twice(
        self, statistic: Statistic, n_resamples: int, n_inner: int, generator: np.random.Generator
    ) -> FloatArray:
        """Return the statistic of random resamples beside the share of resamples of each below that of the data."""
        centre = self.observed(statistic)
        found = np.empty((n_resamples, 2))
        for outer in range(n_resamples):
            resample = self.resample(generator)
            inner = resample.resampled(statistic, n_inner, generator)
            found[outer] = resample.observed(statistic), share_below(inner, centre)
        return found


class GroupedSample(Sample):
    """Rows in groups that are drawn whole, perhaps within strata; an independent row is a group of one.

    Row i of data, shape (n, ...), is in group ``codes[i]``, 0 to n_units - 1, and group j in stratum ``strata[j]``.
    """

    def __init__(
        self, data: FloatArray, codes: IntArray, unit: str, strata: IntArray | None = None, n_missing: int = 0
    ) -> None:
        self.data: FloatArray = data
        self.n_missing = n_missing
        self.n_units = int(codes.max()) + 1
        self.factors = {unit: self.n_units}
        self.n_draws = self.n_units
        self._unit = unit
        self._codes = codes
        self._strata = np.zeros(self.n_units, dtype=np.int64) if strata is None else strata
        self._stratum_sizes = np.bincount(self._strata)
        flat = data.reshape(len(data), -1)
        if np.array_equal(codes, np.arange(len(data))):
            self._members = None
            self._sizes = np.ones((self.n_units, 1))
        else:
            sizes = np.bincount(codes)
            self._members = np.split(np.argsort(codes, kind="stable"), np.cumsum(sizes)[:-1])
            self._sizes = sizes[:, np.newaxis].astype(np.float64)
        # Sums are taken about the mean: far from zero they would round by as much as the values differ.
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite then is refused by name
            self._centre = flat.mean(axis=0)
            flat = flat - self._centre
            if self._members is None:
                self._sums = flat
            else:
                self._sums = np.zeros((self.n_units, flat.shape[1]))
                np.add.at(self._sums, codes, flat)
            # Over columns.
            self._means = self._sums.mean(axis=1)
            self._centre_mean = self._centre.mean()

    @property
    def is_independent(self) -> bool:
        """Whether every row is drawn on its own, from all of them."""
        return self._members is None and len(self._stratum_sizes) == 1

    def rescaled(self) -> tuple[Self, Scale]:
        scale = Scale.of(self.data)
        return type(self)(scale.down(self.data), self._codes, self._unit, self._strata), scale

    def moments(self) -> tuple[float, float, float]:
        parts = self._linear_parts(np.mean)
        length = float(norm(parts))
        skewness = float(((parts / length) ** 3).sum()) if length > 0 else 0.0
        return self.observed(np.mean), self.standard_error(np.mean), skewness

    def observed(self, statistic: Statistic) -> float:
        if (function := means_function(statistic)) is None:
            return evaluate(statistic, self.data.copy())  # a statistic may sort in place
        return float(apply(function, self.column_means()[np.newaxis])[0])

    def column_means(self) -> FloatArray:
        """Return the mean of every column, shape (n_columns,)."""
        return np.asarray(self._centre + self._sums.sum(0) / self._sizes.sum())

    def resampled_means(self, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        """Return the mean of every column in random resamples, shape (n_resamples, n_columns)."""
        weights = tally(self._draw(n_resamples, generator), self.n_units)
        return np.asarray(self._centre + (weights @ self._sums) / (weights @ self._sizes))

    def resampled_data(self, n_resamples: int, generator: np.random.Generator) -> Iterator[FloatArray]:
        """Yield the rows of random resamples."""
        for units in self._draw(n_resamples, generator):
            yield np.take(self.data, self._rows(units), axis=0)

    def means_without_one(self) -> FloatArray:
        """Return the mean of every column without each unit in turn, shape (n_units, n_columns)."""
        return np.asarray(self._centre + (self._sums.sum(0) - self._sums) / (self._sizes.sum() - self._sizes))

    def resampled(self, statistic: Statistic, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        function = means_function(statistic)
        if function is not None and len(self._stratum_sizes) == 1 and (function is np.mean or self._sums.shape[1] == 1):
            state = seeded(generator)
            sizes = self.n_units if self._members is None else drawn_sums(state.copy(), n_resamples, self._sizes[:, 0])
            means = drawn_sums(state, n_resamples, self._means) / sizes  # of the same draws
            return apply(function, self._centre_mean + means[:, np.newaxis])
        if function is not None:
            return apply(function, self.resampled_means(n_resamples, generator))
        if isinstance(statistic, WeightedStatistic):
            drawn = self._draw(n_resamples, generator)
            return self._weighted(statistic, lambda start, stop: tally(drawn[start:stop], self.n_units), n_resamples)
        return np.array([evaluate(statistic, each) for each in self.resampled_data(n_resamples, generator)])

    def resample(self, generator: np.random.Generator) -> Self:
        drawn = self._draw(1, generator)[0]
        sizes = self._sizes[drawn, 0].astype(np.int64)
        codes = np.repeat(np.arange(self.n_units), sizes)
        return type(self)(np.take(self.data, self._rows(drawn), axis=0), codes, self._unit, self._strata)

    def leave_one_out(self, statistic: Statistic) -> FloatArray:
        """Return the statistic without each unit in turn, shape (n_units,)."""
        if (function := means_function(statistic)) is not None:
            return apply(function, self.means_without_one())
        if isinstance(statistic, WeightedStatistic):
            others = lambda start, stop: 1.0 - np.eye(stop - start, self.n_units, start)  # noqa: E731
            return self._weighted(statistic, others, self.n_units)
        units = np.arange(self.n_units)
        rows = (self._rows(np.delete(units, unit)) for unit in units)
        return np.array([evaluate(statistic, np.take(self.data, each, axis=0)) for each in rows])

    def influence(self, statistic: Statistic) -> FloatArray:
        return influences(self.leave_one_out(statistic), self._strata)

    def standard_error(self, statistic: Statistic) -> float:
        parts = self.influence(statistic) if means_function(statistic) is None else self._linear_parts(statistic)
        sizes = self._stratum_sizes[self._strata]
        return float(norm(np.sqrt(sizes / (sizes - 1)) * parts))

    def _linear_parts(self, statistic: Statistic) -> FloatArray:
        """Return the share of each unit in a function of means, linear about them and centred within strata."""
        function = means_function(statistic)
        assert function is not None
        residuals = self.mean_residuals()
        parts = residuals @ gradient(function, self.column_means(), derivative_steps(residuals))
        parts -= (np.bincount(self._strata, parts) / self._stratum_sizes)[self._strata]
        return np.asarray(parts)

    def mean_residuals(self) -> FloatArray:
        """Return by how much each unit moves the mean of every column, shape (n_units, n_columns)."""
        total = self._sizes.sum()
        return np.asarray((self._sums - self._sums.sum(0) / total * self._sizes) / total)

    def resampled_with_errors(
        self, statistic: Statistic, n_resamples: int, generator: np.random.Generator
    ) -> FloatArray:
        if statistic is not np.mean:
            return super().resampled_with_errors(statistic, n_resamples, generator)
        excess = self._mean_excess()
        if self.is_independent:
            found = drawn_means(random_words(generator, n_resamples, self.n_units), excess)
        else:
            drawn = self._draw(n_resamples, generator)
            found = drawn_errors(drawn, excess, self._sizes[:, 0], self._strata, self._stratum_sizes)
        found[:, 0] += self.observed(np.mean)
        return np.asarray(found)

    def _mean_excess(self) -> FloatArray:
        """Return by how much the sum of each unit, averaged over columns, lies above what the mean would give it."""
        return np.asarray(self._means - self._means.sum() / self._sizes.sum() * self._sizes[:, 0])

    def resampled_twice(
        self, statistic: Statistic, n_resamples: int, n_inner: int, generator: np.random.Generator
    ) -> FloatArray:
        if statistic is not np.mean or len(self._stratum_sizes) > 1:
            return super().resampled_twice(statistic, n_resamples, n_inner, generator)
        centre, sizes = self.observed(np.mean), self._sizes[:, 0]
        excess = self._mean_excess()  # its sum lies below zero where the mean lies below the centre
        found = np.empty((n_resamples, 2))
        step = max(1, BATCH // (n_inner * self.n_units))
        for start in range(0, n_resamples, step):
            outer = range(start, min(start + step, n_resamples))
            state = seeded(generator)
            for b, units in zip(outer, self._draw(len(outer), generator), strict=True):
                own = excess[units]
                inner = drawn_sums(state, n_inner, own)
                found[b] = centre + own.sum() / sizes[units].sum(), share_below(inner, 0.0)
        return found

    def _draw(self, n_resamples: int, generator: np.random.Generator) -> Units:
        if len(self._stratum_sizes) == 1:
            return draw(self.n_units, n_resamples, generator)
        order = np.argsort(self._strata, kind="stable").astype(np.uint32)
        sizes = self._stratum_sizes[self._strata[order]].astype(np.uint64)
        starts = (np.cumsum(self._stratum_sizes) - self._stratum_sizes)[self._strata[order]].astype(np.uint64)
        drawn = np.empty((n_resamples, self.n_units), dtype=np.uint32)
        drawn[:, order] = order[scale(random_words(generator, n_resamples, self.n_units), sizes, starts)]
        return drawn

    def _rows(self, units: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
        return units if self._members is None else np.concatenate([self._members[unit] for unit in units])

    def _weighted(self, statistic: WeightedStatistic, unit_counts: Any, n: int) -> FloatArray:
        """Return the statistic for n rows of unit counts, a batch at a time."""
        step = max(1, BATCH // len(self.data))
        batches = (unit_counts(start, min(start + step, n)) for start in range(0, n, step))
        return np.concatenate([statistic.weighted(self.data, counts[:, self._codes]) for counts in batches])


def influences(left_out: FloatArray, strata: IntArray) -> FloatArray:
    """Return the influences of units from the values without each, shape (n_units,), centred within strata."""
    # (n - 1)/n times the stratum's mean less the value without the unit: Davison and Hinkley (1997), equation 5.23.
    sizes = np.bincount(strata)
    left_out = left_out - left_out[0]
    means = np.bincount(strata, left_out) / sizes
    return np.asarray((means[strata] - left_out) * ((sizes - 1) / sizes)[strata])


def derivative_steps(residuals: FloatArray) -> FloatArray:
    """Return steps of a numerical derivative with respect to means, from how far units move them."""
    spread = norm(residuals, axis=0)
    return np.asarray(_STEP * np.where(spread > 0, spread, 1.0))


def share_below(values: FloatArray, bound: float) -> float:
    """Return the share of values below the bound, those equal to it but for rounding by half."""
    slack = ROUNDING * max(abs(bound), float(np.abs(values).max()))
    return float(
        (np.count_nonzero(values < bound - slack) + np.count_nonzero(values <= bound + slack)) / (2 * len(values))
    )
