"""Finding (iii): when attention values are nearly the same, their order does not follow the MI order."""

from attnstats.studies.findings.declaration import Declaration
from attnstats.studies.findings.design import SOFTMAX, Design, Groups, NotEvaluableError
from attnstats.studies.findings.hypotheses import Equivalence, Hypothesis, Superiority

__all__ = ["near_ties"]


def near_ties(design: Design) -> Declaration:
    """Declare: concordance of attention and MI among nearly equal weights is chance, and worse than noise explains.

    Every attention under softmax takes part, on every data set. The reference is the concordance that would be seen if
    the attention order were the true MI order and the estimate of MI had its split-half noise: without it, that near
    ties agree like chance would be nearly a tautology.
    """
    groups = design.strata((None, SOFTMAX))
    if not groups:
        raise NotEvaluableError("the study needs an attention under softmax")
    declared = Declaration(
        [
            Equivalence(
                name="iii.chance",
                claim="the order of nearly equal weights agrees with the MI order as chance does, up to the margin",
                estimand="concordance of near ties minus one half",
                unit="proportion",
                family="iii",
                contrast=design.share(groups, "near_tie", 0.5),
                margin=design.margins.concordance,
            ),
            Superiority(
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
    return declared


def _trend(design: Design, groups: Groups) -> Hypothesis:
    slopes = design.summaries(groups, ["concordance_slope"], 1.0)
    if not slopes:
        raise NotEvaluableError("the study needs concordance_slope: add the pointwise view")
    ((_, contrast),) = slopes[:1]
    return Superiority(
        name="iii.trend",
        claim="concordance grows with the gap between the weights",
        estimand="slope of concordance on log gap",
        unit="per log gap",
        family="iii.trend",
        role="secondary",
        contrast=contrast,
        margin=design.margins.concordance,
    )
