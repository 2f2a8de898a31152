"""Declared hypotheses: a claim, its contrast, its test, and the verdict that the rules fix before anyone looks."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.comparison import (
    BenjaminiHochberg,
    BenjaminiYekutieli,
    Holm,
    adjust_pvalues,
    best_test,
    equivalence_test,
    hedges_g,
    interaction_test,
    noninferiority_test,
    seeds_needed,
)
from attnstats.comparison.multiplicity import Correction
from attnstats.frame import Row, encode_parameters
from attnstats.resampling import Basic, Crossed, FunctionOfMeans, Percentile, bootstrap_interval, sign_flip_test
from attnstats.results import SignificanceResult
from attnstats.studies.config import Inference
from attnstats.studies.outcomes import Contrast

__all__ = ["Best", "Decision", "Equivalence", "Hypothesis", "Interaction", "NonInferiority", "Superiority", "decide"]

SUPPORTED, CONTRADICTED, NEGLIGIBLE, INCONCLUSIVE = "supported", "contradicted", "negligible", "inconclusive"
CORRECTIONS: dict[str, Correction] = {
    "holm": Holm(),
    "benjamini_hochberg": BenjaminiHochberg(),
    "benjamini_yekutieli": BenjaminiYekutieli(),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Hypothesis(ABC):
    """A claim that can be tested and decided.

    Parameters
    ----------
    name, claim, estimand, unit : str
        Name in the frame, what is claimed, what is estimated, and the unit of the effect.
    primary : bool
        Primary claims decide the finding; the others qualify it.
    """

    name: str
    claim: str
    estimand: str
    unit: str
    primary: bool = True

    @abstractmethod
    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return the test of the claim, its effect and the interval of the effect."""

    @abstractmethod
    def verdict(self, result: SignificanceResult, adjusted: float, inference: Inference) -> str:
        """Return what the result says of the claim."""

    @abstractmethod
    def details(self, inference: Inference) -> dict[str, Any]:
        """Return what else a reader needs to judge the result."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ContrastHypothesis(Hypothesis):
    """A claim about one contrast, with the largest contrast that would not matter."""

    contrast: Contrast
    margin: float

    def details(self, inference: Inference) -> dict[str, Any]:  # noqa: ARG002
        """Return the margin and the number of strata."""
        return {"margin": self.margin, "n_strata": len(self.contrast.by_stratum)}


@dataclass(frozen=True, eq=False, kw_only=True)
class Superiority(ContrastHypothesis):
    """The contrast is above zero: sign flips of paired differences within strata, one-sided.

    Supported if the adjusted p < alpha and the interval lies above zero; contradicted if the interval lies below zero;
    negligible if the two one-sided tests put the contrast inside the margin; else inconclusive.
    """

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return the sign-flip test, one-sided, with the contrast's interval."""
        flips, resamples = rng.spawn(2)
        values, strata = _flat(self.contrast)
        result = sign_flip_test(values, strata=strata, alternative="greater", rng=flips)
        return _about(result, self.contrast, inference, resamples)

    def verdict(self, result: SignificanceResult, adjusted: float, inference: Inference) -> str:
        """Return the verdict by the rule above."""
        interval = result.interval(inference.confidence_level)
        if adjusted < inference.alpha and interval.low > 0:
            return SUPPORTED
        if interval.high < 0:
            return CONTRADICTED
        inside = equivalence_test(**_by_seed(self.contrast, inference), margin=self.margin, alpha=inference.alpha)
        return NEGLIGIBLE if inside.pvalue < inference.alpha else INCONCLUSIVE

    def details(self, inference: Inference) -> dict[str, Any]:
        """Return the standardised effect, the share of models with a positive value, and the seeds that power needs."""
        values, strata = _flat(self.contrast)
        return {
            **super().details(inference),
            "hedges_g": hedges_g(values, strata=strata),
            "share_positive": float((values > 0).mean()),
            "seeds_needed": seeds_needed(values, strata=strata, alpha=inference.alpha, alternative="greater"),
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class Equivalence(ContrastHypothesis):
    """The contrast lies within the margin of zero: two one-sided t tests over seeds.

    Supported if the adjusted p < alpha and the interval lies inside the margin; contradicted if the interval lies
    wholly outside; else inconclusive.
    """

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return the two one-sided tests, with the contrast's interval."""
        result = equivalence_test(**_by_seed(self.contrast, inference), margin=self.margin, alpha=inference.alpha)
        return _about(result, self.contrast, inference, rng)

    def verdict(self, result: SignificanceResult, adjusted: float, inference: Inference) -> str:
        """Return the verdict by the rule above."""
        interval = result.interval(inference.confidence_level)
        if adjusted < inference.alpha and -self.margin < interval.low and interval.high < self.margin:
            return SUPPORTED
        outside = interval.low > self.margin or interval.high < -self.margin
        return CONTRADICTED if outside else INCONCLUSIVE


@dataclass(frozen=True, eq=False, kw_only=True)
class NonInferiority(ContrastHypothesis):
    """The contrast is not below minus the margin: a one-sided t test over seeds.

    Supported if the adjusted p < alpha and the interval lies above minus the margin; contradicted if it lies below;
    else inconclusive.
    """

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return the one-sided test against the margin, with the contrast's interval."""
        result = noninferiority_test(**_by_seed(self.contrast, inference), margin=self.margin, alpha=inference.alpha)
        return _about(result, self.contrast, inference, rng)

    def verdict(self, result: SignificanceResult, adjusted: float, inference: Inference) -> str:
        """Return the verdict by the rule above."""
        interval = result.interval(inference.confidence_level)
        if adjusted < inference.alpha and interval.low > -self.margin:
            return SUPPORTED
        return CONTRADICTED if interval.high < -self.margin else INCONCLUSIVE


@dataclass(frozen=True, eq=False, kw_only=True)
class Interaction(Hypothesis):
    """Rows and columns of a table of conditions do not add up: a permutation test of their interaction.

    Supported if the adjusted p < alpha and the interval of the root mean square interaction lies above zero; else
    inconclusive.

    Parameters
    ----------
    blocks : tuple of ndarray, shape (n_rows, n_columns, n_seeds, n_examples)
        The outcome under every condition, one block per data set.
    """

    blocks: tuple[FloatArray, ...]

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return the permutation test, with a basic bootstrap interval that undoes the upward bias of the effect."""
        permutations, resamples = rng.spawn(2)
        shape = self.blocks[0].shape[:2]
        values = np.stack([np.nanmean(block, axis=-1) for block in self.blocks])
        result = interaction_test(values, minimum_seeds=inference.minimum_seeds, rng=permutations)

        def size(means: FloatArray) -> float:
            return float(np.sqrt(np.mean(_interaction(means.reshape(-1, *shape).mean(axis=0)) ** 2)))

        interval = bootstrap_interval(
            self.blocks,
            FunctionOfMeans(size),
            method=Basic(inference.n_resamples),
            design=Crossed(missing="omit"),
            confidence_level=inference.confidence_level,
            rng=resamples,
        )
        return replace(result, n=values.shape[-1], confidence_interval=interval)

    def verdict(self, result: SignificanceResult, adjusted: float, inference: Inference) -> str:
        """Return the verdict by the rule above."""
        above = result.interval(inference.confidence_level).low > 0
        return SUPPORTED if adjusted < inference.alpha and above else INCONCLUSIVE

    def details(self, inference: Inference) -> dict[str, Any]:  # noqa: ARG002
        """Return the size of the table."""
        return {"n_rows": self.blocks[0].shape[0], "n_columns": self.blocks[0].shape[1]}


@dataclass(frozen=True, eq=False, kw_only=True)
class Best(Hypothesis):
    """One condition beats every other: an intersection-union test, whose p is the largest of the one-sided ones.

    Supported if the adjusted p < alpha and the interval of the lead over the best other lies above zero; contradicted
    if it lies below; else inconclusive.

    Parameters
    ----------
    blocks : tuple of ndarray, shape (n_conditions, n_seeds, n_examples)
        The outcome under every condition, one block per data set.
    target : int
        Index of the condition that is claimed to be best.
    """

    blocks: tuple[FloatArray, ...]
    target: int

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return the intersection-union test, with the crossed interval of the lead over the best of the others."""
        flips, resamples = rng.spawn(2)
        values = np.stack([np.nanmean(block, axis=-1) for block in self.blocks])
        result = best_test(values, self.target, minimum_seeds=inference.minimum_seeds, rng=flips)
        n_conditions = values.shape[1]

        def lead(means: FloatArray) -> float:
            by_condition = means.reshape(-1, n_conditions).mean(axis=0)
            return float(by_condition[self.target] - np.delete(by_condition, self.target).max())

        interval = bootstrap_interval(
            self.blocks,
            FunctionOfMeans(lead),
            method=Percentile(inference.n_resamples),
            design=Crossed(missing="omit"),
            confidence_level=inference.confidence_level,
            rng=resamples,
        )
        return replace(result, n=values.shape[-1], confidence_interval=interval)

    def verdict(self, result: SignificanceResult, adjusted: float, inference: Inference) -> str:
        """Return the verdict by the rule above."""
        interval = result.interval(inference.confidence_level)
        if adjusted < inference.alpha and interval.low > 0:
            return SUPPORTED
        return CONTRADICTED if interval.high < 0 else INCONCLUSIVE

    def details(self, inference: Inference) -> dict[str, Any]:  # noqa: ARG002
        """Return the number of conditions compared."""
        return {"n_conditions": len(self.blocks[0])}


@dataclass(frozen=True, eq=False)
class Decision:
    """A hypothesis with its test, its corrected p-value and its verdict."""

    hypothesis: Hypothesis
    result: SignificanceResult
    pvalue_adjusted: float
    verdict: str
    details: dict[str, Any]

    def row(self, finding: str, family: str, inference: Inference) -> Row:
        """Return the row of the results frame."""
        return Row.of(
            self.result,
            finding=finding,
            unit=self.hypothesis.unit,
            parameters=encode_parameters(
                hypothesis=self.hypothesis.name,
                claim=self.hypothesis.claim,
                estimand=self.hypothesis.estimand,
                primary=self.hypothesis.primary,
                **self.details,
            ),
            family=family,
            pvalue_adjusted=self.pvalue_adjusted,
            correction=inference.correction,
            verdict=self.verdict,
            n_seeds=self.result.n,
        )


def decide(hypotheses: Sequence[Hypothesis], inference: Inference, rng: np.random.Generator) -> list[Decision]:
    """Test a family of hypotheses, correct their p-values together and return the verdicts, in order."""
    streams = rng.spawn(len(hypotheses))
    results = [each.test(inference, stream) for each, stream in zip(hypotheses, streams, strict=True)]
    adjusted = adjust_pvalues([result.pvalue for result in results], CORRECTIONS[inference.correction])
    return [
        Decision(
            hypothesis,
            result,
            float(pvalue),
            hypothesis.verdict(result, float(pvalue), inference),
            hypothesis.details(inference),
        )
        for hypothesis, result, pvalue in zip(hypotheses, results, adjusted, strict=True)
    ]


def _flat(contrast: Contrast) -> tuple[FloatArray, IntArray]:
    """Return the value of every model and its stratum."""
    values = contrast.by_stratum
    return values.ravel(), np.repeat(np.arange(len(values)), values.shape[1])


def _by_seed(contrast: Contrast, inference: Inference) -> dict[str, Any]:
    values, strata = _flat(contrast)
    return {"a": values, "strata": strata, "minimum_seeds": inference.minimum_seeds}


def _about(
    result: SignificanceResult, contrast: Contrast, inference: Inference, rng: np.random.Generator
) -> SignificanceResult:
    """Return the result with the number of seeds and the interval of its contrast."""
    interval = contrast.interval(inference, rng)
    return replace(result, n=contrast.by_stratum.shape[1], confidence_interval=interval)


def _interaction(table: FloatArray) -> FloatArray:
    """Return what rows and columns do not explain, over the last two axes."""
    rows = table.mean(axis=-1, keepdims=True)
    columns = table.mean(axis=-2, keepdims=True)
    return np.asarray(table - rows - columns + table.mean(axis=(-2, -1), keepdims=True))
