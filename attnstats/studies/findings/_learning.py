"""Finding (ii): additive attention actively learns to explain the importance of its input hidden states."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from attnstats.ablation import Ablation
from attnstats.studies.config._condition import Condition
from attnstats.studies.config.component import Component
from attnstats.studies.findings._information import SCALED_DOT
from attnstats.studies.findings.claims._declaration import Declaration
from attnstats.studies.findings.claims._hypotheses import (
    EquivalenceHypothesis,
    Hypothesis,
    IntersectionUnion,
    SuperiorityHypothesis,
)
from attnstats.studies.findings.claims._specifications import Specification
from attnstats.studies.findings.evidence._contrasts import Contrast, SeedMeans, Weakest, example_means
from attnstats.studies.findings.evidence._design import SOFTMAX, Design, Groups, NotEvaluableError, members

#: Interventions whose attention knows nothing of the text. A scorer trained on shuffled labels is none of them: it
#: learns to look away from informative tokens.
CONTROLS = ("random_scorer", "permuted", "uniform", "dirichlet")
#: Coefficients that are zero for equal weights, by definition; an overlap of top tokens is not.
MEASURES = ("tau_b", "spearman", "weighted_tau", "profile_tau_b")


def learning(design: Design) -> Declaration:
    """Declare: agreement with MI of the trained attention, less that of each control on the same encoder.

    The gains of every mechanism over every control are one family; that additive attention beats every control decides,
    by intersection-union.
    """
    trained = design.strata(("additive", SOFTMAX))
    if not trained:
        raise NotEvaluableError("the study needs additive attention under softmax")
    controls = _controls(design, trained)
    if not controls:
        raise NotEvaluableError(f"the study needs an ablation that knows nothing of the text: {', '.join(CONTROLS)}")
    declared = Declaration()
    declared.hypotheses.append(_every_control(design, trained, controls))
    mechanisms = dict.fromkeys(each.attention for each in design.outcomes.conditions if each.normalizer == SOFTMAX)
    for mechanism in mechanisms:
        groups = [group for group in design.strata((None, SOFTMAX)) if group[0].attention == mechanism]
        own = _controls(design, groups)
        declared.hypotheses += [_gain(design, groups, mechanism, label, each) for label, each in own.items()]
    declared.hypotheses += _specific(design, controls, declared.missing)
    for label, control in controls.items():
        if control.name != "uniform":  # zero by definition
            declared.where_possible(f"what {label} carries", _nothing, design, trained, label, control)
    declared.where_possible("scorer trained apart", _apart, design, trained)
    declared.where_possible("scorer trained apart, against a random one", _apart, design, trained, "random_scorer")
    declared.where_possible("shuffled labels", _shuffled, design, trained)
    declared.where_possible("causal arm on planted text", _causal, design)
    declared.specifications += [
        Specification(hypothesis="ii.every_control", measure=measure, contrast=gain, settings={"control": "uniform"})
        for measure, gain in design.summaries(trained, MEASURES, 1.0)
    ]
    return declared


def _every_control(design: Design, trained: Groups, controls: Mapping[str, Ablation]) -> Hypothesis:
    parts: tuple[Contrast, ...] = tuple(
        design.combination(trained, *_minus("tau_b", f"tau_b_{label}")) for label in controls
    )
    return IntersectionUnion(
        name="ii.every_control",
        claim="trained additive attention agrees with the MI order more than every control on the same encoder",
        estimand="gain in mean tau-b over the control that comes nearest",
        unit="correlation",
        family="ii.every_control",
        contrast=Weakest(parts=parts, seeds=parts[0].seeds, datasets=parts[0].datasets),
        against=tuple(words(each.name) for each in controls.values()),
        margin=design.margins.agreement,
    )


def _more(
    design: Design, name: str, claim: str, contrast: Contrast, family: str, estimand: str = "difference in mean tau-b"
) -> Hypothesis:
    """Return a claim of more agreement that qualifies the finding."""
    return SuperiorityHypothesis(
        name=name,
        claim=claim,
        estimand=estimand,
        unit="correlation",
        family=family,
        role="secondary",
        contrast=contrast,
        margin=design.margins.agreement,
    )


def _gain(design: Design, groups: Groups, mechanism: Component, label: str, control: Ablation) -> Hypothesis:
    return _more(
        design,
        f"ii.{mechanism}.{label}",
        f"trained {words(mechanism.name)} attention agrees with the MI order more than {words(control.name)} does",
        design.combination(groups, *_minus("tau_b", f"tau_b_{label}")),
        "ii",
        "difference in mean tau-b, trained minus control",
    )


def _specific(design: Design, controls: Mapping[str, Ablation], missing: list[str]) -> list[Hypothesis]:
    pairs = design.strata(("additive", SOFTMAX), (SCALED_DOT, SOFTMAX))
    if not pairs:
        missing.append("specificity: the study needs additive attention beside scaled dot-product, under softmax")
        return []
    found: list[Hypothesis] = []
    for label, control in controls.items():
        terms = [
            (place, name, sign * factor)
            for place, sign in ((0, 1.0), (1, -1.0))
            for name, factor in (("tau_b", 1.0), (f"tau_b_{label}", -1.0))
        ]
        claim = f"additive attention gains more over the {words(control.name)} control than scaled dot-product does"
        contrast = design.combination(pairs, *terms)
        estimand = "difference in differences of mean tau-b"
        found.append(_more(design, f"ii.specific.{label}", claim, contrast, "ii.specific", estimand))
    return found


def _nothing(design: Design, trained: Groups, label: str, control: Ablation) -> Hypothesis:
    return EquivalenceHypothesis(
        name=f"ii.nothing.{label}",
        claim=f"the {words(control.name)} control carries nothing of the MI order",
        estimand="mean tau-b of the control",
        unit="correlation",
        family="ii.nothing",
        role="guard",
        contrast=design.combination(trained, (0, f"tau_b_{label}", 1.0)),
        margin=design.margins.agreement,
    )


def _apart(design: Design, trained: Groups, control: str | None = None) -> Hypothesis:
    """The second arm: encoder trained under uniform attention and frozen, and only then the scorer trained."""
    outcome = "tau_b_separate_scorer"
    terms = [(0, outcome, 1.0)] if control is None else _minus(outcome, f"tau_b_{control}")
    than = "chance does" if control is None else f"the {words(control)} does"
    return _more(
        design,
        "ii.apart" if control is None else f"ii.apart.{control}",
        f"a scorer trained on a frozen encoder agrees with the MI order more than {than}",
        design.combination(trained, *terms),
        "ii.apart",
        "mean tau-b" if control is None else "difference in mean tau-b",
    )


def _shuffled(design: Design, trained: Groups) -> Hypothesis:
    return _more(
        design,
        "ii.shuffled_labels",
        "trained additive attention agrees with the MI order more than a scorer trained on shuffled labels",
        design.combination(trained, *_minus("tau_b", "tau_b_shuffled_labels")),
        "ii.shuffled_labels",
    )


def _causal(design: Design) -> Hypothesis:
    """Planted text stands twice, its information moved to other words: a preference for a word cancels in the mean."""
    if len(design.planted) < 2:
        raise NotEvaluableError("the study needs planted text twice, with its information moved to other words")
    groups = design.strata(("additive", SOFTMAX), datasets=design.planted)
    kept = members(design.having(groups, (0, "known_slope")))
    by_encoder: dict[Component, list[Condition]] = {}
    for condition in kept:
        by_encoder.setdefault(condition.encoder, []).append(condition)
    complete = [each for each in by_encoder.values() if {one.dataset for one in each} == set(design.planted)]
    if not complete:
        raise NotEvaluableError("the study needs additive attention under softmax on each planted text, on one encoder")
    seeds = design.seeds(kept)
    slopes = [[design.outcomes.matrix(one, "known_slope", seeds)[np.newaxis] for one in each] for each in complete]
    values = [example_means(each).mean(axis=0) for each in slopes]
    return SuperiorityHypothesis(
        name="ii.causal",
        claim="moving the planted information to other words and retraining moves additive attention with it",
        estimand="slope of attention x length on the known information, mean over both plantings",
        unit="shares per nat",
        family="ii.causal",
        role="secondary",
        contrast=SeedMeans(values=np.stack(values), seeds=tuple(seeds), datasets=("planted",) * len(values)),
        margin=design.margins.slope,
    )


def _controls(design: Design, groups: Groups) -> dict[str, Ablation]:
    """Return the controls that stand in at least one of the conditions, by the label of their outcomes."""
    found: dict[str, Ablation] = {}
    for condition in members(groups):
        found |= design.interventions(condition)
    known = [(label, each) for label, each in found.items() if each.name in CONTROLS]
    return dict(sorted(known, key=lambda pair: (CONTROLS.index(pair[1].name), pair[0])))


def _minus(first: str, second: str) -> list[tuple[int, str, float]]:
    return [(0, first, 1.0), (0, second, -1.0)]


def words(name: str) -> str:
    """Return a name as it is read: without underscores."""
    return name.replace("_", " ")
