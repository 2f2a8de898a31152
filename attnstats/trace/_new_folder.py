"""A folder of arrays that appears complete or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import DTypeLike, NDArray

from attnstats._files import sha256_of, write_checksums
from attnstats.exceptions import TraceError


class NewFolder:
    """Arrays written under another name, which becomes that of the folder when all of them are complete."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._partial = target.with_name(f".{target.name}.{os.getpid()}.partial")

    def __enter__(self) -> Self:
        with self._writing():
            if self._target.exists():
                raise TraceError(f"{self._target}: must not exist yet: a trace is never overwritten")
            self._partial.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._partial, ignore_errors=True)

    def save(self, name: str, array: NDArray[Any]) -> None:
        """Write one array."""
        with self._writing():
            np.save(self._path(name), array, allow_pickle=False)

    def mapped(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an array of zeros that lies on disk, to be filled in any order."""
        with self._writing():
            array = open_memmap(self._path(name), mode="w+", dtype=np.dtype(dtype), shape=shape)
            if hasattr(os, "posix_fallocate"):  # a full disk is an error here, and would end the process later
                with self._path(name).open("r+b") as file:
                    os.posix_fallocate(file.fileno(), 0, self._path(name).stat().st_size)
        return array

    def widened(self, name: str, array: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        """Return a copy of a mapped array in another precision, which takes its place."""
        wide = self.mapped(f".{name}", array.shape, dtype)
        for row, values in enumerate(array):
            wide[row] = values
        with self._writing():
            os.replace(self._path(f".{name}"), self._path(name))
        return wide

    def finish(self, index_name: str, index: Mapping[str, Any]) -> None:
        """Write the index, with shape, dtype and checksum of each array, and its own; give the folder its name."""
        with self._writing():
            arrays = {}
            for path in sorted(self._partial.glob("*.npy")):
                array = np.load(path, mmap_mode="r", allow_pickle=False)
                arrays[path.stem] = {"shape": list(array.shape), "dtype": str(array.dtype), "sha256": sha256_of(path)}
            (self._partial / index_name).write_text(json.dumps({**index, "arrays": arrays}, indent=2), encoding="utf-8")
            write_checksums(self._partial, [index_name])  # the index holds those of the arrays
            os.rename(self._partial, self._target)

    def _path(self, name: str) -> Path:
        return self._partial / f"{name}.npy"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            if isinstance(error, TraceError):
                raise
            raise TraceError(f"{self._target}: cannot be written ({error})") from error
