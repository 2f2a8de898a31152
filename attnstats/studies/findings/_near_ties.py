"""Finding (iii): when attention values are nearly the same, their order does not follow the MI order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from attnstats.studies.findings.claims._declaration import Declaration
from attnstats.studies.findings.claims._hypotheses import EquivalenceHypothesis, Hypothesis, SuperiorityHypothesis
from attnstats.studies.findings.claims._specifications import Specification
from attnstats.studies.findings.evidence._design import SOFTMAX, Design, Groups, NotEvaluableError, members
from attnstats.studies.findings.evidence.outcomes import SummaryKey
from attnstats.studies.trace_rows.outputs import PredictedClass

#: Concordance of near ties with MI estimated from the whole sample, and with the mean of its estimates from two halves.
ESTIMATES = ("near_tie", "near_tie_halves")


def near_ties(design: Design) -> Declaration:
    """Declare: concordance of attention and MI among nearly equal weights is chance, and worse than noise explains.

    The reference is the concordance if the attention order were the true MI order and the estimate of MI had its
    split-half noise: without it, that near ties agree like chance would be nearly a tautology. The first claim has MI
    estimated from the whole sample, the second that from two halves, whose noise the reference carries. A cell keeps
    the counts of near ties alone, so what counts as nearly equal is fixed by the study (``inference.near_tie``).
    """
    groups = design.strata((None, SOFTMAX))
    if not groups:
        raise NotEvaluableError("the study needs an attention under softmax")
    declared = Declaration(
        [
            EquivalenceHypothesis(
                name="iii.chance",
                claim="the order of nearly equal weights agrees with the MI order as chance does, up to the margin",
                estimand="concordance of near ties minus one half",
                unit="proportion",
                family="iii",
                contrast=design.share(groups, "near_tie", 0.5),
                margin=design.margins.concordance,
            ),
            SuperiorityHypothesis(
                name="iii.noise",
                claim="near ties agree less than noise in the MI estimate alone would make them",
                estimand="reference concordance minus concordance of near ties",
                unit="proportion",
                family="iii",
                contrast=design.share(groups, "near_tie_reference", "near_tie_halves"),
                margin=design.margins.concordance,
            ),
        ]
    )
    declared.where_possible("trend of concordance", _trend, design, groups)
    declared.specifications += _specifications(design, groups) + _other_outputs(design, groups)
    return declared


def _trend(design: Design, groups: Groups) -> Hypothesis:
    slopes = design.summaries(groups, ["concordance_slope"], 1.0)
    if not slopes:
        raise NotEvaluableError("the study needs concordance_slope: add the pointwise view")
    return SuperiorityHypothesis(
        name="iii.trend",
        claim="concordance grows with the gap between the weights",
        estimand="slope of concordance on log gap",
        unit="per log gap",
        family="iii.trend",
        role="secondary",
        contrast=slopes[0][1],
        margin=design.margins.concordance,
    )


def _specifications(design: Design, groups: Groups) -> list[Specification]:
    """Return both claims with either estimate of MI, over all architectures and over those with one part in common."""
    return [
        Specification(
            hypothesis=name,
            measure=SummaryKey(estimate, "pointwise", output=str(PredictedClass())),
            contrast=contrast,
            settings=settings,
        )
        for settings, chosen in _parts(groups)
        for estimate in ESTIMATES
        for name, contrast in (
            ("iii.chance", design.share(chosen, estimate, 0.5)),
            ("iii.noise", design.share(chosen, "near_tie_reference", estimate)),
        )
    ]


def _other_outputs(design: Design, groups: Groups) -> list[Specification]:
    """Return the first claim of MI with other outputs than the predicted class, which the estimates above are about."""
    return [
        Specification(
            hypothesis="iii.chance",
            measure=measure._replace(quantity="near_tie"),
            contrast=replace(shares, values=shares.values - 0.5),
        )
        for measure, shares in design.summaries(groups, ["near_tie_concordance"], 1.0)
        if measure.output != str(PredictedClass())
    ]


def _parts(groups: Groups) -> Iterator[tuple[dict[str, object], Groups]]:
    """Yield all strata, and where there are several encoders or attentions those of each, with its name."""
    yield {}, groups
    for part in ("encoder", "attention"):
        names = list(dict.fromkeys(getattr(each, part) for each in members(groups)))
        for name in names if len(names) > 1 else ():
            yield {part: str(name)}, [group for group in groups if getattr(group[0], part) == name]
