"""Which rows and columns of tables with gaps can be used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attnstats._validation import BoolArray, FloatArray


def without_empty(groups: Sequence[Sequence[FloatArray]], *, same_rows: bool = False) -> list[list[FloatArray]]:
    """Return tables in which no row and no column is empty.

    A row that is empty in one table of its group is left out of all of them, and a column that is empty in one group is
    left out of that data set in all groups; with `same_rows` an empty row is left out of all groups too.
    """
    present = [[~np.isnan(table) for table in tables] for tables in groups]
    if all(each.any(axis=0).all() and each.any(axis=1).all() for tables in present for each in tables):
        return [list(tables) for tables in groups]
    rows = [np.ones(len(tables[0]), dtype=np.bool_) for tables in present]
    columns = [np.ones(table.shape[1], dtype=np.bool_) for table in present[0]]
    while True:
        found_rows = [
            np.logical_and.reduce([table[:, kept].any(axis=1) for table, kept in zip(tables, columns, strict=True)])
            for tables in present
        ]
        if same_rows:
            found_rows = [np.logical_and.reduce(found_rows)] * len(groups)
        found_columns = [
            np.logical_and.reduce([table[kept].any(axis=0) for table, kept in zip(tables, found_rows, strict=True)])
            for tables in zip(*present, strict=True)
        ]
        same = [(a == b).all() for a, b in zip([*rows, *columns], [*found_rows, *found_columns], strict=True)]
        rows, columns = found_rows, found_columns
        if all(same):
            break
    return [
        [table[np.ix_(kept, of_table)] for table, of_table in zip(tables, columns, strict=True)]
        for tables, kept in zip(groups, rows, strict=True)
    ]


def connected_rows(present: BoolArray) -> BoolArray:
    """Return the rows that the first one can be compared with, by cells that share a row or a column."""
    reached = np.zeros(len(present), dtype=np.bool_)
    reached[0] = True
    while True:
        further = np.asarray(present[:, present[reached].any(axis=0)].any(axis=1))
        if (further == reached).all():
            return reached
        reached = further
