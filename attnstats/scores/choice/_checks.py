"""What a comparison asks of a table beyond being readable: one line that names the column, the rule and the row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from attnstats._column import shown
from attnstats._validation import BoolArray, as_number
from attnstats.comparison import MaxT, MinP
from attnstats.comparison._arguments import check_object
from attnstats.comparison.families.multiplicity import Correction
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.results import counted, plural
from attnstats.scores._cells import presence
from attnstats.scores.analyses.crossed import IndependentCrossedAnova
from attnstats.scores.choice.setup import Setup
from attnstats.scores.design import Design
from attnstats.scores.scores import Scores
from attnstats.scores.value_kinds import PER_CENT, Binary, Bounded, Count

#: Scores up to here are low as proportions, and may as well be low in per cent.
_HARDLY_ANY = 0.1


def check_runs(scores: Scores) -> None:
    """Raise if some conditions have one run and others several: what one run shows is of that run alone."""
    seed = scores.factor("seed")
    if seed is None:
        return
    condition = scores.condition
    per_condition = presence(condition, seed).sum(axis=1)
    if per_condition.min() > 1 or per_condition.max() == 1:
        return
    code = int(per_condition.argmin())
    row = scores.rows[int((condition.codes == code).argmax())]
    most = condition.labels[int(per_condition.argmax())]
    raise TooFewSamplesError(
        f"row {row} of {seed.column!r}: each {condition.column} must have at least two {plural(seed.column)}, or all of"
        f" them one; got one of {condition.labels[code]!r} and {per_condition.max()} of {most!r} (leave"
        f" out {condition.labels[code]!r})"
    )


def check_margin_of(margin: float | None, design: Design) -> float | None:
    """Return the margin, unless it is not above 0 or as wide as the scores can lie apart."""
    if margin is None:
        return None
    size = as_number(margin)
    if size is None or not 0 < size < np.inf:
        raise InvalidInputError(f"margin: must be a finite number above 0; got {margin!r}")
    kind = design.kind
    if isinstance(kind, Binary | Bounded) and size >= kind.high - kind.low:
        per_cent = f" (if that is per cent, write {size / 100:g})" if kind.high - kind.low == 1 else ""
        raise InvalidInputError(
            f"margin: must be below {kind.high - kind.low:g}, in the unit of {design.value!r}, {kind}; got"
            f" {margin!r}{per_cent}"
        )
    return size


def check_units(scores: Scores) -> None:
    """Raise if one condition or data set has proportions and another per cent, where the column's name says either."""
    if not PER_CENT.search(scores.column) or Count().allows(scores.values).all():
        return
    for factor in filter(None, (scores.condition, scores.factor("dataset"))):
        low, high = np.full(len(factor.labels), np.inf), np.full(len(factor.labels), -np.inf)
        np.minimum.at(low, factor.codes, scores.values)
        np.maximum.at(high, factor.codes, scores.values)
        proportions = (high > _HARDLY_ANY) & (high <= 1)
        if low.min() >= 0 and 1 < high.max() <= 100 and proportions.any():
            share, per_cent = int(proportions.argmax()), int(high.argmax())
            row, name = scores.rows[int((factor.codes == share).argmax())], factor.labels[share]
            raise InvalidInputError(
                f"row {row} of {scores.column!r}: all scores must have one unit; got proportions up to {high[share]:g}"
                f" of {name!r} and per cent up to {high[per_cent]:g} of {factor.labels[per_cent]!r} (multiply those of"
                f" {name!r} by 100)"
            )


def check_correction(correction: Any) -> Correction:
    """Return the correction, unless it is none that adjusts p-values alone, as `MaxT` does not."""
    known = "Holm(), Hochberg(), Hommel(), Bonferroni(), BenjaminiHochberg() or BenjaminiYekutieli()"
    if isinstance(correction, MaxT | MinP | str):
        named = [
            each for each in known.replace(" or ", ", ").split(", ") if each[:-2].lower() == str(correction).lower()
        ]
        hint = f" (write {named[0]}, from attnstats.comparison)" if named else ""
        raise InvalidInputError(f"correction: must be {known}; got {correction!r}{hint}")
    check_object(correction, "correction", "adjust", known)
    adjusts: Correction = correction
    return adjusts


def place_of(reference: str | None, design: Design) -> int | None:
    """Return the place of the reference among the conditions."""
    if reference is None:
        return None
    if not isinstance(reference, str) or reference not in design.conditions:
        known = ", ".join(map(repr, design.conditions))
        raise InvalidInputError(
            f"reference: must be one of the {plural(design.condition)} {known}; got {shown(reference)}"
        )
    return design.conditions.index(reference)


def check_arrangement(setup: Setup, scores: Scores, design: Design) -> None:
    """Raise unless the conditions have two units, and two items, in each data set, in common where they share them."""
    for place, dataset in enumerate(setup.data.datasets):
        there = [~np.isnan(blocks[place].values) for blocks in setup.data.conditions]
        for conditions, what, got in _counts(setup, [each.reshape(len(each), -1) for each in there]):
            if got < 2:
                _raise_too_few(scores, design, dataset, conditions, what, got)


def _counts(setup: Setup, there: list[BoolArray]) -> Iterator[tuple[tuple[int, ...], str, int]]:
    """Yield how many units and items each condition has, and each two together, given which cells each has."""
    analysis, unit, item = setup.analysis, setup.analysis.unit, setup.sizes.item
    own_items = isinstance(analysis, IndependentCrossedAnova) and analysis.own_items
    for i, cells in enumerate(there):
        yield (i,), unit, int(cells.any(axis=1).sum())
        if item is not None:
            yield (i,), item, int(cells.any(axis=0).sum())
        for j, others in enumerate(there[:i]):
            if analysis.paired:
                yield (j, i), unit, int((cells.any(axis=1) & others.any(axis=1)).sum())
            if item is not None and not own_items:
                yield (j, i), item, int((cells.any(axis=0) & others.any(axis=0)).sum())


def _raise_too_few(
    scores: Scores, design: Design, dataset: str, conditions: tuple[int, ...], unit: str, got: int
) -> None:
    """Raise with a row of the data set, or of the condition where there is one data set."""
    factor = scores.factor("dataset")
    if dataset and factor is not None:
        where, column = factor.codes == factor.labels.index(dataset), factor.column
    else:
        where, column = scores.condition.codes == conditions[-1], design.condition
    whose = " and ".join(repr(design.conditions[each]) for each in conditions)
    each = f"each {design.condition}" if len(conditions) == 1 else f"each two {plural(design.condition)} together"
    raise TooFewSamplesError(
        f"row {scores.rows[int(where.argmax())]} of {column!r}: {each} must have at least two {plural(unit)}"
        f"{f' in {dataset!r}' if dataset else ''}; got {counted(got, unit) if got else 'none'} of {whose}"
    )
