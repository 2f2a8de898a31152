"""A trace from arrays that lie in a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attnstats._validation import check_member
from attnstats.exceptions import InvalidInputError, TraceError
from attnstats.trace._arrays import Scalar
from attnstats.trace._folder import INDEX, as_path, check_kind
from attnstats.trace._names import missing_array
from attnstats.trace._stored_arrays import is_saved_trace, stored_arrays
from attnstats.trace.attention_trace import AttentionTrace
from attnstats.trace.row import AttentionRow

#: The arrays of a trace, and whether each must be there.
ARRAYS = {"attention": True, "hidden": True, "output": True, "mask": False, "label": False}


def read_trace(
    path: str | Path,
    *,
    names: Mapping[str, str] | None = None,
    row: AttentionRow | None = None,
    renormalize: bool = False,
    **metadata: Scalar,
) -> AttentionTrace:
    """Return the trace of the arrays in a file; nothing in it is run or unpickled.

    Parameters
    ----------
    path : str or Path
        A ``.npz`` or ``.safetensors`` file, a folder of ``.npy`` files, or a folder of `AttentionTrace.save`.
    names : mapping of str to str, optional
        What the arrays are called, where that is not ``attention``, ``hidden``, ``output``, ``mask`` and ``label``:
        ``{"mask": "attention_mask"}``. An array is left out if it is called by neither name; the first three must be
        there.
    row, renormalize, **metadata
        As in `AttentionTrace.from_arrays`; a saved trace has its own and takes none.

    Raises
    ------
    TraceError
        If the file cannot be read, lacks an array, or holds arrays that are no trace; `trace_problems` tells all that
        is wrong with them.
    MissingExtraError
        If a ``.safetensors`` file is given and the package safetensors is not installed.
    InvalidInputError
        If `path` is no path, or `names` or options do not fit.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/mine.npz", attn=rng.dirichlet(np.ones(4), size=3), hidden=rng.normal(size=(3, 4, 2)),
    ...              output=[0, 1, 1])
    ...     read_trace(f"{folder}/mine.npz", names={"attention": "attn"}, seed=1)
    AttentionTrace(3 examples, 4 tokens, 2 dimensions, 2 classes, seed=1)
    """
    source = as_path(path)
    called = {} if names is None else names
    if not isinstance(called, Mapping) or not all(isinstance(each, str) for each in called.values()):
        raise InvalidInputError(f"names: must be a mapping of names to names; got {names!r:.60}")
    for name in called:
        check_member(name, "names", ARRAYS)
    if is_saved_trace(source):
        if called or row is not None or renormalize or metadata:
            raise InvalidInputError(
                f"path: {source} is a saved trace, which takes no names, row, renormalize or metadata; add metadata by "
                "with_metadata"
            )
        return AttentionTrace.load(source)
    if source.is_dir():
        check_kind(source, INDEX)
    stored = stored_arrays(source, [called.get(name, name) for name in ARRAYS])
    arrays: dict[str, Any] = {**metadata}
    for name, needed in ARRAYS.items():
        stored_as = called.get(name, name)
        if stored_as in stored:
            arrays[name] = stored[stored_as]
        elif needed or name in called:
            raise TraceError(f"{source}: {missing_array(stored_as, stored)}")
    try:
        return AttentionTrace.from_arrays(**arrays, row=row, renormalize=renormalize)
    except InvalidInputError as error:
        raise TraceError(f"{source}: {error}") from error
