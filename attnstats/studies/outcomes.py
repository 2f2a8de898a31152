"""Outcomes of trained models, arranged for inference: strata × seeds × examples, and what is estimated from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison import anova_interval, t_interval
from attnstats.exceptions import TooFewSamplesError
from attnstats.resampling import Crossed, FunctionOfMeans, Percentile, bootstrap_interval
from attnstats.results import ConfidenceInterval
from attnstats.studies.analyse import TraceAnalysis
from attnstats.studies.condition import Condition
from attnstats.studies.config import Inference

__all__ = ["Contrast", "MeanDifference", "Outcomes", "RatioDifference", "SeedMeans"]


class Outcomes:
    """Outcomes of every finished cell of a study.

    Parameters
    ----------
    cells : mapping of (Condition, seed) to TraceAnalysis
        What each trained model gave.
    """

    def __init__(self, cells: Mapping[tuple[Condition, int], TraceAnalysis]) -> None:
        self._cells = dict(cells)
        self.conditions = list(dict.fromkeys(condition for condition, _ in self._cells))

    def seeds(self, conditions: Iterable[Condition]) -> list[int]:
        """Return the seeds that finished under every one of the conditions."""
        finished = [{seed for each, seed in self._cells if each == condition} for condition in conditions]
        return sorted(set.intersection(*finished)) if finished else []

    def matrix(self, condition: Condition, outcome: str, seeds: Sequence[int]) -> FloatArray:
        """Return an outcome under one condition, shape (n_seeds, n_examples), NaN where it is undefined."""
        return np.stack([self._cells[condition, seed].examples[outcome].to_numpy() for seed in seeds])

    def values(self, condition: Condition, quantity: str, seeds: Sequence[int]) -> FloatArray:
        """Return a quantity of each intact model's frame, shape (n_seeds,)."""
        frames = [self._cells[condition, seed].frame for seed in seeds]
        chosen = [
            frame[(frame["quantity"] == quantity) & (frame["ablation"] == "none") & frame["example"].isna()]
            for frame in frames
        ]
        return np.array([float(rows["value"].iloc[0]) for rows in chosen])

    def __contains__(self, outcome: str) -> bool:
        return all(outcome in analysis.examples.columns for analysis in self._cells.values())


class Contrast(Protocol):
    """Something estimated from strata × seeds × examples, with its value in every trained model and its interval."""

    @property
    def by_stratum(self) -> FloatArray:
        """Value of every trained model (or pair of them), shape (n_strata, n_seeds)."""
        ...

    def interval(self, inference: Inference, rng: np.random.Generator) -> ConfidenceInterval:
        """Return the interval of the mean over strata."""
        ...


@dataclass(frozen=True, eq=False)
class MeanDifference:
    """Mean over examples of one outcome minus another, in pairs of models that share a seed.

    Parameters
    ----------
    blocks : tuple of ndarray, shape (n_strata, n_seeds, n_examples)
        Differences, one block per data set; NaN where either outcome is undefined.
    """

    blocks: tuple[FloatArray, ...]

    @property
    def by_stratum(self) -> FloatArray:
        """Mean difference of every pair of models, shape (n_strata, n_seeds)."""
        return np.concatenate([np.nanmean(block, axis=-1) for block in self.blocks])

    def interval(self, inference: Inference, rng: np.random.Generator) -> ConfidenceInterval:
        """Return the interval over seeds and examples: ANOVA, or where values are missing the crossed bootstrap."""
        blocks = tuple(block[..., ~np.isnan(block).all(axis=(0, 1))] for block in self.blocks)
        if not any(np.isnan(block).any() for block in blocks):
            return anova_interval(blocks, confidence_level=inference.confidence_level)
        return bootstrap_interval(
            blocks,
            np.mean,
            method=Percentile(inference.n_resamples),
            design=Crossed(missing="omit"),
            confidence_level=inference.confidence_level,
            rng=rng,
        )


@dataclass(frozen=True, eq=False)
class RatioDifference:
    """A share pooled over examples, such as concordant pairs over all pairs, minus a reference.

    Parameters
    ----------
    counts : tuple of ndarray, shape (2, n_strata, n_seeds, n_examples) or (4, ...)
        Per data set: numerators and denominators, then those of the reference share if there is one.
    constant : float
        Subtracted from the difference.
    """

    counts: tuple[FloatArray, ...]
    constant: float = 0.0

    @property
    def by_stratum(self) -> FloatArray:
        """Difference of shares of every trained model, shape (n_strata, n_seeds)."""
        return np.concatenate([self._difference(block.sum(axis=-1)) for block in self.counts])

    def interval(self, inference: Inference, rng: np.random.Generator) -> ConfidenceInterval:
        """Return the crossed bootstrap interval over seeds and examples; counts of one model stay together."""
        shapes = [block.shape[:2] for block in self.counts]

        def statistic(means: FloatArray) -> float:
            parts = np.split(means, np.cumsum([np.prod(shape) for shape in shapes])[:-1])
            strata = [self._difference(part.reshape(shape)) for part, shape in zip(parts, shapes, strict=True)]
            return float(np.concatenate(strata).mean())

        return bootstrap_interval(
            self.counts,
            FunctionOfMeans(statistic),
            method=Percentile(inference.n_resamples),
            design=Crossed(paired_seeds=True),
            confidence_level=inference.confidence_level,
            rng=rng,
        )

    def _difference(self, sums: FloatArray) -> FloatArray:
        if (sums[1] == 0).any():
            raise TooFewSamplesError("near_tie: must leave pairs of nearly equal weights in every model; got none")
        share = sums[0] / sums[1]
        reference = sums[2] / sums[3] if len(sums) == 4 else 0.0
        return np.asarray(share - reference - self.constant)


@dataclass(frozen=True, eq=False)
class SeedMeans:
    """One number per trained model, with a t interval over the seeds.

    Parameters
    ----------
    by_stratum : ndarray, shape (n_strata, n_seeds)
        The numbers.
    """

    by_stratum: FloatArray

    def interval(self, inference: Inference, rng: np.random.Generator) -> ConfidenceInterval:  # noqa: ARG002
        """Return the t interval over seeds of the mean over strata."""
        strata = np.repeat(np.arange(len(self.by_stratum)), self.by_stratum.shape[1])
        return t_interval(
            self.by_stratum.ravel(),
            strata=strata,
            confidence_level=inference.confidence_level,
            minimum_seeds=inference.minimum_seeds,
        )
