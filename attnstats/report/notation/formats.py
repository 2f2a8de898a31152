"""A table, what a format of it must offer, and the formats that are read as they stand: CSV and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, NamedTuple, Protocol

import pandas as pd

from attnstats.exceptions import InvalidInputError
from attnstats.report.notation._escapes import escape_markdown
from attnstats.report.notation._words import ABSENT

_NUMERIC = re.compile(r"[-<>–∞.\d\[][\d.,%±∞\[\] <–-]*")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table of the report.

    Parameters
    ----------
    name : str
        File name without suffix.
    caption : str
        What the table shows, with the unit of replication; empty text is none.
    data : DataFrame
        The numbers in full.
    text : DataFrame
        The same rows as they print: every entry is text, rounded, with its interval or deviation.
    notes : tuple of str
        What stands below the table.
    groups : tuple of str
        The heading over each row; equal ones that follow each other stand once. Empty for a table without groups.
    spanners : tuple of str
        The heading over each column of `text`, in the same way; empty text is none.
    marks, bold : DataFrame, optional
        What is raised behind each entry of `text`, and whether the entry is set in bold.

    Examples
    --------
    >>> import pandas as pd
    >>> shares = pd.DataFrame({"share": [0.12345]})
    >>> len(Table("shares", "Shares.", shares, shares.map("{:.2f}".format)))
    1
    """

    name: str
    caption: str
    data: pd.DataFrame
    text: pd.DataFrame
    notes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    spanners: tuple[str, ...] = ()
    marks: pd.DataFrame | None = None
    bold: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        n_rows, n_columns = self.text.shape
        for name, headings, n in (("groups", self.groups, n_rows), ("spanners", self.spanners, n_columns)):
            if headings and len(headings) != n:
                raise InvalidInputError(f"{name}: must be empty or have {n} entries; got {len(headings)}")
        for name, part in (("marks", self.marks), ("bold", self.bold)):
            if part is not None and part.shape != self.text.shape:
                raise InvalidInputError(f"{name}: must have shape {self.text.shape}; got {part.shape}")

    def __len__(self) -> int:
        return len(self.text)


class Entry(NamedTuple):
    """One entry as it prints."""

    text: str
    mark: str = ""
    bold: bool = False


def entries(table: Table) -> Iterator[tuple[str | None, list[Entry]]]:
    """Yield each row of a table, with the heading over it where a group begins."""
    text = table.text.to_numpy().tolist()
    marks = [[""] * len(row) for row in text] if table.marks is None else table.marks.to_numpy().tolist()
    bold = [[False] * len(row) for row in text] if table.bold is None else table.bold.to_numpy().tolist()
    before: str | None = None
    for i, row in enumerate(text):
        group = table.groups[i] if table.groups else None
        yield None if group == before else group, list(map(Entry, row, marks[i], bold[i]))
        before = group


def spans(table: Table) -> list[tuple[str, int]]:
    """Return the headings over the columns of a table, each with the number of columns below it."""
    runs = [(name, list(run)) for name, run in groupby(table.spanners)]
    return [span for name, run in runs for span in ([(name, len(run))] if name else [("", 1)] * len(run))]


class TableFormat(Protocol):
    """What a format must offer: a file suffix and a way to render a table, as `CSV`, `LaTeX` and `HTML` do.

    Examples
    --------
    >>> from attnstats.report import CSV, LaTeX, Markdown
    >>> [table_format.suffix for table_format in (CSV(), Markdown(), LaTeX())]
    ['.csv', '.md', '.tex']
    """

    suffix: ClassVar[str]

    def render(self, table: Table) -> str:
        """Return the table as text."""
        ...


@dataclass(frozen=True, slots=True)
class CSV:
    """Comma-separated values with every digit and without caption, for machines.

    Examples
    --------
    >>> CSV().suffix
    '.csv'
    """

    suffix: ClassVar[str] = ".csv"

    def render(self, table: Table) -> str:
        """Return ``table.data`` as CSV; missing values are empty."""
        return table.data.to_csv(index=False, lineterminator="\n")


@dataclass(frozen=True, slots=True)
class Markdown:
    r"""A pipe table under its caption, as GitHub and most converters read it.

    A heading over columns stands before the name of each. pandas writes Markdown through tabulate, which leaves a ``|``
    within a cell as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import Table
    >>> text = pd.DataFrame({"Model": ["a|b"], "Texts": ["12"]})
    >>> print(Markdown().render(Table("counts", "Counts.", text, text)).splitlines()[-1])
    | a\|b  |    12 |
    """

    suffix: ClassVar[str] = ".md"

    def render(self, table: Table) -> str:
        """Return ``table.text`` as a Markdown table, special characters escaped."""
        right = numeric_columns(table.text)
        rows = [_markdown_head(table)]
        for group, row in entries(table):
            if group is not None:
                rows.append([f"**{escape_markdown(group)}**", *[""] * (len(row) - 1)])
            rows.append(list(map(_markdown_entry, row)))
        widths = [max(3, *(len(row[i]) for row in rows)) for i in range(len(right))]
        rule = [f"{'-' * (width - 1)}:" if end else "-" * width for width, end in zip(widths, right, strict=True)]
        lines = []
        for written in [rows[0], rule, *rows[1:]]:
            padded = [
                entry.rjust(width) if end else entry.ljust(width)
                for entry, width, end in zip(written, widths, right, strict=True)
            ]
            lines.append(f"| {' | '.join(padded)} |")
        below = [f"\n{escape_markdown(note)}" for note in table.notes]
        above = [f"**{escape_markdown(table.caption)}**\n"] if table.caption else []
        return "\n".join([*above, *lines, *below]) + "\n"


def is_numeric(column: pd.Series) -> bool:
    """Return whether a printed column holds numbers throughout, and so stands flush right."""
    return len(column) > 0 and all(_NUMERIC.fullmatch(entry) for entry in column)


def numeric_columns(text: pd.DataFrame) -> list[bool]:
    """Return which columns of a printed table hold numbers throughout."""
    return [is_numeric(text.iloc[:, i]) for i in range(text.shape[1])]


def printed(columns: Mapping[str, Iterable[object]]) -> pd.DataFrame:
    """Return columns of entries as a table of text, ABSENT where there is nothing."""
    table = pd.DataFrame({title: list(column) for title, column in columns.items()}).astype(object)
    return table.where(table.notna(), ABSENT).astype(str)


def _markdown_head(table: Table) -> list[str]:
    over = table.spanners or ("",) * table.text.shape[1]
    names = [f"{above}: {name}" if above else str(name) for above, name in zip(over, table.text.columns, strict=True)]
    return list(map(escape_markdown, names))


def _markdown_entry(entry: Entry) -> str:
    text = escape_markdown(entry.text)
    raised = f"<sup>{escape_markdown(entry.mark)}</sup>" if entry.mark else ""
    return f"**{text}**{raised}" if entry.bold else text + raised
