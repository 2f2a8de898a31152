"""Run a study: its cells in parallel, each stored when it is done; then the findings, then the one frame."""

from __future__ import annotations

import platform
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from threadpoolctl import threadpool_limits

from attnstats._files import write_atomically
from attnstats.exceptions import ConfigError
from attnstats.frame import Row, check_frame, encode_parameters, to_frame, write_frame
from attnstats.studies.config._condition import Condition
from attnstats.studies.config.study import StudyConfig
from attnstats.studies.findings import Outcomes, check_inference, evaluate_findings
from attnstats.studies.run._cells import Cell, check_names, load_encoded, run_cell
from attnstats.studies.run._labels import labels_of
from attnstats.studies.run._provenance import Provenance, installed, versions
from attnstats.studies.run._reached import provenance_of
from attnstats.studies.run._store import CellStore
from attnstats.studies.trace_rows.analyse import TraceAnalysis

FRAME = "frame.csv"
CONFIG = "study.toml"


@dataclass(frozen=True)
class Failure:
    """A cell that failed, and why."""

    error: str


def run_study(
    config: StudyConfig, out: str | Path, *, train: bool = True, n_jobs: int | None = None, progress: bool = True
) -> pd.DataFrame:
    """Run a study and return its results frame, also written to ``out/frame.csv``, its configuration to ``study.toml``.

    Every finished model is stored, so a study that was stopped goes on where it was when it is run again. A stored
    model is used as long as its configuration, the code that it reaches and the versions of the packages are the same;
    otherwise the reason is printed, and it is trained again.

    Parameters
    ----------
    config : StudyConfig
        What to run.
    out : str or Path
        Folder of the study; created if needed.
    train : bool
        Train the models that are not stored. Otherwise data sets of which a model is neither stored nor has failed
        take no part, and each has a row with quantity ``"unfinished"``.
    n_jobs : int, optional
        Worker processes, one thread each; all cores by default. The backend of ``joblib.parallel_config`` runs them.
    progress : bool
        Show cells done and time left on the terminal.

    Returns
    -------
    DataFrame
        Rows of the texts, of every model, of the findings and of the run. A model that failed has a row with quantity
        ``"failure"`` and its error; it is tried again on the next run.

    Raises
    ------
    ConfigError
        If a name, a parameter or the folder is not usable, or with ``train=False`` no data set is finished; then
        nothing is written.
    DatasetError, MissingExtraError
        If a data set cannot be loaded or an optional package is not installed.
    """
    console = Console(stderr=True, quiet=not progress)
    console.print(f"[bold]Study {config.name}[/]: checking names and loading texts")
    check_inference(config.inference)
    check_names(config)
    encoded = {spec.source: load_encoded(spec) for spec in config.datasets}
    store = CellStore(Path(out) / "cells")
    store.discard_partial()
    cells, provenances = {}, {}
    for cell in _cells(config):
        provenance = provenance_of(cell, encoded[cell.dataset.source].fingerprint)
        cells[provenance.key], provenances[provenance.key] = cell, provenance
    analyses: dict[str, TraceAnalysis | Failure] = {key: store.read(key) for key in cells if key in store}
    if not train:
        analyses |= {key: Failure(error) for key in cells if (error := store.failure(key)) is not None}
    pending = {key: cell for key, cell in cells.items() if train and key not in analyses}
    console.print(f"{len(cells)} models: {len(analyses)} stored, {len(pending)} to train")
    for line in store.outdated(provenances, train=train):
        console.print(line, markup=False, highlight=False)
    with _progress(console) as bar:
        task = bar.add_task("training and analysing", total=len(cells), completed=len(analyses))
        for key, outcome in _run(pending, provenances, store, n_jobs):
            analyses[key] = outcome
            if isinstance(outcome, Failure):
                bar.console.print(f"[red]failed[/] {_label(cells[key])}: {outcome.error}")
            bar.advance(task)
            if not console.is_terminal and len(analyses) % max(1, len(cells) // 10) == 0:
                console.print(f"{len(analyses)} of {len(cells)} models done")  # a log file has no live display
    console.print("Testing the findings")
    with threadpool_limits(1):  # with more, the last digits of a matrix product differ from run to run
        frame = _assemble(config, cells, analyses)
    write_atomically(Path(out) / CONFIG, config.to_toml().encode())
    write_frame(frame, Path(out) / FRAME)
    return frame


def _cells(config: StudyConfig) -> list[Cell]:
    # Seeds run innermost: a worker compiles an architecture once and trains its seeds one after the other.
    return [
        Cell(config, spec, Condition(spec.source, *combination, training.name), seed)
        for spec in config.datasets
        for training in config.trainings_of(spec)
        for combination in config.combinations()
        for seed in range(config.seeds)
    ]


def _run(
    pending: Mapping[str, Cell], provenances: Mapping[str, Provenance], store: CellStore, n_jobs: int | None
) -> Iterator[tuple[str, TraceAnalysis | Failure]]:
    """Yield each cell's key and outcome as it comes."""
    if not pending:
        return
    with parallel_config(n_jobs=-1 if n_jobs is None else n_jobs):
        yield from Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs")(
            delayed(_run_and_store)(provenances[key], cell, store) for key, cell in pending.items()
        )


