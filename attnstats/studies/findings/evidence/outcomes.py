"""Outcomes of every finished cell of a study, by condition and seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attnstats._validation import FloatArray
from attnstats.studies.config._condition import Condition
from attnstats.studies.trace_rows.analyse import TraceAnalysis


class SummaryKey(NamedTuple):
    """The columns of the results frame that identify a summary of a model; None where a column does not apply."""

    quantity: str
    view: str | None = None
    estimator: str | None = None
    output: str | None = None
    parameters: str | None = None


class Outcomes:
    """Outcomes of every finished cell of a study: what each trained model gave, by (Condition, seed)."""

    def __init__(self, cells: Mapping[tuple[Condition, int], TraceAnalysis]) -> None:
        self._cells = dict(cells)
        self._seeds: dict[Condition, set[int]] = {}
        for condition, seed in self._cells:
            self._seeds.setdefault(condition, set()).add(seed)
        self._matrices: dict[tuple[Condition, str, tuple[int, ...]], FloatArray] = {}
        self._columns = {
            condition: set.intersection(*(set(self._cells[condition, seed].examples.columns) for seed in seeds))
            for condition, seeds in self._seeds.items()
        }

    def trained(self, training: str) -> Outcomes:
        """Return those of the models that were trained in one way."""
        return Outcomes({key: cell for key, cell in self._cells.items() if key[0].training == training})

    @property
    def trainings(self) -> list[str]:
        """The ways in which the models were trained, in the order of the study."""
        return list(dict.fromkeys(condition.training for condition in self._seeds))

    @property
    def conditions(self) -> list[Condition]:
        """The conditions with at least one finished model, in the order of the study."""
        return list(self._seeds)

    @property
    def by_text(self) -> bool:
        """Whether every model has outcomes of single texts, not the means over them that a results frame holds."""
        return all(len(cell.examples) > 1 for cell in self._cells.values())

    def seeds(self, conditions: Iterable[Condition]) -> list[int]:
        """Return the seeds that finished under every one of the conditions."""
        finished = [self._seeds[condition] for condition in conditions]
        return sorted(set.intersection(*finished)) if finished else []

    def columns(self, condition: Condition) -> set[str]:
        """Return the outcomes by example that every model of a condition has."""
        return self._columns[condition]

    def matrix(self, condition: Condition, outcome: str, seeds: Sequence[int]) -> FloatArray:
        """Return an outcome under one condition, shape (n_seeds, n_examples), NaN where it is undefined."""
        key = (condition, outcome, tuple(seeds))
        if key not in self._matrices:
            columns = [self._cells[condition, seed].examples[outcome].to_numpy(dtype=np.float64) for seed in seeds]
            self._matrices[key] = np.stack(columns)
        return self._matrices[key]

    def attention(self, condition: Condition, seeds: Sequence[int]) -> NDArray[np.float32]:
        """Return the attention under one condition, shape (n_seeds, n_examples, n_tokens), NaN at padding."""
        return np.stack([self._cells[condition, seed].attention for seed in seeds])

    def summary_keys(self, conditions: Iterable[Condition], quantities: Iterable[str]) -> list[SummaryKey]:
        """Return the summaries of these quantities that every model of the conditions has, in order of appearance."""
        first, *others = [self._summaries[each, seed] for each in conditions for seed in self._seeds[each]]
        return [
            measure
            for quantity in quantities
            for measure in first.get(quantity, {})
            if all(measure in other.get(quantity, {}) for other in others)
        ]

    def values(self, condition: Condition, measure: SummaryKey, seeds: Sequence[int]) -> FloatArray:
        """Return a summary of each intact model, shape (n_seeds,)."""
        return np.array([self._summaries[condition, seed][measure.quantity][measure] for seed in seeds])

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows of the intact models, as they are kept, over all their examples, in the order of the study."""
        frames = pd.concat([cell.frame for cell in self._cells.values()], keys=range(len(self._cells)))
        intact = (frames["ablation"].isna() | (frames["ablation"] == "none")) & frames["example"].isna()
        return frames[intact & frames["updates"].isna()]

    @cached_property
    def _summaries(self) -> dict[tuple[Condition, int], dict[str, dict[SummaryKey, float]]]:
        """Summaries of each model, by quantity."""
        keys = list(self._cells)
        found: dict[tuple[Condition, int], dict[str, dict[SummaryKey, float]]] = {key: {} for key in keys}
        named = self.frame[list(SummaryKey._fields)].astype(object)
        parts = named.where(named.notna(), None).itertuples(index=False, name=None)
        for place, part, value in zip(self.frame.index.get_level_values(0), parts, self.frame["value"], strict=True):
            if not np.isnan(value):
                found[keys[place]].setdefault(part[0], {})[SummaryKey(*part)] = float(value)
        return found
