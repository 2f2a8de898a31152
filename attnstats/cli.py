"""The command line: names become objects here, and a known error becomes one line and exit status 2."""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from attnstats.exceptions import AttnstatsError, ConfigError, InvalidInputError, MissingExtraError, UnknownNameError

__all__ = ["main"]

EXIT_FAILED_CELL, EXIT_BAD_INPUT, EXIT_INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0 means done; 1 that a model of a study failed; 2 bad input, a damaged trace among it; 130 stopped by Ctrl-C.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command line without the program's name; ``sys.argv[1:]`` by default.

    Examples
    --------
    >>> main(["data", "get", "no_such_set"])  # prints the known names to standard error
    2
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except AttnstatsError as error:
        print(f"attnstats: error: {' '.join(str(error).split())}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("attnstats: stopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        return EXIT_INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="attnstats", description="Do attention weights explain a model? Statistics that hold up."
    )
    rooms = parser.add_subparsers(required=True, metavar="COMMAND")

    study = rooms.add_parser("study", help="run a study, or write its report").add_subparsers(required=True)
    run = study.add_parser("run", help="run (or go on with) a study and write its report")
    run.add_argument("config", metavar="CONFIG.toml", type=Path)
    run.add_argument("--out", required=True, metavar="DIR", type=Path, help="folder of the results")
    run.add_argument("--jobs", type=int, metavar="N", help="worker processes, one thread each (default: all cores)")
    run.add_argument("--stored", action="store_true", help="train nothing: decide on the data sets that are finished")
    run.set_defaults(run=_study_run)
    report = study.add_parser("report", help="write tables, figures and page of a finished study again")
    report.add_argument("study", metavar="STUDY", type=Path, help="folder of a study, or a frame (CSV, Parquet)")
    report.add_argument("--out", metavar="DIR", type=Path, help="where to write (default: the folder of the frame)")
    report.set_defaults(run=_study_report)

    mi = rooms.add_parser("mi", help="mutual information of columns of a table")
    mi.add_argument("file", metavar="FILE", type=Path, help="CSV, TSV, JSON Lines or Parquet")
    mi.add_argument("--x", required=True, metavar="COL[,COL]")
    mi.add_argument("--y", required=True, metavar="COL[,COL]")
    mi.add_argument("--estimator", default="ksg", metavar="NAME", help="for example  ksg  'ksg(k=5)'  ross  probe")
    mi.add_argument(
        "--permutations", type=int, default=199, metavar="N", help="permuted pairs behind floor and p-value"
    )
    mi.add_argument("--interval", action="store_true", help="add a 95 %% Holmes-Nemenman interval")
    mi.add_argument("--bits", action="store_true", help="print bits, not nats")
    mi.add_argument("--seed", type=int, default=0)
    mi.set_defaults(run=_mi)

    ranks = rooms.add_parser("ranks", help="Kendall and Spearman correlation of two columns")
    ranks.add_argument("file", metavar="FILE", type=Path)
    ranks.add_argument("--a", required=True, metavar="COL")
    ranks.add_argument("--b", required=True, metavar="COL")
    ranks.add_argument("--by", metavar="COL", help="one correlation for each value of this column, and their mean")
    ranks.set_defaults(run=_ranks)

    trace = rooms.add_parser("trace", help="check or analyse saved attention traces").add_subparsers(required=True)
    check = trace.add_parser("check", help="verify the files of a trace")
    check.add_argument("directory", metavar="DIR", type=Path)
    check.set_defaults(run=_trace_check)
    analyse = trace.add_parser("analyse", help="information, agreement and skew of saved traces")
    analyse.description = (
        "Information, agreement and skew of saved traces, with attention made uniform and permuted beside them. What "
        "that does to the output needs the trained model, or a SoftmaxHead of its weights: analyse_trace in Python."
    )
    analyse.add_argument("directories", metavar="DIR", type=Path, nargs="+")
    analyse.add_argument("--out", required=True, metavar="DIR", type=Path)
    analyse.add_argument("--estimator", default="probe", metavar="NAME", help="for example  probe  ross  'ross(k=5)'")
    analyse.add_argument("--jobs", type=int, metavar="N", help="worker processes, one thread each (default: all cores)")
    analyse.add_argument("--seed", type=int, default=0)
    analyse.set_defaults(run=_trace_analyse)

    data = rooms.add_parser("data", help="list or fetch data sets").add_subparsers(required=True)
    data.add_parser("list", help="the known data sets").set_defaults(run=_data_list)
    get = data.add_parser("get", help="fetch a data set and say what is in it")
    get.add_argument("name", metavar="NAME")
    get.set_defaults(run=_data_get)
    return parser


