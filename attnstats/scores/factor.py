"""A factor of a table of scores: the column as integer codes with labels in order."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attnstats._column import shown
from attnstats._conversion import read
from attnstats._validation import IntArray
from attnstats.exceptions import InvalidInputError
from attnstats.results import plural

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
#: What `pandas.api.types.infer_dtype` calls values of one kind.
_ONE_KIND = {
    "string", "integer", "floating", "mixed-integer-float", "decimal", "boolean", "bytes", "date", "datetime",
    "datetime64", "timedelta", "timedelta64", "empty",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Factor:
    """A factor of a table of scores.

    Parameters
    ----------
    role : str
        What it is in the design: the parameter of `read_scores` that named it, such as ``"seed"``.
    column : str
        The caller's name of it.
    labels : tuple of str
        Its distinct values as text, in order: by size if all are numbers, else by alphabet.
    codes : ndarray of int, shape (n_scores,)
        Place of each score's value among the labels.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Factor
    >>> Factor("seed", "run", ("0", "1"), np.array([0, 1, 0, 1]))
    Factor('run', 2 runs)
    """

    role: str
    column: str
    labels: tuple[str, ...]
    codes: IntArray

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.column!r}, {counted(len(self.labels), self.column)})"


def counted(n: int, unit: str) -> str:
    """Return a number of units in words, thousands apart: ``2,000 items``."""
    return f"{n:,} {unit if n == 1 else plural(unit)}"


def factor_of(cells: Any, role: str, column: str, rows: IntArray) -> Factor:
    """Return a column as a factor, with code -1 where it is missing."""
    codes, uniques = _factorized(_one_dimensional(cells, column), column, rows)
    labels = [_as_label(each) for each in uniques]
    _check_apart(labels, codes, column, rows)
    labels = [label.strip() for label in labels]
    numeric = all(_NUMBER.fullmatch(label) for label in labels if label)
    order = sorted(
        (place for place, label in enumerate(labels) if label),
        key=lambda place: (float(labels[place]) if numeric else 0.0, labels[place]),
    )
    ranks = np.full(len(labels) + 1, -1, dtype=np.int64)  # blank labels, and the code -1, stay missing
    ranks[order] = np.arange(len(order))
    return Factor(role, column, tuple(labels[place] for place in order), ranks[codes])


def _one_dimensional(cells: Any, column: str) -> Any:
    """Return the cells of any library as what pandas can factorise."""
    if isinstance(cells, pd.Series):
        return cells
    dtype = str(getattr(cells, "dtype", getattr(cells, "type", ""))).lower()
    if dtype.startswith(("str", "utf8", "large_string", "cat", "enum", "dictionary")):
        return np.asarray(cells.to_numpy(), dtype=object)
    given = read(cells, column)  # integers beside nulls stay integers
    if given.missing is None:
        return given.array
    values = given.array.astype(object)
    values[given.missing] = None
    return values


def _factorized(cells: Any, column: str, rows: IntArray) -> tuple[IntArray, NDArray[Any]]:
    if cells.dtype == object:
        _check_one_kind(np.asarray(cells), column, rows)
    try:
        codes, uniques = pd.factorize(cells)
    except TypeError as error:
        place, cell = next((place, cell) for place, cell in enumerate(cells) if not isinstance(cell, Hashable))
        raise InvalidInputError(f"row {rows[place]} of {column!r}: must be one value; got {shown(cell)}") from error
    return codes.astype(np.int64, copy=False), np.asarray(uniques, dtype=object)


def _check_one_kind(cells: NDArray[Any], column: str, rows: IntArray) -> None:
    """Raise if text stands beside numbers, which would make two values of 1 and "1", or one of 1 and True."""
    if pd.api.types.infer_dtype(cells, skipna=True) in _ONE_KIND:
        return
    present = np.flatnonzero(~pd.isna(cells))
    for place in present:
        if type(cells[place]) is not type(cells[present[0]]):
            raise InvalidInputError(
                f"row {rows[place]} of {column!r}: must be of the same type as {shown(cells[present[0]])} in row"
                f" {rows[present[0]]}; got {shown(cells[place])}"
            )


def _as_label(value: Any) -> str:
    """Return a value as text; whole numbers without a decimal point, as they are where nothing is missing."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.decode() if isinstance(value, bytes) else str(value)


def _check_apart(labels: list[str], codes: IntArray, column: str, rows: IntArray) -> None:
    """Raise if two labels differ by case or spaces only."""
    seen: dict[str, int] = {}
    for place, label in enumerate(labels):
        other = seen.setdefault("".join(label.split()).casefold(), place)
        if other != place and label.strip():
            row, earlier = (rows[int((codes == each).argmax())] for each in (place, other))
            raise InvalidInputError(
                f"row {row} of {column!r}: labels must differ by more than case and spaces; got {label!r}, and"
                f" {labels[other]!r} in row {earlier}"
            )
