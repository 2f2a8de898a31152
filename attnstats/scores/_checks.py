"""Checks of a whole table of scores: each raises one line that names the column, the rule and the row."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from attnstats._column import shown
from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.results import plural
from attnstats.scores._cells import cell_codes, n_cells, repeated
from attnstats.scores._source import Source
from attnstats.scores.factor import Factor

#: Roles that tell one score of a condition from another; without any of them the rows themselves are the replicates.
IDENTIFYING = ("seed", "example", "fold", "subject")
#: Labels of rows that sum up others.
_SUMMARY = re.compile(
    r"(macro[ -]?|micro[ -]?|grand )?(average|avg\.?|mean)s?|overall|total|std\.?|sd|stdev|median"
    r"|mittel(wert)?|durchschnitt|gesamt|moyenne|promedio|media",
    re.IGNORECASE,
)


def check_conditions(condition: Factor, rows: IntArray, looks_wide: Callable[[], str]) -> None:
    """Raise unless there are two conditions, each with two rows; `looks_wide` says how to make a wide table long."""
    if len(condition.labels) < 2:
        raise TooFewSamplesError(
            f"row {rows[0]} of {condition.column!r}: there must be at least two {plural(condition.column)} to compare;"
            f" got {condition.labels[0]!r} in every row"
        )
    counts = np.bincount(condition.codes, minlength=len(condition.labels))
    if counts.min() < 2:
        fewest = counts[condition.codes] == counts.min()
        place = int(fewest.argmax())
        code = int(condition.codes[place]) if counts.min() else int(counts.argmin())
        where = f"row {rows[place]} of " if counts[code] else ""
        got = "this one alone" if counts[code] else "none that is complete"
        hint = ""
        if counts[code] and np.median(counts) == 1:
            hint = (
                looks_wide() or " (is there a column, such as the model or method, that is the same in several rows?)"
            )
        raise TooFewSamplesError(
            f"{where}{condition.column!r}: each {condition.column} must have at least two rows; got {got} of"
            f" {condition.labels[code]!r}{hint}"
        )


def check_varies(values: FloatArray, column: str, rows: IntArray) -> None:
    """Raise if all scores are the same."""
    if values.min() == values.max():
        raise ConstantInputError(f"row {rows[0]} of {column!r}: must vary; got {float(values[0])!r} in every row")


def check_no_copies(factors: Sequence[Factor], rows: IntArray) -> None:
    """Raise if two factors are one under two names: each label of either goes with one of the other."""
    for first, second in combinations(factors, 2):
        n = len(first.labels)
        if n > 1 and n == len(second.labels) and n_cells((first, second), len(rows)) == n:
            raise InvalidInputError(
                f"row {rows[0]} of {second.column!r}: must not be a copy of {first.column!r}; got one {second.column}"
                f" for each {first.column} throughout, such as {second.labels[second.codes[0]]!r} for"
                f" {first.labels[first.codes[0]]!r} (leave one of the two out)"
            )


def check_no_summaries(values: FloatArray, factors: Sequence[Factor], rows: IntArray) -> None:
    """Raise if a label that says so sums up the others: beside numbers, or with their means for scores."""
    for factor in factors:
        others = [each for each in factors if each is not factor]
        for code, label in enumerate(factor.labels):
            if not _SUMMARY.fullmatch(label) or len(factor.labels) < 3:
                continue
            here = factor.codes == code
            rest = [each for each in factor.labels if each != label]
            if all(each.lstrip("-").isdigit() for each in rest):
                why = "beside numbers"
            elif _are_means(values, here, others):
                why = f"whose scores are means of those of the other {plural(factor.column)}"
            else:
                continue
            raise InvalidInputError(
                f"row {rows[int(here.argmax())]} of {factor.column!r}: must not sum up other {plural(factor.column)};"
                f" got {label!r}, {why} (leave its rows out)"
            )


def _are_means(values: FloatArray, here: BoolArray, others: Sequence[Factor]) -> bool:
    """Whether in each cell of the other factors some values are the mean of the rest, up to how they are rounded."""
    codes, _ = cell_codes(others, len(values))
    cells = pd.DataFrame({"cell": codes, "value": values})
    wanted = cells[here].set_index("cell")["value"]
    found = cells[~here].groupby("cell")["value"].mean().reindex(wanted.index)
    decimals = next(d for d in range(17) if d == 16 or np.array_equal(np.round(wanted, d), wanted))
    return bool(((found - wanted).abs() <= 10.0**-decimals + 1e-9 * wanted.abs()).all())


def check_groups(example: Factor, group: Factor, rows: IntArray) -> None:
    """Raise if an example lies in two groups."""
    first_row = np.full(len(example.labels), -1, dtype=np.int64)
    first_row[example.codes[::-1]] = np.arange(len(rows))[::-1]
    earlier = first_row[example.codes]
    elsewhere = group.codes[earlier] != group.codes
    if elsewhere.any():
        row = int(elsewhere.argmax())
        raise InvalidInputError(
            f"row {rows[row]} of {group.column!r}: each {example.column} must lie in one {group.column}; got"
            f" {group.labels[group.codes[row]]!r} for {example.labels[example.codes[row]]!r}, and"
            f" {group.labels[group.codes[earlier[row]]]!r} in row {rows[earlier[row]]} (if each {group.column} numbers"
            f" its {plural(example.column)} anew, join the two labels)"
        )


def check_cells_differ(factors: Sequence[Factor], rows: IntArray, source: Source, value: str, kept: IntArray) -> None:
    """Raise if two rows have the same factors, unless none of the factors tells scores of a condition apart."""
    if not any(factor.role in IDENTIFYING for factor in factors):
        return
    again = repeated(factors, len(rows))
    if not again.any():
        return
    row = int(again.argmax())
    codes, _ = cell_codes(factors, len(rows))
    earlier = int((codes == codes[row]).argmax())
    cell = ", ".join(f"{factor.column} {factor.labels[factor.codes[row]]}" for factor in factors)
    used = {value, *(factor.column for factor in factors)}
    further = _column_that_differs(source, used, int(kept[earlier]), int(kept[row]))
    raise InvalidInputError(
        f"row {rows[row]} of {', '.join(repr(factor.column) for factor in factors)}: each row must be another cell; got"
        f" {cell}, as in row {rows[earlier]}{further}"
    )


def _column_that_differs(source: Source, used: set[str], first: int, second: int) -> str:
    """Return a hint for a message: a further column of the table in which two rows differ."""
    for name, cells in source.columns.items():
        one, other = (cells.iloc[place] if isinstance(cells, pd.Series) else cells[place] for place in (first, second))
        if name not in used and isinstance(one, str | int | np.integer) and one != other:
            return f" (they differ in {name!r}: {shown(one)} and {shown(other)})"
    return ""