def _study_run(options: argparse.Namespace) -> int:
    from attnstats.studies import StudyConfig, run_study

    config = StudyConfig.read(options.config)
    for package in ("matplotlib", "jinja2"):  # found missing now, not after the models are trained
        if find_spec(package) is None:
            raise MissingExtraError(package, "report")
    frame = run_study(config, options.out, train=not options.stored, n_jobs=options.jobs)
    return _write_report(frame, options.out)


def _study_report(options: argparse.Namespace) -> int:
    from attnstats.frame import read_frame

    path = options.study / "frame.csv" if options.study.is_dir() else options.study
    return _write_report(read_frame(path), options.out or path.parent)


def _write_report(frame: Any, out: Path) -> int:
    from rich.console import Console

    from attnstats.report import print_verdicts, write_report

    console = Console(width=None if sys.stdout.isatty() else 100)
    print_verdicts(frame, console)
    page = write_report(frame, out)
    console.print(f"Report: {page}   tables: {out / 'tables'}   figures: {out / 'figures'}", soft_wrap=True)
    failed = int((frame["quantity"] == "failure").sum())
    if failed:
        console.print(f"[red]{failed} model(s) failed[/]: see the report; the same command tries them again.")
    return EXIT_FAILED_CELL if failed else 0


def _mi(options: argparse.Namespace) -> int:
    from attnstats.information import mutual_information
    from attnstats.resampling import HolmesNemenman, Permutation

    estimator = _estimator(options.estimator, any_output=True)
    table = _read_table(options.file)
    x = _columns(table, options.x, "--x")
    y = _columns(table, options.y, "--y")
    estimate = mutual_information(
        x,
        y[:, 0] if y.shape[1] == 1 else y,
        estimator,
        interval=HolmesNemenman() if options.interval else None,
        null=Permutation(options.permutations) if options.permutations else None,
        rng=options.seed,
    )
    print((estimate.to_bits() if options.bits else estimate).summary())
    return 0


def _estimator(text: str, *, any_output: bool) -> Any:
    """Return the estimator that ``name`` or ``name(key=value)`` stands for; it takes classes unless `any_output`."""
    from attnstats.studies.cells import make_estimator
    from attnstats.studies.config import Component

    match = re.fullmatch(r"\s*(\w+)\s*(?:\((.*)\))?\s*", text)
    try:
        pairs = [part.split("=", 1) for part in (match[2] or "").split(",") if part.strip()] if match else [[text]]
        parameters = {key.strip(): json.loads(value) for key, value in pairs}
    except ValueError as error:
        raise ConfigError(f"--estimator: must be  name  or  name(key=number, ...); got {text!r}") from error
    return make_estimator(Component(match[1].lower() if match else text, **parameters), any_output=any_output)


def _ranks(options: argparse.Namespace) -> int:
    import numpy as np

    from attnstats.ranks import kendall, spearman

    table = _read_table(options.file)
    a, b = (_columns(table, name, flag)[:, 0] for name, flag in ((options.a, "--a"), (options.b, "--b")))
    if options.by is None:
        print(kendall(a, b).summary())
        print(spearman(a, b).summary())
        return 0
    groups = _columns(table, options.by, "--by")[:, 0]
    taus = []
    for group in dict.fromkeys(groups.tolist()):
        result = kendall(a[groups == group], b[groups == group])
        taus.append(result.statistic)
        print(f"{group}: {result.summary()}")
    print(f"mean tau-b = {np.mean(taus):.3g} over {len(taus)} groups")
    return 0


