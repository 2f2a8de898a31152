"""Several independent samples, each resampled on its own."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import InvalidInputError
from attnstats.resampling._scale import Scale, norm
from attnstats.resampling.bootstrap._samples import (
    GroupedSample,
    derivative_steps,
    influences,
    one_by_one,
    one_by_one_twice,
)
from attnstats.resampling.statistic import FunctionOfMeans, Statistic, apply, evaluate_on, gradient


class SeveralSamples:
    """Independent samples of independent rows; a callable statistic gets them as so many arguments.

    Parameters
    ----------
    samples : list of GroupedSample
        The samples, at least two, which may differ in length and in the shape of a row.
    """

    def __init__(self, samples: list[GroupedSample]) -> None:
        self.samples = samples
        self.n_missing = sum(each.n_missing for each in samples)
        self.factors = {"rows in the smallest sample": min(each.n_units for each in samples)}
        self.n_draws = sum(each.n_units for each in samples)

    @property
    def data(self) -> tuple[FloatArray, ...]:
        """What a callable statistic is given."""
        return tuple(each.data for each in self.samples)

    def rescaled(self) -> tuple[SeveralSamples, Scale]:
        """Refuse: samples have no common mean."""
        raise InvalidInputError(
            "statistic: must take every sample of data, as lambda a, b: a.mean() - b.mean() does; got numpy.mean, "
            "which takes one. Give the rows of one sample as a list or an array, not as a tuple of arrays"
        )

    def moments(self) -> tuple[float, float, float]:
        """Refuse, as `rescaled` does."""
        return self.rescaled()[0].moments()

    def observed(self, statistic: Statistic) -> float:
        """Return the statistic of the data."""
        if isinstance(statistic, FunctionOfMeans):
            return float(apply(statistic.function, self._means()[np.newaxis])[0])
        return evaluate_on(statistic, tuple(each.data.copy() for each in self.samples))

    def resampled(self, statistic: Statistic, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        """Return the statistic of random resamples, shape (n_resamples,)."""
        children = generator.spawn(len(self.samples))
        if isinstance(statistic, FunctionOfMeans):
            means = [
                each.resampled_means(n_resamples, child) for each, child in zip(self.samples, children, strict=True)
            ]
            return apply(statistic.function, np.concatenate(means, axis=1))
        drawn = [each.resampled_data(n_resamples, child) for each, child in zip(self.samples, children, strict=True)]
        return np.array([evaluate_on(statistic, samples) for samples in zip(*drawn, strict=True)])

    def resample(self, generator: np.random.Generator) -> SeveralSamples:
        """Return one random resample, with units of its own to be resampled in turn."""
        return SeveralSamples([each.resample(generator) for each in self.samples])

    def check_jackknife(self) -> None:
        """Every row can be left out."""

    def influence(self, statistic: Statistic) -> FloatArray:
        """Return by how much each unit moves the statistic, one sample after the other, from leaving each out."""
        without = np.concatenate([self._without_one(statistic, which) for which in range(len(self.samples))])
        return influences(without, self._membership())

    def standard_error(self, statistic: Statistic) -> float:
        """Return the standard error by the delta method for means, by the jackknife for other statistics."""
        if isinstance(statistic, FunctionOfMeans):
            residuals = [each.mean_residuals() for each in self.samples]
            steps = np.concatenate([derivative_steps(each) for each in residuals])
            slopes = gradient(statistic.function, self._means(), steps)
            columns = np.cumsum([each.shape[1] for each in residuals])[:-1]
            parts = np.concatenate([a @ b for a, b in zip(residuals, np.split(slopes, columns), strict=True)])
        else:
            parts = self.influence(statistic)
        sizes = np.bincount(self._membership())[self._membership()]
        return float(norm(np.sqrt(sizes / (sizes - 1)) * parts))

    def resampled_with_errors(
        self, statistic: Statistic, n_resamples: int, generator: np.random.Generator
    ) -> FloatArray:
        """Return the statistic of random resamples beside its standard error in each, shape (n_resamples, 2)."""
        return one_by_one(self, statistic, n_resamples, generator)

    def resampled_twice(
        self, statistic: Statistic, n_resamples: int, n_inner: int, generator: np.random.Generator
    ) -> FloatArray:
        """Return the statistic of random resamples beside the share of resamples of each below that of the data."""
        return one_by_one_twice(self, statistic, n_resamples, n_inner, generator)

    def _means(self) -> FloatArray:
        return np.concatenate([each.column_means() for each in self.samples])

    def _membership(self) -> IntArray:
        return np.repeat(np.arange(len(self.samples)), [each.n_units for each in self.samples])

    def _without_one(self, statistic: Statistic, which: int) -> FloatArray:
        """Return the statistic without each unit of one sample in turn, shape (n_units,)."""
        sample = self.samples[which]
        if isinstance(statistic, FunctionOfMeans):
            others = [np.tile(each.column_means(), (sample.n_units, 1)) for each in self.samples]
            others[which] = sample.means_without_one()
            return apply(statistic.function, np.concatenate(others, axis=1))
        return sample.leave_one_out(partial(_with_others, statistic, self.data, which))


def _with_others(statistic: Any, samples: tuple[FloatArray, ...], which: int, own: FloatArray) -> float:
    """Return the statistic of the samples, one of which is `own` instead."""
    return evaluate_on(statistic, tuple(own if i == which else each.copy() for i, each in enumerate(samples)))
