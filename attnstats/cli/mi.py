"""``attnstats mi``: mutual information of columns of a table."""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats.cli.columns import Columns, add_table_options, column_names, read_columns
from attnstats.cli.options import add_jobs, add_seed, estimator_of, whole_number
from attnstats.cli.progress import shown_progress
from attnstats.exceptions import ConfigError

__all__ = ["add_mi"]


def add_mi(rooms: Any) -> None:
    """Add the command."""
    command = rooms.add_parser(
        "mi",
        help="mutual information of columns of a table",
        description="Mutual information of columns of a table, in nats, with its null floor and p-value: 199 permuted"
        " pairs are estimated too, which for slow estimators takes minutes. --permutations 0 leaves them out.",
    )
    command.add_argument("--x", required=True, metavar="COL[,COL]", help="a name that holds a comma in double quotes")
    command.add_argument("--y", required=True, metavar="COL[,COL]")
    command.add_argument(
        "--estimator",
        default="ksg",
        metavar="NAME",
        help="for example  ksg  'ksg(k=5)'  bestbound  ross  probe (default: ksg, nearest neighbours)",
    )
    command.add_argument(
        "--classes",
        metavar="COL[,COL]",
        help="columns whose values are names of classes, though they look like numbers",
    )
    command.add_argument(
        "--measurements", metavar="COL[,COL]", help="columns of measurements, though they are whole numbers, and few"
    )
    command.add_argument(
        "--permutations",
        type=whole_number(0),
        default=199,
        metavar="N",
        help="permuted pairs behind null floor and p-value (default: 199; 0 for neither)",
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
    kinds = _kinds(options, columns, [*x, *y])
    first, second = _variable(columns, x, kinds), _variable(columns, y, kinds)
    with shown_progress():
        estimate = mutual_information(
            first,
            second[:, 0] if len(y) == 1 else second,
            estimator,
            interval=HolmesNemenman() if options.interval else None,
            null=Permutation(options.permutations) if options.permutations else None,
            n_jobs=options.jobs,
            rng=options.seed,
        )
    print((estimate.to_bits() if options.bits else estimate).summary())
    if columns.left_out:
        print(columns.left_out)
    return 0


def _kinds(options: argparse.Namespace, columns: Columns, used: Sequence[str]) -> dict[str, str]:
    """Return which columns the options declare to be classes or measurements."""
    kinds: dict[str, str] = {}
    for flag in ("classes", "measurements"):
        text = getattr(options, flag)
        for name in [] if text is None else column_names(text, f"--{flag}", columns.table):
            if name not in used or name in kinds:
                rule = "be columns of --x or --y" if name not in used else "not name what --classes names"
                raise ConfigError(f"--{flag}: must {rule}; got {name!r}")
            kinds[name] = flag
    return kinds


def _variable(columns: Columns, names: Sequence[str], kinds: dict[str, str]) -> NDArray[Any]:
    parts = []
    for name in names:
        if kinds.get(name) == "classes":
            parts.append(columns.words(name))
        elif kinds.get(name) == "measurements":
            parts.append(columns.numbers(name).astype(np.float64))
        else:
            parts.append(columns.values(name))
    return np.column_stack(parts)
