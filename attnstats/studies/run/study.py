"""Run a study: its cells in parallel, each stored when it is done; then the findings, then the one frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console
from rich.markup import escape
from threadpoolctl import threadpool_limits

from attnstats._files import CHECKSUMS, write_atomically, write_checksums
from attnstats.exceptions import ConfigError, FrameError, require
from attnstats.frame import write_frame
from attnstats.studies.config._condition import Condition
from attnstats.studies.config.study import StudyConfig
from attnstats.studies.findings import check_inference
from attnstats.studies.run._assemble import assemble
from attnstats.studies.run._cells import Cell, check_names, load_encoded, run_cell
from attnstats.studies.run._claim import Claim
from attnstats.studies.run._labels import labels_of
from attnstats.studies.run._outcomes import Computed, Failure, outcomes
from attnstats.studies.run._progress import seconds_left, study_progress
from attnstats.studies.run._provenance import Provenance
from attnstats.studies.run._reached import provenance_of
from attnstats.studies.run._store import CellStore
from attnstats.studies.trace_rows.analyse import TraceAnalysis

if TYPE_CHECKING:
    from attnstats.studies.run._cluster import Scheduler

FRAME = "frame.csv"
CONFIG = "study.toml"
CELLS = "cells"


def run_study(
    config: StudyConfig,
    out: str | Path,
    *,
    train: bool = True,
    n_jobs: int | None = None,
    scheduler: Scheduler | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Run a study and return its results frame, also written to ``out/frame.csv``, its configuration to ``study.toml``.

    Every finished model is stored, so a study that was stopped goes on where it was when it is run again. A stored
    model is used as long as its configuration, the code that it reaches and the versions of the packages are the same;
    otherwise the reason is printed, and it is trained again. So is a stored model whose files were changed, which is
    kept under a name that says so. One run at a time trains in a folder.

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
        Worker processes of this machine, one thread each; all cores by default. One that dies costs its model alone,
        which is tried once more. With the backend "sequential" of ``joblib.parallel_config`` models are trained in this
        process.
    scheduler : str or Cluster, optional
        Train on the workers of this Dask cluster instead: the address of its scheduler, such as
        ``"tcp://10.0.0.1:8786"``, or an object as dask-jobqueue and dask-kubernetes make it. Each worker has one thread
        and the code and packages of this process. Texts are sent to them, and results are stored here.
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
        nothing is written. If another run has the folder, or it can no longer be written, or the scheduler is lost;
        then finished models stay. If a worker of the cluster has another version of the code or of a package.
    DatasetError, MissingExtraError
        If a data set cannot be loaded or an optional package is not installed.
    """
    if scheduler is not None:
        require("distributed", "cluster")
        if n_jobs is not None:
            raise ConfigError(f"n_jobs: must be left out with a scheduler, whose workers train; got {n_jobs!r}")
    console = Console(stderr=True, quiet=not progress)
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)  # lines of a log are not cut
    console.print(f"[bold]Study {config.name}[/]: checking names and loading texts")
    check_inference(config.inference)
    check_names(config)
    cells, provenances = wanted_cells(config)
    store = CellStore(Path(out) / CELLS)
    with ExitStack() as stack:
        with _writing(store, cells):
            claim = stack.enter_context(Claim(Path(out), say)) if train else None
            if claim:
                store.discard_partial()
            analyses = _stored(store, cells, say)
        if not train:
            analyses |= {key: Failure(error) for key in cells if (error := store.failure(key)) is not None}
        pending = {key: cell for key, cell in cells.items() if train and key not in analyses}
        others = store.n_others(cells)
        of_others = f"; {others:,} stored by another version of the code or configuration" if others else ""
        say(f"{len(cells):,} models: {len(analyses):,} stored, {len(pending):,} to train{of_others}")
        for line in store.outdated(provenances, train=train):
            say(line)
        found = stack.enter_context(_computing(pending, n_jobs, scheduler, store, cells, say))
        with study_progress(console) as bar:
            n_stored = len(analyses)
            task = bar.add_task("training and analysing", total=len(cells), completed=n_stored, stored=n_stored)
            for key, outcome in found:
                with _writing(store, cells):
                    assert claim is not None
                    claim.check()
                    analyses[key] = result = _kept(store, provenances[key], outcome)
                if isinstance(result, Failure):
                    bar.console.print(
                        f"[red]failed[/] {escape(f'{_label(cells[key])}: {result.error}')}", soft_wrap=True
                    )
                bar.update(task, advance=1, description=f"done: {_label(cells[key])}")
                if not console.is_terminal and len(analyses) % max(1, len(cells) // 10) == 0:
                    left = seconds_left(bar.tasks[task])
                    in_words = f", about {max(1, round(left / 60))} min left" if left else ""
                    say(f"{len(analyses)} of {len(cells)} models done{in_words}; the last: {_label(cells[key])}")
        console.print("Testing the findings")
        with threadpool_limits(1):  # with more, the last digits of a matrix product differ from run to run
            frame = assemble(config, cells, analyses)
        with _writing(store, cells):
            if claim:
                claim.check()
            _write(config, frame, Path(out))
    return frame


def wanted_cells(config: StudyConfig) -> tuple[dict[str, Cell], dict[str, Provenance]]:
    """Return the cells of a study and what their numbers come from, by the keys under which they are stored."""
    fingerprints = {spec: load_encoded(spec).fingerprint for spec in config.datasets}
    cells, provenances = {}, {}
    for cell in _cells(config):
        provenance = provenance_of(cell, fingerprints[cell.dataset])
        cells[provenance.key], provenances[provenance.key] = cell, provenance
    return cells, provenances


def _cells(config: StudyConfig) -> list[Cell]:
    # Seeds run innermost: a worker compiles an architecture once and trains its seeds one after the other.
    return [
        Cell(config, spec, Condition(spec.source, *combination, training.name), seed)
        for spec in config.datasets
        for training in config.trainings_of(spec)
        for combination in config.combinations()
        for seed in range(config.seeds)
    ]


def _stored(
    store: CellStore, cells: Mapping[str, Cell], say: Callable[[str], object]
) -> dict[str, TraceAnalysis | Failure]:
    """Return the cells that are stored and sound; the others are set aside, and said."""
    found: dict[str, TraceAnalysis | Failure] = {}
    unchecked = 0
    for key in filter(store.__contains__, cells):
        unchecked += store.has_no_checksums(key)
        try:
            found[key] = store.read(key)
        except FrameError as error:
            aside = store.set_aside(key)
            say(f"{_label(cells[key])}: {error}; it is kept as {aside.name}, and counts as missing")
    if unchecked:
        say(f"{unchecked:,} stored models are older than checksums, so that damage in them may not be seen")
    return found


def _kept(store: CellStore, provenance: Provenance, outcome: Computed | Failure) -> TraceAnalysis | Failure:
    """Store what became of a cell, and return what is stored."""
    key = provenance.key
    if isinstance(outcome, Failure):
        store.write_failure(key, outcome.error)
        return outcome
    store.write(provenance, *outcome)
    try:  # read back, so that a fresh result and a resumed one are the same to the last digit
        return store.read(key)
    except FrameError as error:
        return Failure(str(error))


def _write(config: StudyConfig, frame: pd.DataFrame, out: Path) -> None:
    (out / CHECKSUMS).unlink(missing_ok=True)  # those of a former frame; a frame without them is read as it is
    write_atomically(out / CONFIG, config.to_toml().encode())
    write_frame(frame, out / FRAME)
    write_checksums(out, [CONFIG, FRAME])


@contextmanager
def _computing(
    pending: Mapping[str, Cell],
    n_jobs: int | None,
    scheduler: Scheduler | None,
    store: CellStore,
    cells: Mapping[str, Cell],
    say: Callable[[str], object],
) -> Iterator[Iterator[tuple[str, Computed | Failure]]]:
    """Yield what becomes of some cells, on this machine or on a cluster, of which a lost one is a ConfigError."""
    if scheduler is None or not pending:
        with closing(outcomes(run_cell, pending, n_jobs)) as found:
            yield found
        return
    from attnstats.studies.run._cluster import SchedulerLost, outcomes_on_cluster

    try:
        with closing(outcomes_on_cluster(run_cell, pending, scheduler, say)) as found:
            yield found
    except SchedulerLost as error:
        kept = _what_is_kept(store, cells, f"in {store.directory}")
        raise ConfigError(f"scheduler: must stay until all models are trained; {error}; {kept}") from error


@contextmanager
def _writing(store: CellStore, cells: Mapping[str, Cell]) -> Iterator[None]:
    """Make an error of the disk one that names the folder and what is kept in it."""
    try:
        yield
    except OSError as error:
        broken = f"{store.directory} cannot be ({error.strerror or error})"
        kept = _what_is_kept(store, cells, "there")
        raise ConfigError(f"out: must stay a folder that can be written; {broken}; {kept}") from error


def _what_is_kept(store: CellStore, cells: Mapping[str, Cell], where: str) -> str:
    kept = sum(key in store for key in cells)
    return f"{kept} of {len(cells)} models are kept {where}, and the same command goes on from them"


def _label(cell: Cell) -> str:
    dataset = labels_of(spec.source for spec in cell.config.datasets)[cell.dataset.source]
    return " ".join(str(part) for part in (*cell.condition._replace(dataset=dataset), f"seed {cell.seed}"))
