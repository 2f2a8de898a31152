"""The paper's five findings (arXiv 2211.07714) as declared hypotheses.

The abstract states the findings and no numbers, so this is an operationalisation. Each function below declares one
finding: its estimands, its paired unit (the trained model), its tests and its margins, and nothing of the data beyond
which conditions were run. `decide` then tests each family once, and `finding_verdict` combines the primary claims.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from attnstats._validation import RNGLike, as_generator
from attnstats.comparison import MINIMUM_SEEDS
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, TooFewSamplesError, UnknownNameError
from attnstats.frame import Row, encode_parameters
from attnstats.results import format_pvalue
from attnstats.studies.condition import Condition
from attnstats.studies.config import Component, Inference, StudyConfig
from attnstats.studies.design import Design, Groups, NotEvaluableError
from attnstats.studies.hypotheses import (
    CONTRADICTED,
    CORRECTIONS,
    INCONCLUSIVE,
    NEGLIGIBLE,
    SUPPORTED,
    Best,
    Decision,
    Equivalence,
    Hypothesis,
    Interaction,
    NonInferiority,
    Superiority,
    decide,
)
from attnstats.studies.outcomes import Outcomes, RatioDifference, SeedMeans

__all__ = ["FINDINGS", "Finding", "check_inference", "evaluate_findings"]

NOT_EVALUATED = "not evaluated"
RULE = (
    "supported if every primary claim is; contradicted if any is; negligible if every primary claim that is not "
    "supported is negligible; else inconclusive"
)


@dataclass(frozen=True)
class Finding:
    """One finding: its title in the paper's words, and the hypotheses that stand for it."""

    name: str
    title: str
    declare: Callable[[Design], list[Hypothesis]]


SOFTMAX = Component("softmax")
SCALED_DOT = "scaled_dot_product"


def information(design: Design) -> list[Hypothesis]:
    """(i) Mean over ranks of I(h_(r); output)/H, additive and deep against scaled dot-product."""
    declared: list[Hypothesis] = []
    tried = {
        attention: design.strata((attention, SOFTMAX), (SCALED_DOT, SOFTMAX)) for attention in ("additive", "deep")
    }
    if not any(tried.values()):
        raise NotEvaluableError("the study needs additive or deep attention beside scaled dot-product, under softmax")
    for attention, groups in tried.items():
        if not groups:
            continue
        declared += [
            Superiority(
                name=f"i.{attention}",
                claim=f"{attention} attention preserves more information by rank than scaled dot-product",
                estimand="difference in mean normalised MI over attention ranks",
                unit="share of H",
                contrast=design.difference(groups, "information"),
                margin=design.margins.information,
            ),
            Superiority(
                name=f"i.{attention}.context",
                claim=f"{attention} attention's context vector carries more than scaled dot-product's",
                estimand="difference in I(context; output)/H",
                unit="share of H",
                contrast=design.difference(groups, "context_information"),
                margin=design.margins.information,
                primary=False,
            ),
            _accuracy_guard(
                design, groups, f"i.{attention}", f"{attention} attention is as accurate as scaled dot-product"
            ),
        ]
    return declared


def learning(design: Design) -> list[Hypothesis]:
    """(ii) Agreement with MI of the trained attention, less that of each control on the same encoder."""
    trained = design.strata(("additive", SOFTMAX))
    if not trained or not design.ablations:
        raise NotEvaluableError("the study needs additive attention under softmax and at least one ablation")
    declared: list[Hypothesis] = [
        Superiority(
            name=f"ii.{control}",
            claim=f"trained additive attention agrees with the MI order more than the {_words(control)} control",
            estimand="difference in mean tau-b, trained minus control",
            unit="correlation",
            contrast=design.combination(trained, (0, "tau_b", 1.0), (0, f"tau_b_{control}", -1.0)),
            margin=design.margins.agreement,
        )
        for control in design.ablations
    ]
    pairs = design.strata(("additive", SOFTMAX), (SCALED_DOT, SOFTMAX))
    for control in design.ablations if pairs else ():
        terms = [
            (place, name, sign * factor)
            for place, sign in ((0, 1.0), (1, -1.0))
            for name, factor in (("tau_b", 1.0), (f"tau_b_{control}", -1.0))
        ]
        declared.append(
            Superiority(
                name=f"ii.{control}.specific",
                claim=f"additive attention gains more over the {_words(control)} control than scaled dot-product does",
                estimand="difference in differences of mean tau-b",
                unit="correlation",
                contrast=design.combination(pairs, *terms),
                margin=design.margins.agreement,
                primary=False,
            )
        )
    if "random_scorer" in design.ablations:
        declared.append(
            Equivalence(
                name="ii.random_scorer.nothing",
                claim="an untrained additive scorer carries nothing of the MI order",
                estimand="mean tau-b of the random scorer",
                unit="correlation",
                contrast=design.combination(trained, (0, "tau_b_random_scorer", 1.0)),
                margin=design.margins.agreement,
                primary=False,
            )
        )
    return declared


