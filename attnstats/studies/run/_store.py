"""Finished cells on disk, each whole or absent, under the key of its provenance."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from attnstats._files import write_atomically
from attnstats.exceptions import ConfigError, FrameError
from attnstats.frame import read_frame, write_frame
from attnstats.studies.run._provenance import Provenance
from attnstats.studies.trace_rows.analyse import TraceAnalysis

_PROVENANCE = "provenance.json"


class CellStore:
    """The folder of finished cells of one study, created if it is not there; ConfigError if it cannot be written."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        try:
            directory.mkdir(parents=True, exist_ok=True)
            probe = directory / f".{os.getpid()}.partial"
            probe.touch()
            probe.unlink()
        except (OSError, ValueError) as error:  # ValueError: no file can have that name
            reason = getattr(error, "strerror", None) or error
            raise ConfigError(f"out: must be a folder that can be written; got {directory} ({reason})") from error

    def __contains__(self, key: str) -> bool:
        return (self.directory / key).is_dir()

    def write(self, provenance: Provenance, analysis: TraceAnalysis) -> None:
        """Store a finished cell; a cell that stands already is left as it is."""
        key = provenance.key
        partial = self.directory / f".{key}.{os.getpid()}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        write_frame(analysis.frame, partial / "rows.csv")
        (partial / _PROVENANCE).write_text(provenance.to_json(), encoding="utf-8")
        columns: dict[str, Any] = {str(name): column.to_numpy() for name, column in analysis.examples.items()}
        for name, arrays in (("examples", columns), ("attention", {"attention": analysis.attention})):
            with (partial / f"{name}.npz").open("wb") as file:
                np.savez_compressed(file, **arrays)
        try:
            partial.rename(self.directory / key)
        except OSError:
            if key not in self:
                raise
            shutil.rmtree(partial)

    def read(self, key: str) -> TraceAnalysis:
        """Return a finished cell; FrameError names a file that is missing or damaged."""
        folder = self.directory / key
        frame = read_frame(folder / "rows.csv")
        examples = pd.DataFrame(_arrays(folder / "examples.npz"))
        return TraceAnalysis(frame, examples, _arrays(folder / "attention.npz")["attention"])

    def outdated(self, wanted: Mapping[str, Provenance], *, train: bool = True) -> Iterator[str]:
        """Yield how many of the wanted cells, by their keys, are stored under another key, and what has changed since.

        They will be computed again, or without `train` only would be.
        """
        former: dict[tuple[Any, ...], list[Provenance]] = {}
        n_earlier = 0
        for folder in sorted(path for path in self.directory.iterdir() if path.is_dir() and path.name not in wanted):
            try:
                found = Provenance.from_json((folder / _PROVENANCE).read_text(encoding="utf-8"))
                former.setdefault(_condition(found), []).append(found)
            except (OSError, ValueError, TypeError):
                n_earlier += 1
        reasons: Counter[str] = Counter()
        for key, provenance in wanted.items():
            changes = [provenance.changes_since(each) for each in former.get(_condition(provenance), [])]
            if changes and key not in self:
                fewest = min(changes, key=lambda each: len(each))
                reasons["; ".join(fewest)] += 1
        for reason, count in reasons.items():
            yield f"{count} of {len(wanted)} models {'will' if train else 'would'} be computed again: {reason}"
        if n_earlier and any(key not in self for key in wanted):
            stored = "stored model was" if n_earlier == 1 else "stored models were"
            yield f"{n_earlier} {stored} made by an earlier version and {'is' if n_earlier == 1 else 'are'} not used"

    def write_failure(self, key: str, error: str) -> None:
        """Note why a cell failed."""
        write_atomically(self.directory / f"{key}.failed", error.encode())

    def failure(self, key: str) -> str | None:
        """Return why a cell failed that is not finished; None if it never was tried or was killed."""
        path = self.directory / f"{key}.failed"
        return path.read_text(encoding="utf-8") if path.is_file() and key not in self else None

    def discard_partial(self) -> None:
        """Remove what a killed run left half-written."""
        for path in self.directory.glob(".*.partial"):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _condition(provenance: Provenance) -> tuple[Any, ...]:
    return tuple(sorted(provenance.condition.items()))


def _arrays(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise FrameError(f"path: cannot read {path} ({error}); delete the cell's folder to compute it again") from error
