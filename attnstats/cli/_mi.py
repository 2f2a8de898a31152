"""``attnstats mi``: mutual information of columns of a table."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from attnstats.cli._columns import Columns, add_table_options, column_names, read_columns
from attnstats.cli._options import add_jobs, add_seed, estimator_of, whole_number
from attnstats.cli._progress import shown_progress
from attnstats.exceptions import ConfigError, InvalidInputError


def add_mi(rooms: Any) -> None:
    command = rooms.add_parser(
        "mi",
        help="mutual information of columns of a table",
        description="Mutual information of columns of a table, in nats. Its null floor and p-value come from 199"
        " permutations, which take minutes with a slow estimator; --permutations 0 leaves them out.",
    )
    command.add_argument(
        "--x", required=True, metavar="COL[,COL]", help="the columns of x; a name with a comma in double quotes"
    )
    command.add_argument("--y", required=True, metavar="COL[,COL]", help="the columns of y")
    command.add_argument(
        "--estimator",
        default="ksg",
        metavar="NAME",
        help="for example  ksg  'ksg(k=5)'  bestbound  ross  probe (default: ksg, nearest neighbours)",
    )
    command.add_argument("--classes", metavar="COL[,COL]", help="columns that hold class labels written as numbers")
    command.add_argument(
        "--measurements", metavar="COL[,COL]", help="columns that hold measurements, though only few whole numbers"
    )
    command.add_argument(
        "--permutations",
        type=whole_number(0),
        default=199,
        metavar="N",
        help="permutations for null floor and p-value (default: 199; 0: neither)",
    )
    command.add_argument("--interval", action="store_true", help="add a 95 %% Holmes-Nemenman interval")
    command.add_argument("--bits", action="store_true", help="print bits, not nats")
    add_jobs(command, default=1)
    add_seed(command)
    add_table_options(command)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from attnstats.information import mutual_information
    from attnstats.resampling import HolmesNemenman, Permutation

    estimator = estimator_of(options.estimator, any_output=True)
    columns, (x, y) = read_columns(options, {"--x": options.x, "--y": options.y})
    kinds = _declared(options, columns, [*x, *y])
    try:
        with shown_progress():
            estimate = mutual_information(
                _variable(columns, x, kinds),
                _variable(columns, y, kinds),
                estimator,
                interval=HolmesNemenman() if options.interval else None,
                null=Permutation(options.permutations) if options.permutations else None,
                discrete_x=[kinds.get(name) for name in x],
                discrete_y=[kinds.get(name) for name in y],
                n_jobs=options.jobs,
                rng=options.seed,
            )
    except InvalidInputError as error:
        raise InvalidInputError(_in_terms(str(error))) from error
    estimate = replace(estimate, n_missing=columns.n_left_out)
    print(_in_terms((estimate.to_bits() if options.bits else estimate).summary()))
    return 0


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


def _in_terms(said: str) -> str:
    """Return a message about the keywords `discrete_x` and `discrete_y` in terms of this command's options."""
    said = re.sub(r"\bdiscrete_[xy]=True( or discrete_[xy]=True)?", "--classes", said)
    said = re.sub(r"\bdiscrete_[xy]=False", "--measurements", said)
    return re.sub(r"^discrete_([xy]):", r"--\1:", said)
