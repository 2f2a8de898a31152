"""``attnstats mi``: mutual information of columns of a table, whole or group by group."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from attnstats.cli._columns import Columns, add_table_options, column_names, read_columns
from attnstats.cli._formats import TEXT, add_format, print_table
from attnstats.cli._options import add_groups, add_jobs, add_quiet, add_seed, check_groups, estimator_of, whole_number
from attnstats.cli._outcomes import COLUMNS, Outcomes, attempt, in_terms
from attnstats.cli._progress import shown_progress
from attnstats.exceptions import ConfigError, InvalidInputError
from attnstats.results import MIEstimate

if TYPE_CHECKING:
    from attnstats._variable import Variable
    from attnstats.report import Table

#: What CSV and JSON hold beside the columns of every such command.
_OWN = ("unit", "null_floor", "estimator", "notes")


def add_mi(rooms: Any) -> None:
    command = rooms.add_parser(
        "mi",
        help="mutual information of columns of a table",
        description="Mutual information of columns of a table, in nats; with --by in each group of rows, and the mean"
        " over the groups. --permutations 199 adds its null floor and p-value, in about a minute of one core for 2,000"
        " rows: --jobs shares it, --estimator ksg takes a tenth of the time. Several p-values are also adjusted by"
        " Holm's method.",
    )
    command.add_argument(
        "--x",
        required=True,
        metavar="COL[,COL]",
        help="the columns of x, together one variable; in a list, a name with a comma in double quotes",
    )
    command.add_argument("--y", required=True, metavar="COL[,COL]", help="the columns of y, together one variable")
    command.add_argument("--each", action="store_true", help="set each column of x against y by itself")
    add_groups(command)
    command.add_argument(
        "--estimator",
        default="bestbound",
        metavar="NAME",
        help="for example  ksg  'ksg(k=5)'  ross  probe (default: bestbound, the best of several families)",
    )
    command.add_argument("--classes", metavar="COL[,COL]", help="columns that hold class labels written as numbers")
    command.add_argument(
        "--measurements", metavar="COL[,COL]", help="columns that hold measurements, though only few whole numbers"
    )
    command.add_argument(
        "--permutations",
        type=whole_number(0),
        default=0,
        metavar="N",
        help="permutations for null floor and p-value, such as 199 (default: 0, neither)",
    )
    command.add_argument("--interval", action="store_true", help="add a 95 %% Holmes-Nemenman interval")
    command.add_argument("--bits", action="store_true", help="print bits, not nats")
    add_quiet(command)
    add_jobs(command, default=1)
    add_seed(command)
    add_format(command)
    add_table_options(command)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    estimator = estimator_of(options.estimator, any_output=True)
    columns, (x, y, by) = read_columns(options, {"--x": options.x, "--y": options.y, "--by": options.by})
    check_groups(by, ("x", "y", *COLUMNS, *_OWN), options.format)
    kinds = _declared(options, columns, [*x, *y])
    pairs = [_pair(columns, names, y, kinds, estimator) for names in ([[name] for name in x] if options.each else [x])]
    groups = columns.groups(by)
    with nullcontext() if options.quiet else shown_progress():
        found = [
            attempt(called, group, "MI", len(rows), partial(_estimate, options, of_x[rows], of_y[rows], estimator))
            for called, of_x, of_y in pairs
            for group, rows in groups
        ]
    found = [replace(each, problem=_in_options(each.problem)) for each in found]
    outcomes = Outcomes.of(found, ("x", "y"), by, columns.n_left_out)
    if options.format == TEXT:
        print(*outcomes.sentences(), sep="\n")
    else:
        print_table(_table(options, outcomes, columns.table.name), options.format)
    return 0


def _pair(
    columns: Columns, x: Sequence[str], y: Sequence[str], kinds: Mapping[str, bool], estimator: Any
) -> tuple[tuple[str, str], Variable, Variable]:
    """Return the names and values of x and y; all rows together, not those of a group, decide what is a class."""
    from attnstats.information._variables import variables_for

    called = (", ".join(x), ", ".join(y))
    of_x, of_y = ((_variable(columns, names, kinds), [kinds.get(name) for name in names]) for names in (x, y))
    try:
        judged_x, judged_y = variables_for(estimator, x=of_x, y=of_y)
    except InvalidInputError as error:
        raise InvalidInputError(_in_options(in_terms(str(error), called))) from error
    return called, judged_x, judged_y


def _estimate(options: argparse.Namespace, x: Variable, y: Variable, estimator: Any) -> MIEstimate:
    from attnstats.information import mutual_information
    from attnstats.resampling import HolmesNemenman, Permutation

    estimate = mutual_information(
        x,
        y,
        estimator,
        interval=HolmesNemenman() if options.interval else None,
        null=Permutation(options.permutations) if options.permutations else None,
        n_jobs=options.jobs,
        rng=options.seed,
    )
    estimate = estimate.to_bits() if options.bits else estimate
    return replace(estimate, notes=tuple(map(_in_options, estimate.notes)))


def _table(options: argparse.Namespace, outcomes: Outcomes, source: str) -> Table:
    from attnstats.report import Estimate, Number

    label = f"MI ({'bits' if options.bits else 'nats'})"
    value = Estimate("value", "ci_low", "ci_high", label) if options.interval else Number("value", label)
    drawn = options.permutations
    return outcomes.table(
        "mi",
        f"Mutual information of columns of {source}.",
        _OWN,
        [value, Number("null_floor", "Null floor")] if drawn else [value],
        [f"Null floor and p: {drawn} permutations."] if drawn else [],
    )


def _declared(options: argparse.Namespace, columns: Columns, used: Sequence[str]) -> dict[str, bool]:
    """Return which columns the options declare to be classes (True) or measurements (False)."""
    kinds: dict[str, bool] = {}
    for flag in ("classes", "measurements"):
        text = getattr(options, flag)
        for name in [] if text is None else column_names(text, f"--{flag}", columns.table):
            if name not in used:
                raise ConfigError(f"--{flag}: must be columns of --x or --y; got {name!r}")
            if name in kinds:
                raise ConfigError(f"--{flag}: must name a column once, and not what --classes does; got {name!r}")
            kinds[name] = flag == "classes"
    return kinds


def _variable(columns: Columns, names: Sequence[str], kinds: Mapping[str, bool]) -> pd.DataFrame | pd.Series[Any]:
    """Return columns as a frame, one as a series; those declared to be classes as the words that stand in them."""
    reading = {None: columns.values, True: columns.words, False: columns.numbers}
    frame = pd.DataFrame({name: reading[kinds.get(name)](name) for name in names})
    return frame[names[0]] if len(names) == 1 else frame


def _in_options(said: str) -> str:
    """Return a message about the keywords `discrete_x` and `discrete_y` in terms of this command's options."""
    said = re.sub(r"\bdiscrete_[xy]=True( or discrete_[xy]=True)?", "--classes", said)
    said = re.sub(r"\bdiscrete_[xy]=False", "--measurements", said)
    return re.sub(r"^discrete_([xy]):", r"--\1:", said)
