"""Parts of a transformer's trace, so that no more of its texts is in memory at once than a part holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from attnstats._validation import IntArray
from attnstats.trace import TransformerTrace

#: Numbers that are held at once of the words of one layer (240 MB in double precision): their states, and about as many
#: again as stand here for what is measured on a word.
_AT_ONCE, _BESIDE = 3 * 10**7, 64
#: Fewest texts of a part, to which the probe is fitted.
_FEWEST = 1_000
#: Arrays whose last but one axis has the texts, and which of theirs has the layers. Of the others, but for the strings,
#: the first has the texts.
_AXIS_OF_LAYERS = {"attention": 1, "rollout": 1, "value_norms": 0}

Texts: TypeAlias = slice | IntArray


def text_parts(trace: TransformerTrace, rng: np.random.Generator) -> list[Texts]:
    """Return parts of the texts at random, with equally many of each predicted class; all in one where they are few."""
    dim, n = trace.arrays[f"hidden_{trace.layers[0]}"].shape[2], trace.n_examples
    numbers = int(trace.arrays["mask"].sum()) * (dim + _BESIDE)
    n_parts = min(-(-numbers // _AT_ONCE), n // _FEWEST)
    if n_parts < 2:
        return [slice(0, n)]
    parts = np.empty(n, dtype=np.int64)
    parts[np.lexsort((rng.random(n), trace.predicted))] = np.arange(n) % n_parts
    return [np.flatnonzero(parts == place) for place in range(n_parts)]


def part_of(trace: TransformerTrace, texts: Texts, layers: Sequence[int] | None = None) -> TransformerTrace:
    """Return the trace of some texts, and of some layers; of a slice of the texts its arrays are views."""
    kept = trace.layers if layers is None else tuple(layers)
    first, last = (trace.layers.index(each) for each in (kept[0], kept[-1]))
    arrays = {}
    for name, array in trace.arrays.items():
        axis = _AXIS_OF_LAYERS.get(name)
        if name.endswith("_strings"):
            arrays[name] = array
        elif axis is not None:
            arrays[name] = array[(slice(None),) * axis + (slice(first, last + 1),)][..., texts, :]
        elif not name.startswith("hidden_") or int(name.removeprefix("hidden_")) in kept:
            arrays[name] = array[texts]
    return replace(trace, arrays=arrays, layers=kept)
