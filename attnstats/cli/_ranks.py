"""``attnstats ranks``: Kendall and Spearman correlation of columns, whole or group by group."""

from __future__ import annotations

import argparse
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from attnstats.cli._columns import Columns, add_table_options, read_columns
from attnstats.cli._formats import TEXT, add_format, print_table
from attnstats.cli._options import add_groups, check_groups
from attnstats.cli._outcomes import COLUMNS, Outcome, Outcomes, attempt

if TYPE_CHECKING:
    from attnstats.report import Table

#: What CSV and JSON hold beside the columns of every such command.
_OWN = ("test",)


def add_ranks(rooms: Any) -> None:
    command = rooms.add_parser(
        "ranks",
        help="Kendall and Spearman correlation of columns",
        description="Kendall's tau-b and Spearman's rho of each column of --a with each of --b, which hold numbers; or"
        " with --by tau-b in each group of rows, and the mean over the groups. Several p-values are also adjusted by"
        " Holm's method.",
    )
    command.add_argument(
        "--a", required=True, metavar="COL[,COL]", help="first columns; in a list, a name with a comma in double quotes"
    )
    command.add_argument("--b", required=True, metavar="COL[,COL]", help="the columns that each of them is set against")
    add_groups(command)
    add_format(command)
    add_table_options(command)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    columns, (a, b, by) = read_columns(options, {"--a": options.a, "--b": options.b, "--by": options.by})
    check_groups(by, ("a", "b", *COLUMNS, *_OWN), options.format)
    outcomes = Outcomes.of(_correlations(columns, a, b, by), ("a", "b"), by, columns.n_left_out)
    if options.format == TEXT:
        print(*outcomes.sentences(), sep="\n")
    else:
        print_table(_table(outcomes, columns.table.name), options.format)
    return 0


def _correlations(columns: Columns, a: list[str], b: list[str], by: list[str]) -> list[Outcome]:
    """Return the correlations of each a with each b; by group tau-b alone."""
    from attnstats.ranks import kendall, spearman

    tests = {"tau-b": kendall} if by else {"tau-b": kendall, "rho": spearman}
    values = {name: columns.numbers(name) for name in (*a, *b)}
    groups = columns.groups(by)
    return [
        attempt((x, y), group, quantity, len(rows), partial(test, values[x][rows], values[y][rows]))
        for x, y in product(a, b)
        for group, rows in groups
        for quantity, test in tests.items()
    ]


def _table(outcomes: Outcomes, source: str) -> Table:
    from attnstats.report import Estimate, Words

    caption = f"Rank correlation of columns of {source}."
    if outcomes.by:
        return outcomes.table("ranks", caption, _OWN, [Estimate("value", "ci_low", "ci_high", "tau-b")])
    values = [Words("quantity", "Coefficient"), Estimate("value", "ci_low", "ci_high", "Value")]
    return outcomes.table("ranks", caption, _OWN, values)
