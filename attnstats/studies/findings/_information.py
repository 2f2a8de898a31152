"""Finding (i): additive and deep attention preserve more information than scaled dot-product."""

from __future__ import annotations

import numpy as np

from attnstats.studies.findings.claims._declaration import Declaration, accuracy_guard
from attnstats.studies.findings.claims._hypotheses import SuperiorityHypothesis
from attnstats.studies.findings.claims._specifications import Specification
from attnstats.studies.findings.claims._tables import MixedModel
from attnstats.studies.findings.evidence._contrasts import MeanDifference
from attnstats.studies.findings.evidence._design import SOFTMAX, Design, Groups, NotEvaluableError

SCALED_DOT = "scaled_dot_product"
#: Summaries that measure what the primary claim is about in another view, by another estimator, of another output.
MEASURES = ("mi_normalised_mean", "mi_pointwise_mean")


def information(design: Design) -> Declaration:
    """Declare: mean over ranks of I(h_(r); output)/H, additive and deep against scaled dot-product, as one family."""
    declared = Declaration()
    for attention in ("additive", "deep"):
        groups = design.strata((attention, SOFTMAX), (SCALED_DOT, SOFTMAX))
        if not groups:
            declared.missing.append(f"the study needs {attention} attention beside scaled dot-product, under softmax")
            continue
        contrast = design.difference(groups, "information")
        name = f"i.{attention}"
        declared.hypotheses += [
            SuperiorityHypothesis(
                name=name,
                claim=f"{attention} attention preserves more information by rank than scaled dot-product",
                estimand="difference in mean normalised MI over attention ranks",
                unit="share of H",
                family="i",
                contrast=contrast,
                margin=design.margins.information,
            ),
            _mixed_model(design, name, attention, contrast),
        ]
        declared.where_possible(f"context of {attention} attention", _context, design, groups, name, attention)
        claim = f"{attention} attention is as accurate as scaled dot-product"
        declared.where_possible(claim, accuracy_guard, design, groups, name, claim, "i.guards")
        declared.specifications += [
            Specification(hypothesis=name, measure=measure, contrast=difference)
            for measure, difference in design.summaries(groups, MEASURES, 1.0, -1.0)
        ]
    if not declared.hypotheses:
        raise NotEvaluableError("the study needs additive or deep attention beside scaled dot-product, under softmax")
    return declared


def _context(design: Design, groups: Groups, name: str, attention: str) -> SuperiorityHypothesis:
    return SuperiorityHypothesis(
        name=f"{name}.context",
        claim=f"{attention} attention's context vector carries more than scaled dot-product's",
        estimand="difference in I(context; output)/H",
        unit="share of H",
        family="i.context",
        role="secondary",
        contrast=design.difference(groups, "context_information"),
        margin=design.margins.information,
    )


def _mixed_model(design: Design, name: str, attention: str, contrast: MeanDifference) -> MixedModel:
    """Return the sensitivity test that the difference would hold on other data sets and encoders.

    The difference between two models of one seed has a random intercept for its data set and one for its encoder within
    it; in terms of the values themselves, these are interactions of the attention with both.
    """
    first, second = contrast.arms or (contrast.by_stratum, np.zeros_like(contrast.by_stratum))
    n_strata, n_seeds = first.shape
    condition = np.repeat([1, 0], first.size)
    stratum = np.tile(np.repeat(np.arange(n_strata), n_seeds), 2)
    dataset = np.unique(contrast.datasets, return_inverse=True)[1][stratum]
    random = {"pair of models": np.tile(np.arange(first.size), 2)}
    n_datasets = len(set(contrast.datasets))
    if n_datasets > 1:
        random |= {"data set": dataset, "data set by attention": 2 * dataset + condition}
    if n_strata > n_datasets:
        random |= {"encoder": stratum, "encoder by attention": 2 * stratum + condition}
    drawn = "on other data sets and with other encoders" if n_datasets > 1 else "with other encoders"
    return MixedModel(
        name=f"{name}.mixed_model",
        claim=f"{attention} attention preserves more information than scaled dot-product {drawn} too",
        estimand="difference in mean normalised MI over attention ranks",
        unit="share of H",
        family="i.sensitivity",
        role="sensitivity",
        contrast=contrast,
        margin=design.margins.information,
        values=np.concatenate([first.ravel(), second.ravel()]),
        condition=condition,
        random=random,
    )
