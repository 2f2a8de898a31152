"""The runs of each condition, one score each, and the data set in which each of them is drawn again."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from attnstats._validation import FloatArray, IntArray, check_object
from attnstats.exceptions import FewReplicatesWarning, InvalidInputError, TooFewSamplesError
from attnstats.results import counted, plural
from attnstats.scores._cells import cell_codes
from attnstats.scores._find_design import find_design
from attnstats.scores.factor import Factor
from attnstats.scores.scores import Scores

#: With fewer runs in a data set, a resample of them varies noticeably less than they do.
_ENOUGH = 8


class Runs(NamedTuple):
    """The runs of one condition."""

    condition: str
    #: The score of each, shape (n_runs,): the mean of what was scored in it.
    values: FloatArray
    #: What each counts, 1 on average, so that all data sets count the same, shape (n_runs,).
    weights: FloatArray
    #: Data set of each run, shape (n_runs,).
    strata: IntArray
    #: How many runs a condition has that has lost none: those of the fullest data set of any condition, in all of them.
    n_complete: int


def runs_of(scores: Scores) -> tuple[str, list[Runs]]:
    """Return the caller's name of the unit of replication, and its scores in each condition.

    A warning says where there are few.
    """
    check_object(scores, "scores", Scores, "read_scores(...)")
    design = find_design(scores)
    if design.unit == "fold":
        raise InvalidInputError(
            f"scores: {plural(design.unit_name)} share rows, and must not be drawn again as if independent; got"
            f" {counted(max(design.n_units), design.unit_name)} of each {design.condition}; see compare(...)"
        )
    condition, unit = scores.condition, scores.factor(design.unit or "row")
    dataset = scores.factor("dataset")
    if dataset is None or dataset is unit:
        dataset = Factor("dataset", "dataset", ("",), np.zeros(len(scores), dtype=np.int64))
    first = which = np.arange(len(scores))
    if unit is not None:
        codes, _ = cell_codes((condition, dataset, unit), len(scores))
        _, first, which = np.unique(codes, return_index=True, return_inverse=True)
    values = np.bincount(which, scores.values) / np.bincount(which)
    if np.isin(values, (0, 1)).all():
        raise InvalidInputError(
            f"scores: must not be 0 or 1 in every {design.unit_name}, of which there is a mean but no middle half; got"
            f" {counted(len(values), design.unit_name)} of 0 or 1 (take the mean over items in each run first, or name"
            " the column of the runs: seed=...)"
        )
    of, strata = condition.codes[first], dataset.codes[first]
    counts = np.zeros((len(condition.labels), len(dataset.labels)), dtype=np.int64)
    np.add.at(counts, (of, strata), 1)
    _check_counts(counts, condition, dataset, design.unit_name)
    runs = []
    for i, label in enumerate(condition.labels):
        own = of == i
        weights = own.sum() / (len(dataset.labels) * counts[i][strata[own]])
        runs.append(Runs(label, values[own], weights, strata[own], len(dataset.labels) * int(counts.max())))
    return design.unit_name, runs


def _check_counts(counts: IntArray, condition: Factor, dataset: Factor, unit: str) -> None:
    """Raise where a condition has fewer than two runs in a data set, and warn where it has few."""
    i, j = np.unravel_index(int(counts.argmin()), counts.shape)
    where = f"{condition.labels[i]!r}" + (f" in {dataset.labels[j]!r}" if len(dataset.labels) > 1 else "")
    inside = f" in every {dataset.column}" if len(dataset.labels) > 1 else ""
    units, fewest = plural(unit), counts[i, j]
    if fewest < 2:
        raise TooFewSamplesError(
            f"scores: each {condition.column} must have at least two {units}{inside}; got {fewest} of {where}"
        )
    if fewest < _ENOUGH:
        warnings.warn(
            f"scores: each {condition.column} should have at least {_ENOUGH} {units}{inside} for a bootstrap to keep"
            f" its level; got {fewest} of {where}",
            FewReplicatesWarning,
            stacklevel=4,
        )
