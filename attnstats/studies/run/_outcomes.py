"""What became of each cell, computed by workers of this machine."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from joblib import effective_n_jobs
from joblib.parallel import LokyBackend, SequentialBackend, get_active_backend
from threadpoolctl import threadpool_limits

from attnstats.exceptions import ConfigError
from attnstats.studies.run._cells import Cell
from attnstats.studies.run._provenance import Circumstances
from attnstats.studies.run._workers import Died, in_workers
from attnstats.studies.trace_rows.analyse import TraceAnalysis


@dataclass(frozen=True)
class Failure:
    """A cell that failed, and why."""

    error: str


class Computed(NamedTuple):
    """What a cell gave, and where and when it was computed."""

    analysis: TraceAnalysis
    circumstances: Circumstances


def outcomes(
    run: Callable[[Cell], TraceAnalysis], cells: Mapping[str, Cell], n_jobs: int | None
) -> Generator[tuple[str, Computed | Failure], None, None]:
    """Yield the key of each cell and what `run` made of it, as it comes; None stands for all cores."""
    backend = get_active_backend()[0]
    if isinstance(backend, SequentialBackend):
        for key, cell in cells.items():
            yield key, attempt(run, cell)
    elif isinstance(backend, LokyBackend):
        for key, found in in_workers(partial(attempt, run), cells, effective_n_jobs(-1 if n_jobs is None else n_jobs)):
            yield key, Failure(f"the worker was ended by {found}, twice") if isinstance(found, Died) else found
    else:
        raise ConfigError(
            "parallel_config: backend must be loky, the default, or sequential, since cells of one process share a"
            f" model; got {type(backend).__name__}; for a Dask cluster pass scheduler"
        )


def attempt(run: Callable[[Cell], TraceAnalysis], cell: Cell) -> Computed | Failure:
    """Return what `run` made of a cell, whatever went wrong."""
    started = time.monotonic()
    try:
        with threadpool_limits(1):  # workers share the cores, so each takes one thread
            analysis = run(cell)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in one cell becomes its failure row
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Failure(f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})")
    return Computed(analysis, Circumstances.now(seconds=time.monotonic() - started))
