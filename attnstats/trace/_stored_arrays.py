"""The arrays in someone's file: .npz, .safetensors, or a folder of .npy files; nothing is ever unpickled."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._conversion import BFloat16
from attnstats._files import absent
from attnstats.exceptions import TraceError, require
from attnstats.trace._folder import INDEX, read_arrays

#: What a stored array may be called, for each kind that NumPy has.
_KINDS = {
    **{f"F{8 * size}": np.dtype(f"<f{size}") for size in (2, 4, 8)},
    **{f"{sign}{8 * size}": np.dtype(f"<{sign.lower()}{size}") for sign in "IU" for size in (1, 2, 4, 8)},
    "BOOL": np.dtype(np.bool_),
}
_REMEDY = "save numbers, in .npz by np.savez(path, attention=..., hidden=..., output=..., mask=...)"


def is_saved_trace(path: Path) -> bool:
    """Whether `AttentionTrace.save` wrote this folder."""
    return (path / INDEX).exists()


def stored_arrays(path: Path, wanted: Collection[str]) -> dict[str, Any]:
    """Return the arrays of a file or folder, those that are not wanted as names without a value."""
    if is_saved_trace(path):
        return dict(read_arrays(path)[0])
    if said := absent(path):
        raise TraceError(f"{path}: {said}")
    try:
        if path.is_dir():
            return _folder(path, wanted)
        if path.suffix == ".safetensors":
            return _safetensors(path, wanted)
        if path.suffix == ".npz":
            return _npz(path, wanted)
    except zipfile.BadZipFile as error:
        raise TraceError(f"{path}: cannot be read (it is damaged or cut off: {error})") from error
    except (OSError, ValueError, EOFError) as error:
        raise TraceError(f"{path}: cannot be read ({error}); {_REMEDY}") from error
    raise TraceError(
        f"{path}: must be a saved trace, a folder of .npy files, or a file .npz or .safetensors; {_REMEDY}"
    )


def _folder(path: Path, wanted: Collection[str]) -> dict[str, Any]:
    files = sorted(path.glob("*.npy"))
    if not files:
        kinds = (f"*/{INDEX}", "*.npz", "*.safetensors")
        inside = sorted(
            each.parent.name if each.name == INDEX else each.name for kind in kinds for each in path.glob(kind)
        )
        meant = f"; give one that lies in it, as {path / inside[0]}" if inside else ""
        raise TraceError(f"{path}: must be a saved trace or a folder of .npy files; it holds none{meant}")
    return {each.stem: _npy(each) if each.stem in wanted else None for each in files}


def _npy(path: Path) -> NDArray[Any]:
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


def _npz(path: Path, wanted: Collection[str]) -> dict[str, Any]:
    with path.open("rb") as file:
        start = file.read(2)
        if start != b"PK":
            raise ValueError(
                "it holds one array, not several" if start == b"\x93N" else "it is not what np.savez writes"
            )
        file.seek(0)
        archive = np.load(file, allow_pickle=False)
        arrays = {name: _of_archive(archive, name) if name in wanted else None for name in archive}
    for name, array in arrays.items():
        if name in wanted and not isinstance(array, np.ndarray):  # NumPy returns the bytes of what is no array
            raise ValueError(f"{name} is no array")
    return arrays


def _of_archive(archive: Mapping[str, Any], name: str) -> Any:
    try:
        return archive[name]
    except ValueError as error:  # NumPy would say how to unpickle it
        objects = "allow_pickle" in str(error)
        raise ValueError(f"{name} {'holds objects of Python, not numbers' if objects else 'is damaged'}") from error


def _safetensors(path: Path, wanted: Collection[str]) -> dict[str, Any]:
    require("safetensors", "transformers")
    from safetensors import SafetensorError, deserialize

    try:
        tensors = deserialize(path.read_bytes())
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    return {name: _tensor(entry) if name in wanted else None for name, entry in tensors}


def _tensor(entry: Mapping[str, Any]) -> Any:
    kind, shape, data = entry["dtype"], entry["shape"], entry["data"]
    if kind == "BF16":  # the upper half of a number in single precision
        upper = np.frombuffer(data, dtype="<u2").astype(np.uint32) << 16
        return BFloat16(upper.view(np.float32).reshape(shape))
    if kind not in _KINDS:
        raise ValueError(f"it holds numbers of kind {kind}")
    return np.frombuffer(data, dtype=_KINDS[kind]).reshape(shape)
