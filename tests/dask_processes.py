"""A scheduler and workers of Dask in processes of their own, each in its own folder, as on several machines."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.processes import wait_until

ROOT = Path(__file__).parents[1]


class DaskProcesses:
    """A scheduler at a free port, and workers of one thread each."""

    def __init__(self, folder):
        self._folder = folder
        file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", 0, "--no-dashboard", "--scheduler-file", file)
        wait_until(file.exists, 60)
        wait_until(lambda: file.read_text().rstrip().endswith("}"), 10)
        self.address = json.loads(file.read_text())["address"]
        self.workers = []

    def add_worker(self, *paths, threads=1):
        """Start a worker and return its process; `paths` come before the package where it looks for modules."""
        options = ["--nthreads", threads, "--no-nanny", "--no-dashboard", "--name", f"worker-{len(self.workers)}"]
        self.workers.append(self._start("worker", self.address, *options, paths=paths))
        return self.workers[-1]

    def n_registered(self):
        """How many workers have found the scheduler."""
        logs = self._folder.glob("worker-*/log")
        return sum("Registered to" in log.read_text() for log in logs)

    def _start(self, what, *arguments, paths=()):
        place = self._folder / f"{what}-{len(list(self._folder.glob(f'{what}-*')))}"
        place.mkdir()
        with (place / "log").open("w") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *map(str, arguments)],
                cwd=place,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(map(str, [*paths, ROOT / "tests" / "studies" / "run", ROOT])),
                },
                stdout=log,
                stderr=log,
            )

    def end(self):
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


@contextmanager
def dask_processes(folder, n_workers):
    """Yield a running cluster, which ends with the block."""
    folder.mkdir(exist_ok=True)
    processes = DaskProcesses(folder)
    try:
        for _ in range(n_workers):
            processes.add_worker()
        yield processes
    finally:
        processes.end()
