"""What a terminal may do to a command: close the pipe, lack a letter, want a warning in one line."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any

from rich.console import Console


class OutputConsole(Console):
    """A console on standard output, 100 columns wide where there is no terminal."""

    def __init__(self) -> None:
        super().__init__(width=None if sys.stdout.isatty() else 100)

    def on_broken_pipe(self) -> None:
        """Raise the error that rich turns into an exit of its own, so that all commands end alike."""
        raise BrokenPipeError


@contextmanager
def plain_output() -> Iterator[None]:
    """Print what the terminal's encoding lacks as an escape, and warnings as one line on standard error."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    with warnings.catch_warnings():
        warnings.showwarning = _print_warning
        yield


def _print_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"attnstats: warning: {' '.join(str(message).split())}", file=sys.stderr)
