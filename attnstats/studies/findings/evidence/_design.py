"""The conditions of a study and their outcomes, asked for by what a finding compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TypeAlias

import numpy as np

from attnstats._validation import FloatArray
from attnstats.ablation import Ablation
from attnstats.ablation.interventions.interface import label_of
from attnstats.studies.config._condition import Condition
from attnstats.studies.config.component import Component
from attnstats.studies.config.study import StudyConfig
from attnstats.studies.findings.evidence._contrasts import MeanDifference, SeedMeans, example_means, ratio_terms
from attnstats.studies.findings.evidence._stability import stability_values
from attnstats.studies.findings.evidence.outcomes import Outcomes, SummaryKey
from attnstats.studies.trace_rows._components import make_ablation

SOFTMAX = Component("softmax")
#: Fewest seeds with which an effect has a size beside its spread, however low the minimum is set.
FEWEST_SEEDS = 3

#: Tuples of conditions that are compared with each other, those of one data set in a row.
Groups: TypeAlias = list[tuple[Condition, ...]]


#: What an outcome is called whose model has other attention.
ABLATED = "under the ablation"
#: What is to be given, or measured, for an outcome to be there.
_MEASURED = {"correct": "the label of each text", "information": "information by rank: add the rank view"}
#: Outcomes that are also measured under an ablation, whose label follows, and those of which a name follows too.
_OF_ABLATIONS = ("tau_b", "gini", "total_variation")
_OF_OTHERS = ("tau_b_attention", "tau_b_information", "tau_b_known")


class NotEvaluableError(Exception):
    """The study lacks a condition or an outcome that a finding needs, named in the message."""


class Design:
    """The conditions of a study whose models were trained in one way, and their outcomes.

    Claims are about texts that people wrote. Planted text takes part in the claims that need its known truth, and in
    the others only where a study has nothing else. A condition of which fewer models finished than the tests need does
    not take others down with it: what needs it is left out, and it is named in `left_out`.
    """

    def __init__(self, outcomes: Outcomes, config: StudyConfig) -> None:
        self.outcomes = outcomes
        (self.training,) = outcomes.trainings
        self.config = config
        self.margins = config.margins
        self.minimum_seeds = config.inference.minimum_seeds
        every = list(dict.fromkeys(each.dataset for each in outcomes.conditions))
        self.planted = [each for each in every if each.name == "planted"]
        self.datasets = [each for each in every if each not in self.planted] or every
        few = [each for each in outcomes.conditions if len(outcomes.seeds([each])) < self.minimum_seeds]
        self._incomplete = set(few) if len(few) < len(outcomes.conditions) else set()
        self.left_out: dict[Condition, int] = {}
        self._stability: dict[tuple[Condition, tuple[int, ...]], FloatArray] = {}

    def strata(
        self, *alternatives: tuple[str | None, Component], datasets: Sequence[Component] | None = None
    ) -> Groups:
        """Return tuples of conditions that agree in all but the attention and the normalizer.

        Each alternative names an attention (None: each in turn) and a normalizer; a tuple holds one condition for each.
        """
        found: Groups = []
        known = set(self.outcomes.conditions)
        for dataset in self.datasets if datasets is None else datasets:
            bases = dict.fromkeys(
                (each.encoder, each.attention if alternatives[0][0] is None else None)
                for each in self.outcomes.conditions
                if each.dataset == dataset
            )
            for encoder, attention in bases:
                group = tuple(
                    Condition(dataset, encoder, attention or Component(name or ""), normalizer, self.training)
                    for name, normalizer in alternatives
                )
                if known.issuperset(group) and self.has_finished(group):
                    found.append(group)
        return found

    def has_finished(self, conditions: Sequence[Condition]) -> bool:
        """Return whether enough models of every condition finished; the others are noted as left out."""
        lacking = self._incomplete.intersection(conditions)
        self.left_out |= {each: len(self.outcomes.seeds([each])) for each in conditions if each in lacking}
        return not lacking

    def interventions(self, condition: Condition) -> dict[str, Ablation]:
        """Return the interventions on the models of a condition, by the label of their outcomes, sorted."""
        measured = self.config.measured(condition.combination)
        made = {label_of(each): each for each in map(make_ablation, measured.ablations)}
        return {label: made[label] for label in sorted(made) if f"gini_{label}" in self.outcomes.columns(condition)}

    def having(self, groups: Groups, *places: tuple[int, str]) -> Groups:
        """Return the groups whose conditions have the outcomes; a place is (place of the condition, outcome)."""
        has = [[name in self.outcomes.columns(group[place]) for place, name in places] for group in groups]
        kept = [group for group, every in zip(groups, has, strict=True) if all(every)]
        if not kept:
            names = [name for _, name in places]
            absent = [name for name, of_groups in zip(names, zip(*has, strict=True), strict=True) if not any(of_groups)]
            raise NotEvaluableError(f"the study needs {', '.join(dict.fromkeys(map(_in_words, absent or names)))}")
        return kept

    def seeds(self, conditions: Iterable[Condition]) -> list[int]:
        """Return the seeds that finished under all conditions; raise if they are too few to decide."""
        seeds = self.outcomes.seeds(conditions)
        if len(seeds) < self.minimum_seeds:
            raise NotEvaluableError(
                f"the study needs {self.minimum_seeds} seeds that finished under every condition "
                f"(inference.minimum_seeds); it has {len(seeds)}"
            )
        if len(seeds) < FEWEST_SEEDS:
            raise NotEvaluableError(
                f"the study needs {FEWEST_SEEDS} seeds that finished under every condition, for effects to have "
                f"a size beside their spread; it has {len(seeds)}"
            )
        return seeds

    def difference(self, groups: Groups, outcome: str) -> MeanDifference:
        """Return an outcome under the first condition of each group minus that under the second."""
        return self.combination(groups, (0, outcome, 1.0), (1, outcome, -1.0))

    def combination(self, groups: Groups, *terms: tuple[int, str, float]) -> MeanDifference:
        """Return a sum of outcomes of each group that has them; a term is (place of the condition, outcome, factor)."""
        kept = self.having(groups, *((place, name) for place, name, _ in terms))
        seeds = self.seeds(members(kept))
        parts = [
            tuple(
                np.stack([factor * self.outcomes.matrix(group[place], name, seeds) for group in strata])
                for strata in by_dataset(kept)
            )
            for place, name, factor in terms
        ]
        arms = None
        if [factor for _, _, factor in terms] == [1.0, -1.0]:
            arms = (example_means(parts[0]), -example_means(parts[1]))
        blocks = tuple(np.sum(blocks, axis=0) for blocks in zip(*parts, strict=True))
        return MeanDifference(blocks=blocks, arms=arms, seeds=tuple(seeds), datasets=labels(kept))

    def share(self, groups: Groups, name: str, reference: str | float, *, without: str | None = None) -> MeanDifference:
        """Return a share of counts, ``{name}_concordant`` of ``{name}_pairs``, minus a constant or another share.

        In every model the examples where the outcome `without` is one do not count.
        """
        names = [name] if isinstance(reference, float) else [name, reference]
        counts = [f"{each}_{part}" for each in names for part in ("concordant", "pairs")]

        def terms(*tables: FloatArray) -> FloatArray:
            counted = tables if without is None else [(1 - tables[-1]) * table for table in tables[:-1]]
            minus = reference if isinstance(reference, float) else ratio_terms(*counted[2:4])
            return np.asarray(ratio_terms(*counted[:2]) - minus)

        return self._by_example(groups, [*counts, *([] if without is None else [without])], terms)

    def share_within(self, groups: Groups, counts: str, within: str) -> MeanDifference:
        """Return the share of counts that lie in the examples where another outcome is one."""
        return self._by_example(
            groups, [counts, within], lambda counted, inside: ratio_terms(inside * counted, counted)
        )

    def _by_example(self, groups: Groups, names: Sequence[str], terms: Callable[..., FloatArray]) -> MeanDifference:
        """Return the mean of a function of outcomes of the first condition of each group that has them."""
        kept = self.having(groups, *((0, each) for each in names))
        seeds = self.seeds(members(kept))
        blocks = tuple(
            terms(*(np.stack([self.outcomes.matrix(group[0], each, seeds) for group in strata]) for each in names))
            for strata in by_dataset(kept)
        )
        return MeanDifference(blocks=blocks, seeds=tuple(seeds), datasets=labels(kept))

    def summaries(
        self, groups: Groups, quantities: Iterable[str], *factors: float
    ) -> list[tuple[SummaryKey, SeedMeans]]:
        """Return each summary of these quantities, in a sum over the conditions of a group with a factor for each.

        A summary takes in the groups whose models all have it: an estimator may belong to some architectures alone.
        """
        wanted = tuple(quantities)
        having: dict[SummaryKey, Groups] = {}
        for group in groups:
            for measure in self.outcomes.summary_keys(group, wanted):
                having.setdefault(measure, []).append(group)
        return [(measure, self._summary(kept, measure, factors)) for measure, kept in having.items()]

    def _summary(self, groups: Groups, measure: SummaryKey, factors: Sequence[float]) -> SeedMeans:
        seeds = self.seeds(members(groups))
        values = np.array([[self.outcomes.values(each, measure, seeds) for each in group] for group in groups])
        weighted = (values * np.array(factors)[:, np.newaxis]).sum(axis=1)
        return SeedMeans(values=weighted, seeds=tuple(seeds), datasets=labels(groups))

    def stability(self, groups: Groups) -> SeedMeans:
        """Return rank stability over seeds under the first condition of each group minus that under the second."""
        seeds = tuple(self.seeds(members(groups)))
        if not self.outcomes.by_text:
            raise NotEvaluableError("the study needs the attention of every text; a frame holds means over texts")
        for condition in members(groups):
            if (condition, seeds) not in self._stability:
                self._stability[condition, seeds] = stability_values(self.outcomes.attention(condition, seeds))
        values = [self._stability[first, seeds] - self._stability[second, seeds] for first, second in groups]
        method = "jackknife over seeds"
        return SeedMeans(values=np.stack(values), seeds=seeds, datasets=labels(groups), method=method)


def _in_words(outcome: str) -> str:
    """Return what an outcome is measured from, for a reader who gave the models.

    >>> _in_words("correct"), _in_words("tau_b_random_scorer"), _in_words("gini")
    ('the label of each text', 'tau_b under the ablation random_scorer', 'gini')
    """
    if outcome in _MEASURED:
        return _MEASURED[outcome]
    measure = next((each for each in _OF_ABLATIONS if outcome.startswith(f"{each}_")), None)
    if measure is None or outcome.startswith(_OF_OTHERS):
        return outcome
    return f"{measure} {ABLATED} {outcome.removeprefix(f'{measure}_')}"


def members(groups: Groups) -> list[Condition]:
    """Return every condition of the groups once."""
    return list(dict.fromkeys(each for group in groups for each in group))


def by_dataset(groups: Groups) -> list[Groups]:
    """Return the groups of each data set."""
    return [list(strata) for _, strata in groupby(groups, key=lambda group: group[0].dataset)]


def labels(groups: Groups) -> tuple[str, ...]:
    """Return the data set of each stratum."""
    return tuple(str(group[0].dataset) for group in groups)
