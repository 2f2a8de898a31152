"""The design that a table of scores has, found from which labels stand together."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from attnstats._validation import check_flag, check_object
from attnstats.exceptions import InvalidInputError
from attnstats.results import plural
from attnstats.scores import _structure
from attnstats.scores._cells import rows_per_cell
from attnstats.scores.design import Design, DesignFactor
from attnstats.scores.factor import Factor
from attnstats.scores.layout import Layout
from attnstats.scores.scores import Scores
from attnstats.scores.value_kinds import ValueKind, kind_of

#: What may be the unit of replication: the first that every condition has two of.
_UNITS = ("subject", "fold", "seed", "group", "example", "dataset", "block")

#: How each factor stands to the conditions, by role, and how many of its labels each of them has.
Standing: TypeAlias = dict[str, tuple[Layout, tuple[int, ...]]]


def find_design(scores: Scores, *, kind: ValueKind | None = None, paired: bool | None = None) -> Design:
    """Return the design of a table of scores; print it to read it.

    A factor is crossed with the conditions if every two of them share at least two of its labels, or the only one, and
    nested if no label stands under two. One factor is nested in another if each of its labels lies in one of the
    other's. The cells are all combinations of the factors that no others fix: 5 seeds and 400 items of 3 data sets are
    2,000 cells of each condition. A combination without a row is a missing cell.

    The unit of replication, of which a comparison speaks, is the first of subject, fold, seed, group, example, data set
    and block that every condition has two of; it is the row where these leave several rows in each cell, or the group
    where one is named. With one seed each, the examples are the unit, and nothing
    is said of other training runs.

    Units that every two conditions share by their labels are taken as paired, any others as independent; so are
    seeds of which, over all pairs of conditions, fewer than half have a partner, as 1 to 5 and 4 to 8. Seed 3 of
    two models mostly stands for the same order or split of the data. Where it stands for nothing, the pairs are
    arbitrary, and a test of their differences keeps its level all the same, on fewer degrees of freedom; runs that
    do share something and are taken as independent lose power if they rise and fall together, and the level if
    against each other. `paired` says which it is where the labels do not.

    Parameters
    ----------
    scores : Scores
        From `read_scores`.
    kind : ValueKind, optional
        What a score is: ``Binary()``, ``Count()``, ``Ordinal(1, 5)``, ``Bounded(0, 100)`` or ``Continuous()``. By
        default two different values are binary; others within 0 and 1 a proportion; within 0 and 100 per cent, if the
        column's name says so (per cent, accuracy, f1, precision, recall, auc, exact match, rate); whole numbers from 1
        to at most 10 ordinal, others of at least 0 a count; anything else continuous.
    paired : bool, optional
        Whether units of equal labels are the same thing in all conditions. False where the labels are mere numbers.

    Returns
    -------
    Design

    Raises
    ------
    InvalidInputError
        If a score is not of the declared kind, or units are declared paired that the conditions do not share.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from attnstats.scores import find_design, read_scores
    >>> rng = np.random.default_rng(0)
    >>> cells = [(model, run, item) for model in "abcd" for run in range(5) for item in range(400)]
    >>> table = pd.DataFrame(cells, columns=["model", "run", "item"]).assign(right=rng.integers(0, 2, len(cells)))
    >>> scores = read_scores(table[12:], value="right", condition="model", seed="run", example="item")
    >>> print(find_design(scores))
    4 models × 5 runs × 400 items, crossed, 12 of 8,000 cells missing (12 of a)
    right: binary (0 or 1)
    the run is the unit of replication: 5 of each model, paired by label (paired=False if labels are mere numbers)
    speaks of other runs and other items
    """
    check_object(scores, "scores", Scores, "read_scores(...)")
    condition, factors, n = scores.condition, list(scores.factors[1:]), len(scores)
    standing = {factor.role: _structure.layout_of(factor, condition) for factor in factors}
    per_cell = rows_per_cell(scores.factors, n)
    # Rows that nothing tells apart are the units, unless they lie in clusters.
    candidates = _UNITS if per_cell[0] == 1 else ("group",)
    unit = next((role for role in candidates if role in standing and min(standing[role][1]) >= 2), None)
    if paired is not None:
        _check_paired(check_flag(paired, "paired"), scores, unit, standing)
    elif unit == "seed" and standing[unit][0] is Layout.CROSSED:
        seeds = next(each for each in factors if each.role == unit)
        if not _structure.mostly_shared(seeds, condition):
            standing[unit] = Layout.PARTLY, standing[unit][1]
    if paired is False:
        factors = [_structure.apart(each, condition) if each.role == unit else each for each in factors]
        standing = {factor.role: _structure.layout_of(factor, condition) for factor in factors}
    described, n_cells, n_missing = _described(condition, factors, standing)
    return Design(
        value=scores.column,
        condition=condition.column,
        conditions=condition.labels,
        factors=described,
        kind=_kind(scores, kind),
        n_cells=n_cells,
        n_missing_cells=n_missing,
        per_cell=per_cell,
        unit=unit,
        paired=unit is not None and standing[unit][0] is Layout.CROSSED,
        declared=paired is not None,
        n_units=_n_units(condition, factors, unit, standing),
        n_incomplete=scores.n_missing,
    )


def _check_paired(paired: bool, scores: Scores, unit: str | None, standing: Standing) -> None:
    if paired and (unit is None or standing[unit][0] is not Layout.CROSSED):
        units = plural(next((each.column for each in scores.factors if each.role == unit), "row"))
        got = "rows without labels" if unit is None else f"{units} that are not shared"
        raise InvalidInputError(
            f"paired: must not be True unless every two {plural(scores.condition.column)} share two {units} by their"
            f" labels; got {got}"
        )


def _n_units(condition: Factor, factors: list[Factor], unit: str | None, standing: Standing) -> tuple[int, ...]:
    """Return how many units each condition has: of folds those of all repetitions."""
    if unit is None:
        return tuple(np.bincount(condition.codes).tolist())
    if unit != "fold" or "seed" not in standing:
        return standing[unit][1]
    of_splits = [condition, *(each for each in factors if each.role in ("seed", "fold"))]
    return tuple(np.bincount(_structure.distinct_rows(of_splits, len(condition.codes))[0].codes).tolist())


def _described(
    condition: Factor, factors: list[Factor], standing: Standing
) -> tuple[tuple[DesignFactor, ...], tuple[int, ...], tuple[int, ...]]:
    """Return the factors of the design, the cells of each condition, and how many of them have no score."""
    n = len(condition.codes)
    condition, *filled = _structure.distinct_rows([condition, *factors], n)
    combinations = _structure.distinct_rows(factors, n)
    nested = {factor.role: _structure.inside(factor, combinations) for factor in combinations}
    free = {factor.role for factor in _structure.directions(combinations)}
    directions = [factor for factor in filled if factor.role in free]
    common = [each for each in filled if all(each.role in nested[role] for role in free)]
    expected = _structure.expected_cells(
        condition, directions, [standing[each.role][0] for each in directions], common[0] if common else None
    )
    missing = expected - np.bincount(condition.codes)
    described = tuple(
        DesignFactor(
            role=factor.role,
            column=factor.column,
            n_labels=len(factor.labels),
            layout=standing[factor.role][0],
            per_condition=standing[factor.role][1],
            inside=nested[factor.role],
            determined=factor.role not in free,
        )
        for factor in factors
    )
    return described, tuple(expected.tolist()), tuple(missing.tolist())


def _kind(scores: Scores, kind: ValueKind | None) -> ValueKind:
    if kind is None:
        return kind_of(scores.values, scores.column)
    check_object(kind, "kind", ValueKind, "Bounded(0, 100)")
    wrong = ~kind.allows(scores.values)
    if wrong.any():
        place = int(wrong.argmax())
        raise InvalidInputError(
            f"row {scores.rows[place]} of {scores.column!r}: must be {kind}, as declared; got"
            f" {float(scores.values[place])!r}"
        )
    return kind
