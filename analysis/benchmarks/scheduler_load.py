"""What does a study of 10,000 models ask of one Dask scheduler, and of the process that collects the results?

Cells take no time, and each gives a result of the size of a real one (1,024 texts of 40 tokens, 28 outcomes, some 560
rows), so that all that is measured is the way there and back: real scheduler, real workers in processes of their own,
TCP. Then some results are stored and read back, as a study does with each. ``python -m
analysis.benchmarks.scheduler_load``, from the top of the repository, writes results/scheduler_load.csv.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from attnstats._files import write_atomically
from attnstats.studies import StudyConfig
from attnstats.studies.run._cells import Cell
from attnstats.studies.run._cluster import outcomes_on_cluster
from attnstats.studies.run._outcomes import Computed
from attnstats.studies.run._provenance import Circumstances, Provenance
from attnstats.studies.run._store import CellStore
from attnstats.studies.run.study import _cells
from attnstats.studies.trace_rows.analyse import TraceAnalysis
from tests.dask_processes import dask_processes
from tests.studies.fabricated import Fabrication
from tests.studies.run.stand_in import STUDY

RESULTS = Path(__file__).parent / "results" / "scheduler_load.csv"


@cache
def result() -> TraceAnalysis:
    """Return a result of the size of a real one."""
    config = StudyConfig.from_toml(STUDY)
    drawn = Fabrication(rows=True, n_examples=1024, n_tokens=40).outcomes(config)
    first = next(iter(drawn._cells.values()))
    repeats = -(-560 // len(first.frame))
    return replace(first, frame=pd.concat([first.frame] * repeats, ignore_index=True))


def immediate(_: Cell) -> TraceAnalysis:
    """Return the same result for every cell."""
    return result()


def named_cells(n_cells: int) -> dict[str, Cell]:
    """Return some cells of a study of two architectures by names that are as long as keys."""
    config = StudyConfig.from_toml(STUDY.replace("seeds = 4", f"seeds = {-(-n_cells // 2)}"))
    return {f"{number:032x}": cell for number, cell in enumerate(_cells(config)[:n_cells])}


def through_scheduler(folder: Path, n_cells: int, n_workers: int) -> dict[str, Any]:
    """Return what it costs to hand out some cells and to collect their results."""
    with dask_processes(folder / f"{n_cells}-{n_workers}", n_workers) as cluster:
        process = psutil.Process(cluster.scheduler.pid)
        cells, own = named_cells(n_cells), psutil.Process()
        found = outcomes_on_cluster(immediate, cells, cluster.address, lambda _: None)
        first_key, first = next(found)  # by now every import is done on one worker at least
        started, before, client_before = time.perf_counter(), process.cpu_times(), own.cpu_times()
        done, peak = {first_key}, 0
        for key, outcome in found:
            assert isinstance(outcome, Computed), outcome
            done.add(key)
            if len(done) % 100 == 0:
                peak = max(peak, process.memory_info().rss)
        seconds = time.perf_counter() - started
        after, client_after = process.cpu_times(), own.cpu_times()
        assert done == set(cells)
    return {
        "what": "through the scheduler",
        "cells": n_cells,
        "workers": n_workers,
        "seconds": seconds,
        "ms_a_cell": 1e3 * seconds / n_cells,
        "scheduler_cpu_ms_a_cell": 1e3 * (after.user + after.system - before.user - before.system) / n_cells,
        "client_cpu_ms_a_cell": _client_ms(client_before, client_after, n_cells),
        "scheduler_peak_mb": peak / 1e6,
        "mb_a_cell": len(pickle.dumps(first)) / 1e6,
    }


def stored(folder: Path, n_cells: int) -> list[dict[str, Any]]:
    """Return what it costs to store some results and to read them back, and what they then take in memory."""
    own = psutil.Process()
    store, kept = CellStore(folder / "cells"), []
    provenances = [Provenance({"seed": seed}, {}, {}, {}, "") for seed in range(n_cells)]
    started, before, memory = time.perf_counter(), own.cpu_times(), own.memory_info().rss
    for provenance in provenances:
        store.write(provenance, result(), Circumstances.now(seconds=0))
        kept.append(store.read(provenance.key))
    seconds = time.perf_counter() - started
    costs = {"cells": n_cells, "workers": 0, "seconds": seconds, "ms_a_cell": 1e3 * seconds / n_cells}
    cpu = _client_ms(before, own.cpu_times(), n_cells)
    size = sum(path.stat().st_size for path in store.directory.rglob("*") if path.is_file())
    return [
        {"what": "stored and read back", **costs, "client_cpu_ms_a_cell": cpu, "mb_a_cell": size / n_cells / 1e6},
        {"what": "in memory until the end", **costs, "mb_a_cell": (own.memory_info().rss - memory) / n_cells / 1e6},
    ]


def _client_ms(before: Any, after: Any, n_cells: int) -> float:
    return 1e3 * float(after.user + after.system - before.user - before.system) / n_cells


def main() -> None:
    """Measure, print and write the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cells", type=int, nargs="+", default=[1000, 10_000], help="numbers of cells")
    arguments.add_argument("--workers", type=int, nargs="+", default=[2], help="numbers of workers")
    arguments.add_argument("--out", type=Path, default=RESULTS)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = stored(folder, 300)
        for n_cells in options.cells:
            for n_workers in options.workers:
                rows.append(through_scheduler(folder, n_cells, n_workers))
                print(rows[-1], flush=True)
                write_atomically(options.out, pd.DataFrame(rows).round(2).to_csv(index=False).encode())
    print(pd.DataFrame(rows).to_string())


if __name__ == "__main__":
    from analysis.benchmarks import scheduler_load  # by a name that workers know too

    scheduler_load.main()
