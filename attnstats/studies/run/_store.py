"""Finished cells on disk, each whole or absent, under the key of its provenance."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attnstats._files import CHECKSUMS, read_checksums, sha256_of, write_atomically, write_checksums
from attnstats.exceptions import ConfigError, FrameError
from attnstats.frame import read_frame, write_frame
from attnstats.studies.run._provenance import Circumstances, Provenance
from attnstats.studies.trace_rows.analyse import TraceAnalysis

_ROWS, _EXAMPLES, _ATTENTION = "rows.csv", "examples.npz", "attention.npz"
_PROVENANCE, _CIRCUMSTANCES = "provenance.json", "circumstances.json"
_FILES = (_ROWS, _EXAMPLES, _ATTENTION, _PROVENANCE, _CIRCUMSTANCES)
DAMAGED = ".damaged"
#: Names that are given here: a key, one set aside, the note of a failure.
_OWN = re.compile(r"[0-9a-f]{32}(?:\.[0-9a-f]{8}\.damaged|\.failed)?")


class CellStore:
    """The folder of finished cells of one study, created if it is not there; ConfigError if it cannot be written."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        try:
            directory.mkdir(parents=True, exist_ok=True)
            probe = self._partial("probe")
            probe.touch()
            probe.unlink()
        except (OSError, ValueError) as error:  # ValueError: no file can have that name
            reason = getattr(error, "strerror", None) or error
            raise ConfigError(f"out: must be a folder that can be written; got {directory} ({reason})") from error

    def __contains__(self, key: str) -> bool:
        return (self.directory / key).is_dir()

    def write(self, provenance: Provenance, analysis: TraceAnalysis, circumstances: Circumstances) -> None:
        """Store a finished cell; a cell that stands already is left as it is."""
        key = provenance.key
        partial = self._partial(key)
        columns: dict[str, Any] = {str(name): column.to_numpy() for name, column in analysis.examples.items()}
        try:
            partial.mkdir()
            write_frame(analysis.frame, partial / _ROWS)
            for name, arrays in ((_EXAMPLES, columns), (_ATTENTION, {"attention": analysis.attention})):
                np.savez_compressed(partial / name, **arrays)
            (partial / _PROVENANCE).write_text(provenance.to_json(), encoding="utf-8")
            (partial / _CIRCUMSTANCES).write_text(circumstances.to_json(), encoding="utf-8")
            write_checksums(partial, _FILES)
            partial.rename(self.directory / key)
        except OSError:
            if key not in self:
                raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def read(self, key: str) -> TraceAnalysis:
        """Return a finished cell; FrameError says what of it is missing or damaged."""
        folder = self.directory / key
        try:
            self._check(key)
            frame = read_frame(folder / _ROWS)
            examples = pd.DataFrame(_arrays(folder / _EXAMPLES))
            return TraceAnalysis(frame, examples, _arrays(folder / _ATTENTION)["attention"])
        except Exception as error:  # whatever a library makes of a damaged file
            said = str(error) or type(error).__name__
            raise FrameError(f"path: must be a model as it was stored; {folder} is damaged ({said})") from error

    def _check(self, key: str) -> None:
        """Raise ValueError or OSError unless a cell holds what was written, under the key that it was written for."""
        folder = self.directory / key
        if self.has_no_checksums(key):
            return
        sums = read_checksums(folder)
        if sums.keys() != set(_FILES):
            raise ValueError(f"the list of checksums names {', '.join(sums)}")
        for name, digest in sums.items():
            if sha256_of(folder / name) != digest:
                raise ValueError(f"{name} was changed after it was written")
        if (found := Provenance.from_json((folder / _PROVENANCE).read_text(encoding="utf-8")).key) != key:
            raise ValueError(f"it is the model {found}")

    def has_no_checksums(self, key: str) -> bool:
        """Whether a finished cell was stored before there were checksums, and circumstances."""
        return key in self and not any((self.directory / key / name).exists() for name in (CHECKSUMS, _CIRCUMSTANCES))

    def set_aside(self, key: str) -> Path:
        """Give a damaged cell a name that says so, and return it."""
        aside = self.directory / f"{key}.{secrets.token_hex(4)}{DAMAGED}"
        return (self.directory / key).rename(aside)

    def outdated(self, wanted: Mapping[str, Provenance], *, train: bool = True) -> Iterator[str]:
        """Yield how many of the wanted cells, by their keys, are stored under another key, and what has changed since.

        They will be computed again, or without `train` only would be.
        """
        former: dict[tuple[Any, ...], list[Provenance]] = {}
        n_earlier = 0
        for folder in self._others(wanted):
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
        for reason, count in reasons.most_common():
            yield f"{count} of {len(wanted)} models {'will' if train else 'would'} be computed again: {reason}"
        if n_earlier and any(key not in self for key in wanted):
            stored = "stored model was" if n_earlier == 1 else "stored models were"
            yield f"{n_earlier} {stored} made by an earlier version and {'is' if n_earlier == 1 else 'are'} not used"

    def _others(self, wanted: Container[str]) -> list[Path]:
        paths = (path for path in self.directory.iterdir() if path.is_dir() and path.name not in wanted)
        return sorted(path for path in paths if not path.name.startswith(".") and path.suffix != DAMAGED)

    def n_others(self, wanted: Container[str]) -> int:
        """Return how many finished cells are stored besides the wanted ones."""
        return len(self._others(wanted))

    def unused(self, wanted: Container[str]) -> list[Path]:
        """Return what is stored of other cells than the wanted ones, and the damaged ones that were set aside."""
        own = (path for path in self.directory.iterdir() if _OWN.fullmatch(path.name))
        return sorted(path for path in own if path.suffix == DAMAGED or path.stem not in wanted)

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove what is stored; each loses its name first, so that no part of it is taken for the whole."""
        for path in paths:
            path.rename(self._partial(path.name))
        self.discard_partial()

    def write_failure(self, key: str, error: str) -> None:
        """Note why a cell failed, below the checksum of the reason."""
        write_atomically(self.directory / f"{key}.failed", f"{_digest(error)}\n{error}".encode())

    def failure(self, key: str) -> str | None:
        """Return why a cell failed that is not finished; None if that is not known."""
        try:
            digest, _, error = (self.directory / f"{key}.failed").read_bytes().decode().partition("\n")
        except (OSError, ValueError):
            return None
        return error if digest == _digest(error) and key not in self else None

    def discard_partial(self) -> None:
        """Remove what a killed run left half-written."""
        for path in self.directory.glob(".*.partial"):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def _partial(self, name: str) -> Path:
        return self.directory / f".{name}.{secrets.token_hex(4)}.partial"


def _condition(provenance: Provenance) -> tuple[Any, ...]:
    return tuple(sorted(provenance.condition.items()))


def _arrays(path: Path) -> dict[str, Any]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