def _trace_check(options: argparse.Namespace) -> int:
    from attnstats.trace import AttentionTrace

    print(f"{options.directory}: sound, {AttentionTrace.load(options.directory)!r}")
    return 0


def _trace_analyse(options: argparse.Namespace) -> int:
    import pandas as pd
    from joblib import Parallel, cpu_count, delayed
    from rich.console import Console
    from rich.progress import track

    from attnstats.frame import write_frame

    estimator = _estimator(options.estimator, any_output=False)
    n_jobs = min(options.jobs or cpu_count(), len(options.directories))
    found = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_analyse_stored)(directory, estimator, options.seed) for directory in options.directories
    )
    frames = list(track(found, "analysing", len(options.directories), console=Console(stderr=True)))
    frame = pd.concat(frames, ignore_index=True)
    _make_folder(options.out)
    write_frame(frame, options.out / "frame.csv")
    intact = frame[(frame["ablation"] == "none") & frame["quantity"].isin(["tau_b", "mi_normalised_mean", "gini"])]
    keys = [key for key in ("dataset", "encoder", "attention", "layer", "head", "seed") if frame[key].notna().any()]
    print(intact[[*keys, "quantity", "value", "unit", "n"]].to_string(index=False))
    print(f"Frame: {options.out / 'frame.csv'}")
    print(
        "Total variation and accuracy under the ablations are not measured: a saved trace holds no model to recompute "
        "the output. In Python, analyse_trace(trace, ablations=..., model=SoftmaxHead(kernel, bias)) measures them "
        "from the weights of the output layer, or with the trained model itself."
    )
    return 0


def _analyse_stored(directory: Path, estimator: Any, seed: int) -> Any:
    from threadpoolctl import threadpool_limits

    from attnstats.ablation import Permuted, Uniform
    from attnstats.studies import analyse_trace
    from attnstats.trace import AttentionTrace

    with threadpool_limits(1):  # workers share the cores, so each takes one thread
        trace = AttentionTrace.load(directory)
        return analyse_trace(trace, estimators=(estimator,), ablations=(Uniform(), Permuted()), rng=seed).frame


def _data_list(options: argparse.Namespace) -> int:  # noqa: ARG001
    from rich.console import Console
    from rich.table import Column, Table

    from attnstats.datasets import available_datasets

    name = Column("name", no_wrap=True)  # it must be typed, so it is never cut
    others = (Column(each, overflow="fold") for each in ("classes", "licence", "source"))
    table = Table(name, Column("texts", justify="right"), *others, box=None)
    for card in available_datasets():
        size = "varies" if card.size is None else f"{card.size:,}"
        table.add_row(card.name, size, ", ".join(card.classes) or "varies", card.licence, card.source)
    Console().print(table)
    return 0


def _data_get(options: argparse.Namespace) -> int:
    from attnstats.datasets import load_dataset

    dataset = load_dataset(options.name)
    print(repr(dataset))
    print(f"licence: {dataset.licence}\ncitation: {dataset.citation}")
    return 0


def _read_table(path: Path) -> Any:
    import pandas as pd

    readers: dict[str, Any] = {
        ".csv": pd.read_csv,
        ".tsv": lambda file: pd.read_csv(file, sep="\t"),
        ".jsonl": lambda file: pd.read_json(file, lines=True),
        ".parquet": pd.read_parquet,
    }
    if path.suffix not in readers:
        raise UnknownNameError("FILE: suffix", path.suffix, readers)
    try:
        return readers[path.suffix](path)
    except (OSError, ValueError, ImportError) as error:
        raise InvalidInputError(f"FILE: cannot read {path} ({error})") from error


def _columns(table: Any, names: str, flag: str) -> Any:
    wanted = names.split(",")
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        raise UnknownNameError(f"{flag}: column", missing[0], table.columns)
    return table[wanted].to_numpy()


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out: must be a folder that can be written; got {path} ({error.strerror})") from error


if __name__ == "__main__":
    sys.exit(main())
