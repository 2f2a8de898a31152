"""Parts of a transformer's trace, so that no more of its texts is in memory at once than a part holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attnstats._validation import IntArray
from attnstats.trace import TransformerTrace

#: Numbers that are held at once of the words of one layer (240 MB in double precision): their states, and about as many
#: again as stand here for what is measured on a word.
_AT_ONCE, _BESIDE = 3 * 10**7, 64
#: Fewest texts of a part, to which the probe is fitted.
_FEWEST = 1_000
#: Which axis of arrays has the layers.
_AXIS_OF_LAYERS = {"attention": 1, "rollout": 1, "value_norms": 0}


def text_parts(trace: TransformerTrace, rng: np.random.Generator) -> list[IntArray]:
    """Return parts of the texts at random, with equally many of each predicted class; all in one where they are few."""
    dim, n = trace.arrays[f"hidden_{trace.layers[0]}"].shape[2], trace.n_examples
    numbers = int(trace.arrays["mask"].sum()) * (dim + _BESIDE)
    n_parts = min(-(-numbers // _AT_ONCE), n // _FEWEST)
    if n_parts < 2:
        return [np.arange(n)]
    parts = np.empty(n, dtype=np.int64)
    parts[np.lexsort((rng.random(n), trace.predicted))] = np.arange(n) % n_parts
    return [np.flatnonzero(parts == place) for place in range(n_parts)]


def part_of(trace: TransformerTrace, texts: IntArray, layer: int) -> TransformerTrace:
    """Return the trace of some texts and one layer."""
    place = trace.layers.index(layer)
    arrays = {}
    for name, array in trace.arrays.items():
        axis = _AXIS_OF_LAYERS.get(name)
        if axis is not None:
            arrays[name] = array[(slice(None),) * axis + (slice(place, place + 1),)]
        elif not name.startswith("hidden_") or name == f"hidden_{layer}":
            arrays[name] = array
    return replace(trace, arrays=arrays, layers=(layer,)).take(texts)
