"""The tests of one family, with simultaneous intervals and corrected p-values."""

from __future__ import annotations

from dataclasses import dataclass

from attnstats._validation import check_fraction
from attnstats.results import SignificanceResult, counted, format_pvalue


@dataclass(frozen=True)
class FamilyResult:
    """The tests of one family with their corrected p-values.

    Parameters
    ----------
    names, results : tuple of str, tuple of SignificanceResult
        Name of each hypothesis, and its effect, simultaneous interval and raw p-value.
    pvalues_adjusted, correction : tuple of float, str
        P-values corrected for the family, and the name of the correction as in the results frame.
    """

    names: tuple[str, ...]
    results: tuple[SignificanceResult, ...]
    pvalues_adjusted: tuple[float, ...]
    correction: str

    def rejected(self, alpha: float = 0.05) -> tuple[str, ...]:
        """Return the names of the hypotheses that are rejected at a family-wise level."""
        check_fraction(alpha, "alpha")
        pairs = zip(self.names, self.pvalues_adjusted, strict=True)
        return tuple(name for name, pvalue in pairs if pvalue <= alpha)

    def summary(self) -> str:
        """Return one line for each hypothesis."""
        return "\n".join(
            f"{name}: {result.effect_name} = {result.effect:.3g}, {result.confidence_interval} simultaneous,"
            f" adjusted {format_pvalue(adjusted)}"
            for name, result, adjusted in zip(self.names, self.results, self.pvalues_adjusted, strict=True)
        )

    def __repr__(self) -> str:
        first = self.results[0]
        smallest = f"smallest adjusted {format_pvalue(min(self.pvalues_adjusted))}"
        return f"family of {len(self.names)}, {smallest}, n = {counted(first.n, first.replication_unit)}, {first.test}"