def _run_and_store(provenance: Provenance, cell: Cell, store: CellStore) -> tuple[str, TraceAnalysis | Failure]:
    key = provenance.key
    try:
        with threadpool_limits(1):  # workers share the cores, so each takes one thread
            analysis = run_cell(cell)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in one cell becomes its failure row
        where = traceback.extract_tb(error.__traceback__)[-1]
        failure = Failure(f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})")
        store.write_failure(key, failure.error)
        return key, failure
    store.write(provenance, analysis)
    # Read back, so that a fresh result and a resumed one are the same to the last digit.
    return key, store.read(key)


def _assemble(
    config: StudyConfig, cells: Mapping[str, Cell], analyses: Mapping[str, TraceAnalysis | Failure]
) -> pd.DataFrame:
    """Return the frame of the whole study, in the order of the configuration, whatever order the cells came in."""
    missing = Counter(cell.dataset.source for key, cell in cells.items() if key not in analyses)
    totals = Counter(cell.dataset.source for cell in cells.values())
    if len(missing) == len(totals):
        raise ConfigError(f"out: must hold all models of one data set at least; {missing.total()} are missing")
    analyses = {key: analysis for key, analysis in analyses.items() if cells[key].dataset.source not in missing}
    labels = labels_of(spec.source for spec in config.datasets)
    finished = {
        (cell.condition._replace(dataset=labels[cell.dataset.source]), cell.seed): analysis
        for key, cell in cells.items()
        if isinstance(analysis := analyses.get(key), TraceAnalysis)
    }
    rows = _run_rows(config)
    rows += [
        Row(quantity="unfinished", dataset=str(labels[name]), value=float(totals[name] - missing[name]), n=totals[name])
        for name in missing
    ]
    rows += [
        Row(
            quantity="failure",
            parameters=encode_parameters(error=failure.error),
            **{**cell.keys, "dataset": str(labels[cell.dataset.source])},
        )
        for key, cell in cells.items()
        if isinstance(failure := analyses.get(key), Failure)
    ]
    if finished:
        rows += evaluate_findings(Outcomes(finished), config, rng=np.random.default_rng(2211_07714))
    first = to_frame([replace(row, study=config.name) for row in rows])
    frames = (
        analysis.frame.assign(dataset=pd.Series(str(condition.dataset), analysis.frame.index, dtype="string"))
        for (condition, _), analysis in finished.items()
    )
    return check_frame(pd.concat([first, *frames], ignore_index=True))


def _run_rows(config: StudyConfig) -> list[Row]:
    """Rows about the run: configuration, versions, and what became of the texts."""
    rows = [Row(quantity="configuration", parameters=encode_parameters(toml=config.to_toml()))]
    rows += [
        Row(quantity="version", parameters=encode_parameters(package=name, version=number))
        for name, number in _installed().items()
    ]
    labels = labels_of(spec.source for spec in config.datasets)
    for spec in config.datasets:
        dataset, name = load_encoded(spec), str(labels[spec.source])
        source = encode_parameters(licence=dataset.licence, citation=dataset.citation)
        rows.append(Row(quantity="dataset", dataset=name, parameters=source))
        rows.append(Row(quantity="vocabulary", dataset=name, value=float(len(dataset.vocabulary)), unit="words"))
        for split, counts in dataset.counts.items():
            about = encode_parameters(split=split)
            rows += [
                Row(quantity=what, dataset=name, value=float(count), parameters=about)
                for what, count in asdict(counts).items()
            ]
    return rows


def _installed() -> dict[str, str]:
    """Return the version of Python and of each package that takes part in the numbers of the frame."""
    packages = ("attnstats", *(name for name in versions() if name != "python"), "statsmodels")
    return {"python": platform.python_version(), **{name: installed(name) for name in packages}}


def _label(cell: Cell) -> str:
    dataset = labels_of(spec.source for spec in cell.config.datasets)[cell.dataset.source]
    return " ".join(str(part) for part in (*cell.condition._replace(dataset=dataset), f"seed {cell.seed}"))


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
    )
