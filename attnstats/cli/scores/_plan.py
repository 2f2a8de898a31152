"""``attnstats plan``: how many runs and examples a comparison needs, from a pilot."""

from __future__ import annotations

import argparse
from typing import Any

from attnstats.cli.scores._options import add_scores, compared, in_terms, number
from attnstats.exceptions import AttnstatsError


def add_plan(rooms: Any) -> None:
    command = rooms.add_parser(
        "plan",
        help="how many runs and examples a comparison needs, from a pilot",
        description="Says how many units of replication, and how many examples, would tell a difference from none,"
        " from the variances in the table of a pilot.",
    )
    add_scores(command)
    wanted = command.add_argument_group("what is wanted")
    wanted.add_argument(
        "--difference", type=number, metavar="X", help="the difference that is to be found (default: the margin)"
    )
    wanted.add_argument("--power", type=number, default=0.8, metavar="X", help="probability to find it (default: 0.8)")
    wanted.add_argument(
        "--assurance", type=number, default=0.8, metavar="X",
        help="confidence that the larger numbers have that power (default: 0.8)",
    )  # fmt: skip
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from attnstats.scores import plan_comparison

    comparison = compared(options)
    try:
        plan = plan_comparison(comparison, options.difference, power=options.power, assurance=options.assurance)
    except AttnstatsError as error:
        raise type(error)(in_terms(str(error))) from error
    print(plan)
    return 0
