"""Where a table of scores comes from, a frame of another library or a file: its columns, and how its rows count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attnstats._column import shown
from attnstats._tables import read_table
from attnstats._validation import IntArray
from attnstats.exceptions import InvalidInputError

#: Columns that a message lists.
_LISTED = 20
#: How other libraries call columns whose cells hold several values.
_NESTED = ("list", "large_list", "fixed_size_list", "array", "struct", "map", "union", "dense_union", "sparse_union")


@dataclass(frozen=True, eq=False)
class Source:
    """The columns of a table, by name, each still in its own library."""

    columns: dict[str, Any]
    #: The number of each row as a file counts it.
    rows: IntArray
    #: Whether the cells are text that may stand for numbers (CSV), or values with types of their own.
    is_text: bool
    #: Names of the levels of a frame's index, which are no columns.
    levels: tuple[str, ...] = ()

    def column(self, name: object, parameter: str, hint: str = "") -> Any:
        """Return the column that a parameter names; `hint` ends the message where there is none."""
        if not isinstance(name, str):
            raise InvalidInputError(f"{parameter}: must be the name of a column; got {shown(name)}")
        if name not in self.columns:
            known = list(self.columns)
            if name in self.levels:
                hint = " (it is a level of the index: pass scores.reset_index())"
            listed = ", ".join(map(repr, known[:_LISTED])) + (", ..." if len(known) > _LISTED else "")
            raise InvalidInputError(f"{parameter}: must be a column of the table, one of {listed}; got {name!r}{hint}")
        return _unnested(self.columns[name])


def source_of(scores: Any, sep: str | None, encoding: str | None) -> Source:
    """Return the columns of a frame, or of a file by its suffix."""
    if isinstance(scores, str | Path):
        table = read_table(scores, sep=sep, encoding=encoding)
        columns = {str(name): table.cells[name] for name in table.cells.columns}
        return Source(columns, table.cells.index.to_numpy(dtype=np.int64), table.is_text)
    for parameter, given in (("sep", sep), ("encoding", encoding)):
        if given is not None:
            raise InvalidInputError(f"{parameter}: must be None unless scores is a path; got {given!r}")
    if hasattr(scores, "collect"):
        raise InvalidInputError("scores: must be computed; got a lazy frame. Pass scores.collect()")
    names = getattr(scores, "column_names", None) or getattr(scores, "columns", None)
    if names is None or isinstance(scores, dict) or not hasattr(scores, "shape"):
        raise InvalidInputError(
            f"scores: must be a pandas, polars or pyarrow table, or the path of a file; got {type(scores).__name__}"
        )
    known = [str(name) for name in names]
    for name in known:
        if known.count(name) > 1:
            raise InvalidInputError(f"scores: column names must differ; got {name!r} {known.count(name)} times")
    n = int(scores.shape[0])
    if n == 0:
        raise InvalidInputError("scores: must have at least one row; got none")
    levels = tuple(getattr(getattr(scores, "index", None), "names", ()))
    return Source({str(name): scores[name] for name in names}, np.arange(2, n + 2), is_text=False, levels=levels)


def _unnested(column: Any) -> Any:
    """Return a column as it is, or one of lists or records as objects, of which each is refused where it stands."""
    if not str(getattr(column, "dtype", getattr(column, "type", ""))).lower().startswith(_NESTED):
        return column
    return pd.Series(column.to_list() if hasattr(column, "to_list") else column.to_pylist(), dtype=object)


def rows_where(source: Source, only: Mapping[str, str] | None) -> Source:
    """Return the rows in which columns hold the text that is wanted; they keep their numbers."""
    if only is None:
        return source
    if not isinstance(only, Mapping):
        raise InvalidInputError(f"only: must be a mapping such as {{'metric': 'accuracy'}}; got {shown(only)}")
    kept = np.ones(len(source.rows), dtype=np.bool_)
    for name, wanted in only.items():
        column = source.column(name, "only")
        texts = np.array([str(cell).strip() for cell in (column.to_list() if hasattr(column, "to_list") else column)])
        if str(wanted) not in texts:
            found = ", ".join(map(repr, dict.fromkeys(texts.tolist()).keys()))
            raise InvalidInputError(f"only: must be a value of {name!r}, one of {found:.200}; got {wanted!r}")
        kept &= texts == str(wanted)
    if not kept.any():
        raise InvalidInputError(f"only: must keep a row; got none with {dict(only)!r}")
    places = np.flatnonzero(kept)
    columns = {name: _taken(column, places) for name, column in source.columns.items()}
    return replace(source, columns=columns, rows=source.rows[places])


def _taken(column: Any, places: IntArray) -> Any:
    """Return some cells of a column of any library."""
    if hasattr(column, "iloc"):
        return column.iloc[places]
    return column.take(places) if hasattr(column, "take") else column[places]