def near_ties(design: Design) -> list[Hypothesis]:
    """(iii) Concordance of attention and MI among nearly equal weights: chance, and worse than noise explains."""
    groups = design.strata((None, SOFTMAX))
    if not groups:
        raise NotEvaluableError("the study needs an attention under softmax")
    near = design.counts(groups, "near_tie_concordant", "near_tie_pairs")
    both = design.counts(
        groups,
        "near_tie_reference_concordant",
        "near_tie_reference_pairs",
        "near_tie_halves_concordant",
        "near_tie_halves_pairs",
    )
    for block in near:
        if (block[1].sum(axis=-1) == 0).any():
            raise NotEvaluableError("the study needs near ties in every model: raise inference.near_tie")
    return [
        Equivalence(
            name="iii.chance",
            claim="the order of nearly equal weights agrees with the MI order as chance does, up to the margin",
            estimand="concordance of near ties minus one half",
            unit="proportion",
            contrast=RatioDifference(near, constant=0.5),
            margin=design.margins.concordance,
        ),
        Superiority(
            name="iii.noise",
            claim="near ties agree less than noise in the MI estimate alone would make them",
            estimand="reference concordance minus concordance of near ties",
            unit="proportion",
            contrast=RatioDifference(both),
            margin=design.margins.concordance,
        ),
        Superiority(
            name="iii.trend",
            claim="concordance grows with the gap between the weights",
            estimand="slope of concordance on log gap",
            unit="per log gap",
            contrast=SeedMeans(
                np.stack(
                    [
                        design.outcomes.values(group[0], "concordance_slope", design.seeds(groups))
                        for strata in groups.values()
                        for group in strata
                    ]
                )
            ),
            margin=design.margins.concordance,
            primary=False,
        ),
    ]


def skew(design: Design) -> list[Hypothesis]:
    """(iv) Gini of Gumbel-softmax attention below temperature one against softmax, each trained anew."""
    cold = [
        normalizer
        for normalizer in dict.fromkeys(each.normalizer for each in design.outcomes.conditions)
        if normalizer.name == "gumbel_softmax" and float(normalizer.parameters.get("temperature", 1.0)) < 1
    ]
    if not cold:
        raise NotEvaluableError("the study needs gumbel_softmax with a temperature below one")
    declared: list[Hypothesis] = []
    for normalizer in cold:
        groups = design.strata((None, normalizer), (None, SOFTMAX))
        if not groups:
            raise NotEvaluableError(f"the study needs {normalizer} and softmax with the same encoder and attention")
        label = ", ".join(f"{key} {value}" for key, value in normalizer.items)
        declared += [
            Superiority(
                name=f"iv.{normalizer}",
                claim=f"Gumbel-softmax ({label}) gives more skewed attention than softmax",
                estimand="difference in mean Gini coefficient",
                unit="coefficient",
                contrast=design.difference(groups, "gini"),
                margin=design.margins.gini,
            ),
            NonInferiority(
                name=f"iv.{normalizer}.agreement",
                claim=f"Gumbel-softmax ({label}) agrees with the MI order no less than softmax",
                estimand="difference in mean tau-b",
                unit="correlation",
                contrast=design.difference(groups, "tau_b"),
                margin=design.margins.agreement,
                primary=False,
            ),
            _accuracy_guard(design, groups, f"iv.{normalizer}", f"Gumbel-softmax ({label}) is as accurate as softmax"),
        ]
    return declared


