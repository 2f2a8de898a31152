"""Families of hypotheses, tested once and corrected together; each comes out with its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from attnstats.comparison import (
    BenjaminiHochberg,
    BenjaminiYekutieli,
    Holm,
    MaxT,
    adjust_pvalues,
    paired_family_test,
    partial_conjunction_test,
)
from attnstats.comparison.families.multiplicity import Correction
from attnstats.exceptions import ConstantInputError, ConvergenceError, TooFewSamplesError
from attnstats.frame import Row, encode_parameters
from attnstats.results import SignificanceResult
from attnstats.studies._result_rows import result_rows
from attnstats.studies.config.parts import Inference
from attnstats.studies.findings.claims._hypotheses import (
    CONTRADICTED,
    INCONCLUSIVE,
    NEGLIGIBLE,
    SUPPORTED,
    Hypothesis,
    SuperiorityHypothesis,
    Tested,
)
from attnstats.studies.findings.claims._tables import Trend
from attnstats.studies.findings.evidence._design import NotEvaluableError

CORRECTIONS: dict[str, Correction | MaxT] = {
    each.name: each for each in (Holm(), BenjaminiHochberg(), BenjaminiYekutieli(), MaxT())
}
RULE = (
    "supported if every primary claim is; contradicted if any is; negligible if every primary claim that is not "
    "supported is negligible; else inconclusive"
)


@dataclass(frozen=True, eq=False)
class Decision:
    """A hypothesis with its test, its corrected p-value and its verdict."""

    hypothesis: Hypothesis
    result: SignificanceResult
    pvalue_adjusted: float
    correction: str
    verdict: str
    details: dict[str, Any]

    def row(self, finding: str) -> Row:
        """Return the row of the results frame."""
        about = self.hypothesis
        said = {"hypothesis": about.name, "claim": about.claim, "estimand": about.estimand, "role": about.role}
        return Row.of(
            self.result,
            finding=finding,
            unit=about.unit,
            parameters=encode_parameters(**said, primary=about.role == "primary", **self.details),
            family=about.family,
            pvalue_adjusted=self.pvalue_adjusted,
            correction=self.correction,
            verdict=self.verdict,
            n_seeds=about.n_seeds,
        )


def decide(
    hypotheses: Sequence[Hypothesis], inference: Inference, rng: np.random.Generator
) -> tuple[list[Decision], list[str]]:
    """Return the verdicts, p-values corrected within each family, and what that is not primary could not be tested."""
    tested: dict[str, SignificanceResult] = {}
    details: dict[str, dict[str, Any]] = {}
    failed = []
    for hypothesis, stream in zip(hypotheses, rng.spawn(len(hypotheses)), strict=True):
        try:
            tested[hypothesis.name] = hypothesis.test(inference, stream)
            details[hypothesis.name] = hypothesis.details(inference)
        except (ConstantInputError, TooFewSamplesError, ConvergenceError) as reason:
            if hypothesis.role == "primary":
                raise NotEvaluableError(_untested(hypothesis, reason)) from reason
            tested.pop(hypothesis.name, None)
            failed.append(_untested(hypothesis, reason))
    kept = [each for each in hypotheses if each.name in tested]
    adjusted: dict[str, tuple[float, str]] = {}
    sizes = Counter(each.family for each in kept)
    for family in sizes:
        adjusted |= _adjust([each for each in kept if each.family == family], tested, inference, rng)
    decisions = []
    for each, stream in zip(kept, rng.spawn(len(kept)), strict=True):
        result, (pvalue, correction) = tested[each.name], adjusted[each.name]
        verdict = each.verdict(Tested(result, pvalue, sizes[each.family]), inference, stream)
        decisions.append(Decision(each, result, pvalue, correction, verdict, details[each.name]))
    return decisions, failed


def _untested(hypothesis: Hypothesis, reason: Exception) -> str:
    """Return which claim could not be tested and why, for a reader who knows the claim and not the test."""
    constant = isinstance(reason, ConstantInputError)
    why = "the value is the same for every seed, which leaves nothing to test" if constant else str(reason)
    return f"{hypothesis.claim}: {why}"


def _adjust(
    members: Sequence[Hypothesis], tested: dict[str, SignificanceResult], inference: Inference, rng: np.random.Generator
) -> dict[str, tuple[float, str]]:
    """Return the corrected p-value of each member of a family, and the correction that was used.

    Max-T replaces the test itself, in `tested`: its p-values come from sign flips that all members share.
    """
    method = CORRECTIONS[inference.correction]
    names = [each.name for each in members]
    if isinstance(method, MaxT):
        shared = [each for each in members if isinstance(each, SuperiorityHypothesis) and not isinstance(each, Trend)]
        alike = len(shared) == len(members) and len({each.contrast.seeds for each in shared}) == 1
        if len(members) > 1 and alike:
            table = np.stack([each.contrast.by_stratum.mean(axis=0) for each in shared], axis=1)
            minimum = min(inference.minimum_seeds, len(table))
            found = paired_family_test(
                table, alternative="greater", minimum_replicates=minimum, replication_unit="seed", rng=rng
            )
            for name, result in zip(names, found.results, strict=True):
                kept = {name: getattr(result, name) for name in ("test", "statistic", "pvalue", "pvalue_floor", "n")}
                tested[name] = replace(tested[name], **kept)
            return {name: (p, method.name) for name, p in zip(names, found.pvalues_adjusted, strict=True)}
        if len(members) > 1 and any(each.role == "primary" for each in members):
            raise NotEvaluableError(
                f"inference.correction: must not be max_t for the family {members[0].family}, which holds other claims "
                "than superiority or claims on different seeds; got max_t"
            )
        method = Holm()
    corrected = adjust_pvalues([tested[name].pvalue for name in names], method)
    return {name: (float(p), method.name) for name, p in zip(names, corrected, strict=True)}


def finding_verdict(primary: Sequence[str]) -> str:
    """Return the verdict on a finding from those on its primary claims, by `RULE`."""
    if all(each == SUPPORTED for each in primary):
        return SUPPORTED
    if CONTRADICTED in primary:
        return CONTRADICTED
    return NEGLIGIBLE if all(each in (SUPPORTED, NEGLIGIBLE) for each in primary) else INCONCLUSIVE


def partial_conjunctions(hypotheses: Sequence[Hypothesis], inference: Inference, rng: np.random.Generator) -> list[Row]:
    """Return rows of the partial conjunction tests: in at least how many data sets each primary claim holds.

    k = 1, 2, ... are tested in turn, so the p-values need no correction (Benjamini and Heller 2008).
    """
    rows = []
    for hypothesis, stream in zip(hypotheses, rng.spawn(len(hypotheses)), strict=True):
        pvalues = hypothesis.by_dataset(inference, stream) if hypothesis.role == "primary" else {}
        if len(pvalues) < 2:
            continue
        found = partial_conjunction_test(list(pvalues.values()))
        bound = found.lower_bound(1 - inference.alpha)
        for k, row in enumerate(result_rows(found), start=1):
            parameters = encode_parameters(
                hypothesis=hypothesis.name, claim=hypothesis.claim, at_least=k, datasets=list(pvalues)
            )
            verdict = SUPPORTED if k <= bound else INCONCLUSIVE
            rows.append(replace(row, parameters=parameters, verdict=verdict, n_seeds=hypothesis.n_seeds))
    return rows
