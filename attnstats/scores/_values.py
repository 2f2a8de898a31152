"""The column of values as floats; what is no number is named with its row."""

from __future__ import annotations

import numbers
import re
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from attnstats._column import EXACT, shown
from attnstats._conversion import read
from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import InvalidInputError, NonFiniteError

#: Fields of a text file that stand for a missing score, in lower case.
MISSING_FIELDS = ("", "na", "n/a", "nan", "none", "null")
#: A number with commas between thousands, and so not one with a comma before decimals.
_THOUSANDS = re.compile(r"[+-]?\d{1,3}((,\d{3})+\.\d*|(,\d{3}){2,})")


def values_of(cells: Any, column: str, rows: IntArray, *, is_text: bool, decimal: str) -> FloatArray:
    """Return a column as float64, NaN where a score is missing."""
    values = _parsed(cells, column, rows, decimal) if is_text else _measured(cells, column, rows)
    infinite = np.isinf(values)
    if infinite.any():
        place = int(infinite.argmax())
        raise NonFiniteError(f"row {rows[place]} of {column!r}: must be finite; got {float(values[place])!r}")
    return values


def _parsed(cells: pd.Series[Any], column: str, rows: IntArray, decimal: str) -> FloatArray:
    """Return the numbers that fields of text stand for; true and false where all are."""
    fields = cells.to_numpy(dtype=object)
    written = np.char.replace(fields.astype(str), ",", ".").astype(object) if decimal == "," else fields
    values = np.asarray(pd.to_numeric(written, errors="coerce"), dtype=np.float64)
    unread = np.isnan(values)
    if decimal == ",":
        unread |= np.array(["." in field for field in fields], dtype=bool)
    if not unread.any():
        return values
    codes, distinct = pd.factorize(fields[unread])
    words = [field.strip().lower() for field in distinct]
    flags = {"true": 1.0, "false": 0.0}
    if unread.all() and set(words) <= {*flags, *MISSING_FIELDS}:
        return np.array([flags.get(word, np.nan) for word in words])[codes]
    wrong = np.array([word not in MISSING_FIELDS for word in words])[codes]
    if wrong.any():
        place = int(np.flatnonzero(unread)[wrong][0])
        said = f"row {rows[place]} of {column!r}: must be a number; got {shown(fields[place])}"
        raise InvalidInputError(f"{said}{_advice(fields[place], is_text=True)}")
    return values


def _advice(field: str, *, is_text: bool) -> str:
    """Return what to do with a field that is no number, for a message; empty where nothing is known."""
    if not is_text and _is_written(field):
        return "; pandas.to_numeric makes numbers of text"
    if "±" in field:
        return "; give the score of each run, not a mean with its spread"
    if field.strip().endswith("%"):
        return "; leave out the sign of per cent"
    if _THOUSANDS.fullmatch(field.strip()):
        return "; leave out the commas between thousands"
    if "," in field and is_text:
        return "; decimal=',' reads numbers with a comma"
    return (
        "" if any(letter.isdigit() for letter in field) else "; right and wrong are written 1 and 0, or true and false"
    )


def _is_written(field: str) -> bool:
    """Whether text stands for a number."""
    return bool(pd.notna(pd.to_numeric(pd.Series([field]), errors="coerce")).all())


def _measured(cells: Any, column: str, rows: IntArray) -> FloatArray:
    """Return values of a frame, none of them text, a time or complex."""
    if getattr(getattr(cells, "dtype", None), "kind", "") == "c":
        cells = cells.astype(object)
    read_column = read(cells, column).whole()
    if read_column.holds or read_column.tick is not None:
        wrong = np.array([not _is_number(each) for each in read_column.values.tolist()]) & ~read_column.absent
        place = int(wrong.argmax()) if read_column.tick is None else int((~read_column.absent).argmax())
        cell = read_column.values[place]
        rule = "a number that float64 can represent" if isinstance(cell, int) else "a number"
        got = "a time" if read_column.tick is not None else shown(cell)
        advice = _advice(cell, is_text=False) if isinstance(cell, str) else ""
        raise InvalidInputError(f"row {rows[place]} of {column!r}: must be {rule}; got {got}{advice}")
    return read_column.numbers(f"{column!r}:", shift=False)


def _is_number(value: Any) -> bool:
    """Whether a value among others is a number; a whole one that float64 holds only rounded is not."""
    rounded = isinstance(value, int) and abs(value) > EXACT
    return isinstance(value, numbers.Real | Decimal | np.bool_) and not rounded
