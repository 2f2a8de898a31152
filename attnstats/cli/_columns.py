"""The columns that a command names: complete rows, each column as numbers or classes, bad fields named by their row."""

from __future__ import annotations

import argparse
import datetime
import decimal
import math
import numbers
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attnstats._tables import SUFFIXES, Table, read_table
from attnstats.cli._options import add_reading, listed, separator
from attnstats.exceptions import ConfigError, InvalidInputError, NonFiniteError

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
#: A whole number that float64 still reaches.
_LARGEST = 10**300


def add_table_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help=f"a table that ends in {', '.join(SUFFIXES)} (text also in .gz, .bz2, .xz, .zst); - reads CSV from the"
        " standard input",
    )
    add_reading(command)


@dataclass(frozen=True, eq=False)
class Columns:
    """The rows of a table in which no column that was asked for is missing."""

    #: Those rows, with the numbers they have in the file.
    table: Table
    #: The decimal sign of numbers in text.
    decimal: str = "."
    #: Rows left out because a field is missing.
    n_left_out: int = 0

    def words(self, column: str) -> NDArray[np.str_]:
        """Return a column as the words that stand in it: classes, or what names a group."""
        return np.array(self.table.words(column), dtype=np.str_)

    def numbers(self, column: str) -> NDArray[Any]:
        """Return a column of numbers: whole ones as integers, times as times, true and false as they are."""
        fields = self._fields(column)
        flags = [_as_flag(field, is_text=self.table.is_text) for _, field in fields]
        if None not in flags:
            return np.array(flags, dtype=np.bool_)
        values = []
        for row, field in fields:
            value = self._number(field)
            if value is None:
                remedy = self._remedy(field) if any(map(self._like_a_number, self.table.cells[column])) else ""
                raise InvalidInputError(f"row {row} of {column!r}: must be a number; got {_shown(field)}{remedy}")
            if not math.isfinite(value):
                raise NonFiniteError(f"row {row} of {column!r}: must be finite; got {_shown(field)}")
            values.append(value)
        for kind, dtype in ((datetime.date, "datetime64[ns]"), (datetime.timedelta, "timedelta64[ns]")):
            if isinstance(fields[0][1], kind):
                return np.array(values, dtype=np.int64).view(dtype)
        if all(isinstance(value, int) for value in values):
            for whole in (np.int64, np.uint64):
                if np.iinfo(whole).min <= min(values) and max(values) <= np.iinfo(whole).max:
                    return np.array(values, dtype=whole)
        return np.array(values, dtype=np.float64)

    def values(self, column: str) -> NDArray[Any]:
        """Return a column of numbers as `numbers` does, and one of words as words; refuse one that holds both."""
        fields = self._fields(column)
        like_numbers = [self._like_a_number(field) for _, field in fields]
        if all(like_numbers) or all(_as_flag(field, is_text=self.table.is_text) is not None for _, field in fields):
            return self.numbers(column)
        if not any(like_numbers):
            return self.words(column)
        row, field = fields[like_numbers.index(False)]
        other_row, other = fields[like_numbers.index(True)]
        raise InvalidInputError(
            f"row {row} of {column!r}: must be a number like {_shown(other)} in row {other_row}; got {_shown(field)}"
            f"{self._remedy(field, f'; --classes {column} takes the column for classes')}"
        )

    def groups(self, by: Sequence[str]) -> list[tuple[tuple[str, ...], NDArray[np.intp]]]:
        """Return the values of some columns that occur together, in order of appearance, with the rows of each.

        All rows are one group without a column.
        """
        if not by:
            return [((), np.arange(len(self.table.cells)))]
        words = pd.DataFrame({name: self.words(name) for name in by})
        found = words.groupby(list(by), sort=False).indices
        return [(key if isinstance(key, tuple) else (str(key),), np.asarray(rows)) for key, rows in found.items()]

    def _fields(self, column: str) -> list[tuple[Any, Any]]:
        fields = self.table.cells[column]
        return list(zip(fields.index, fields, strict=True))

    def _number(self, field: Any) -> int | float | None:
        """Return the number that a field holds, None if it holds none."""
        if isinstance(field, str):
            return _parsed(field, self.decimal) if self.table.is_text else None
        if isinstance(field, bool):
            return None
        if isinstance(field, numbers.Integral):
            whole = int(field)
            return whole if abs(whole) < _LARGEST else math.inf
        if isinstance(field, numbers.Real | decimal.Decimal):
            return float(field)
        return _nanoseconds(field) if isinstance(field, datetime.date | datetime.timedelta) else None

    def _like_a_number(self, field: Any) -> bool:
        """Whether a field is a number, or would be one with the other decimal sign."""
        if self._number(field) is not None:
            return True
        return isinstance(field, str) and self.table.is_text and _parsed(field.replace(",", ".")) is not None

    def _remedy(self, field: Any, other: str = "") -> str:
        if not isinstance(field, str):
            return ""
        if self._like_a_number(field):
            return f" (try --decimal {'.' if self.decimal == ',' else ','}{other})"
        return f" (--na {field.strip()} takes such fields for missing{other})"


