"""Map a function over tasks, each with a generator of its own that is spawned before joblib distributes them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from multiprocessing.connection import Connection
from typing import Any, TypeAlias, TypeVar

import numpy as np
from joblib import Parallel, delayed

from attnstats._validation import RNGLike, as_generator
from attnstats.exceptions import InvalidInputError

Task = TypeVar("Task")
Result = TypeVar("Result")
#: Takes the number of tasks done, and of all tasks.
Reporter: TypeAlias = Callable[[int, int], object]

_REPORTER: ContextVar[Reporter | None] = ContextVar("reporter", default=None)


def spawn(rng: RNGLike, n: int) -> list[np.random.Generator]:
    """Return `n` independent generators."""
    return list(as_generator(rng).spawn(n))


def parallel_map(
    function: Callable[[Task, np.random.Generator], Result],
    tasks: Iterable[Task],
    *,
    rng: RNGLike,
    n_jobs: int | None = None,
) -> list[Result]:
    """Return ``[function(task, generator), ...]`` in the order of the tasks, the same for any `n_jobs`."""
    whole = isinstance(n_jobs, int | np.integer) and not isinstance(n_jobs, bool)
    if n_jobs is not None and not (whole and n_jobs != 0 and abs(n_jobs) < 2**31):
        raise InvalidInputError(f"n_jobs: must be None, a number of workers, or -1 for all cores; got {n_jobs!r}")
    tasks = list(tasks)
    calls = zip(tasks, spawn(rng, len(tasks)), strict=True)
    report = _REPORTER.get()
    if n_jobs in (None, 1):
        found: Iterable[Result] = (function(task, generator) for task, generator in calls)
    else:
        found = in_parallel(function, calls, n_jobs)
    if report is None:
        return list(found)
    results = []
    with reporting(None):  # a map inside a task does not count
        for result in found:
            results.append(result)
            report(len(results), len(tasks))
    return results


def in_parallel(function: Callable[..., Result], calls: Iterable[tuple[Any, ...]], n_jobs: int) -> Iterator[Result]:
    """Yield what a function returns for some arguments, in their order, from workers that end with this process."""
    parent = os.getpid()
    yield from Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_called)(parent, function, *arguments) for arguments in calls
    )


def _called(parent: int, function: Callable[..., Result], *arguments: Any) -> Result:
    if os.getppid() == parent:  # not where threads, or another machine, do the work
        end_with(parent)
    return function(*arguments)


@cache
def end_with(parent: int) -> None:
    """Watch the parent of this process, and end with it, within a second and in the middle of whatever it does."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def serve(connection: Connection, parent: int) -> None:
    """Receive a function and a task, return what it makes of it, and again; end with the parent.

    It stands here, and the function comes later, so that the parent is watched before anything large is imported.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "posix":  # elsewhere the pipe ends, and that is seen between two tasks
        end_with(parent)
    while True:
        try:
            function, task = connection.recv()
        except (EOFError, OSError):
            return  # nothing more will come
        result = function(task)
        with suppress(OSError):  # nobody waits for it any more
            connection.send(result)


@contextmanager
def reporting(report: Reporter | None) -> Iterator[None]:
    """Call `report` after each task of a `parallel_map` inside the ``with`` block; None calls nothing.

    >>> with reporting(lambda done, total: print(f"{done} of {total}")):
    ...     parallel_map(lambda task, generator: task**2, [3, 4], rng=0)
    1 of 2
    2 of 2
    [9, 16]
    """
    token = _REPORTER.set(report)
    try:
        yield
    finally:
        _REPORTER.reset(token)
