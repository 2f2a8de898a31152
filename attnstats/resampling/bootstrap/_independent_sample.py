"""Several independent samples, each resampled on its own."""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import InvalidInputError
from attnstats.resampling._scale import norm
from attnstats.resampling.bootstrap._samples import GroupedSample, Sample, derivative_steps, influences
from attnstats.resampling.statistic import FunctionOfMeans, Statistic, apply, evaluate, gradient


class SeveralSamples(Sample):
    """Independent samples of independent rows; a callable statistic gets them as so many arguments."""

    def __init__(self, samples: list[GroupedSample]) -> None:
        self.samples = samples
        self.data = tuple(each.data for each in samples)
        self.n_missing = sum(each.n_missing for each in samples)
        self.factors = {"rows in the smallest sample": min(each.n_units for each in samples)}
        self.n_draws = sum(each.n_units for each in samples)

    def rescaled(self) -> NoReturn:
        """Refuse: samples have no common mean."""
        raise InvalidInputError(
            "statistic: must take every sample of data, as lambda a, b: a.mean() - b.mean() does; got numpy.mean, "
            "which takes one. Give the rows of one sample as a list or an array, not as a tuple of arrays"
        )

    moments = rescaled

    def observed(self, statistic: Statistic) -> float:
        if isinstance(statistic, FunctionOfMeans):
            return float(apply(statistic.function, self._means()[np.newaxis])[0])
        return evaluate(statistic, *(each.data.copy() for each in self.samples))

    def resampled(self, statistic: Statistic, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        children = generator.spawn(len(self.samples))
        if isinstance(statistic, FunctionOfMeans):
            means = [
                each.resampled_means(n_resamples, child) for each, child in zip(self.samples, children, strict=True)
            ]
            return apply(statistic.function, np.concatenate(means, axis=1))
        drawn = [each.resampled_data(n_resamples, child) for each, child in zip(self.samples, children, strict=True)]
        return np.array([evaluate(statistic, *samples) for samples in zip(*drawn, strict=True)])

    def resample(self, generator: np.random.Generator) -> SeveralSamples:
        return SeveralSamples([each.resample(generator) for each in self.samples])

    def influence(self, statistic: Statistic) -> FloatArray:
        without = np.concatenate([self._without_one(statistic, which) for which in range(len(self.samples))])
        return influences(without, self._membership())

    def standard_error(self, statistic: Statistic) -> float:
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

        def with_others(own: FloatArray) -> float:
            return evaluate(statistic, *(own if i == which else each.copy() for i, each in enumerate(self.data)))

        return sample.leave_one_out(with_others)
