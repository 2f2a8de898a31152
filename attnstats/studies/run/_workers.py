"""Worker processes of which each may die alone: every one has a pipe of its own, and the pipe ends with the worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, Generic, TypeVar

from joblib.externals.loky.backend import get_context  # type: ignore[import-untyped]

from attnstats._parallel import serve

Task = TypeVar("Task")
Result = TypeVar("Result")
#: What a library reads when it is loaded; those that are loaded late escape `threadpool_limits`.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
#: A worker that dies is taken to have met with an accident once, and to have been killed by its task the second time.
TRIES = 2


@dataclass(frozen=True)
class Died:
    """The workers of a task died, the last with this exit code; one below zero is the signal that killed it."""

    exitcode: int

    def __str__(self) -> str:
        if self.exitcode >= 0:
            return f"exit status {self.exitcode}"
        try:
            name = signal.Signals(-self.exitcode).name
        except ValueError:  # a real-time signal has no name
            name = f"signal {-self.exitcode}"
        return f"{name}, as where memory runs out" if name == "SIGKILL" else name


def in_workers(
    function: Callable[[Task], Result], tasks: Mapping[str, Task], n_workers: int
) -> Iterator[tuple[str, Result | Died]]:
    """Yield the key and the result of each task as it comes; a task is tried again once if its worker dies.

    Both the function and the tasks are pickled. The workers end when the iterator is closed, and with this process.
    """
    waiting = [_Tried(key, task) for key, task in reversed(list(tasks.items()))]
    workers = [_Worker(function) for _ in range(min(n_workers, len(waiting)))]
    try:
        for worker in workers:
            worker.take(waiting.pop())
        while busy := {worker.connection: worker for worker in workers if worker.busy_with}:
            for connection in wait(list(busy)):
                worker = busy[connection]
                tried = worker.busy_with
                assert tried is not None
                found: Result | Died
                try:
                    found = worker.result()
                except (EOFError, OSError):
                    workers.remove(worker)
                    found = Died(worker.death())
                    if tried.n_deaths + 1 < TRIES:
                        waiting.append(_Tried(tried.key, tried.task, tried.n_deaths + 1))
                    if waiting:
                        workers.append(worker := _Worker(function))
                if waiting:
                    worker.take(waiting.pop())
                if not isinstance(found, Died) or tried.n_deaths + 1 == TRIES:
                    yield tried.key, found
    finally:
        for worker in workers:
            worker.end()


@dataclass(frozen=True)
class _Tried(Generic[Task]):
    """A task, and how many workers have died of it."""

    key: str
    task: Task
    n_deaths: int = 0


class _Worker:
    """A process that computes one task after the other, and the pipe to it."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        # Unlike the contexts of the standard library, that of loky does not run the main script again.
        context = get_context("loky")
        self._function = function
        self.connection, theirs = context.Pipe()
        self.busy_with: _Tried[Any] | None = None
        self._process = context.Process(target=serve, args=(theirs, os.getpid()), daemon=True, env=ONE_THREAD)
        with _deaf_to_interrupts():
            self._process.start()
        theirs.close()  # so that the pipe ends with the worker

    def take(self, tried: _Tried[Any]) -> None:
        self.busy_with = tried
        with suppress(OSError):  # if it is dead, that is found when its result is read
            self.connection.send((self._function, tried.task))

    def result(self) -> Any:
        """Return what came of the task; EOFError or OSError if the worker died of it."""
        found, self.busy_with = self.connection.recv(), None
        return found

    def death(self) -> int:
        """Return the exit code of a process whose pipe has ended."""
        self._process.join(timeout=10)
        self.end()
        code: int = self._process.exitcode
        return code

    def end(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        self._process.terminate()
        self._process.join()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let a process that is started here never see Ctrl-C, which a terminal sends to all processes."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
