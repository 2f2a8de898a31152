"""What is estimated from strata × seeds × examples, with its value in every trained model and its interval."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.comparison import anova_interval, anova_test, t_interval
from attnstats.exceptions import ConstantInputError, TooFewSamplesError
from attnstats.resampling import Crossed, Percentile, bootstrap_interval
from attnstats.results import ConfidenceInterval
from attnstats.studies.config.parts import Inference


@dataclass(frozen=True, eq=False, kw_only=True)
class Contrast(ABC):
    """A number for every trained model (or pair of them), and the interval of their mean."""

    seeds: tuple[int, ...]  # the same in every stratum
    datasets: tuple[str, ...]  # that of each stratum

    @property
    @abstractmethod
    def by_stratum(self) -> FloatArray:
        """Value of every trained model (or pair of them), shape (n_strata, n_seeds)."""

    @abstractmethod
    def interval(self, inference: Inference, rng: np.random.Generator) -> ConfidenceInterval:
        """Return the interval of the mean over strata."""

    @property
    def value(self) -> float:
        """Mean over strata of the mean over seeds."""
        return float(self.by_stratum.mean())

    @property
    def flat(self) -> tuple[FloatArray, IntArray]:
        """The value of every model, and the number of its stratum."""
        values = self.by_stratum
        return values.ravel(), np.repeat(np.arange(len(values)), values.shape[1])

    def within(self, dataset: str) -> tuple[FloatArray, IntArray]:
        """Return the value of every model of one data set, and the number of its stratum."""
        values, strata = self.flat
        inside = np.array([each == dataset for each in self.datasets])[strata]
        return values[inside], strata[inside]

    def crossed_pvalue(self, dataset: str) -> float | None:  # noqa: ARG002
        """Return the one-sided p-value of one data set over seeds and examples; None where their error is not known."""
        return None


@dataclass(frozen=True, eq=False, kw_only=True)
class MeanDifference(Contrast):
    """Mean over examples of one outcome minus another, in pairs of models that share a seed."""

    blocks: tuple[FloatArray, ...]  # differences (n_strata, n_seeds, n_examples) of each data set; NaN where undefined
    arms: tuple[FloatArray, FloatArray] | None = None  # means (n_strata, n_seeds) of the two outcomes, where there are

    @cached_property
    def by_stratum(self) -> FloatArray:
        """Mean difference of every pair of models, shape (n_strata, n_seeds)."""
        return example_means(self.blocks)

    @property
    def _by_example(self) -> bool:
        return all(block.shape[-1] > 1 for block in self.blocks)

    def interval(self, inference: Inference, rng: np.random.Generator) -> ConfidenceInterval:
        """Return the interval over seeds and examples: ANOVA, or where values are missing the crossed bootstrap.

        Of means over examples, a block of one, it is the t interval over seeds.
        """
        if not self._by_example:
            return SeedMeans(values=self.by_stratum, seeds=self.seeds, datasets=self.datasets).interval(inference, rng)
        blocks = tuple(block[..., ~np.isnan(block).all(axis=(0, 1))] for block in self.blocks)
        if not any(np.isnan(block).any() for block in blocks):
            return anova_interval(
                blocks, confidence_level=inference.confidence_level, replication_unit="seed", crossed_unit="example"
            )
        return bootstrap_interval(
            blocks,
            np.mean,
            method=Percentile(inference.n_resamples),
            design=Crossed(missing="omit", replication_unit="seed", crossed_unit="example"),
            confidence_level=inference.confidence_level,
            rng=rng,
        )

    def crossed_pvalue(self, dataset: str) -> float | None:
        """Return the p-value without the examples that are undefined for any model; None where nothing varies."""
        if not self._by_example:
            return None
        block = self.blocks[list(dict.fromkeys(self.datasets)).index(dataset)]
        complete = block[..., ~np.isnan(block).any(axis=(0, 1))]
        try:
            return anova_test(complete, alternative="greater", minimum_replicates=2).pvalue
        except ConstantInputError:
            return None


@dataclass(frozen=True, eq=False, kw_only=True)
class SeedMeans(Contrast):
    """One number per trained model, with a t interval over the seeds."""

    values: FloatArray  # (n_strata, n_seeds)
    method: str | None = None  # name of the interval, where the numbers are no means

    @property
    def by_stratum(self) -> FloatArray:
        """The numbers, shape (n_strata, n_seeds)."""
        return self.values

    def interval(self, inference: Inference, rng: np.random.Generator) -> ConfidenceInterval:  # noqa: ARG002
        """Return the t interval over seeds of the mean over strata."""
        values, strata = self.flat
        found = t_interval(
            values,
            strata=strata,
            confidence_level=inference.confidence_level,
            minimum_replicates=min(inference.minimum_seeds, len(self.seeds)),
            replication_unit="seed",
        )
        return found if self.method is None else replace(found, method=self.method)


@dataclass(frozen=True, eq=False, kw_only=True)
class Weakest(Contrast):
    """The smallest of several contrasts: the lead over the best of the others, or the gain over the best control.

    Its interval has ends min_j L_j and min_j U_j: L_j at one-sided level α/2, since min_j L_j ≤ L_j* for the j* that is
    truly the smallest; U_j at α/(2 m) for m contrasts, since any of them may be too low (Hsu 1996, chapter 4).
    """

    parts: tuple[Contrast, ...]

    @cached_property
    def smallest(self) -> int:
        """Place of the contrast with the smallest estimate."""
        return int(np.argmin([part.value for part in self.parts]))

    @property
    def by_stratum(self) -> FloatArray:
        """Values of the smallest contrast."""
        return self.parts[self.smallest].by_stratum

    def interval(self, inference: Inference, rng: np.random.Generator) -> ConfidenceInterval:
        """Return the interval of the smallest contrast."""
        tail = (1 - inference.confidence_level) / len(self.parts)
        wider = replace(inference, confidence_level=1 - tail)
        low = min(part.interval(inference, rng).low for part in self.parts)
        high = min(part.interval(wider, rng).high for part in self.parts)
        method = f"{self.parts[0].interval(inference, rng).method}, smallest of {len(self.parts)}"
        return ConfidenceInterval(low, high, inference.confidence_level, method)


def example_means(blocks: Iterable[FloatArray]) -> FloatArray:
    """Return the mean over the examples where it is defined of every model, shape (n_strata, n_seeds)."""
    means = []
    for block in blocks:
        if np.isnan(block).all(axis=-1).any():
            raise TooFewSamplesError("outcome: must be defined for an example of every model; got none for some")
        means.append(np.nanmean(block, axis=-1))
    return np.concatenate(means)


def ratio_terms(numerators: FloatArray, denominators: FloatArray) -> FloatArray:
    """Return what each example contributes to the share of a model, Σ numerators / Σ denominators.

    With r the share and d̄ the mean denominator, example e contributes r + (c_e − r d_e)/d̄: their mean is the share,
    and their spread is that of the share to first order (the delta method).
    """
    total = denominators.sum(axis=-1, keepdims=True)
    if (total == 0).any():
        raise TooFewSamplesError(
            "inference.near_tie: must leave pairs of nearly equal weights in every model; some model has none"
        )
    share = numerators.sum(axis=-1, keepdims=True) / total
    return np.asarray(share + (numerators - share * denominators) / denominators.mean(axis=-1, keepdims=True))
