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
from attnstats.studies.findings.claims._hypotheses import SUPPORTED, ContrastHypothesis, Hypothesis
from attnstats.studies.findings.claims._specifications import Specification
from attnstats.studies.findings.claims._tables import Interaction
from attnstats.studies.findings.evidence._contrasts import MeanDifference, Weakest
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
    """Return a guard for each primary claim: that its effect depends on the training.

    Of a claim that several differences all exceed zero, the effect under a training is the smallest of them there.
    """
    found: list[Hypothesis] = []
    for claim in (each.hypothesis for each in decisions):
        if claim.role != "primary" or not isinstance(claim, ContrastHypothesis | Interaction):
            continue
        same = [claim, *(each.hypothesis for other in others for each in _decided(other, claim.name))]
        tables = [table for each in same if (table := _table(each)) is not None]
        blocks = _shared(tables) if len(tables) > 1 else {}
        if blocks:
            found.append(
                Interaction(
                    name=_guard(claim.name),
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
    """Return a sentence for each primary claim that has another verdict, or another effect, under another training.

    Two verdicts may differ by chance, or since a training has fewer data sets: that the effect differs is said only
    where the guard, which must be among the decisions, shows it.
    """
    verdicts = {each.hypothesis.name: each.verdict for each in decisions}
    said = []
    for decision in decisions if others else ():
        name, here = decision.hypothesis.name, decision.verdict
        if decision.hypothesis.role != "primary":
            continue
        elsewhere = [_verdict(decision, other) for other in others]
        unlike = ", ".join(each for each in elsewhere if not each.startswith(f"{here} "))
        differs = verdicts.get(_guard(name)) == SUPPORTED
        if unlike and differs:
            said.append(f"{name} hangs on the training: {here} here, {unlike}.")
        elif unlike:
            said.append(f"{name} is {here} here, {unlike}; that its effect hangs on the training is not shown.")
        elif differs:
            said.append(f"{name} is {here} under every training, but the size of its effect hangs on the training.")
    return said


def _guard(claim: str) -> str:
    """Return the name of the guard of a primary claim."""
    return f"{claim}.trainings"


def _decided(other: OtherTraining, name: str) -> list[Decision]:
    return [each for each in other.decisions if each.hypothesis.name == name]


def _verdict(here: Decision, other: OtherTraining) -> str:
    """Return the verdict on a claim under another training, and whether it rests on fewer data sets there."""
    for each in _decided(other, here.hypothesis.name):
        fewer = set(each.details["datasets"]) < set(here.details["datasets"])
        return f"{each.verdict} if trained {other.name}" + " (on fewer data sets)" * fewer
    return f"not tested if trained {other.name}"


class _Table(NamedTuple):
    """What a claim is about under one training, in columns that add up to zero, by data set."""

    blocks: dict[str, FloatArray]  # (n_columns, n_seeds, n_examples)
    seeds: tuple[int, ...]


def _table(claim: Hypothesis) -> _Table | None:
    """Return a difference beside its negative, or an interaction without its main effects; None of anything else."""
    if isinstance(claim, Interaction):
        means = [(block.mean(axis=0), block.mean(axis=1), block.mean(axis=(0, 1))) for block in claim.blocks]
        centred = [
            block - by_column - by_row[:, np.newaxis] + mean
            for block, (by_column, by_row, mean) in zip(claim.blocks, means, strict=True)
        ]
        tables = [block.reshape(-1, *block.shape[2:]) for block in centred]
        # Its seeds are known by their places alone, which will do: the test does not ask for the same ones.
        return _Table(dict(zip(claim.datasets, tables, strict=True)), tuple(range(claim.n_seeds)))
    contrast = claim.contrast if isinstance(claim, ContrastHypothesis) else None
    if isinstance(contrast, Weakest):
        contrast = contrast.parts[contrast.smallest]
    if not isinstance(contrast, MeanDifference):
        return None
    differences = [block.mean(axis=0) for block in contrast.blocks]
    beside = [np.stack([each, -each]) for each in differences]
    return _Table(dict(zip(dict.fromkeys(contrast.datasets), beside, strict=True)), contrast.seeds)


def _shared(tables: Sequence[_Table]) -> dict[str, FloatArray]:
    """Return the tables by training, (n_trainings, n_columns, n_seeds, n_examples), where all have one alike.

    As columns add up to zero, the interaction of that table is the deviation of each training from their mean.
    """
    seeds = sorted(set.intersection(*(set(each.seeds) for each in tables)))
    places = [[each.seeds.index(seed) for seed in seeds] for each in tables]
    columns = [{name: len(block) for name, block in each.blocks.items()}.items() for each in tables]
    shared = [name for name, n in columns[0] if all((name, n) in each for each in columns)]
    return {
        name: np.stack([each.blocks[name][:, rows] for each, rows in zip(tables, places, strict=True)])
        for name in shared
    }
