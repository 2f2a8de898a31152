"""The folder of a trace: one ``.npy`` file for each array and an index with their shapes and checksums."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._files import CHECKSUMS, absent, differs_from_checksum, sha256_of
from attnstats.exceptions import InvalidInputError, TraceError
from attnstats.trace._new_folder import NewFolder

INDEX = "trace.json"
#: What reads a folder, by the index in it.
READ_BY = {INDEX: "AttentionTrace.load", "transformer.json": "TransformerTrace.load"}
#: Kind and axes of each array; the output may also be classes, integers of shape (n_examples,).
FORMS = {
    "attention": ("f", ("n_examples", "n_tokens")),
    "hidden": ("f", ("n_examples", "n_tokens", "dim")),
    "output": ("f", ("n_examples", "n_classes")),
    "mask": ("b", ("n_examples", "n_tokens")),
    "label": ("i", ("n_examples",)),
    "token_codes": ("i", ("n_examples", "n_tokens")),
    "token_strings": ("U", ("n_distinct",)),
}
_FORMAT = {"format": "attnstats-trace", "version": 1}


def as_path(directory: str | Path) -> Path:
    """Return a path, or raise InvalidInputError."""
    try:
        return Path(directory)
    except TypeError as error:
        raise InvalidInputError(f"directory: must be a path; got {directory!r}") from error


def write_arrays(target: Path, arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, Any]) -> None:
    """Write a new folder, which appears complete or not at all; raise TraceError if it exists or cannot be written."""
    with NewFolder(target) as folder:
        for name, array in arrays.items():
            folder.save(name, array)
        folder.finish(INDEX, {**_FORMAT, "metadata": dict(metadata)})


def read_arrays(source: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays, memory-mapped and read-only, and the metadata; a TraceError names the damaged file."""
    check_kind(source, INDEX)
    index = _read_index(source / INDEX)
    arrays = {name: read_array(source / f"{name}.npy", entry) for name, entry in index["arrays"].items()}
    for name, array in arrays.items():
        kind, axes = FORMS.get(name, ("", ()))
        is_classes = name == "output" and array.dtype.kind == "i" and array.ndim == 1
        if kind and (array.dtype.kind, array.ndim) != (kind, len(axes)) and not is_classes:
            raise TraceError(
                f"{source / name}.npy: must hold numbers of kind {kind!r}, shape ({', '.join(axes)}); "
                f"got {array.dtype} {array.shape}"
            )
        shared = sum(axis in ("n_examples", "n_tokens") for axis in axes)
        if array.shape[:shared] != arrays["attention"].shape[:shared]:
            raise TraceError(
                f"{source / name}.npy: shape {array.shape} does not match attention's {arrays['attention'].shape}"
            )
    codes, strings = arrays.get("token_codes"), arrays.get("token_strings")
    if (codes is None) != (strings is None):
        raise TraceError(f"{source / INDEX}: must list token_codes and token_strings together")
    if codes is not None and strings is not None and codes.size and codes.max() >= len(strings):
        raise TraceError(f"{source / 'token_codes'}.npy: must be below {len(strings)} strings; got {codes.max()}")
    check_whole(source / INDEX, arrays)  # last, since what is above names the array
    return arrays, index["metadata"]


def check_kind(source: Path, index: str) -> None:
    """Raise TraceError if there is no such folder, or another kind of trace lies in it."""
    try:
        said = absent(source)
        found = [name for name in READ_BY if (source / name).exists()]
    except (OSError, ValueError) as error:  # a name that no file can have
        raise TraceError(f"{source}: cannot be read ({error})") from error
    if said:
        raise TraceError(f"{source}: cannot be read ({said})")
    if found and index not in found:
        raise TraceError(f"{source}: holds another kind of trace; read it by {READ_BY[found[0]]}")


def _read_index(path: Path) -> dict[str, Any]:
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TraceError(f"{path}: cannot be read ({error})") from error
    if not isinstance(index, dict) or {key: index.get(key) for key in _FORMAT} != _FORMAT:
        raise TraceError(f"{path}: is not the index of a trace of format version {_FORMAT['version']}")
    entries = index.get("arrays")
    complete = isinstance(entries, dict) and all(
        isinstance(entry, dict) and {"shape", "dtype", "sha256"} <= entry.keys() for entry in entries.values()
    )
    missing = {"attention", "hidden", "output", "mask"} - set(entries or ())
    if not complete or missing or not isinstance(index.get("metadata"), dict):
        raise TraceError(f"{path}: is incomplete; missing arrays {sorted(missing)}")
    return index


def check_whole(path: Path, listed: Container[str]) -> None:
    """Raise TraceError if an index was changed after it was written, or does not list an array beside it."""
    if differs_from_checksum(path):
        raise TraceError(f"{path}: checksum does not match {CHECKSUMS}; the index was changed after it was written")
    if lost := sorted(each.name for each in path.parent.glob("*.npy") if each.stem not in listed):
        raise TraceError(f"{path}: must list every array beside it; lacks {', '.join(lost)}")


def read_array(path: Path, entry: Mapping[str, Any], index: str = INDEX) -> NDArray[Any]:
    """Return a memory-mapped array, if it is the one that the index lists."""
    try:
        if sha256_of(path) != entry["sha256"]:
            raise TraceError(f"{path}: checksum does not match {index}; the file is truncated or was changed")
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise TraceError(f"{path}: cannot be read ({error})") from error
    if list(array.shape) != entry["shape"] or str(array.dtype) != entry["dtype"]:
        raise TraceError(
            f"{path}: holds {array.dtype} {array.shape}, but {index} says {entry['dtype']} {entry['shape']}"
        )
    return array
