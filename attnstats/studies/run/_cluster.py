"""Cells on the workers of a Dask cluster: texts go there, results come back, and no folder is shared."""

from __future__ import annotations

import asyncio
import concurrent.futures
import hashlib
import logging
import os
import secrets
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from distributed import Client, KilledWorker, Worker, WorkerPlugin, as_completed, get_client, get_worker

from attnstats.datasets import TextDataset
from attnstats.exceptions import ConfigError
from attnstats.studies.config.component import Component
from attnstats.studies.run._cells import Cell, load_texts, take_texts
from attnstats.studies.run._outcomes import Computed, Failure, attempt
from attnstats.studies.run._provenance import in_words, installed, versions
from attnstats.studies.run._workers import ONE_THREAD, TRIES
from attnstats.studies.trace_rows.analyse import TraceAnalysis

if TYPE_CHECKING:
    from distributed.deploy.cluster import Cluster

#: What `distributed.Client` connects to.
Scheduler: TypeAlias = "str | Cluster"
_LOST = (OSError, asyncio.CancelledError, concurrent.futures.CancelledError, concurrent.futures.TimeoutError)
#: Of workers that differ, so many are named.
_FEW = 5


class SchedulerLost(Exception):
    """The connection to the scheduler broke, or the cells were taken from it."""


def outcomes_on_cluster(
    run: Callable[[Cell], TraceAnalysis], cells: Mapping[str, Cell], scheduler: Scheduler, say: Callable[[str], object]
) -> Generator[tuple[str, Computed | Failure], None, None]:
    """Yield the key of each cell and what `run` made of it on some worker, as it comes.

    A cell whose worker is lost is tried on another one; if that is lost too, the cell has failed. `ConfigError` names
    the workers that differ from this process in what decides numbers, `SchedulerLost` a connection that broke.
    """
    token = f"attnstats-{secrets.token_hex(8)}"
    with _connected(scheduler) as client:
        address = client.scheduler.address
        try:
            _check(client)
            with _sent(client, token, cells):
                n_workers = len(client.nthreads())
                workers = f"{n_workers:,} worker{'s' * (n_workers > 1)}" if n_workers else "the workers to come"
                say(f"computing on {workers} of {address}; others may come and go")
                yield from _computed(client, partial(_on_worker, run, token, _inventory()), cells)
        except _LOST as error:
            raise SchedulerLost(f"{address} was lost, or cancelled the work") from error


@contextmanager
def _sent(client: Client, token: str, cells: Mapping[str, Cell]) -> Iterator[None]:
    """Let the workers have the texts of some cells for the time of a ``with`` block."""
    client.register_plugin(_Texts({cell.dataset.source for cell in cells.values()}), name=token)
    try:
        yield
    finally:
        if client.status == "running":  # what was not begun is taken back when the client closes
            client.unregister_worker_plugin(token)


def _computed(
    client: Client, function: Callable[[str, Cell], Computed | Failure], cells: Mapping[str, Cell]
) -> Iterator[tuple[str, Computed | Failure]]:
    # All are handed over at once, so that a cluster that grows with its work sees how much there is.
    futures = client.map(function, list(cells), list(cells.values()), pure=False)
    keys = dict(zip((future.key for future in futures), cells, strict=True))
    waiting = as_completed(futures, loop=client.loop)
    del futures  # a result is kept on its worker as long as its future is known
    for future in waiting:
        key = keys.pop(future.key)
        try:
            outcome = future.result()
        except KilledWorker:  # it may only have stood behind a deadly cell; `_on_worker` counts how often it was begun
            again = client.submit(function, key, cells[key], pure=False)
            keys[again.key] = key
            waiting.add(again)
            continue
        except ImportError as error:
            raise ConfigError(
                f"scheduler: must have workers that can load attnstats and cells; one said {error}"
            ) from error
        future.release()
        yield key, outcome


def _on_worker(
    run: Callable[[Cell], TraceAnalysis], token: str, wanted: dict[str, str], key: str, cell: Cell
) -> Computed | Failure:
    """Compute a cell on a worker, unless two workers were lost with it; the scheduler remembers who began."""
    worker, client, topic = get_worker(), get_client(), f"{token}-{key}"
    if differences := _differences(wanted, _inventory_of(worker)):  # of one that came after the others were asked
        raise ConfigError(_refusal({worker.address: differences}))
    client.log_event(topic, worker.address)
    if len(client.get_events(topic)) > TRIES:
        return Failure("the worker was lost, twice")
    take_texts(worker.plugins[token].texts)
    return attempt(run, cell)


class _Texts(WorkerPlugin):
    """The texts of a study, for each worker, also for those that come later."""

    def __init__(self, sources: set[Component]) -> None:
        self.texts: dict[Component, TextDataset] = {each: load_texts(each.name, **each.parameters) for each in sources}

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - Dask gives it by name
        """Let libraries that are loaded from now on take one thread, as in workers of one machine."""
        os.environ.update(ONE_THREAD)


@contextmanager
def _connected(scheduler: Scheduler) -> Iterator[Client]:
    """Connect to a scheduler, whose client says nothing of its own while it is lost."""
    logger = logging.getLogger("distributed.client")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        try:
            client = Client(scheduler, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            said = " ".join(str(error).split()) or type(error).__name__
            raise ConfigError(
                f"scheduler: must be the address of a running Dask scheduler, or a cluster; got {scheduler} ({said})"
            ) from error
        with client:
            yield client
    finally:
        logger.setLevel(level)


def _check(client: Client) -> None:
    """Raise ConfigError, which names them, if some workers differ in what decides the numbers of a cell."""
    wanted = _inventory()
    found = client.run(_inventory_of_this_worker, on_error="return")
    differences = {address: _differences(wanted, inventory) for address, inventory in sorted(found.items())}
    if differing := {address: each for address, each in differences.items() if each}:
        raise ConfigError(_refusal(differing))


def _differences(wanted: dict[str, str], found: dict[str, str] | Exception) -> list[str]:
    if isinstance(found, Exception):  # it cannot load this module
        return [f"attnstats that cannot be loaded or is another ({found})"]
    return [
        f"{in_words(name)} {found.get(name, 'absent')}, not {version}"
        for name, version in wanted.items()
        if found.get(name) != version
    ]


def _refusal(differing: Mapping[str, list[str]]) -> str:
    named = [f"{address} has {', '.join(each)}" for address, each in differing.items()]
    others = f"; and {len(named) - _FEW} other workers" if len(named) > _FEW else ""
    return f"scheduler: must have workers with the code and packages of this process; {'; '.join(named[:_FEW])}{others}"


def _inventory_of_this_worker(dask_worker: Worker) -> dict[str, str]:
    return _inventory_of(dask_worker)


def _inventory_of(worker: Worker) -> dict[str, str]:
    return {**_inventory(), "threads": str(worker.state.nthreads)}


@cache
def _inventory() -> dict[str, str]:
    """Return what decides the numbers of a cell in this process; in a worker one thread, since cells share a model."""
    root = Path(__file__).parents[2]
    code = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        code.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return {"attnstats": installed("attnstats"), "code": code.hexdigest()[:12], **versions(), "threads": "1"}
