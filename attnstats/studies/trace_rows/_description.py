"""What a trace says of itself: the key columns of its rows, and what it shows before anything is estimated."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnstats.exceptions import InvalidInputError
from attnstats.frame import Row
from attnstats.studies.trace_rows._measures import (
    RowsAndOutcomes,
    conicity,
    effective_positions,
    entropy_deficit,
    gini,
    mean_row,
    output_entropy,
)
from attnstats.trace import AttentionTrace

#: Metadata that are key columns of the results frame, and what each of them holds.
_KEYS: dict[str, type] = {
    **dict.fromkeys(("study", "dataset", "encoder", "attention", "normalizer", "training", "ablation"), str),
    **dict.fromkeys(("layer", "head", "seed"), int),
}
#: Metadata that have rows of their own, or decide which rows there are.
_LENGTHS = ("epochs", "updates")
_IN_ROWS = (*_LENGTHS, "output_kept")


def key_columns(trace: AttentionTrace) -> dict[str, Any]:
    """Return the key columns that the metadata fill."""
    keys: dict[str, Any] = {}
    for name, kind in _KEYS.items():
        value = trace.metadata.get(name)
        if value is None:
            continue
        if kind is int and (isinstance(value, bool) or not isinstance(value, int)):
            raise InvalidInputError(
                f"{name}: must be an integer in the metadata of an analysed trace; got {value!r}; what is no number, "
                f"as a mean over heads, is kept under another name: pooling={value!r}"
            )
        keys[name] = kind(value)
    return keys


def other_metadata(trace: AttentionTrace) -> dict[str, Any]:
    """Return the metadata that are neither key columns nor in rows of their own."""
    return {name: value for name, value in trace.metadata.items() if name not in (*_KEYS, *_IN_ROWS)}


def descriptive_rows(trace: AttentionTrace) -> RowsAndOutcomes:
    """Return what a trace shows before anything is estimated, as rows and by example."""
    attention, mask, n = trace.attention, trace.mask, trace.n_examples
    examples = {
        "gini": gini(attention, mask),
        "entropy_deficit": entropy_deficit(attention, mask),
        "max_attention": attention.max(axis=1),
        "effective_positions": effective_positions(attention, mask),
    }
    units = ("coefficient", "proportion", "proportion", "tokens")
    rows = [
        Row(quantity="output_entropy", value=output_entropy(trace.predicted), unit="nats", n=n),
        Row(quantity="mean_length", value=float(trace.lengths.mean()), unit="tokens", n=n),
        mean_row("conicity", conicity(trace.hidden, mask), "cosine"),
        *(mean_row(name, values, unit) for (name, values), unit in zip(examples.items(), units, strict=True)),
    ]
    for name in _LENGTHS:
        if name in trace.metadata:
            length = trace.metadata[name]
            if isinstance(length, str):
                raise InvalidInputError(
                    f"{name}: must be a number in the metadata of an analysed trace; got {length!r}"
                )
            rows.append(Row(quantity=name, value=float(length), unit=name))
    if trace.label is not None and not trace.output_kept:
        examples["correct"] = (trace.predicted == trace.label).astype(np.float64)
        rows.append(mean_row("accuracy", examples["correct"], "proportion"))
    return rows, examples
