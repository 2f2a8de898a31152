"""The table of anyone's results, in the names of whoever has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from attnstats._validation import check_flag, check_text
from attnstats.exceptions import InvalidInputError
from attnstats.report.notation import _words as notation
from attnstats.report.notation._given import common_decimals, given, words
from attnstats.report.notation.formats import Table
from attnstats.report.tables.columns import Count, Number, Printed, ResultColumn, Words

#: A label of LaTeX and of Typst, and a file name.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def results_table(
    frame: Any,
    columns: Sequence[ResultColumn | str] | None = None,
    *,
    name: str = "results",
    caption: str = "",
    groups: str | None = None,
    notes: Sequence[str] = (),
    same_decimals: bool = False,
) -> Table:
    r"""Return a table of any frame of results, to be rendered as CSV, Markdown, LaTeX, HTML or Typst.

    Parameters
    ----------
    frame : DataFrame
        Of pandas or polars, a row for each row of the table, with columns of any name.
    columns : sequence of ResultColumn or str, optional
        What stands in the table, from the left: `Words`, `Count`, `Number`, `PValue`, `Estimate`; the name of a column
        stands for one of the first three, by what it holds. By default every column of the frame.
    name : str
        File name without suffix, and label in LaTeX and Typst.
    caption : str
        What the table shows.
    groups : str, optional
        Column that says which rows stand together, under its entry, in order of first appearance.
    notes : sequence of str
        What stands below: the test, the unit of replication, the correction, n. Notes on stars and bold type come first
        by themselves.
    same_decimals : bool
        Whether all estimates have the decimals that the intervals of all support, or those of each column their own.

    Returns
    -------
    Table
        Its ``data`` are the columns used, with every digit.

    Raises
    ------
    InvalidInputError
        If a column is not in the frame, or does not hold what it should; the message names column and row.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import Estimate, PValue, Significance, render_table, results_table
    >>> frame = pd.DataFrame({"model": ["B", "C"], "gain": [0.0312, 0.0041], "low": [0.0118, -0.0098],
    ...                       "high": [0.0506, 0.018], "p": [0.0041, 0.31]})
    >>> gain = Estimate("gain", "low", "high", "Gain over A", significance=Significance("p", "p (Holm)"))
    >>> table = results_table(frame, ["model", gain, PValue("p", "p (Holm)")], caption="Accuracy.")
    >>> print(render_table(table))
    **Accuracy.**
    <BLANKLINE>
    | model |        Gain over A |           95 % CI | p (Holm) |
    | ----- | -----------------: | ----------------: | -------: |
    | B     | 0.031<sup>\*</sup> |  \[0.012, 0.051\] |     .004 |
    | C     |              0.004 | \[-0.010, 0.018\] |     .310 |
    <BLANKLINE>
    \* p (Holm) ≤ .05.
    <BLANKLINE>
    """
    if not _NAME.fullmatch(check_text(name, "name")):
        raise InvalidInputError(f"name: must consist of letters, digits, '.', '_' and '-'; got {name!r}")
    check_text(caption, "caption")
    shown = _columns(frame, columns, groups)
    used = dict.fromkeys([*([] if groups is None else [groups]), *(each for column in shown for each in column.names)])
    data = given(frame, "frame", list(used))
    if groups is not None:
        data = data.iloc[np.argsort(pd.factorize(data[groups])[0], kind="stable")].reset_index(drop=True)
    decimals = None
    if check_flag(same_decimals, "same_decimals"):
        ends = [column.intervals(data) for column in shown]
        decimals = common_decimals(*(np.concatenate(each) for each in zip(*ends, strict=True)))
    printed = [(column.spanner, each) for column in shown for each in column.printed(data, decimals)]
    headings = () if groups is None else tuple(said or notation.ABSENT for said in words(data, groups))
    first = printed[0][1].text
    rows = [f"{said} ({group})" for said, group in zip(first, headings, strict=True)] if headings else first
    own = dict.fromkeys(note for column in shown for note in column.notes(data, rows))
    spanners = tuple(spanner for spanner, _ in printed)
    return Table(
        name,
        caption,
        data,
        _entries(printed, "text"),
        (*own, *(check_text(note, "notes") for note in notes)),
        headings,
        spanners if any(spanners) else (),
        _entries(printed, "marks"),
        _entries(printed, "bold"),
    )


def _columns(frame: Any, columns: Sequence[ResultColumn | str] | None, groups: str | None) -> list[ResultColumn]:
    if columns is None:
        columns = [each for each in getattr(frame, "columns", ()) if each != groups]
    if isinstance(columns, str) or not len(columns):
        raise InvalidInputError(f"columns: must be a list of one or more columns; got {columns!r}")
    return [each if isinstance(each, ResultColumn) else _by_content(frame, each) for each in columns]


def _by_content(frame: Any, column: object) -> ResultColumn:
    """Return what prints a column that is given by its name."""
    if not isinstance(column, str):
        raise InvalidInputError(f'columns: must be names, or objects such as Words("model", "Model"); got {column!r}')
    values = given(frame, "frame", [column])[column]
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return Words(column)
    return Count(column) if pd.api.types.is_integer_dtype(values) else Number(column)


def _entries(printed: Sequence[tuple[str, Printed]], part: str) -> pd.DataFrame:
    """Return one part of every printed column, whose headings may be equal under different ones above."""
    table = pd.DataFrame({i: getattr(each, part) for i, (_, each) in enumerate(printed)})
    return table.set_axis([each.label for _, each in printed], axis=1)
