"""The command line: names become objects here, and a known error becomes one line and exit status 2."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from attnstats.cli._console import Stopped, plain_output, stop_within, stoppable
from attnstats.exceptions import AttnstatsError

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
            from attnstats.cli._commands import parser  # which takes a second, in which a signal may come

            options = parser().parse_args(arguments)
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
    except BaseException as error:
        stop = stop_within(error)
        if stop is None:
            raise
        kept = " What was finished is kept; the same command goes on from there." if resumes else ""
        print(f"attnstats: stopped.{kept}", file=sys.stderr)
        return EXIT_STOPPED + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)
