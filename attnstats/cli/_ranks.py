"""``attnstats ranks``: Kendall and Spearman correlation of two columns, whole or group by group."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from attnstats.cli._columns import Columns, add_table_options, read_columns
from attnstats.exceptions import ConfigError, InvalidInputError


def add_ranks(rooms: Any) -> None:
    command = rooms.add_parser(
        "ranks",
        help="Kendall and Spearman correlation of two columns",
        description="Kendall's tau-b and Spearman's rho of two columns of numbers, or with --by one tau-b for each"
        " group of rows and the mean of them.",
    )
    command.add_argument("--a", required=True, metavar="COL", help="the first column; a comma may be part of the name")
    command.add_argument("--b", required=True, metavar="COL", help="the second column")
    command.add_argument(
        "--by", metavar="COL[,COL]", help="group rows by the value of this column, or the values of several together"
    )
    add_table_options(command)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from attnstats.ranks import kendall, spearman

    wanted = {"--a": options.a, "--b": options.b} | ({} if options.by is None else {"--by": options.by})
    columns, chosen = read_columns(options, wanted)
    for flag, names in zip(wanted, chosen[:2], strict=False):
        if len(names) > 1:
            raise ConfigError(f"{flag}: must be one column; got {len(names)}: run the command once for each")
    (a,), (b,), *by = chosen
    if by:
        _by_group(columns, (a, b), by[0])
    else:
        first, second = columns.numbers(a), columns.numbers(b)
        try:
            results = kendall(first, second), spearman(first, second)
        except InvalidInputError as error:
            raise InvalidInputError(_in_terms(error, (a, b))) from error
        print(*(replace(result, n_missing=columns.n_left_out).summary() for result in results), sep="\n")
    return 0


def _by_group(columns: Columns, names: tuple[str, str], by: list[str]) -> None:
    """Print tau-b of each group, or why it is undefined there, and the mean over the others."""
    from attnstats.ranks import kendall

    first, second = (columns.numbers(name) for name in names)
    groups = pd.DataFrame({name: columns.words(name) for name in by}).groupby(by, sort=False).indices
    lines, taus, problem = [], [], ""
    for key, rows in groups.items():
        group = ", ".join(key) if isinstance(key, tuple) else str(key)
        try:
            result = kendall(first[rows], second[rows])
        except InvalidInputError as error:
            problem = _in_terms(error, names)
            lines.append(f"{group}: undefined ({problem})")
        else:
            taus.append(result.statistic)
            lines.append(f"{group}: {result.summary()}")
    if not taus:
        raise InvalidInputError(f"--by: tau-b must be defined in a group; it is in none of {len(lines)} ({problem})")
    groups_said = f"{len(taus)} group{'s' * (len(taus) > 1)}"
    left_out = f"; rows left out as incomplete: {columns.n_left_out}" if columns.n_left_out else ""
    undefined = f"; undefined in {len(lines) - len(taus)}" if len(taus) < len(lines) else ""
    print(*lines, f"mean tau-b = {np.mean(taus):.3g} over {groups_said}{undefined}{left_out}", sep="\n")


def _in_terms(error: InvalidInputError, names: tuple[str, str]) -> str:
    """Return the message of an error, with the names of the columns for x and y."""
    x, y = map(repr, names)
    subject, colon, rest = str(error).partition(":")
    return {"x": x, "y": y, "x and y": f"{x} and {y}"}.get(subject, subject) + colon + rest
