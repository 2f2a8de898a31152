"""What a comparison asks of a table beyond being readable: one line that names the column, the rule and the row."""

from __future__ import annotations

import numpy as np

from attnstats._column import shown
from attnstats._validation import as_number
from attnstats.comparison import MaxT, MinP
from attnstats.comparison._arguments import check_object
from attnstats.comparison.families.multiplicity import Correction
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.results import counted, plural
from attnstats.scores._cells import presence
from attnstats.scores.choice.choose import Setup
from attnstats.scores.design import Design
from attnstats.scores.scores import Scores
from attnstats.scores.value_kinds import Binary, Bounded


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
        f" them one; got one of {condition.labels[code]!r} and {per_condition.max()} of {most!r} (leave out the"
        f" {condition.column} or the column)"
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


def check_correction(correction: Correction) -> Correction:
    """Return the correction, unless it is none that adjusts p-values alone, as `MaxT` does not."""
    known = "Holm(), Hochberg(), Hommel(), Bonferroni(), BenjaminiHochberg() or BenjaminiYekutieli()"
    if isinstance(correction, MaxT | MinP):
        raise InvalidInputError(f"correction: must be {known}; got {correction!r}")
    check_object(correction, "correction", "adjust", known)
    return correction


def place_of(reference: str | None, design: Design) -> int | None:
    """Return the place of the reference among the conditions."""
    if reference is None:
        return None
    if not isinstance(reference, str) or reference not in design.conditions:
        known = ", ".join(map(repr, design.conditions))
        raise InvalidInputError(f"reference: must be a {design.condition}, one of {known}; got {shown(reference)}")
    return design.conditions.index(reference)


def check_arrangement(setup: Setup, scores: Scores, design: Design) -> None:
    """Raise unless two units of each condition, or of each two conditions that are paired, are in each data set."""
    for place, dataset in enumerate(setup.data.datasets):
        within = f" in {dataset!r}" if dataset else ""
        there = [~np.isnan(blocks[place].unit_means) for blocks in setup.data.conditions]
        for i, units in enumerate(there):
            if units.sum() < 2:
                _raise(scores, design, setup.analysis.unit, design.conditions[i], within, int(units.sum()))
            if not setup.analysis.paired:
                continue
            for j in range(i):
                if (units & there[j]).sum() < 2:
                    both = f"{design.conditions[j]!r} and {design.conditions[i]}"
                    _raise(scores, design, setup.analysis.unit, both, within, int((units & there[j]).sum()))


def _raise(scores: Scores, design: Design, unit: str, whose: str, within: str, got: int) -> None:
    raise TooFewSamplesError(
        f"row {scores.rows[0]} on of {unit!r}: there must be at least two {plural(unit)} of each {design.condition}"
        f"{within}; got {counted(got, unit) if got else 'none'} of {whose!r}"
    )
