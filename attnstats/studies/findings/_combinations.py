"""Finding (v): some combinations preserve the order correlation better, BiLSTM with additive attention for one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison import compare_with_best, nemenyi_test, simultaneous_rank_intervals
from attnstats.frame import Row, encode_parameters
from attnstats.studies._result_rows import result_rows
from attnstats.studies.config._condition import Condition
from attnstats.studies.config.component import Component
from attnstats.studies.config.parts import Inference
from attnstats.studies.findings._importance import declare_importance
from attnstats.studies.findings.claims._declaration import Declaration
from attnstats.studies.findings.claims._hypotheses import Hypothesis, IntersectionUnion
from attnstats.studies.findings.claims._specifications import Specification
from attnstats.studies.findings.claims._tables import BlockRanks, Interaction
from attnstats.studies.findings.evidence._contrasts import Contrast, MeanDifference, SeedMeans, Weakest, example_means
from attnstats.studies.findings.evidence._design import SOFTMAX, Design, NotEvaluableError

TARGET = (Component("bilstm"), Component("additive"))
#: Other measures of agreement, in other views, by other estimators, and of other outputs.
MEASURES = ("tau_b", "spearman", "weighted_tau", "top_k_overlap", "profile_tau_b")
#: Critical differences take this many data sets: with two the ranks can hardly differ.
FEWEST_DATASETS = 3


def combinations(design: Design) -> Declaration:
    """Declare: encoder and attention interact in mean tau-b, and BiLSTM with additive attention is the best of all.

    Leads, ranks and, over three data sets or more, critical differences describe the whole table. The combination that
    looks best on half of the seeds is tried on the other half. Beside them stands whether the MI order is that of token
    importance with each encoder.
    """
    table = _Table.of(design)
    declared = Declaration(
        [
            Interaction(
                name="v.interaction",
                claim="how well attention keeps the MI order depends on the combination of encoder and attention",
                estimand="root mean square encoder x attention interaction of mean tau-b",
                unit="correlation",
                family="v",
                blocks=tuple(block.reshape(len(table.encoders), -1, *block.shape[1:]) for block in table.blocks),
                datasets=table.datasets,
                margin=design.margins.agreement,
            )
        ],
        supplements=[table.rows],
    )
    if TARGET in table.names:
        target = table.names.index(TARGET)
        claim = "BiLSTM with additive attention keeps the MI order better than every other combination"
        declared.hypotheses.append(_best(table, "v.best", claim, target, design.margins.agreement))
        declared.specifications += _specifications(design, table, target)
    else:
        declared.missing.append("best combination: the study needs BiLSTM with additive attention")
    declared.where_possible("selection and confirmation", _confirmed, table, design.margins.agreement)
    if len(table.datasets) >= FEWEST_DATASETS:
        declared.hypotheses.append(_ranks(table))
    else:
        declared.missing.append(f"critical differences: the study needs {FEWEST_DATASETS} data sets")
    declare_importance(declared, design, [(each,) for each in table.conditions(design)])
    return declared


@dataclass(frozen=True, eq=False)
class _Table:
    """Agreement under every combination; a block (n_combinations, n_seeds, n_examples) for each data set."""

    encoders: tuple[Component, ...]
    names: list[tuple[Component, Component]]
    datasets: tuple[str, ...]
    seeds: tuple[int, ...]
    blocks: tuple[FloatArray, ...]

    @classmethod
    def of(cls, design: Design) -> _Table:
        conditions = [
            each
            for each in design.outcomes.conditions
            if each.normalizer == SOFTMAX and each.dataset in design.datasets
        ]
        encoders = tuple(dict.fromkeys(each.encoder for each in conditions))
        attentions = tuple(dict.fromkeys(each.attention for each in conditions))
        names = [(encoder, attention) for encoder in encoders for attention in attentions]
        by_dataset = {
            each: [Condition(each, *name, SOFTMAX, design.training) for name in names] for each in design.datasets
        }
        if min(len(encoders), len(attentions)) < 2:
            raise NotEvaluableError("the study needs two encoders and two attentions under softmax")
        every = [each for row in by_dataset.values() for each in row]
        if not set(every).issubset(conditions):
            raise NotEvaluableError(
                "the study needs every encoder with every attention under softmax, on every data set"
            )
        by_dataset = {dataset: row for dataset, row in by_dataset.items() if design.has_finished(row)}
        every = [each for row in by_dataset.values() for each in row]
        if not all("tau_b" in design.outcomes.columns(each) for each in every):
            raise NotEvaluableError("the study needs tau_b: add the pointwise view")
        if not design.outcomes.by_text:
            raise NotEvaluableError("the study needs tau_b of every text; a frame holds means over texts")
        seeds = design.seeds(every)
        blocks = tuple(
            np.stack([design.outcomes.matrix(each, "tau_b", seeds) for each in row]) for row in by_dataset.values()
        )
        return cls(encoders, names, tuple(map(str, by_dataset)), tuple(seeds), blocks)

    def conditions(self, design: Design) -> list[Condition]:
        """Return the conditions of the table, data set by data set."""
        datasets = [each for each in design.datasets if str(each) in self.datasets]
        return [Condition(each, *name, SOFTMAX, design.training) for each in datasets for name in self.names]

    @property
    def means(self) -> FloatArray:
        """Mean over examples, shape (n_datasets, n_combinations, n_seeds)."""
        return np.stack([example_means([block]) for block in self.blocks])

    def on(self, places: slice) -> _Table:
        """Return the table of some of the seeds."""
        return replace(self, seeds=self.seeds[places], blocks=tuple(block[:, places] for block in self.blocks))

    def rows(self, inference: Inference, rng: np.random.Generator) -> list[Row]:
        """Return the lead and the rank of every combination, and over enough data sets its mean rank."""
        for_leads, for_ranks = rng.spawn(2)
        shared: dict[str, Any] = {
            "confidence_level": inference.confidence_level,
            "minimum_replicates": min(inference.minimum_seeds, len(self.seeds)),
            "replication_unit": "seed",
            "n_resamples": max(inference.n_resamples, 1_000),
        }
        found = [
            result_rows(compare_with_best(self.means, rng=for_leads, **shared)),
            result_rows(simultaneous_rank_intervals(self.means, rng=for_ranks, **shared)),
        ]
        extra: dict[str, float] = {}
        if len(self.datasets) >= FEWEST_DATASETS:
            critical = nemenyi_test(self.means.mean(axis=-1).T, alpha=inference.alpha)
            extra = {"critical_difference": critical.critical_difference}
            found.append(result_rows(critical))
        rows = []
        for kind in found:
            for (encoder, attention), row in zip(self.names, kind, strict=True):
                more = extra if row.quantity == "mean_rank" else {}
                parameters = encode_parameters(condition=label(encoder, attention), **more)
                keys: dict[str, Any] = {
                    "encoder": str(encoder),
                    "attention": str(attention),
                    "normalizer": str(SOFTMAX),
                }
                unit = "correlation" if row.quantity == "lead" else None
                rows.append(replace(row, parameters=parameters, unit=unit, n_seeds=len(self.seeds), **keys))
        return rows


def _best(table: _Table, name: str, claim: str, target: int, margin: float) -> IntersectionUnion:
    """Return the claim that one combination named beforehand is better than every other."""
    others = [place for place in range(len(table.names)) if place != target]
    parts: tuple[Contrast, ...] = tuple(
        MeanDifference(
            blocks=tuple((block[target] - block[other])[np.newaxis] for block in table.blocks),
            seeds=table.seeds,
            datasets=table.datasets,
        )
        for other in others
    )
    return IntersectionUnion(
        name=name,
        claim=claim,
        estimand="mean tau-b minus that of the best other combination",
        unit="correlation",
        family="v",
        contrast=Weakest(parts=parts, seeds=table.seeds, datasets=table.datasets),
        against=tuple(label(*table.names[other]) for other in others),
        margin=margin,
    )


def _confirmed(table: _Table, margin: float) -> Hypothesis:
    """Return the claim that the best combination of the seeds at even places is best on the others."""
    if len(table.seeds) < 4:
        raise NotEvaluableError(f"the study needs four seeds to be halved; it has {len(table.seeds)}")
    chosen = int(table.on(slice(0, None, 2)).means.mean(axis=(0, -1)).argmax())
    claim = f"{label(*table.names[chosen])}, the best on half of the seeds, is the best on the other half"
    found = _best(table.on(slice(1, None, 2)), "v.confirmed", claim, chosen, margin)
    return replace(found, family="v.confirmed", role="sensitivity")


def _ranks(table: _Table) -> Hypothesis:
    return BlockRanks(
        name="v.ranks",
        claim="combinations rank alike in every data set",
        estimand="Kendall's W of the ranks of the combinations",
        unit="W",
        family="v.ranks",
        role="sensitivity",
        values=table.means.mean(axis=-1).T,
        datasets=table.datasets,
        seeds=table.seeds,
    )


def _specifications(design: Design, table: _Table, target: int) -> list[Specification]:
    """Return the lead of a combination by every measure of agreement and about every output."""
    conditions = table.conditions(design)
    found = []
    for measure in design.outcomes.summary_keys(conditions, MEASURES):
        values = np.array([design.outcomes.values(each, measure, table.seeds) for each in conditions])
        means = values.reshape(len(table.datasets), len(table.names), -1)
        parts: tuple[Contrast, ...] = tuple(
            SeedMeans(values=means[:, target] - means[:, other], seeds=table.seeds, datasets=table.datasets)
            for other in range(len(table.names))
            if other != target
        )
        lead = Weakest(parts=parts, seeds=table.seeds, datasets=table.datasets)
        found.append(Specification(hypothesis="v.best", measure=measure, contrast=lead))
    return found


def label(encoder: Component, attention: Component) -> str:
    """Return the name of a combination: ``bilstm + additive``."""
    return f"{encoder} + {attention}"
