"""The conditions of a study and their outcomes, asked for by what a finding compares."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from attnstats._validation import FloatArray
from attnstats.studies.condition import Condition
from attnstats.studies.config import Component, StudyConfig
from attnstats.studies.outcomes import MeanDifference, Outcomes

__all__ = ["Design", "Groups", "NotEvaluableError"]


#: For each data set, tuples of conditions that are compared with each other.
Groups: TypeAlias = dict[Component, list[tuple[Condition, ...]]]


class NotEvaluableError(Exception):
    """The study lacks a condition or an outcome that a finding needs; the message says which."""


class Design:
    """The conditions of a study and their outcomes, asked for by what a finding compares.

    Parameters
    ----------
    outcomes : Outcomes
        What every finished cell gave.
    config : StudyConfig
        The study, for its margins, ablations and fewest seeds.
    """

    def __init__(self, outcomes: Outcomes, config: StudyConfig) -> None:
        self.outcomes = outcomes
        self.margins = config.margins
        self.ablations = [ablation.name for ablation in config.ablations]
        self.minimum_seeds = config.inference.minimum_seeds
        self.datasets = list(dict.fromkeys(each.dataset for each in outcomes.conditions))

    def strata(self, *alternatives: tuple[str | None, Component]) -> Groups:
        """Return, for each data set, tuples of conditions that agree in all but the attention and the normalizer.

        Each alternative names an attention (None: each in turn) and a normalizer; a tuple holds one condition for each.
        The result is empty where no data set has them all on one encoder.
        """
        found: Groups = {}
        known = set(self.outcomes.conditions)
        for dataset in self.datasets:
            bases = dict.fromkeys(
                (each.encoder, each.attention if alternatives[0][0] is None else None)
                for each in self.outcomes.conditions
                if each.dataset == dataset
            )
            for encoder, attention in bases:
                group = tuple(
                    Condition(dataset, encoder, attention or Component(name or ""), normalizer)
                    for name, normalizer in alternatives
                )
                if known.issuperset(group):
                    found.setdefault(dataset, []).append(group)
        return found

    def seeds(self, groups: Groups) -> list[int]:
        """Return the seeds that finished in every condition of the groups; raise if they are too few to decide."""
        return self.finished([each for strata in groups.values() for group in strata for each in group])

    def finished(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the seeds that finished under all conditions; raise if they are too few to decide."""
        seeds = self.outcomes.seeds(conditions)
        if len(seeds) < self.minimum_seeds:
            raise NotEvaluableError(
                f"the study needs {self.minimum_seeds} seeds that finished under every condition; it has {len(seeds)}"
            )
        return seeds

    def difference(self, groups: Groups, outcome: str) -> MeanDifference:
        """Return an outcome under the first condition of each group minus that under the second."""
        return self.combination(groups, (0, outcome, 1.0), (1, outcome, -1.0))

    def combination(self, groups: Groups, *terms: tuple[int, str, float]) -> MeanDifference:
        """Return a sum of outcomes of each group; a term is (place of the condition, outcome, factor)."""
        self.need(*{name for _, name, _ in terms})
        seeds = self.seeds(groups)
        blocks = (
            [sum(f * self.outcomes.matrix(group[place], name, seeds) for place, name, f in terms) for group in strata]
            for strata in groups.values()
        )
        return MeanDifference(tuple(np.stack(block) for block in blocks))

    def counts(self, groups: Groups, *names: str) -> tuple[FloatArray, ...]:
        """Return counts of one condition a group; a block (names, strata, seeds, examples) for each data set."""
        self.need(*names)
        seeds = self.seeds(groups)
        return tuple(
            np.stack([[self.outcomes.matrix(group[0], name, seeds) for group in strata] for name in names])
            for strata in groups.values()
        )

    def need(self, *names: str) -> None:
        """Raise unless every cell has these outcomes."""
        missing = [name for name in names if name not in self.outcomes]
        if missing:
            raise NotEvaluableError(f"the study needs {', '.join(missing)}: add the view or ablation that gives it")
