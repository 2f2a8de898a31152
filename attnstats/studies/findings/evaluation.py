"""The paper's five findings (arXiv 2211.07714) as declared hypotheses, and their evaluation.

The abstract states the findings and no numbers, so this is an operationalisation.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from attnstats._validation import RNGLike, as_generator
from attnstats.comparison import MINIMUM_REPLICATES
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, TooFewSamplesError, UnknownNameError
from attnstats.frame import Row, encode_parameters
from attnstats.results import counted
from attnstats.studies.config._condition import Condition
from attnstats.studies.config.parts import Inference
from attnstats.studies.config.study import StudyConfig
from attnstats.studies.findings._combinations import combinations
from attnstats.studies.findings._information import information
from attnstats.studies.findings._learning import learning
from attnstats.studies.findings._near_ties import near_ties
from attnstats.studies.findings._skew import skew
from attnstats.studies.findings._trainings import (
    changes,
    decide_elsewhere,
    estimates_elsewhere,
    interactions,
    rows_elsewhere,
    specifications_elsewhere,
)
from attnstats.studies.findings.claims._decisions import (
    CORRECTIONS,
    RULE,
    Decision,
    decide,
    finding_verdict,
    partial_conjunctions,
)
from attnstats.studies.findings.claims._declaration import Declaration
from attnstats.studies.findings.claims._estimates import estimated
from attnstats.studies.findings.claims._hypotheses import INCONCLUSIVE
from attnstats.studies.findings.claims._specifications import specification_rows
from attnstats.studies.findings.evidence._design import Design, NotEvaluableError
from attnstats.studies.findings.evidence.outcomes import Outcomes

NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True)
class Finding:
    """One finding: its title in the paper's words, and the hypotheses that stand for it."""

    name: str
    title: str
    declare: Callable[[Design], Declaration]


FINDINGS = (
    Finding(
        "i",
        "Additive and deep attention preserve more information between hidden states and output "
        "than scaled dot-product",
        information,
    ),
    Finding("ii", "Additive attention actively learns to explain the importance of its input hidden states", learning),
    Finding(
        "iii", "Where attention values are nearly equal, their order is not consistent with the MI order", near_ties
    ),
    Finding(
        "iv",
        "Gumbel-softmax with a temperature below one gives a more skewed attention distribution than softmax",
        skew,
    ),
    Finding(
        "v",
        "Some combinations (BiLSTM with additive attention) better preserve the correlation of MI and attention order",
        combinations,
    ),
)


def evaluate_findings(outcomes: Outcomes, config: StudyConfig, *, rng: RNGLike) -> list[Row]:
    """Return the rows of each finding that the study asks for: its hypotheses, what stands beside them, its verdict.

    Where the conditions of the study do not allow a finding or a part of it to be tested, its row says why.

    Parameters
    ----------
    outcomes : Outcomes
        What every finished cell gave.
    config : StudyConfig
        Which findings, which margins, how they are decided.
    rng : None, int or numpy.random.Generator
        Source of randomness (SPEC 7); each finding draws from a stream of its own.

    Returns
    -------
    list of Row
        For each finding rows of ``contrast``, ``partial_conjunction``, ``specification``, ``estimate`` and what
        describes the conditions, then one of ``finding``.

    Raises
    ------
    UnknownNameError
        If a finding or the correction is unknown.
    """
    check_inference(config.inference)
    first, *other = outcomes.trainings
    design = Design(outcomes.trained(first), config)
    designs = {name: Design(outcomes.trained(name), config) for name in other}
    rows: list[Row] = []
    for finding, stream in zip(FINDINGS, as_generator(rng).spawn(len(FINDINGS)), strict=True):
        if finding.name not in config.inference.findings:
            continue
        for_tests, for_datasets, for_specifications, for_supplements, for_trainings = stream.spawn(5)
        with warnings.catch_warnings():
            # The configuration allows fewer seeds than the tests need; the note of every finding has that warning.
            warnings.simplefilter("ignore", FewReplicatesWarning)
            design.left_out.clear()
            try:
                declared = finding.declare(design)
                decisions, failed = decide(declared.hypotheses, config.inference, for_tests)
                declarations, lacking = _elsewhere(finding, designs)
                others, undecided = decide_elsewhere(declarations, config.inference, for_trainings)
                guarding = interactions(finding.name, decisions, others) if outcomes.by_text else []
                guards, untested = decide(guarding, config.inference, for_trainings)
            except (NotEvaluableError, ConstantInputError, TooFewSamplesError) as reason:
                note = " ".join([f"Not evaluated: {reason}.", *_left_out(design.left_out)])
                rows.append(_finding_row(finding, NOT_EVALUATED, note, [str(reason)]))
                continue
            own = [each.row(finding.name) for each in [*decisions, *guards]]
            own += rows_elsewhere(finding.name, others)
            kept = [each.hypothesis for each in decisions]
            own += partial_conjunctions(kept, config.inference, for_datasets)
            asked = specifications_elsewhere(first, declared.specifications, others)
            own += specification_rows(asked, decisions, config.inference, for_specifications)
            for supplement, source in zip(
                declared.supplements, for_supplements.spawn(len(declared.supplements)), strict=True
            ):
                own += supplement(config.inference, source)
            estimates = estimated(declared.estimates, config.inference, for_supplements)
            own += [each.row for each in estimates]
            own += estimates_elsewhere(others, config.inference, for_trainings)
        verdict = finding_verdict([each.verdict for each in decisions if each.hypothesis.role == "primary"])
        missing = [*declared.missing, *failed, *lacking, *undecided, *untested]
        remark = declared.remark(estimates) if declared.remark and estimates else ""
        of_means = "" if outcomes.by_text else "From means over texts: it is about other trainings, on these texts."
        parts = [*changes([*decisions, *guards], others), of_means, remark, _note(decisions, missing, design.left_out)]
        note = " ".join(part for part in parts if part)
        own.append(_finding_row(finding, verdict, note, missing))
        rows += [replace(row, finding=finding.name) for row in own]
    return rows