def combinations(design: Design) -> list[Hypothesis]:
    """(v) Mean tau-b over encoder × attention: an interaction, and BiLSTM with additive attention best of all."""
    conditions = [each for each in design.outcomes.conditions if each.normalizer == SOFTMAX]
    encoders = list(dict.fromkeys(each.encoder for each in conditions))
    attentions = list(dict.fromkeys(each.attention for each in conditions))
    table = [
        [[Condition(dataset, encoder, attention, SOFTMAX) for attention in attentions] for encoder in encoders]
        for dataset in design.datasets
    ]
    if min(len(encoders), len(attentions)) < 2:
        raise NotEvaluableError("the study needs two encoders and two attentions under softmax")
    cells = {each for rows in table for row in rows for each in row}
    if not cells.issubset(conditions):
        raise NotEvaluableError("the study needs every encoder with every attention under softmax, on every data set")
    design.need("tau_b")
    seeds = design.finished(sorted(cells, key=conditions.index))
    blocks = tuple(
        np.stack([[design.outcomes.matrix(cell, "tau_b", seeds) for cell in row] for row in rows]) for rows in table
    )
    declared: list[Hypothesis] = [
        Interaction(
            name="v.interaction",
            claim="how well attention keeps the MI order depends on the combination of encoder and attention",
            estimand="root mean square encoder × attention interaction of mean tau-b",
            unit="correlation",
            blocks=blocks,
        )
    ]
    target = (Component("bilstm"), Component("additive"))
    if target[0] in encoders and target[1] in attentions:
        flat = tuple(block.reshape(-1, *block.shape[2:]) for block in blocks)
        declared.append(
            Best(
                name="v.best",
                claim="BiLSTM with additive attention keeps the MI order better than every other combination",
                estimand="mean tau-b minus that of the best other combination",
                unit="correlation",
                blocks=flat,
                target=encoders.index(target[0]) * len(attentions) + attentions.index(target[1]),
            )
        )
    return declared


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
    """Return the rows of each finding that the study asks for: its hypotheses, then its verdict.

    Each finding is one family. A finding that the study's conditions cannot speak to gets a row that says why.
    """
    check_inference(config.inference)
    design = Design(outcomes, config)
    rows: list[Row] = []
    for finding, stream in zip(FINDINGS, as_generator(rng).spawn(len(FINDINGS)), strict=True):
        if finding.name not in config.inference.findings:
            continue
        try:
            hypotheses = finding.declare(design)
            with warnings.catch_warnings():
                # The configuration asked for fewer seeds than the rule; the sentence says so in every finding.
                warnings.simplefilter("ignore", FewReplicatesWarning)
                decisions = decide(hypotheses, config.inference, stream)
        except (NotEvaluableError, ConstantInputError, TooFewSamplesError) as reason:
            rows.append(_finding_row(finding, NOT_EVALUATED, "", f"Not evaluated: {reason}."))
            continue
        rows += [each.row(finding.name, finding.name, config.inference) for each in decisions]
        verdict = finding_verdict([each.verdict for each in decisions if each.hypothesis.primary])
        sentence = _sentence(decisions, config.inference)
        rows.append(_finding_row(finding, verdict, sentence, _note(decisions)))
    return rows


def check_inference(inference: Inference) -> None:
    """Raise unless the findings and the correction are known by name."""
    known = [finding.name for finding in FINDINGS]
    for name in inference.findings:
        if name not in known:
            raise UnknownNameError("inference.findings", name, known)
    if inference.correction not in CORRECTIONS:
        raise UnknownNameError("inference.correction", inference.correction, CORRECTIONS)


def finding_verdict(primary: Sequence[str]) -> str:
    """Return the verdict on a finding from those on its primary claims, by `RULE`.

    Examples
    --------
    >>> finding_verdict(["supported", "supported"]), finding_verdict(["supported", "inconclusive"])
    ('supported', 'inconclusive')
    """
    if all(each == SUPPORTED for each in primary):
        return SUPPORTED
    if CONTRADICTED in primary:
        return CONTRADICTED
    return NEGLIGIBLE if all(each in (SUPPORTED, NEGLIGIBLE) for each in primary) else INCONCLUSIVE


def _accuracy_guard(design: Design, groups: Groups, name: str, claim: str) -> Hypothesis:
    return NonInferiority(
        name=f"{name}.accuracy",
        claim=claim,
        estimand="difference in test accuracy",
        unit="proportion",
        contrast=design.difference(groups, "correct"),
        margin=design.margins.accuracy,
        primary=False,
    )


def _finding_row(finding: Finding, verdict: str, sentence: str, note: str = "") -> Row:
    return Row(
        quantity="finding",
        finding=finding.name,
        verdict=verdict,
        parameters=encode_parameters(title=finding.title, rule=RULE, sentence=sentence, note=note),
    )


def _sentence(decisions: Sequence[Decision], inference: Inference) -> str:
    """Return the primary claims in prose, their numbers with them."""
    parts = []
    for each in decisions:
        if not each.hypothesis.primary:
            continue
        interval = each.result.interval(inference.confidence_level)
        parts.append(
            f"{each.hypothesis.claim[0].upper()}{each.hypothesis.claim[1:]}: {each.verdict}"
            f" ({each.hypothesis.estimand} {_number(each.result.effect)}, {100 * interval.level:g} % CI"
            f" [{_number(interval.low)}, {_number(interval.high)}],"
            f" {inference.correction.replace('_', '-').title()}-adjusted"
            f" {format_pvalue(each.pvalue_adjusted)}, {each.result.n} seeds)."
        )
    return " ".join(parts)


def _note(decisions: Sequence[Decision]) -> str:
    """Return what a reader must know before the verdict is used; nothing where there is nothing to say."""
    parts = []
    fewest = min(each.result.n for each in decisions)
    if fewest < MINIMUM_SEEDS:
        parts.append(f"Only {fewest} seeds, fewer than the {MINIMUM_SEEDS} that the tests need: not to be relied on.")
    needed = [
        f"{each.details['seeds_needed']} seeds for {each.hypothesis.name}"
        for each in decisions
        if each.verdict == INCONCLUSIVE and each.details.get("seeds_needed")
    ]
    if needed:
        parts.append(f"At effects of this size, 80 % power would need {', '.join(needed)}.")
    return " ".join(parts)


def _number(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"  # adding zero takes the sign off a rounded -0.0


def _words(name: str) -> str:
    return name.replace("_", " ")
