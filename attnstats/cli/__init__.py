"""The command line: names become objects here, and a known error becomes one line and exit status 2."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from attnstats.cli._console import Stopped, plain_output, stoppable
from attnstats.cli._data import add_data
from attnstats.cli._evaluate import add_evaluate
from attnstats.cli._mi import add_mi
from attnstats.cli._ranks import add_ranks
from attnstats.cli._study import add_study
from attnstats.cli._trace import add_trace
from attnstats.cli.scores._compare import add_compare
from attnstats.cli.scores._plan import add_plan
from attnstats.exceptions import AttnstatsError, ConfigError

__all__ = ["main"]

EXIT_BAD_INPUT, EXIT_STOPPED, EXIT_PIPE_CLOSED = 2, 128, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, by default ``sys.argv[1:]``, and return its exit status.

    0 means done; 1 that a model failed; 2 bad input, a damaged trace or a full disk among it; 3 that no finding could
    be decided; 130 stopped by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP; 141 that the reader of the output closed it, as
    ``head`` does.

    Examples
    --------
    >>> main(["data", "get", "no_such_set"])  # prints the known names to standard error
    2
    """
    resumes = False
    try:
        with stoppable(), plain_output():
            options = _parser().parse_args(arguments)
            resumes = options.resumes
            status = int(options.run(options))
            print(end="", flush=True)  # now, where a closed pipe can be answered
            return status
    except (AttnstatsError, OSError, MemoryError) as error:
        if isinstance(error, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is flushed at exit
            return EXIT_PIPE_CLOSED
        said = " ".join(str(error).split()) or type(error).__name__
        print(f"attnstats: error: {said}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt as stop:
        kept = " What was finished is kept; the same command goes on from there." if resumes else ""
        print(f"attnstats: stopped.{kept}", file=sys.stderr)
        return EXIT_STOPPED + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)


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


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="attnstats",
        description="Statistics of attention: comparisons, mutual information, rank correlation, studies.",
    )
    parser.set_defaults(resumes=False)
    rooms = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (add_study, add_compare, add_plan, add_mi, add_ranks, add_trace, add_evaluate, add_data):
        add(rooms)
    return parser
