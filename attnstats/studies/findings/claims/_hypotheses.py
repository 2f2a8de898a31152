"""Hypotheses about one contrast: a claim, its test, and the verdict that the rules fix before anyone looks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.comparison import (
    equivalence_test,
    hedges_g,
    noninferiority_test,
    probability_of_superiority,
    sample_size_needed,
)
from attnstats.resampling import sign_flip_test
from attnstats.results import ConfidenceInterval, SignificanceResult
from attnstats.studies.config.parts import Inference
from attnstats.studies.findings.evidence._contrasts import Contrast, MeanDifference, Weakest

SUPPORTED, CONTRADICTED, NEGLIGIBLE, INCONCLUSIVE = "supported", "contradicted", "negligible", "inconclusive"

#: The verdict on a finding follows from its primary claims. A secondary claim qualifies it; a guard tests that the
#: conditions compared do not differ in what they must have in common; a sensitivity test is another test of a primary
#: claim.
Role: TypeAlias = Literal["primary", "secondary", "guard", "sensitivity"]


class Tested(NamedTuple):
    """The test of a claim, its p-value adjusted with those of its family, and how many claims the family has."""

    result: SignificanceResult
    adjusted: float
    family_size: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Hypothesis(ABC):
    """A claim that can be tested and decided; those of one family have their p-values corrected together."""

    name: str
    claim: str
    estimand: str
    unit: str  # of the effect
    family: str
    role: Role = "primary"

    @property
    @abstractmethod
    def n_seeds(self) -> int:
        """Number of seeds behind every condition."""

    @property
    def claimed(self) -> tuple[float, float]:
        """The ends of what the estimand is claimed to lie between: above zero, unless a claim says otherwise."""
        return 0.0, inf

    @abstractmethod
    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return the test of the claim, its effect and the interval of the effect."""

    @abstractmethod
    def verdict(self, tested: Tested, inference: Inference, rng: np.random.Generator) -> str:
        """Return the verdict on the claim."""

    @abstractmethod
    def details(self, inference: Inference) -> dict[str, Any]:
        """Return what else a reader needs to judge the result."""

    def by_dataset(self, inference: Inference, rng: np.random.Generator) -> dict[str, float]:  # noqa: ARG002
        """Return the one-sided p-value of the claim in each data set; empty where it is not about a superiority."""
        return {}


