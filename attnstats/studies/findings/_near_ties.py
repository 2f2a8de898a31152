"""Finding (iii): when attention values are nearly the same, their order does not follow the MI order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from attnstats.studies.config._condition import Condition
from attnstats.studies.config.component import Component
from attnstats.studies.findings.claims._declaration import Declaration
from attnstats.studies.findings.claims._estimates import Estimate, Estimated, listed
from attnstats.studies.findings.claims._hypotheses import EquivalenceHypothesis, Hypothesis, SuperiorityHypothesis
from attnstats.studies.findings.claims._specifications import Specification
from attnstats.studies.findings.evidence._design import SOFTMAX, Design, Groups, NotEvaluableError, members
from attnstats.studies.findings.evidence.outcomes import SummaryKey
from attnstats.studies.trace_rows.outputs import PredictedClass

#: Outcome of a text of near-uniform attention: one if at least half of its pairs of tokens are near ties.
NEAR_UNIFORM = "near_uniform"
#: Concordance of near ties with MI estimated from the whole sample, and with the mean of its estimates from two halves.
ESTIMATES = ("near_tie", "near_tie_halves")


def near_ties(design: Design) -> Declaration:
    """Declare: concordance of attention and MI among nearly equal weights is chance, and worse than noise explains.

    The reference is the concordance if the attention order were the true MI order and the estimate of MI had its
    split-half noise: without it, that near ties agree like chance would be nearly a tautology. The first claim has MI
    estimated from the whole sample, the second that from two halves, whose noise the reference carries. A cell keeps
    the counts of near ties alone, so what counts as nearly equal is fixed by the study (``inference.near_tie``).

    Attention that prefers nothing makes near ties of nearly all pairs of a text. How many lie in texts of near-uniform
    attention is estimated by encoder, and both claims are asked of the other texts too.
    """
    groups = design.strata((None, SOFTMAX))
    if not groups:
        raise NotEvaluableError("the study needs an attention under softmax")
    declared = Declaration([*_claims(design, groups)])
    declared.where_possible("trend of concordance", _trend, design, groups)
    for settings, chosen in _parts(groups, "encoder", "attention"):
        declared.specifications += _specifications(design, chosen, {"texts": "all", **settings})
    declared.specifications += _other_outputs(design, groups)
    if not design.outcomes.by_text:
        declared.missing.append("texts of near-uniform attention: a frame holds means over texts")
        return declared
    for encoder in dict.fromkeys(group[0].encoder for group in groups):
        own = [group for group in groups if group[0].encoder == encoder]
        declared.where_possible(f"near-uniform attention in {encoder}", _near_uniform, design, own, encoder)
    declared.remark = _said_of_near_uniform
    _declare_elsewhere(declared, design, groups)
    return declared


def _claims(
    design: Design, groups: Groups, without: str | None = None
) -> tuple[EquivalenceHypothesis, SuperiorityHypothesis]:
    """Return both claims, of the texts that are left without some."""
    return (
        EquivalenceHypothesis(
            name="iii.chance",
            claim="the order of nearly equal weights agrees with the MI order as chance does, up to the margin",
            estimand="concordance of near ties minus one half",
            unit="proportion",
            family="iii",
            contrast=design.share(groups, "near_tie", 0.5, without=without),
            margin=design.margins.concordance,
        ),
        SuperiorityHypothesis(
            name="iii.noise",
            claim="near ties agree less than noise in the MI estimate alone would make them",
            estimand="reference concordance minus concordance of near ties",
            unit="proportion",
            family="iii",
            contrast=design.share(groups, "near_tie_reference", "near_tie_halves", without=without),
            margin=design.margins.concordance,
        ),
    )


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


def _specifications(
    design: Design, groups: Groups, settings: Mapping[str, object], without: str | None = None
) -> list[Specification]:
    """Return both claims with either estimate of MI."""
    return [
        Specification(
            hypothesis=name,
            measure=SummaryKey(estimate, "pointwise", output=str(PredictedClass())),
            contrast=contrast,
            settings=settings,
        )
        for estimate in ESTIMATES
        for name, contrast in (
            ("iii.chance", design.share(groups, estimate, 0.5, without=without)),
            ("iii.noise", design.share(groups, "near_tie_reference", estimate, without=without)),
        )
    ]


def _other_outputs(design: Design, groups: Groups) -> list[Specification]:
    """Return the first claim of MI with other outputs than the predicted class, which the estimates above are about."""
    return [
        Specification(
            hypothesis="iii.chance",
            measure=measure._replace(quantity="near_tie"),
            contrast=replace(shares, values=shares.values - 0.5),
            settings={"texts": "all"},
        )
        for measure, shares in design.summaries(groups, ["near_tie_concordance"], 1.0)
        if measure.output != str(PredictedClass())
    ]


def _parts(groups: Groups, *parts: str) -> Iterator[tuple[dict[str, object], Groups]]:
    """Yield all strata, and where a part of the architecture has several names those of each, with its name."""
    yield {}, groups
    for part in parts:
        names = list(dict.fromkeys(getattr(each, part) for each in members(groups)))
        for name in names if len(names) > 1 else ():
            yield {part: str(name)}, [group for group in groups if getattr(group[0], part) == name]


def _near_uniform(design: Design, groups: Groups, encoder: Component) -> Estimate:
    return Estimate(
        name="iii.near_uniform",
        estimand="share of near ties in texts of near-uniform attention",
        unit="proportion",
        encoder=encoder,
        contrast=design.share_within(groups, "near_tie_pairs", NEAR_UNIFORM),
    )


def _said_of_near_uniform(found: Sequence[Estimated]) -> str:
    return (
        f"Of the near ties, a share of {listed(found)} lies in texts whose attention is near-uniform: half of their "
        "pairs of tokens or more are near ties."
    )


def _declare_elsewhere(declared: Declaration, design: Design, groups: Groups) -> None:
    """Declare both claims of the texts whose attention is not near-uniform, where every model has near ties in some."""
    kept = [group for group in groups if _has_elsewhere(design, group[0])]
    lost = "; ".join(" ".join(map(str, each)) for each in members(groups) if (each,) not in kept)
    if lost:
        declared.missing.append(f"near ties where attention is not near-uniform: some model has none of {lost}")
    if not kept:
        return
    declared.hypotheses += [
        replace(
            each,
            name=f"{each.name}.elsewhere",
            claim=f"where attention is not near-uniform, {each.claim}",
            family="iii.elsewhere",
            role="secondary",
        )
        for each in _claims(design, kept, NEAR_UNIFORM)
    ]
    for settings, chosen in _parts(kept, "encoder"):
        about = {"texts": "not near-uniform", **settings}
        declared.specifications += _specifications(design, chosen, about, NEAR_UNIFORM)


def _has_elsewhere(design: Design, condition: Condition) -> bool:
    seeds = design.outcomes.seeds([condition])
    pairs, uniform = (design.outcomes.matrix(condition, each, seeds) for each in ("near_tie_pairs", NEAR_UNIFORM))
    return bool(((1 - uniform) * pairs).any(axis=1).all())