def _elsewhere(finding: Finding, designs: Mapping[str, Design]) -> tuple[dict[str, Declaration], list[str]]:
    """Return what the finding declares of models trained otherwise, and why of some it cannot."""
    found, missing = {}, []
    for name, design in designs.items():
        try:
            found[name] = finding.declare(design)
        except (NotEvaluableError, ConstantInputError, TooFewSamplesError) as reason:
            missing.append(f"training {name}: {reason}")
    return found, missing


def check_inference(inference: Inference) -> None:
    """Raise unless the findings and the correction are known by name."""
    known = [finding.name for finding in FINDINGS]
    for name in inference.findings:
        if name not in known:
            raise UnknownNameError("inference.findings", name, known)
    if inference.correction not in CORRECTIONS:
        raise UnknownNameError("inference.correction", inference.correction, CORRECTIONS)


def _finding_row(finding: Finding, verdict: str, note: str, missing: Sequence[str]) -> Row:
    """Return the row of a verdict with all that is said of it, and as a list what could not be tested."""
    return Row(
        quantity="finding",
        finding=finding.name,
        verdict=verdict,
        parameters=encode_parameters(title=finding.title, rule=RULE, note=note, missing=list(missing)),
    )


def _note(decisions: Sequence[Decision], missing: Sequence[str], left_out: Mapping[Condition, int]) -> str:
    """Return the reservations about a verdict; an empty text where there are none."""
    parts = []
    primary = [each for each in decisions if each.hypothesis.role == "primary"]
    fewest = min(each.hypothesis.n_seeds for each in primary)
    if fewest < MINIMUM_REPLICATES:
        parts.append(
            f"Only {fewest} seeds, fewer than the {MINIMUM_REPLICATES} that the tests need: not to be relied on."
        )
    needed = [
        f"{each.details['seeds_needed']} seeds for {each.hypothesis.name}"
        for each in primary
        if each.verdict == INCONCLUSIVE and (each.details.get("seeds_needed") or 0) > each.hypothesis.n_seeds
    ]
    if needed:
        parts.append(f"At effects of this size, 80 % power would need {', '.join(needed)}.")
    parts += _left_out(left_out)
    if missing:
        parts.append(f"Not evaluated: {'; '.join(missing)}.")
    return " ".join(parts)


def _left_out(conditions: Mapping[Condition, int]) -> list[str]:
    """Return the sentence that names the conditions too few of whose models finished, if there are any."""
    named = "; ".join(f"{' '.join(map(str, each))} ({counted(n, 'seed')} finished)" for each, n in conditions.items())
    return [f"Left out: {named}."] if named else []
