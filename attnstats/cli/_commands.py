"""The commands, their options, and how a mistake in them is told."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from attnstats.cli._data import add_data
from attnstats.cli._doctor import add_doctor
from attnstats.cli._evaluate import add_evaluate
from attnstats.cli._mi import add_mi
from attnstats.cli._ranks import add_ranks
from attnstats.cli._study import add_study
from attnstats.cli._trace import add_trace
from attnstats.cli.scores._compare import add_compare
from attnstats.cli.scores._plan import add_plan
from attnstats.exceptions import ConfigError


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are those of every other bad input."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse what is unknown here, so that the message names the command that was meant."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message.removeprefix('argument ')} (see {self.prog} --help)")


def parser() -> argparse.ArgumentParser:
    commands = _Parser(
        prog="attnstats",
        description="Statistics of attention: comparisons, mutual information, rank correlation, studies.",
    )
    commands.set_defaults(resumes=False)
    rooms = commands.add_subparsers(required=True, metavar="COMMAND")
    for add in (add_study, add_compare, add_plan, add_mi, add_ranks, add_trace, add_evaluate, add_data, add_doctor):
        add(rooms)
    return commands
