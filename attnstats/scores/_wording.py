"""A design in words: the caller's names of columns, and their plurals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attnstats.results import plural
from attnstats.scores.factor import counted
from attnstats.scores.layout import Layout

if TYPE_CHECKING:
    from attnstats.scores.design import Design, DesignFactor

#: Conditions whose missing cells are counted one by one.
_NAMED = 3
#: Units that often have mere numbers for labels, and may be independent all the same.
_NUMBERED = ("seed", "subject")


def design_lines(design: Design) -> list[str]:
    """Return the design in about five lines."""
    unit = f"the {design.unit_name} is the unit of replication: {span(design.n_units)} of each {design.condition}"
    lines = [headline(design), f"{design.value}: {design.kind}", f"{unit}, {_pairing(design)}", _scope(design)]
    if design.n_incomplete:
        lines.append(f"{counted(design.n_incomplete, 'row')} left out as incomplete")
    return lines


def headline(design: Design) -> str:
    """Return what is crossed with what, and how much of it is there."""
    directions = [factor for factor in design.factors if not factor.determined]
    parts = [counted(len(design.conditions), design.condition), *(_direction(each, design) for each in directions)]
    if not directions or design.per_cell[1] > 1:
        parts.append(f"{span(design.per_cell if directions else design.n_units)} rows of each")
    inner = {role for direction in directions for role in direction.inside}
    others = [each for each in design.factors if each.determined and each.role not in inner]
    facts = [
        *(counted(each.n_labels, each.column) for each in others),
        *_relations(design, directions),
        *([_gaps(design)] if directions else []),
    ]
    return ", ".join([" × ".join(parts), *facts])


def _direction(factor: DesignFactor, design: Design) -> str:
    """Return how many there are of a factor, and of those that it is nested in."""
    if factor.layout is Layout.CROSSED:
        text = counted(factor.n_labels, factor.column)
    else:
        text = f"{span(factor.per_condition)} {plural(factor.column)} of each"
    holders = [each for each in design.factors if each.determined and each.role in factor.inside]
    inside = " and ".join(counted(each.n_labels, each.column) for each in holders)
    return f"{text} in {inside}" if inside else text


def _relations(design: Design, directions: Sequence[DesignFactor]) -> list[str]:
    """Return how the factors stand to the conditions."""
    if directions and all(factor.layout is Layout.CROSSED for factor in directions):
        return ["crossed"]
    conditions = plural(design.condition)
    words = {
        Layout.CROSSED: f"crossed with {conditions}",
        Layout.NESTED: f"nested in {conditions}",
        Layout.PARTLY: f"partly shared by {conditions}",
    }
    return [f"{plural(factor.column)} {words[factor.layout]}" for factor in directions]


def _gaps(design: Design) -> str:
    """Return how many cells have no score, and where."""
    if design.complete:
        return "complete"
    gaps = sorted(zip(design.n_missing_cells, design.conditions, strict=True), key=lambda gap: -gap[0])
    gaps = [gap for gap in gaps if gap[0]]
    named = [f"{n:,} of {condition}" for n, condition in gaps[:_NAMED]]
    if rest := gaps[_NAMED:]:
        named.append(f"{sum(n for n, _ in rest):,} of {counted(len(rest), 'other')}")
    return f"{sum(n for n, _ in gaps):,} of {sum(design.n_cells):,} cells missing ({', '.join(named)})"


def _pairing(design: Design) -> str:
    """Return whether the units of the conditions are pairs, and why."""
    conditions = plural(design.condition)
    if design.declared:
        return "paired, as declared" if design.paired else "independent, as declared"
    factor = None if design.unit is None else design.factor(design.unit)
    if factor is None:
        return "independent, since nothing tells which belong together"
    if factor.layout is Layout.PARTLY:
        most = ", or most have no partner" if design.unit == "seed" else ""
        return f"taken as independent, since not every two {conditions} share two of them{most}"
    if factor.layout is Layout.NESTED:
        return f"independent, since each {design.condition} has its own"
    mere = " (paired=False if labels are mere numbers)" if design.unit in _NUMBERED else ""
    return f"paired by label{mere}"


def _scope(design: Design) -> str:
    """Return of what a comparison can speak, and of what it cannot."""
    spoken = [f"other {plural(design.unit_name)}"]
    silent, why = [], ""
    items, seeds, data = (design.factor(role) for role in ("example", "seed", "dataset"))
    if design.unit == "fold":
        spoken = [f"other {plural(design.unit_name)} of these data, which share rows and so are not independent"]
        silent.append("other data")
    elif design.unit in ("seed", "subject", "group") and items is not None and min(items.per_condition) > 1:
        spoken.append(f"other {plural(items.column)}")
    elif design.unit == "seed":
        silent.append("other test examples")
    if data is not None and design.unit != "dataset":
        silent.append(f"other {plural(data.column)}")
    if design.unit in ("group", "example", "dataset"):
        run = "run" if seeds is None else seeds.column
        silent.insert(0, f"other {plural(run)}")
        why = f"one {run} of each {design.condition}, so that "
        if seeds is not None and max(seeds.per_condition) > 1:
            why = f"one {run} alone of some {plural(design.condition)}, so that "
    if not silent:
        return f"speaks of {' and '.join(spoken)}"
    return f"speaks of {' and '.join(spoken)}; {why}nothing is said of {' or '.join(silent)}"


def span(counts: Sequence[int]) -> str:
    """Return the smallest and the largest of several numbers, or the one that all are."""
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
