"""The folder of a transformer's trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attnstats.exceptions import TraceError
from attnstats.trace._arrays import checked_metadata
from attnstats.trace._folder import check_kind, check_whole, read_array
from attnstats.trace.transformer.queries import from_fields

INDEX = "transformer.json"
FORMAT = {"format": "attnstats-transformer-trace", "version": 1}
_NEEDED = frozenset(
    {"attention", "output", "mask", "special", "word", "word_codes", "word_strings", "token_codes", "token_strings"}
)


def is_saved_transformer(path: Path) -> bool:
    """Whether `trace_transformer` wrote this folder."""
    return (path / INDEX).exists()


def read_transformer(source: Path) -> dict[str, Any]:
    """Return what a folder holds, by the names of `TransformerTrace`; a TraceError names the damaged file."""
    check_kind(source, INDEX)
    path = source / INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TraceError(f"{path}: cannot be read ({error})") from error
    if not isinstance(index, dict) or {key: index.get(key) for key in FORMAT} != FORMAT:
        raise TraceError(f"{path}: is not the index of a transformer's trace of format version {FORMAT['version']}")
    try:
        layers, heads = (tuple(int(number) for number in index[name]) for name in ("layers", "heads"))
        queries = tuple(from_fields(fields) for fields in index["queries"])
        needed = _NEEDED | {f"hidden_{layer}" for layer in layers}
        if missing := sorted(needed - set(index["arrays"])):
            raise TraceError(f"{path}: is incomplete; missing arrays {missing}")
        arrays = {name: read_array(source / f"{name}.npy", entry, INDEX) for name, entry in index["arrays"].items()}
        n_examples, n_tokens = arrays["mask"].shape
        if arrays["attention"].shape != (len(queries), len(layers), len(heads), n_examples, n_tokens):
            raise TraceError(f"{source / 'attention'}.npy: has shape {arrays['attention'].shape}, which does not fit")
        metadata = checked_metadata(index["metadata"])
    except (KeyError, TypeError, AttributeError) as error:
        raise TraceError(f"{path}: is damaged ({type(error).__name__}: {error})") from error
    check_whole(path, arrays)
    return {"arrays": arrays, "layers": layers, "heads": heads, "queries": queries, "metadata": metadata}
