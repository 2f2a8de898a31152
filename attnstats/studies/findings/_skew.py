"""Finding (iv): Gumbel-softmax with a temperature below one gives a more skewed attention distribution than softmax."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attnstats.studies.config.component import Component
from attnstats.studies.findings.claims._declaration import Declaration, accuracy_guard
from attnstats.studies.findings.claims._hypotheses import Hypothesis, NonInferiorityHypothesis, SuperiorityHypothesis
from attnstats.studies.findings.claims._specifications import Specification
from attnstats.studies.findings.claims._tables import Trend
from attnstats.studies.findings.evidence._contrasts import MeanDifference
from attnstats.studies.findings.evidence._design import SOFTMAX, Design, Groups, NotEvaluableError, members
from attnstats.studies.findings.evidence.outcomes import SummaryKey

#: Measures of skew, with the sign that makes more of them more skewed.
MEASURES = {"gini": 1.0, "entropy_deficit": 1.0, "max_attention": 1.0, "effective_positions": -1.0}
#: What sharper attention must not lose, each with a margin of its own: the claim in words, and the estimand.
KEPT = {
    "agreement": ("agrees with the MI order", "difference in mean tau-b"),
    "stability": ("ranks tokens alike over seeds", "difference in mean tau-b between the attention of two seeds"),
}


def skew(design: Design) -> Declaration:
    """Declare: Gini of Gumbel-softmax attention rises as the temperature falls, and below one exceeds softmax's.

    Agreement with MI, accuracy and rank stability over seeds must not be lost. At fixed logits without noise a lower
    temperature is more skewed by construction: that arm is shown, never tested.
    """
    normalizers = dict.fromkeys(each.normalizer for each in design.outcomes.conditions)
    every = sorted((each for each in normalizers if each.name == "gumbel_softmax"), key=temperature, reverse=True)
    cold = [each for each in every if temperature(each) < 1]
    if not cold:
        raise NotEvaluableError(
            "the study needs gumbel_softmax with a temperature below one beside softmax, on the same seeds"
        )
    declared = Declaration()
    declared.where_possible("trend over temperatures", _trend, design, every)
    for normalizer in cold:
        groups = design.strata((None, normalizer), (None, SOFTMAX))
        if not groups:
            raise NotEvaluableError(f"the study needs {normalizer} and softmax with the same encoder and attention")
        declared.hypotheses.append(_contrast(design, normalizer, groups))
        for what in KEPT:
            declared.where_possible(f"{what} of {normalizer}", _kept, design, normalizer, groups, what)
        declared.where_possible(f"accuracy of {normalizer}", _accuracy, design, normalizer, groups)
        declared.specifications += _specifications(design, normalizer, groups)
    return declared


def temperature(normalizer: Component) -> float:
    """Return the temperature of a normalizer; 1 by default."""
    return float(str(normalizer.parameters.get("temperature", 1.0)))


def _trend(design: Design, normalizers: Sequence[Component]) -> Hypothesis:
    if len({temperature(each) for each in normalizers}) < 3:
        raise NotEvaluableError(f"the study needs gumbel_softmax at three temperatures; it has {len(normalizers)}")
    groups = design.strata(*((None, each) for each in normalizers))
    if not groups:
        raise NotEvaluableError("the study needs every temperature with the same encoder and attention")
    halvings = -np.log2([temperature(each) for each in normalizers])
    centred = halvings - halvings.mean()
    slope = centred / (centred @ centred)
    contrast = design.combination(groups, *((place, "gini", float(factor)) for place, factor in enumerate(slope)))
    single = [design.combination(groups, (place, "gini", 1.0)).flat[0] for place in range(len(normalizers))]
    return Trend(
        name="iv.trend",
        claim="Gumbel-softmax attention is the more skewed, the lower the temperature it is trained at",
        estimand="rise of the mean Gini coefficient when the temperature is halved",
        unit="coefficient",
        family="iv.trend",
        contrast=contrast,
        margin=design.margins.gini,
        values=np.stack(single),
    )


def _contrast(design: Design, normalizer: Component, groups: Groups) -> Hypothesis:
    return SuperiorityHypothesis(
        name=f"iv.{normalizer}",
        claim=f"Gumbel-softmax ({said(normalizer)}) gives more skewed attention than softmax",
        estimand="difference in mean Gini coefficient",
        unit="coefficient",
        family="iv",
        contrast=design.difference(groups, "gini"),
        margin=design.margins.gini,
    )


def _kept(design: Design, normalizer: Component, groups: Groups, what: str) -> Hypothesis:
    does, estimand = KEPT[what]
    return NonInferiorityHypothesis(
        name=f"iv.{normalizer}.{what}",
        claim=f"Gumbel-softmax ({said(normalizer)}) {does} no less than softmax",
        estimand=estimand,
        unit="correlation",
        family="iv.explanation",
        role="secondary",
        contrast=design.stability(groups) if what == "stability" else design.difference(groups, "tau_b"),
        margin=getattr(design.margins, what),
    )


def _accuracy(design: Design, normalizer: Component, groups: Groups) -> Hypothesis:
    claim = f"Gumbel-softmax ({said(normalizer)}) is as accurate as softmax"
    return accuracy_guard(design, groups, f"iv.{normalizer}", claim, "iv.explanation")


def _specifications(design: Design, normalizer: Component, groups: Groups) -> list[Specification]:
    """Return other measures of skew, and the four arms: trained anew or swapped at inference, noise off or on."""
    name, degree = f"iv.{normalizer}", temperature(normalizer)
    found = [
        Specification(
            hypothesis=name,
            measure=SummaryKey(quantity),
            contrast=design.combination(groups, (0, quantity, sign), (1, quantity, -sign)),
            settings={"temperature": degree, "training": "anew", "noise": "off"},
        )
        for quantity, sign in MEASURES.items()
        if all(quantity in design.outcomes.columns(each) for each in members(groups))
    ]
    arms = (
        ("anew", "on", 0, "gumbel_noise"),
        ("swapped", "off", 1, "temperature"),
        ("swapped", "on", 1, "gumbel_noise"),
    )
    for training, noise, place, kind in arms:
        label = _at(design, groups, place, kind, degree)
        if label is not None:
            settings: dict[str, object] = {"temperature": degree, "training": training, "noise": noise}
            contrast = design.combination(groups, (place, f"gini_{label}", 1.0), (1, "gini", -1.0))
            if kind == "temperature":
                settings["verified"] = _verified(contrast)
            found.append(
                Specification(
                    hypothesis=name,
                    measure=SummaryKey("gini"),
                    contrast=contrast,
                    settings=settings,
                    by_construction=kind == "temperature",
                )
            )
    return found


def _at(design: Design, groups: Groups, place: int, kind: str, degree: float) -> str | None:
    """Return the label of an intervention of some kind and temperature, if a condition at this place has it."""
    for group in groups:
        for label, found in design.interventions(group[place]).items():
            if found.name == kind and getattr(found, "temperature", None) == degree:
                return label
    return None


def _verified(rises: MeanDifference) -> float:
    """Return the share of texts and models in which softmax(e/t), t < 1, is at least as skewed as softmax(e)."""
    values = np.concatenate([block.ravel() for block in rises.blocks])
    return float((values[~np.isnan(values)] >= -1e-6).mean())  # weights are kept in single precision


def said(normalizer: Component) -> str:
    """Return the parameters of a normalizer as they are read: ``temperature 0.5``."""
    return ", ".join(f"{key} {value}" for key, value in normalizer.items)
