"""How a command prints what it found: sentences, or a table for readers, documents or programs."""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from rich.cells import cell_len
from rich.console import Console

if TYPE_CHECKING:
    from attnstats.report import Table, TableFormat

#: Not a table, but what a person reads: a sentence for each result.
TEXT = "text"
_TABLES = ("table", "markdown", "latex", "html", "typst", "csv", "json")


class OutputConsole(Console):
    """A console on standard output, 100 columns wide where there is no terminal."""

    def __init__(self) -> None:
        super().__init__(width=None if sys.stdout.isatty() else 100)

    def on_broken_pipe(self) -> None:
        """Raise the error that rich turns into an exit of its own, so that all commands end alike."""
        raise BrokenPipeError


def add_format(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--format",
        choices=(TEXT, *_TABLES),
        default=TEXT,
        metavar="NAME",
        help=f"text: a line for each result (the default); {', '.join(_TABLES[:5])}: one table, rounded; csv, json: the"
        " same with every column and digit",
    )
    command.add_argument(
        "--json", action="store_const", const="json", dest="format", help="the same as --format json, for programs"
    )


def print_table(table: Table, name: str) -> None:
    """Print a table in a format other than text."""
    from attnstats.report import render_table

    print(render_table(table, _format_of(name)), end="")


def _format_of(name: str) -> TableFormat:
    from attnstats.report import CSV, HTML, LaTeX, Markdown, Typst

    formats: dict[str, TableFormat] = {
        "table": PlainText(),
        "markdown": Markdown(),
        "latex": LaTeX(),
        "html": HTML(),
        "typst": Typst(),
        "csv": CSV(),
        "json": JSON(),
    }
    return formats[name]


@dataclass(frozen=True, slots=True)
class JSON:
    """A list of records with every digit; null where a value is undefined or infinite, for which JSON has no number."""

    suffix: ClassVar[str] = ".json"

    def render(self, table: Table) -> str:
        """Return ``table.data`` as JSON, a record a line; letters beyond ASCII are escaped, for any terminal."""
        rows = table.data.astype(object).to_dict("records")
        records = [{str(name): _in_json(value) for name, value in row.items()} for row in rows]
        lines = [f"  {json.dumps(record, allow_nan=False)}" for record in records]
        return "[\n" + ",\n".join(lines) + "\n]\n"


def _in_json(value: Any) -> Any:
    return None if pd.isna(value) or (isinstance(value, float) and math.isinf(value)) else value


@dataclass(frozen=True, slots=True)
class PlainText:
    """Aligned columns as a terminal shows them, with nothing escaped."""

    suffix: ClassVar[str] = ".txt"

    def render(self, table: Table) -> str:
        """Return ``table.text`` under its caption and above its notes; a line is as long as its row."""
        from attnstats.report.notation.formats import entries, numeric_columns

        right = numeric_columns(table.text)
        over = table.spanners or ("",) * len(right)
        pairs = zip(over, map(str, table.text.columns), strict=True)
        head = [_one_line(f"{above}: {name}" if above else name) for above, name in pairs]
        body = [(group, [_one_line(entry.text + entry.mark) for entry in row]) for group, row in entries(table)]
        rows = [head, *(row for _, row in body)]
        widths = [max(cell_len(row[i]) for row in rows) for i in range(len(right))]
        lines = [_aligned(head, widths, right), "  ".join("-" * width for width in widths)]
        for group, row in body:
            lines += [] if group is None else [_one_line(group)]
            lines.append(_aligned(row, widths, right))
        above = [table.caption, ""] if table.caption else []
        below = ["", *table.notes] if table.notes else []
        return "\n".join([*above, *lines, *below]) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _aligned(row: list[str], widths: list[int], right: list[bool]) -> str:
    """Return the entries of a row at their places; wide letters, as in Chinese, take two."""
    gaps = [" " * (width - cell_len(entry)) for entry, width in zip(row, widths, strict=True)]
    parts = [gap + entry if end else entry + gap for entry, gap, end in zip(row, gaps, right, strict=True)]
    return "  ".join(parts).rstrip()
