"""What may come upon a command: a letter that is not there, a warning, the signal to end.

It imports nothing that takes time, so that a signal during the imports of a command ends it as any other does.
"""

from __future__ import annotations

import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any


class Stopped(KeyboardInterrupt):
    """A signal told this process to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does: with workers, temporary files and all."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows has no SIGHUP
    # Python takes signals in its main thread alone. One that is ignored, as under nohup, stays so.
    taken = [
        each
        for each in map(signal.Signals.__getitem__, names)
        if threading.current_thread() is threading.main_thread() and signal.getsignal(each) is signal.SIG_DFL
    ]

    def stop(number: int, _: object) -> None:
        for each in taken:
            signal.signal(each, signal.SIG_DFL)  # a second one ends the process at once
        raise Stopped(number)

    for each in taken:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each in taken:
            signal.signal(each, signal.SIG_DFL)


def stop_within(error: BaseException | None) -> KeyboardInterrupt | None:
    """Return the interrupt that an error is or came from: a library that is being imported may wrap it in its own."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error


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