def read_columns(options: argparse.Namespace, wanted: Mapping[str, str | None]) -> tuple[Columns, list[list[str]]]:
    """Return the complete rows of the columns wanted by options that name some, and the columns of each, in order.

    An option that is not given, None, has no columns.
    """
    sep = separator(options)
    if sep is not None and sep == options.decimal == ",":
        raise ConfigError("--sep and --decimal: must differ; got ',' for both")
    table = read_table(options.file, sep=sep, encoding=options.encoding)
    chosen = {flag: [] if names is None else column_names(names, flag, table) for flag, names in wanted.items()}
    places: dict[str, str] = {}
    for flag, names in chosen.items():
        for name in names:
            if name in places:
                both = flag if places[name] == flag else f"{places[name]} and {flag}"
                raise ConfigError(f"{both}: must name each column once; got {name!r} twice")
            places[name] = flag
    return _complete(table, list(places), options), list(chosen.values())


def column_names(text: str, flag: str, table: Table) -> list[str]:
    """Return the columns that an option names, split at commas; a name that holds one may stand in double quotes."""
    columns, whole = list(table.cells.columns), text.strip()
    if whole in columns and "," not in text:
        return [whole]
    names = listed(text, flag)
    if whole in columns:
        if all(name in columns for name in names):
            raise ConfigError(f"{flag}: {text!r} is one column, or {len(names)}; write '\"{whole}\"' for the one")
        return [whole]
    if not names or not all(names):
        raise ConfigError(f"{flag}: must name columns, as in  COL,COL ; got {text!r}")
    for name in names:
        if name not in columns:
            raise ConfigError(f"{flag}: must be a column of {table.name}, one of {', '.join(columns)}; got {name!r}")
    return names


def _complete(table: Table, names: Sequence[str], options: argparse.Namespace) -> Columns:
    """Return the rows in which no field of `names` is missing; without --dropna, raise where one is."""
    columns = Columns(table, options.decimal)
    declared = listed(options.na or "", "--na")
    amounts = {_parsed(each, options.decimal) for each in declared} - {None}
    incomplete = np.zeros(len(table.cells), dtype=bool)
    for name in names:
        missing = table.missing(name)
        if declared:
            fields = table.cells[name]
            missing |= [str(field).strip() in declared or columns._number(field) in amounts for field in fields]
        if missing.any() and not options.dropna:
            row, field = columns._fields(name)[missing.argmax()]
            more = f", and {missing.sum() - 1} more in this column" if missing.sum() > 1 else ""
            raise NonFiniteError(
                f"row {row} of {name!r}: must not be missing; got {_shown(field)}{more}"
                " (--dropna leaves out incomplete rows)"
            )
        incomplete |= missing
    if incomplete.all():
        raise InvalidInputError(f"{table.name}: must have a row without a missing field; got none of {len(incomplete)}")
    return replace(columns, table=replace(table, cells=table.cells[~incomplete]), n_left_out=int(incomplete.sum()))


def _parsed(text: str, decimal_sign: str = ".") -> int | float | None:
    """Return the number that a text stands for; whole ones of any size exactly."""
    text = text.strip()
    if decimal_sign == ",":
        text = text.translate({ord(","): ".", ord("."): ","})  # a point is no decimal sign then, so no number
    if _WHOLE.fullmatch(text) and len(text) <= len(str(_LARGEST)):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else None


def _nanoseconds(time: datetime.date | datetime.timedelta) -> int | None:
    """Return a time since 1970, or a duration; None where 64 bits do not hold it."""
    try:
        if isinstance(time, datetime.timedelta):
            return int(pd.Timedelta(time).as_unit("ns").value)
        return int(pd.Timestamp(time).as_unit("ns").value)
    except (OverflowError, ValueError):
        return None


def _as_flag(field: Any, *, is_text: bool) -> bool | None:
    if is_text and isinstance(field, str):
        return {"true": True, "false": False}.get(field.strip().lower())
    return bool(field) if isinstance(field, bool | np.bool_) else None


def _shown(field: Any) -> str:
    """Return a field as a message shows it: whole if it is short, and an empty one as nothing."""
    if isinstance(field, str) and not field.strip():
        return "an empty field"
    return f"{field!r:.60}"
