"""What a command shows while it computes: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from attnstats._parallel import Reporter, reporting

#: Seconds before a bar appears, before a first line is written where there is no terminal, and between lines.
_BAR, _LINE, _BETWEEN = 1.0, 5.0, 15.0
#: Seconds before something is shown, what then starts, what takes the tasks done and all of them, and what ends it.
Shown: TypeAlias = tuple[float, Callable[[], None], Reporter, Callable[[], None]]


@contextmanager
def shown_progress() -> Iterator[None]:
    """Show on standard error that something is estimated, then how far its resampling is; nothing if it is quick."""
    seconds, start, report, stop = _bar() if sys.stderr.isatty() else _lines()
    timer = Timer(seconds, start)
    timer.daemon = True
    timer.start()
    try:
        with reporting(report):
            yield
    finally:
        timer.cancel()
        timer.join()  # a bar that is just being started is started before it is stopped
        stop()


def _bar() -> Shown:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    bar = Progress(*columns, TextColumn("left"), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    task = bar.add_task("estimating", total=None)

    def report(done: int, total: int) -> None:
        bar.update(task, description="resampling", completed=done, total=total)

    return _BAR, bar.start, report, bar.stop


def _lines() -> Shown:
    started = said = time.monotonic()

    def say(line: str) -> None:
        nonlocal said
        said = time.monotonic()
        print(f"attnstats: {line}", file=sys.stderr, flush=True)

    def report(done: int, total: int) -> None:
        now = time.monotonic()
        if now - started > _LINE and now - said > _BETWEEN and done < total:
            say(f"resampling, {done / total:.0%} after {now - started:.0f} s")

    return _LINE, lambda: say("estimating ..."), report, lambda: None
