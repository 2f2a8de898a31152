"""``attnstats compare``: conditions of a long table of scores."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attnstats._files import writing_into
from attnstats.cli._formats import TEXT, add_format, print_table
from attnstats.cli._options import add_out, add_quiet, check_writable, tell
from attnstats.cli.scores._options import add_scores, compared, in_terms
from attnstats.exceptions import InvalidInputError
from attnstats.results import counted

_TABLES = ("differences", "conditions", "datasets", "across_datasets", "variance")


def add_compare(rooms: Any) -> None:
    command = rooms.add_parser(
        "compare",
        help="compare models, or other conditions, by a long table of scores",
        description="Compares the conditions of a long table of scores, one score a row, by the analysis that its"
        " design asks for, and says what was chosen and why with --explain.",
    )
    add_scores(command)
    showing = command.add_argument_group("what is shown")
    add_format(showing)
    showing.add_argument(
        "--table", choices=_TABLES, default=_TABLES[0], metavar="NAME",
        help=f"what --format shows: {', '.join(_TABLES)} (default: differences)",
    )  # fmt: skip
    showing.add_argument(
        "--explain", action="store_true", help="add the design, and what was chosen and refused, and why"
    )
    add_quiet(showing)
    add_out(showing, "write all tables and figures, and one page that holds them, into this folder")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from attnstats.report import results_table
    from attnstats.scores import write_comparison

    if options.out is not None:
        check_writable(options.out)
    comparison = compared(options)
    if options.out is not None:
        with writing_into(options.out, "--out"):
            paths = write_comparison(comparison, options.out)
        tell(options, _contents(paths))
    if options.format == TEXT:
        print(*comparison.sentences(), sep="\n")
    elif options.format in ("csv", "json") and options.table == "differences":
        print_table(results_table(comparison.to_frame(), name="differences"), options.format)
    else:
        try:
            table = comparison.table(options.table)
        except InvalidInputError as error:  # such as of data sets where there is one
            raise InvalidInputError(str(error).replace("name:", "--table:", 1)) from error
        print_table(table, options.format)
    if options.explain:
        # A program reads one document on standard output, so that prose stands beside it.
        prose = sys.stderr if options.format in ("csv", "json") else sys.stdout
        print("", in_terms(comparison.explain()), sep="\n", file=prose)
    return 0


def _contents(paths: Sequence[Path]) -> str:
    """Return what a folder was filled with, in one line."""
    page = paths[0]
    tables, figures = (sum(each.suffix == suffix for each in paths) for suffix in (".csv", ".svg"))
    return (
        f"wrote {page.parent}: {page.name}, {counted(tables, 'table')} (CSV, Markdown, LaTeX, Typst) and"
        f" {counted(figures, 'figure')} (SVG, PDF, PNG)"
    )
