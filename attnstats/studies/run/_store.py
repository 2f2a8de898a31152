"""Finished cells on disk, each under a key made of its content.

A cell appears whole or not at all: it is written beside its place and renamed into it. A study that was stopped finds
its finished cells again, and a change of configuration, data or code asks for other keys.
"""

import ast
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from attnstats._files import write_atomically
from attnstats.exceptions import ConfigError, FrameError
from attnstats.frame import read_frame, write_frame
from attnstats.studies.trace_rows.analyse import TraceAnalysis

__all__ = ["CellStore", "code_fingerprint", "content_key", "versions"]

#: Packages whose version can change a number.
_PACKAGES = ("attnstats", "numpy", "scipy", "numba", "keras", "tensorflow")


class CellStore:
    """The folder of finished cells of one study.

    Parameters
    ----------
    directory : Path
        Created if it is not there.

    Raises
    ------
    ConfigError
        If the folder cannot be written.
    """

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

    def write(self, key: str, analysis: TraceAnalysis) -> None:
        """Store a finished cell; a cell that stands already is left as it is."""
        target = self.directory / key
        partial = self.directory / f".{key}.{os.getpid()}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        write_frame(analysis.frame, partial / "rows.csv")
        columns: dict[str, Any] = {str(name): column.to_numpy() for name, column in analysis.examples.items()}
        for name, arrays in (("examples", columns), ("attention", {"attention": analysis.attention})):
            with (partial / f"{name}.npz").open("wb") as file:
                np.savez_compressed(file, **arrays)
        try:
            partial.rename(target)
        except OSError:
            if key not in self:
                raise
            shutil.rmtree(partial)

    def read(self, key: str) -> TraceAnalysis:
        """Return a finished cell.

        Raises
        ------
        FrameError
            If a file is missing or damaged; the message names it.
        """
        folder = self.directory / key
        frame = read_frame(folder / "rows.csv")
        examples = pd.DataFrame(_arrays(folder / "examples.npz"))
        return TraceAnalysis(frame, examples, _arrays(folder / "attention.npz")["attention"])

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


def _arrays(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise FrameError(f"path: cannot read {path} ({error}); delete the cell's folder to compute it again") from error


def content_key(content: Mapping[str, Any]) -> str:
    """Return the key of a cell: a digest of everything that its numbers depend on, code and versions included.

    Examples
    --------
    >>> content_key({"seed": 1}) == content_key({"seed": 1}) != content_key({"seed": 2})
    True
    """
    whole = {**content, "code": code_fingerprint(), "versions": versions()}
    text = json.dumps(whole, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@cache
def versions() -> dict[str, str]:
    """Return the installed version of each package that can change a number."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


#: What reads cells, and the configuration, whose words for a cell are in its key: neither changes a number in it.
_NOT_IN_CELLS = (
    "report",
    "cli",
    "comparison",
    "quantities.py",
    "studies/config/study.py",
    "studies/findings",
    "studies/run/study.py",
)


@cache
def code_fingerprint() -> str:
    """Return a digest of the code that makes a cell; comments and docstrings change no number and are left out."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        if not any(relative.is_relative_to(part) for part in _NOT_IN_CELLS):
            tree = ast.parse(path.read_bytes())
            for node in ast.walk(tree):
                body = getattr(node, "body", None)
                if isinstance(body, list) and body and _is_docstring(body[0]):
                    del body[0]
            digest.update(f"{relative.as_posix()}\0{ast.dump(tree)}\0".encode())
    return digest.hexdigest()


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
