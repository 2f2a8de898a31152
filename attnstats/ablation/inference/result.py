"""What a comparison of intact with ablated models gives."""

from __future__ import annotations

from dataclasses import dataclass

from attnstats.results import ConfidenceInterval, SignificanceResult, format_pvalue


@dataclass(frozen=True, repr=False)
class AblationResult:
    """An outcome of intact models against the same models under an intervention.

    Parameters
    ----------
    ablation, outcome, holds_fixed : str
        What was done, what was measured, and what the intervention leaves as it was.
    intact, ablated : float
        Mean over strata of the mean over seeds and examples.
    interval : ConfidenceInterval
        Of the effect.
    null_value : float
        What the effect is tested against: zero, or the margin where it is a change, which is never below zero.
    difference : SignificanceResult
        Test of the effect against that, paired by seed: for other seeds and other examples, or for other seeds alone
        where each seed gave one number.
    equivalence : SignificanceResult or None
        Two one-sided tests that the effect lies within the margin, where one was declared.
    margin : float or None
        Smallest effect that would matter.
    n_seeds : int
        Trained models over all strata.
    n_examples, n_undefined : int
        Test examples over all data sets that the comparison used, None where each seed gave one number; and those left
        out, because some model had no value for them.
    """

    ablation: str
    outcome: str
    holds_fixed: str
    intact: float
    ablated: float
    interval: ConfidenceInterval
    null_value: float
    difference: SignificanceResult
    equivalence: SignificanceResult | None
    margin: float | None
    n_seeds: int
    n_examples: int | None
    n_undefined: int

    @property
    def effect(self) -> float:
        """``intact - ablated``; for an outcome that is a change itself, its mean."""
        return self.difference.effect

    @property
    def pvalue_floor(self) -> float | None:
        """The smallest p-value that the test of difference could have given; None where it has no floor."""
        return self.difference.pvalue_floor

    def summary(self) -> str:
        """Return the result as a sentence would have it in a paper."""
        fixed = f" ({self.holds_fixed} held fixed)" if self.holds_fixed else ""
        means = "" if self.null_value else f" was {self.ablated:.3g}, and {self.intact:.3g} intact"
        floor = "" if self.pvalue_floor is None else f", attainable floor {self.pvalue_floor:.2g}"
        left_out = f", {self.n_undefined} examples left out" if self.n_undefined else ""
        sentence = (
            f"{self.outcome} under {self.ablation}{fixed}{means}: {self.difference.effect_name} = {self.effect:.3g}, "
            f"{self.interval!r}, {self._pvalue} by {self.difference.test}{floor}, {self._size}{left_out}"
        )
        if self.equivalence is None:
            return sentence
        return f"{sentence}; equivalence within ± {self.margin:g}: {format_pvalue(self.equivalence.pvalue)} (TOST)"

    @property
    def _pvalue(self) -> str:
        against = f" against {self.null_value:g}" if self.null_value else ""
        return format_pvalue(self.difference.pvalue) + against

    @property
    def _size(self) -> str:
        return f"n = {self.n_seeds} seeds" + ("" if self.n_examples is None else f" x {self.n_examples} examples")

    def __repr__(self) -> str:
        return (
            f"{self.outcome} under {self.ablation}: {self.difference.effect_name} = {self.effect:.3g}, "
            f"{self.interval}, {self._pvalue}, {self._size}"
        )
