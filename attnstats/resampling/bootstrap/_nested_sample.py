"""Rows within groups, both drawn: a two-level resample."""

from __future__ import annotations

from typing import Self

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.resampling.bootstrap._draws import draw, nested_rows, nested_sums, random_words, seeded
from attnstats.resampling.bootstrap._samples import GroupedSample, Sample
from attnstats.resampling.statistic import Statistic, WeightedStatistic, apply, evaluate, means_function


class NestedSample(GroupedSample):
    """Groups drawn with replacement, and within every drawn group its rows; the units of a jackknife are the groups."""

    def __init__(
        self, data: FloatArray, codes: IntArray, unit: str, strata: IntArray | None = None, n_missing: int = 0
    ) -> None:
        order = np.argsort(codes, kind="stable")
        super().__init__(data[order], codes[order], unit, strata, n_missing)
        sizes = np.bincount(codes)
        self._flat = self.data.reshape(len(data), -1)
        self._row_means = (self._flat - self._centre).mean(axis=1)
        self._row_sizes = sizes.astype(np.uint64)
        self._row_starts = (np.cumsum(sizes) - sizes).astype(np.uint64)
        self.n_draws = self.n_units * int(sizes.max() + sizes.max() % 2)  # two draws a word

    # The fast ways of the parent draw whole groups.
    resampled_with_errors = Sample.resampled_with_errors
    resampled_twice = Sample.resampled_twice

    def resampled(self, statistic: Statistic, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        groups = draw(self.n_units, n_resamples, generator)
        function = means_function(statistic)
        if function is not None and (function is np.mean or self._flat.shape[1] == 1):
            sums = nested_sums(groups, seeded(generator), self._row_sizes, self._row_starts, self._row_means)
            return apply(function, self._centre_mean + sums[:, :1] / sums[:, 1:])
        words = random_words(generator, n_resamples, self.n_draws).reshape(n_resamples, self.n_units, -1)
        rows = nested_rows(groups, words, self._row_sizes, self._row_starts)
        drawn = [each[each >= 0] for each in rows]
        if function is not None:
            return apply(function, np.array([self._flat[each].mean(axis=0) for each in drawn]))
        if isinstance(statistic, WeightedStatistic):
            counts = np.array([np.bincount(each, minlength=len(self.data)) for each in drawn], dtype=np.float64)
            return statistic.weighted(self.data, counts)
        return np.array([evaluate(statistic, np.take(self.data, each, axis=0)) for each in drawn])

    def resample(self, generator: np.random.Generator) -> Self:
        groups = draw(self.n_units, 1, generator)
        words = random_words(generator, 1, self.n_draws).reshape(1, self.n_units, -1)
        rows = nested_rows(groups, words, self._row_sizes, self._row_starts)[0]
        codes = np.repeat(np.arange(self.n_units), self._row_sizes[groups[0]].astype(np.int64))
        return type(self)(np.take(self.data, rows[rows >= 0], axis=0), codes, self._unit, self._strata)
