"""What a table looks like when it cannot be read, or not all of it is used: how to put it right."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from attnstats.results import plural
from attnstats.scores.factor import Factor
from attnstats.scores.value_kinds import PER_CENT

#: Names of columns that tell what a score is of, and are no scores.
LABELS = re.compile(
    r"(seed|run|trial|repeat|rep|fold|split|item|example|sample|doc|question|prompt|instance|task|data_?set|subject"
    r"|rater|annotator|group|cluster|block)(_?(id|idx|index|no|nr|number|name))?",
    re.IGNORECASE,
)
#: Names of columns of several scores of one condition, or of its settings.
_MEASURES = re.compile(
    rf"{PER_CENT.pattern}|loss|error|perplexity|bleu|rouge|time|step|epoch|^lr$|value", re.IGNORECASE
)
#: Scores of one kind are within so many times each other.
_ALIKE = 10
#: Rows from which the kind of a column is told.
_LOOKED_AT = 1_000
#: Groups from which a column is taken for one of clusters.
_FEWEST = 5


def wide_hint(columns: Mapping[str, Any], value: str, condition: str, *, is_text: bool, decimal: str) -> str:
    """Return how to make a table long that has a column of scores for each condition; empty where it has none."""
    scores = {name: cells for name, cells in columns.items() if not LABELS.fullmatch(name)}
    ends = {name: _ends(cells, is_text=is_text, decimal=decimal) for name, cells in scores.items()}
    found = {name: each for name, each in ends.items() if each is not None}
    if len(found) < 2:
        return ""
    sizes = np.abs(list(found.values())).max(axis=1)
    if sizes.max() > _ALIKE * sizes.min() or any(_MEASURES.search(name) for name in found):
        return ""
    names = [name for name in columns if name not in found]
    told = condition if condition not in columns else "column" if condition in names else "condition"
    score = "score" if value in columns else value
    return (
        f" (the table looks wide, with a column of scores for each of {_listed(found)}: make it long, one score a row,"
        f" as by pandas.melt(table, id_vars={names}, var_name={told!r}, value_name={score!r}))"
    )


def _ends(cells: Any, *, is_text: bool, decimal: str) -> tuple[float, float] | None:
    """Return the lowest and the highest of a column of numbers; None of any other."""
    head = pd.Series(list(cells[:_LOOKED_AT]), dtype=object)
    if is_text:
        head = head.str.replace(decimal, ".").where(head != "")
    elif head.map(lambda cell: isinstance(cell, str)).any():
        return None
    numbers = pd.to_numeric(head.dropna(), errors="coerce")
    return None if numbers.isna().any() or numbers.empty else (float(numbers.min()), float(numbers.max()))


def _listed(names: Collection[str]) -> str:
    first = list(names)[:3]
    return ", ".join(map(repr, first)) + (", ..." if len(names) > len(first) else "")


def unused_columns(columns: Mapping[str, Any], used: Collection[str], factors: Sequence[Factor]) -> str:
    """Return which further columns tell what a score is of, or group what was named; empty where none does."""
    example = next((each for each in factors if each.role == "example"), None)
    clustered = any(each.role == "group" for each in factors)
    found = []
    for name, cells in columns.items():
        if name in used:
            continue
        if example is not None and not clustered and _groups(cells, example):
            found.append(f"{name} ({name} groups the {plural(example.column)}: group={name!r}?)")
        elif LABELS.fullmatch(name):
            found.append(name)
    return ", ".join(found)


def _groups(cells: Any, example: Factor) -> bool:
    """Whether a column of labels is the same in all rows of an example, and in those of several examples."""
    first = cells[0] if not isinstance(cells, pd.Series) else cells.iloc[0]
    if not isinstance(first, str | int | np.integer) or isinstance(first, bool):
        return False
    codes, labels = pd.factorize(pd.Series(list(cells), dtype=object).astype(str))
    n, n_examples = len(labels), len(example.labels)
    if not _FEWEST <= n <= n_examples / 2:
        return False
    of_example = np.full(n_examples, -1, dtype=np.int64)
    of_example[example.codes] = codes
    return bool((of_example[example.codes] == codes).all())
