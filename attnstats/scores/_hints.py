"""What a table looks like when it cannot be read, or not all of it is used: how to put it right."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from attnstats._validation import IntArray
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
_MEASURES = re.compile(rf"{PER_CENT.pattern}|loss|error|perplexity|bleu|rouge|time|step|epoch|value", re.IGNORECASE)
#: Scores of one kind are within so many times each other.
_ALIKE = 10
#: Rows from which the kind of a column is told.
_LOOKED_AT = 1_000
#: What `pandas.api.types.infer_dtype` calls numbers, and labels.
_NUMBERS = ("integer", "floating", "mixed-integer-float", "boolean", "decimal")
_LABELLED = ("string", "integer", "categorical")
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
    head = _series(cells[:_LOOKED_AT])
    if is_text:
        numbers = pd.to_numeric(head[head != ""].str.replace(decimal, "."), errors="coerce")
    elif pd.api.types.infer_dtype(head, skipna=True) in _NUMBERS:
        numbers = head.dropna()
    else:
        return None
    return None if numbers.isna().any() or numbers.empty else (float(numbers.min()), float(numbers.max()))


def _series(cells: Any) -> pd.Series[Any]:
    """Return a column of any library as one of pandas."""
    if isinstance(cells, pd.Series):
        return cells
    return pd.Series(cells.to_pylist() if hasattr(cells, "to_pylist") else cells.to_list())


def _listed(names: Collection[str]) -> str:
    first = list(names)[:3]
    return ", ".join(map(repr, first)) + (", ..." if len(names) > len(first) else "")


def unused_columns(columns: Mapping[str, Any], used: Collection[str], factors: Sequence[Factor]) -> str:
    """Return which further columns tell what a score is of, or group what was named; empty where none does."""
    example = next((each for each in factors if each.role == "example"), None)
    clustered = any(each.role == "group" for each in factors)
    found = []
    for name, cells in columns.items():
        if name in used or (codes := _codes(cells)) is None:
            continue
        if example is not None and not clustered and _groups(codes, example):
            found.append(f"{name} ({name} groups the {plural(example.column)}: group={name!r}?)")
        elif LABELS.fullmatch(name):
            found.append(name)
    return ", ".join(found)


def _codes(cells: Any) -> IntArray | None:
    """Return a column of labels as integers; None of one that holds anything else, or one label."""
    column = _series(cells)
    if pd.api.types.infer_dtype(column, skipna=True) not in _LABELLED:
        return None
    codes = pd.factorize(column)[0].astype(np.int64)
    return codes if codes.max() > 0 else None


def _groups(codes: IntArray, example: Factor) -> bool:
    """Whether labels are the same in all rows of an example, and in those of several examples."""
    n_examples = len(example.labels)
    if not _FEWEST <= codes.max() + 1 <= n_examples / 2:
        return False
    of_example = np.full(n_examples, -1, dtype=np.int64)
    of_example[example.codes] = codes
    return bool((of_example[example.codes] == codes)[example.codes >= 0].all())
