"""``attnstats study``: run a study, write its report, or remove what it stored and does not use."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from attnstats._files import writing_into
from attnstats.cli._formats import OutputConsole, print_table
from attnstats.cli._options import add_jobs, add_out, add_quiet, tell
from attnstats.exceptions import require

EXIT_FAILED_CELL = 1


def add_study(rooms: Any) -> None:
    study = rooms.add_parser("study", help="run a study, write its report, or clean its folder")
    commands = study.add_subparsers(required=True, metavar="run|report|clean")
    run = commands.add_parser(
        "run",
        help="run (or go on with) a study and write its report",
        description="Train the models of a study, measure them, test the findings, and write tables, figures and a"
        " page. Every finished model is stored, so that a study that was stopped goes on where it was.",
    )
    run.add_argument("config", metavar="CONFIG.toml", type=Path, help="configuration of the study")
    add_out(run, "folder of the results", required=True)
    _add_showing(run)
    where = run.add_mutually_exclusive_group()
    add_jobs(where)
    where.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="train on the workers of the Dask cluster whose scheduler has this address, such as tcp://10.0.0.1:8786",
    )
    run.add_argument(
        "--stored", action="store_true", help="train nothing; test on the data sets whose models are all stored"
    )
    run.set_defaults(run=_run, resumes=True)
    report = commands.add_parser("report", help="write tables, figures and page of a finished study again")
    report.add_argument("study", metavar="STUDY", type=Path, help="folder of a study, or a frame (CSV, Parquet)")
    add_out(report, "where to write (default: the folder of the frame)")
    _add_showing(report)
    report.set_defaults(run=_report)
    clean = commands.add_parser(
        "clean",
        help="list or remove stored models that are not used any more",
        description="List the stored models that a configuration and the present code do not use, and those that were"
        " damaged and set aside.",
    )
    clean.add_argument("config", metavar="CONFIG.toml", type=Path, help="configuration of the study")
    add_out(clean, "folder of the results", required=True)
    clean.add_argument("--remove", action="store_true", help="remove what is listed")
    clean.set_defaults(run=_clean)


def _add_showing(command: argparse.ArgumentParser) -> None:
    """Add how the verdicts are printed."""
    command.add_argument(
        "--all", action="store_true", help="also print each secondary claim, and each finding in words"
    )
    command.add_argument("--json", action="store_true", help="print every claim as one JSON document, for programs")
    add_quiet(command)


def _run(options: argparse.Namespace) -> int:
    from attnstats.studies import StudyConfig, run_study

    config = StudyConfig.read(options.config)
    for package in ("matplotlib", "jinja2"):  # found missing now, not after the models are trained
        require(package, "report")
    where = {"n_jobs": options.jobs, "scheduler": options.scheduler}
    frame = run_study(config, options.out, train=not options.stored, progress=not options.quiet, **where)
    return _write_report(frame, options.out, options)


def _report(options: argparse.Namespace) -> int:
    from attnstats.frame import read_frame

    path = options.study / "frame.csv" if options.study.is_dir() else options.study
    return _write_report(read_frame(path), options.out or path.parent, options)


def _clean(options: argparse.Namespace) -> int:
    from attnstats.studies import StudyConfig
    from attnstats.studies.run._clean import remove_cells, unused_cells

    unused = unused_cells(StudyConfig.read(options.config), options.out)
    size = sum(file.stat().st_size for path in unused for file in (path, *path.rglob("*")) if file.is_file())
    if options.remove:
        remove_cells(unused, options.out, lambda line: print(line, file=sys.stderr))
    for path in unused:
        print(path)
    done = "removed" if options.remove else "--remove removes them"
    print(f"{len(unused):,} not used by {options.config} and the present code, {size / 1e6:,.1f} MB: {done}")
    return 0


def _write_report(frame: Any, out: Path, options: argparse.Namespace) -> int:
    from attnstats.report import verdict_table, write_report
    from attnstats.report.page.terminal import print_claims, print_verdicts

    with writing_into(out, "--out"):
        page = write_report(frame, out)  # before anything is printed, which a closed pipe may end
    if options.json:
        print_table(verdict_table(frame), "json")
    else:
        console = OutputConsole()
        if options.all:
            print_verdicts(frame, console)
        print_claims(frame, console, secondary=options.all)
    tell(options, f"wrote {page}, {out / 'tables'} and {out / 'figures'}")
    failed = int((frame["quantity"] == "failure").sum())
    if failed:
        print(
            f"attnstats: {failed} model(s) failed: see the report; the same command tries them again.", file=sys.stderr
        )
    return EXIT_FAILED_CELL if failed else 0
