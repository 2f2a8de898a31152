"""Reading a table file without interpreting its cells: "NA" stays text and 007 keeps its zeros."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attnstats._files import absent
from attnstats.exceptions import DatasetError, require

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_LINES = (".jsonl", ".ndjson")
_PARQUET = (".parquet",)
#: Tables that other programs write.
_UNREAD = (".xlsx", ".xls", ".ods", ".json", ".txt", ".dat", ".feather", ".arrow", ".pkl", ".sav", ".dta", ".rds")
SUFFIXES = (*_SEPARATORS, *_LINES, *_PARQUET)
#: First bytes of files that are no text, whatever their name.
_SIGNATURES = {
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "an Excel or zip file",
    b"\x1f\x8b": "compressed by gzip",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, eq=False)
class Table:
    """The cells of a file."""

    #: Name of the file, for messages.
    name: str
    #: Strings if the file is text. The index has the row numbers in the file, counted from 1: with the header in CSV,
    #: by lines in JSON Lines, without a header in Parquet.
    cells: pd.DataFrame
    #: Whether the cells are text that may stand for numbers (CSV), or values with types of their own.
    is_text: bool

    @property
    def stem(self) -> str:
        """The name of the file without its suffixes."""
        path = Path(self.name)
        return Path(path.stem).stem if path.suffix.lower() in _OPENERS else path.stem

    def column(self, name: str) -> pd.Series[Any]:
        """Return the cells of a column."""
        if name not in self.cells.columns:
            names = ", ".join(self.cells.columns) or "none"
            raise DatasetError(f"{self.name}: has no column {name!r}; its columns are {names}")
        return self.cells[name]

    def missing(self, column: str) -> NDArray[np.bool_]:
        """Return which cells of a column are empty: no value, or only white space."""
        return np.array([_is_empty(cell) for cell in self.column(column)], dtype=bool)

    def words(self, column: str) -> list[str]:
        """Return a column as stripped strings."""
        cells = self.column(column)
        for row, cell in cells.items():
            if isinstance(cell, list | dict | bytes):
                raise DatasetError(f"{self.name}: row {row} of {column!r} must be one value; got {cell!r:.60}")
        return [str(cell).strip() for cell in cells]


def read_table(path: str | Path, *, sep: str | None = None, encoding: str | None = None) -> Table:
    """Return the cells of a CSV, TSV, JSON Lines or Parquet file by its suffix; ``-`` reads CSV from standard input."""
    path = Path(path)
    if path != Path("-") and (said := absent(path)):
        raise DatasetError(f"{path}: {said}")
    kind, compression = _kind_of(path)
    if sep is not None and (kind not in _SEPARATORS or not isinstance(sep, str) or len(sep) != 1 or sep in '"\r\n'):
        raise DatasetError(f"sep: must be one character, and the file CSV or TSV; got {sep!r} for {path.name}")
    if encoding is not None and (kind in _PARQUET or not _is_encoding(encoding)):
        raise DatasetError(f"encoding: must be one of Python, and the file text; got {encoding!r} for {path.name}")
    name = "standard input" if path == Path("-") else path.name
    try:
        if kind in _PARQUET:
            cells = _read_parquet(path)
        elif kind in _LINES:
            cells = _read_lines(_content(path, compression), _signed(encoding or "utf-8"))
        else:
            cells = _read_separated(_content(path, compression), sep or _SEPARATORS[kind], _signed(encoding or "utf-8"))
    except UnicodeError as error:
        hint = "" if encoding else "; name its encoding, for example latin-1 or utf-16"
        raise DatasetError(f"{name}: cannot be read as {encoding or 'utf-8'} ({error}){hint}") from error
    except OSError as error:
        reason = error.strerror or " ".join(str(error).split())
        raise DatasetError(f"{name}: cannot be read: {reason} ({path})") from error
    except (EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise DatasetError(f"{name}: cannot be read: {' '.join(str(error).split())}") from error
    cells.columns = pd.Index([column.strip() for column in cells.columns], dtype=object)
    _check_names(name, list(cells.columns))
    if cells.empty:
        raise DatasetError(f"{name}: must have at least one row of data; got none")
    return Table(name, cells, is_text=kind in _SEPARATORS)


def _kind_of(path: Path) -> tuple[str, str]:
    """Return the format of a file and its compression, by suffix, in lower case."""
    if path == Path("-"):
        return ".csv", ""
    suffixes = [each.lower() for each in path.suffixes]
    compression = suffixes.pop() if suffixes and suffixes[-1] in _OPENERS else ""
    kind = suffixes[-1] if suffixes else ""
    if kind not in SUFFIXES or (compression and kind in _PARQUET):
        other = f" (save it as {'CSV or JSON Lines' if kind == '.json' else 'CSV'})" if kind in _UNREAD else ""
        raise DatasetError(
            f"path: must end in {', '.join(SUFFIXES)}, text also in {', '.join(_OPENERS)} after it; got {path.name!r}"
            f"{other}"
        )
    return kind, compression


def _is_encoding(name: object) -> bool:
    try:
        return isinstance(name, str) and bool(name) and "a".encode(name) != b""
    except LookupError:
        return False


def _signed(encoding: str) -> str:
    """Return the name of an encoding; for UTF-8 the one that skips a byte order mark."""
    return "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding


def _zstd(path: Path) -> Any:
    require("pyarrow", "data")
    import pyarrow

    return pyarrow.input_stream(path, compression="zstd")


_OPENERS: dict[str, Callable[[Path], Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open, ".zst": _zstd}


def _content(path: Path, compression: str) -> IO[bytes]:
    """Return the bytes of a text file, open at the start."""
    if path == Path("-"):
        if sys.stdin is None:
            raise ValueError("it is closed")
        content: IO[bytes] = io.BytesIO(sys.stdin.buffer.read())
    elif compression:
        with _OPENERS[compression](path) as file:
            content = io.BytesIO(file.read())
    else:
        content = path.open("rb")
    head = content.read(8)
    content.seek(0)
    for signature, what in _SIGNATURES.items():
        if head.startswith(signature):
            content.close()
            raise ValueError(f"it is {what}, which its name does not say")
    return content


def _read_separated(content: IO[bytes], sep: str, encoding: str) -> pd.DataFrame:
    """Return CSV cells as strings, "" if empty; blank lines count in row numbers but are left out."""
    with content:
        first = _parse(content, sep, encoding, nrows=1, skip_blank_lines=True)
        names = list(first.iloc[0])
        if any("\0" in name for name in names):
            raise ValueError("it holds bytes of value 0; name its encoding, for example utf-16")
        if len(names) == 1:
            other = next((each for each in ";\t|, " if each != sep and each in names[0]), None)
            tried = "" if other is None else f"; is it {other!r}?"
            raise ValueError(f"it has one column, {names[0]!r}, with the separator {sep!r}{tried}")
        content.seek(0)
        cells = _parse(content, sep, encoding, names=range(len(names)), skip_blank_lines=False)
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    cells = cells[(cells != "").any(axis=1)]
    cells = cells.iloc[1:].set_axis(names, axis=1)
    numbered = names[0] == "" and len(cells) > 0 and list(cells.iloc[:, 0]) == [str(row) for row in range(len(cells))]
    return cells.iloc[:, 1:] if numbered else cells  # pandas writes the numbers of rows without a name


def _parse(content: IO[bytes], sep: str, encoding: str, **options: Any) -> pd.DataFrame:
    try:
        cells: pd.DataFrame = pd.read_csv(
            content, sep=sep, encoding=encoding, header=None, dtype=str, na_filter=False, engine="c", **options
        )
        return cells
    except pd.errors.EmptyDataError:
        raise ValueError("it is empty") from None
    except pd.errors.ParserError as error:
        if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error)):
            said = "row {1} has {2} fields and the header {0}, with the separator".format(*found.groups())
            raise ValueError(f"{said} {sep!r}") from error
        raise


def _read_lines(content: IO[bytes], encoding: str) -> pd.DataFrame:
    rows: dict[int, dict[str, Any]] = {}
    with io.TextIOWrapper(content, encoding=encoding) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line, object_pairs_hook=_unrepeated)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"line {number} is not JSON ({error})") from error
            if not isinstance(row, dict):
                raise ValueError(f"line {number} is not a JSON object")
            rows[number] = row
    # dtype object: an integer beside a missing value stays an integer
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    return pd.DataFrame({name: pd.Series([row.get(name) for row in rows.values()], rows, object) for name in names})


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        name = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the name {name!r} stands twice in one object")
    return row


def _read_parquet(path: Path) -> pd.DataFrame:
    require("pyarrow", "data")
    import pyarrow
    import pyarrow.parquet

    try:
        with path.open("rb") as file:
            _check_names(path.name, pyarrow.parquet.read_schema(file).names)
            # Arrow's own types: an integer beside a missing value stays an integer
            cells = pd.read_parquet(file, engine="pyarrow", dtype_backend="pyarrow")
    except pyarrow.ArrowException as error:
        raise ValueError(str(error)) from error
    if any(name is not None for name in cells.index.names):  # pandas wrote a named index: a column to everyone else
        cells = cells.reset_index()
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return cells.set_axis([str(name) for name in cells.columns], axis=1)


def _check_names(file: str, columns: list[str]) -> None:
    for place, name in enumerate(columns, start=1):
        if not name.strip():
            raise DatasetError(f"{file}: every column must have a name; got none for column {place}")
        if columns.count(name) > 1:
            raise DatasetError(f"{file}: column names must differ; got {name!r} {columns.count(name)} times")


def _is_empty(cell: Any) -> bool:
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and cell != cell)