@dataclass(frozen=True, eq=False, kw_only=True)
class ContrastHypothesis(Hypothesis):
    """A claim about one contrast, with the largest contrast that would not matter.

    Supported if the adjusted p < alpha and the interval lies within what is claimed; contradicted if the interval lies
    wholly outside, and still does at the level that makes the intervals of the family hold together (Bonferroni): both
    verdicts answer for the size of the family. A claim that there is an effect is negligible if the interval of level
    1 − 2 alpha lies inside the margin. Else inconclusive.
    """

    contrast: Contrast
    margin: float

    @property
    def n_seeds(self) -> int:
        """Number of seeds in every stratum."""
        return len(self.contrast.seeds)

    def verdict(self, tested: Tested, inference: Inference, rng: np.random.Generator) -> str:
        """Return the verdict by the rule above."""
        low, high = self.claimed
        interval = tested.result.interval(inference.confidence_level)
        if tested.adjusted < inference.alpha and low < interval.low and interval.high < high:
            return SUPPORTED
        if interval.high < low or high < interval.low:
            level = 1 - (1 - inference.confidence_level) / tested.family_size
            wide = self.interval(tested, replace(inference, confidence_level=level), rng)
            if wide.high < low or high < wide.low:
                return CONTRADICTED
        claims_an_effect = not low < 0 < high
        return NEGLIGIBLE if claims_an_effect and self.negligible(tested, inference, rng) else INCONCLUSIVE

    def interval(self, tested: Tested, inference: Inference, rng: np.random.Generator) -> ConfidenceInterval:  # noqa: ARG002
        """Return the interval of the contrast, over what its own interval is over."""
        return self.contrast.interval(inference, rng)

    def negligible(self, tested: Tested, inference: Inference, rng: np.random.Generator) -> bool:
        """Return whether the effect lies inside the margin."""
        inner = self.interval(tested, replace(inference, confidence_level=1 - 2 * inference.alpha), rng)
        return -self.margin < inner.low and inner.high < self.margin

    def details(self, inference: Inference) -> dict[str, Any]:  # noqa: ARG002
        """Return the margin, the data sets and the number of strata."""
        return {
            "margin": self.margin,
            "n_strata": len(self.contrast.by_stratum),
            "datasets": list(dict.fromkeys(self.contrast.datasets)),
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class SuperiorityHypothesis(ContrastHypothesis):
    """The contrast is above zero: sign flips of paired differences within strata, one-sided.

    Negligible asks besides that the two one-sided t tests over seeds put the contrast inside the margin.
    """

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return the sign-flip test, one-sided, with the contrast's interval."""
        flips, resamples = rng.spawn(2)
        result = _sign_flips(self.contrast.flat, flips)
        return replace(result, confidence_interval=self.contrast.interval(inference, resamples))

    def negligible(self, tested: Tested, inference: Inference, rng: np.random.Generator) -> bool:
        """Return whether the contrast is inside the margin, over seeds and over seeds and examples."""
        over_seeds = equivalence_test(**_by_seed(self.contrast, inference), margin=self.margin, alpha=inference.alpha)
        return over_seeds.pvalue < inference.alpha and super().negligible(tested, inference, rng)

    def details(self, inference: Inference) -> dict[str, Any]:
        """Return the standardised effects, the share of models above zero, and the seeds that power needs."""
        values, strata = self.contrast.flat
        found = {
            **super().details(inference),
            "hedges_g": hedges_g(values, strata=strata),
            "share_positive": float((values > 0).mean()),
            "seeds_needed": _seeds_to_exceed_zero(self.contrast, inference),
        }
        if isinstance(self.contrast, MeanDifference) and self.contrast.arms is not None:
            first, second = (arm.ravel() for arm in self.contrast.arms)
            found["probability_of_superiority"] = probability_of_superiority(first, second, strata=strata)
        return found

    def by_dataset(self, inference: Inference, rng: np.random.Generator) -> dict[str, float]:  # noqa: ARG002
        """Return the p-value of the sign-flip test in each data set."""
        return dataset_pvalues(self.contrast, rng)


@dataclass(frozen=True, eq=False, kw_only=True)
class MarginHypothesis(ContrastHypothesis):
    """The contrast lies between ends that the margin sets: a t test over seeds."""

    t_test: ClassVar[Callable[..., SignificanceResult]]

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return the test against the margin, with the contrast's interval."""
        result = self.t_test(**_by_seed(self.contrast, inference), margin=self.margin, alpha=inference.alpha)
        return replace(result, confidence_interval=self.contrast.interval(inference, rng))

    def details(self, inference: Inference) -> dict[str, Any]:
        """Return the margin, the data sets, and the seeds that power needs for a contrast inside its ends."""
        values, strata = self.contrast.flat
        needed = self._seeds_needed(values, strata=strata, alpha=inference.alpha)
        return {**super().details(inference), "against_margin": True, "seeds_needed": needed}

    @abstractmethod
    def _seeds_needed(self, values: FloatArray, *, strata: IntArray, alpha: float) -> int | None:
        """Return the seeds with which the t test would have 80 % power; None where no number has."""


@dataclass(frozen=True, eq=False, kw_only=True)
class EquivalenceHypothesis(MarginHypothesis):
    """The contrast lies within the margin of zero: two one-sided t tests over seeds."""

    t_test = staticmethod(equivalence_test)

    @property
    def claimed(self) -> tuple[float, float]:
        """The margin on either side of zero."""
        return -self.margin, self.margin

    def _seeds_needed(self, values: FloatArray, *, strata: IntArray, alpha: float) -> int | None:
        return sample_size_needed(values, margin=self.margin, strata=strata, alpha=alpha)


@dataclass(frozen=True, eq=False, kw_only=True)
class NonInferiorityHypothesis(MarginHypothesis):
    """The contrast is not below minus the margin: a one-sided t test over seeds."""

    t_test = staticmethod(noninferiority_test)

    @property
    def claimed(self) -> tuple[float, float]:
        """All above minus the margin."""
        return -self.margin, inf

    def _seeds_needed(self, values: FloatArray, *, strata: IntArray, alpha: float) -> int | None:
        return sample_size_needed(values + self.margin, strata=strata, alpha=alpha, alternative="greater")


@dataclass(frozen=True, eq=False, kw_only=True)
class IntersectionUnion(ContrastHypothesis):
    """Every one of several contrasts is above zero, so the p-value is the largest of theirs (Berger 1982).

    It needs no correction for their number. The effect is the smallest contrast, with the interval of `Weakest`.
    """

    contrast: Weakest
    against: tuple[str, ...]  # what each contrast compares with

    def test(self, inference: Inference, rng: np.random.Generator) -> SignificanceResult:
        """Return the weakest of the one-sided sign-flip tests, with the interval of the smallest contrast."""
        flips, resamples = rng.spawn(2)
        tests = [_sign_flips(part.flat, flips) for part in self.contrast.parts]
        weakest = max(tests, key=lambda each: each.pvalue)
        return replace(
            weakest,
            test=f"intersection-union of {weakest.test}",
            statistic=self.contrast.value,
            effect=self.contrast.value,
            pvalue_floor=max(each.pvalue_floor or 0.0 for each in tests),
            confidence_interval=self.contrast.interval(inference, resamples),
        )

    def details(self, inference: Inference) -> dict[str, Any]:
        """Return the margin, the weakest comparison, the data sets, and the seeds that power needs for it."""
        return {
            **super().details(inference),
            "n_comparisons": len(self.against),
            "weakest_against": self.against[self.contrast.smallest],
            "seeds_needed": _seeds_to_exceed_zero(self.contrast, inference),
        }

    def by_dataset(self, inference: Inference, rng: np.random.Generator) -> dict[str, float]:  # noqa: ARG002
        """Return the largest p-value over the contrasts in each data set."""
        found = [dataset_pvalues(part, rng) for part in self.contrast.parts]
        shared = [name for name in found[0] if all(name in each for each in found)]
        return {name: max(each[name] for each in found) for name in shared}


def dataset_pvalues(contrast: Contrast, rng: np.random.Generator) -> dict[str, float]:
    """Return the larger of the p-values of sign flips and, as the interval is, over seeds and examples, by data set."""
    return {
        dataset: max(_sign_flips(contrast.within(dataset), rng).pvalue, contrast.crossed_pvalue(dataset) or 0.0)
        for dataset in dict.fromkeys(contrast.datasets)
    }


def _sign_flips(values: tuple[FloatArray, IntArray], rng: np.random.Generator) -> SignificanceResult:
    differences, strata = values
    return sign_flip_test(differences, strata=strata, alternative="greater", replication_unit="seed", rng=rng)


def _seeds_to_exceed_zero(contrast: Contrast, inference: Inference) -> int | None:
    values, strata = contrast.flat
    return sample_size_needed(values, strata=strata, alpha=inference.alpha, alternative="greater")


def _by_seed(contrast: Contrast, inference: Inference) -> dict[str, Any]:
    values, strata = contrast.flat
    return {
        "a": values,
        "strata": strata,
        "minimum_replicates": min(inference.minimum_seeds, len(contrast.seeds)),
        "replication_unit": "seed",
    }
