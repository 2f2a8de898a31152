"""Hypotheses about more than one contrast: an ordered trend, an interaction, a mixed model, ranks over data sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison import (
    anova_interaction_test,
    friedman_test,
    interaction_sample_size_needed,
    mixed_model_test,
    page_test,
)
from attnstats.results import ConfidenceInterval, SignificanceResult
from attnstats.studies.config.parts import Inference
from attnstats.studies.findings.claims._hypotheses import (
    INCONCLUSIVE,
    NEGLIGIBLE,
    SUPPORTED,
    ContrastHypothesis,
    Hypothesis,
    SuperiorityHypothesis,
    Tested,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Trend(SuperiorityHypothesis):
    """An outcome rises over conditions in their declared order: Page's test, and the slope over that order.

    A block is one seed of one stratum, whose models share initial weights and the order of the data. The effect is the
    slope, whose interval is that of `SuperiorityHypothesis`, as are the verdict's rules.
    """

    values: FloatArray  # (n_conditions, n_blocks), conditions in the order claimed

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return Page's test, with the slope as its effect."""
        result = page_test(self.values, replication_unit="block of a seed and a stratum")
        interval = self.contrast.interval(inference, rng)
        return replace(result, effect_name="slope", effect=self.contrast.value, confidence_interval=interval)

    def details(self, inference: Inference) -> dict[str, Any]:
        """Return those of the slope, and Page's mean rank correlation with the order."""
        correlation = page_test(self.values).effect
        return {
            **super().details(inference),
            "rank_correlation": correlation,
            "n_conditions": len(self.values),
            "n_blocks": self.values.shape[1],
        }

    def by_dataset(self, inference: Inference, rng: np.random.Generator) -> dict[str, float]:  # noqa: ARG002
        """Return the larger of Page's p-value in each data set and that of the slope over seeds and examples."""
        strata = np.repeat(np.arange(len(self.contrast.datasets)), len(self.contrast.seeds))
        names = np.array(self.contrast.datasets)[strata]
        return {
            dataset: max(
                page_test(self.values[:, names == dataset]).pvalue, self.contrast.crossed_pvalue(dataset) or 0.0
            )
            for dataset in dict.fromkeys(self.contrast.datasets)
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class Interaction(Hypothesis):
    """Rows and columns of a table of conditions do not add up: a quasi-F test over seeds and examples.

    Supported if the adjusted p < alpha and the interval of the root mean square interaction lies above zero; negligible
    if the interval lies below the margin; else inconclusive.
    """

    blocks: tuple[FloatArray, ...]  # (n_rows, n_columns, n_seeds, n_examples) for each data set; NaN where undefined
    datasets: tuple[str, ...]
    margin: float  # largest root mean square interaction that would not matter

    @property
    def n_seeds(self) -> int:
        """Number of seeds of every condition."""
        return int(self.blocks[0].shape[2])

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:  # noqa: ARG002
        """Return the quasi-F test and its interval; an example that is undefined for any model is left out."""
        return anova_interaction_test(
            self._complete,
            confidence_level=inference.confidence_level,
            minimum_replicates=inference.minimum_seeds,
            replication_unit="seed",
            crossed_unit="example",
        )

    def verdict(self, tested: Tested, inference: Inference, rng: np.random.Generator) -> str:  # noqa: ARG002
        """Return the verdict by the rule above."""
        interval = tested.result.interval(inference.confidence_level)
        if tested.adjusted < inference.alpha and interval.low > 0:
            return SUPPORTED
        return NEGLIGIBLE if interval.high < self.margin else INCONCLUSIVE

    def details(self, inference: Inference) -> dict[str, Any]:
        """Return the size of the table, and the seeds that power needs."""
        rows, columns = self.blocks[0].shape[:2]
        needed = interaction_sample_size_needed(self._complete, alpha=inference.alpha)
        size = {"n_rows": rows, "n_columns": columns, "seeds_needed": needed}
        return {**size, "margin": self.margin, "datasets": list(self.datasets)}

    @property
    def _complete(self) -> tuple[FloatArray, ...]:
        """The blocks without the examples that are undefined for any model."""
        return tuple(block[..., ~np.isnan(block).any(axis=(0, 1, 2))] for block in self.blocks)


@dataclass(frozen=True, eq=False, kw_only=True)
class MixedModel(ContrastHypothesis):
    """The first of two conditions is higher, by a linear mixed model of the values of all models."""

    values: FloatArray  # one for each model, shape (n,)
    condition: FloatArray  # 1 under the first condition, 0 under the second
    random: Mapping[str, np.ndarray[Any, Any]]  # labels of the random factors

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:  # noqa: ARG002
        """Return the test of the fixed effect of the condition."""
        return mixed_model_test(
            self.values,
            self.condition,
            random=self.random,
            alternative="greater",
            confidence_level=inference.confidence_level,
            minimum_replicates=min(inference.minimum_seeds, len(self.contrast.seeds)),
        )

    def interval(self, tested: Tested, inference: Inference, rng: np.random.Generator) -> ConfidenceInterval:  # noqa: ARG002
        """Return the interval of the fixed effect."""
        return tested.result.interval(inference.confidence_level)


@dataclass(frozen=True, eq=False, kw_only=True)
class BlockRanks(Hypothesis):
    """Conditions rank alike in all data sets (Friedman's test): supported if adjusted p < alpha, else inconclusive."""

    values: FloatArray  # means over seeds and examples, shape (n_conditions, n_datasets)
    datasets: tuple[str, ...]
    seeds: tuple[int, ...]

    @property
    def n_seeds(self) -> int:
        """Number of seeds behind each mean."""
        return len(self.seeds)

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:  # noqa: ARG002
        """Return Friedman's test; its effect, Kendall's W, comes without an interval."""
        return friedman_test(self.values, replication_unit="data set")

    def verdict(self, tested: Tested, inference: Inference, rng: np.random.Generator) -> str:  # noqa: ARG002
        """Return the verdict by the rule above."""
        return SUPPORTED if tested.adjusted < inference.alpha else INCONCLUSIVE

    def details(self, inference: Inference) -> dict[str, Any]:  # noqa: ARG002
        """Return how many conditions are ranked in which data sets."""
        return {"n_conditions": len(self.values), "datasets": list(self.datasets)}
