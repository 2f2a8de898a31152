"""The claims of a finding where the models were trained otherwise, and whether the effect hangs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from attnstats._validation import FloatArray
from attnstats.exceptions import ConstantInputError, TooFewSamplesError
from attnstats.frame import Row
from attnstats.studies.config.parts import Inference
from attnstats.studies.findings.claims._decisions import Decision, decide
from attnstats.studies.findings.claims._declaration import Declaration
from attnstats.studies.findings.claims._estimates import estimated
from attnstats.studies.findings.claims._hypotheses import ContrastHypothesis, Hypothesis
from attnstats.studies.findings.claims._specifications import Specification
from attnstats.studies.findings.claims._tables import Interaction
from attnstats.studies.findings.evidence._contrasts import Contrast, MeanDifference, Weakest
from attnstats.studies.findings.evidence._design import NotEvaluableError


class OtherTraining(NamedTuple):
    """The primary claims under one other training, decided as under the first, and all that was declared there."""

    name: str
    decisions: list[Decision]
    declared: Declaration


def decide_elsewhere(
    declarations: Mapping[str, Declaration], inference: Inference, rng: np.random.Generator
) -> tuple[list[OtherTraining], list[str]]:
    """Return the primary claims of each training that can be decided, and why others cannot."""
    found, missing = [], []
    for (name, declared), stream in zip(declarations.items(), rng.spawn(len(declarations)), strict=True):
        families = {each.family for each in declared.hypotheses if each.role == "primary"}
        kept = [each for each in declared.hypotheses if each.family in families]
        try:
            decisions, _ = decide(kept, inference, stream)
        except (NotEvaluableError, ConstantInputError, TooFewSamplesError) as reason:
            missing.append(f"training {name}: {reason}")
            continue
        primary = [each for each in decisions if each.hypothesis.role == "primary"]
        found.append(OtherTraining(name, primary, declared))
    return found, missing


def rows_elsewhere(finding: str, others: Sequence[OtherTraining]) -> list[Row]:
    """Return a row for each primary claim under each other training."""
    return [
        replace(each.row(finding), quantity="contrast_by_training", training=other.name)
        for other in others
        for each in other.decisions
    ]


def estimates_elsewhere(others: Sequence[OtherTraining], inference: Inference, rng: np.random.Generator) -> list[Row]:
    """Return a row for each estimate under each other training."""
    return [
        replace(each.row, training=other.name)
        for other, stream in zip(others, rng.spawn(len(others)), strict=True)
        for each in estimated(other.declared.estimates, inference, stream)
    ]


def specifications_elsewhere(
    first: str, own: Sequence[Specification], others: Sequence[OtherTraining]
) -> list[Specification]:
    """Return every specification under every training; the training is named where there are several."""
    if not others:
        return list(own)
    everywhere = [(first, own), *((each.name, each.declared.specifications) for each in others)]
    return [
        replace(each, settings={**each.settings, "recipe": name})
        for name, specifications in everywhere
        for each in specifications
    ]


def interactions(finding: str, decisions: Sequence[Decision], others: Sequence[OtherTraining]) -> list[Hypothesis]:
    """Return a guard for each primary claim that is a difference: that its effect depends on the training."""
    found: list[Hypothesis] = []
    for decision in decisions:
        claim = decision.hypothesis
        if claim.role != "primary" or not isinstance(claim, ContrastHypothesis):
            continue
        same = [claim.contrast, *(each for other in others for each in _contrasts(other, claim.name))]
        parts = [part for each in same if (part := _part(each, claim.contrast)) is not None]
        blocks = _shared(parts) if len(parts) > 1 else {}
        if blocks:
            found.append(
                Interaction(
                    name=f"{claim.name}.trainings",
                    claim=f"{claim.claim}: by how much depends on how the models were trained",
                    estimand="root mean square deviation of the effect over trainings",
                    unit=claim.unit,
                    family=f"{finding}.trainings",
                    role="guard",
                    blocks=tuple(blocks.values()),
                    datasets=tuple(blocks),
                    margin=claim.margin,
                )
            )
    return found


def changes(decisions: Sequence[Decision], others: Sequence[OtherTraining]) -> list[str]:
    """Return a sentence for each primary claim whose verdict is another one under another training."""
    said = []
    for decision in decisions:
        name = decision.hypothesis.name
        elsewhere = [
            f"{each.verdict} if trained {other.name}"
            for other in others
            for each in other.decisions
            if each.hypothesis.name == name and each.verdict != decision.verdict
        ]
        if decision.hypothesis.role == "primary" and elsewhere:
            said.append(f"{name} hangs on the training: {decision.verdict} here, {', '.join(elsewhere)}.")
    return said


def _contrasts(other: OtherTraining, name: str) -> list[Contrast]:
    claims = (each.hypothesis for each in other.decisions if each.hypothesis.name == name)
    return [each.contrast for each in claims if isinstance(each, ContrastHypothesis)]


def _part(contrast: Contrast, first: Contrast) -> MeanDifference | None:
    """Return the differences behind a contrast: of the weakest of several, that which is weakest in the first."""
    if isinstance(contrast, Weakest) and isinstance(first, Weakest):
        contrast = contrast.parts[first.smallest]
    return contrast if isinstance(contrast, MeanDifference) else None


def _shared(parts: Sequence[MeanDifference]) -> dict[str, FloatArray]:
    """Return the differences by training beside their negatives, (n_trainings, 2, n_seeds, n_examples), by data set.

    The interaction of that table is the deviation of each training's difference from their mean.
    """
    seeds = sorted(set.intersection(*(set(each.seeds) for each in parts)))
    tables = []
    for each in parts:
        rows = [each.seeds.index(seed) for seed in seeds]
        datasets = dict.fromkeys(each.datasets)
        tables.append({name: block.mean(axis=0)[rows] for name, block in zip(datasets, each.blocks, strict=True)})
    shared = [name for name in tables[0] if all(name in table for table in tables)]
    found = {}
    for name in shared:
        differences = np.stack([table[name] for table in tables])
        found[name] = np.stack([differences, -differences], axis=1)
    return found
