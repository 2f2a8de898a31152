"""Run a study on the nodes of a SLURM cluster, and write its report.

Start it where results are kept, on a login node or in a small job of its own, for example inside tmux, with the Python
that the nodes can see too::

    pip install 'attnstats[models,data,report,cluster]' dask-jobqueue
    python slurm.py study.toml --out results --jobs 20 --partition cpu --walltime 04:00:00

Each SLURM job starts ``--cores`` workers of one thread. Jobs end by themselves shortly before their time is over, and
others take their place; the same command goes on where a run was stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dask_jobqueue.slurm import SLURMCluster

from attnstats.report import write_report
from attnstats.studies import StudyConfig, run_study


def seconds_of(walltime: str) -> int:
    """Return how long ``[days-]hours:minutes:seconds`` is."""
    days, _, clock = walltime.rpartition("-")
    hours, minutes, seconds = map(int, clock.split(":"))
    return ((int(days or 0) * 24 + hours) * 60 + minutes) * 60 + seconds


def main() -> None:
    """Start the jobs, run the study on them and write its report."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("config", type=Path, metavar="CONFIG.toml")
    arguments.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the results, here")
    arguments.add_argument("--jobs", type=int, default=10, metavar="N", help="SLURM jobs at a time")
    arguments.add_argument("--cores", type=int, default=16, metavar="N", help="cores, and workers, of a job")
    arguments.add_argument("--memory", default="48GB", metavar="SIZE", help="of a job: 3 GB a worker")
    arguments.add_argument("--walltime", default="04:00:00", metavar="[D-]H:M:S", help="of a job")
    arguments.add_argument("--partition", metavar="NAME")
    arguments.add_argument("--account", metavar="NAME")
    arguments.add_argument("--interface", metavar="NAME", help="network that nodes and this machine share, such as ib0")
    options = arguments.parse_args()

    lifetime = seconds_of(options.walltime) - 300
    cluster = SLURMCluster(
        cores=options.cores,
        processes=options.cores,  # one thread each
        memory=options.memory,
        walltime=options.walltime,
        queue=options.partition,
        account=options.account,
        interface=options.interface,
        log_directory=str(options.out / "slurm"),
        worker_extra_args=["--lifetime", f"{lifetime}s", "--lifetime-stagger", "120s"],
    )
    with cluster:
        cluster.adapt(maximum_jobs=options.jobs, interval="10s")
        frame = run_study(StudyConfig.read(options.config), options.out, scheduler=cluster)
    print(f"wrote {write_report(frame, options.out)}")


if __name__ == "__main__":
    main()
