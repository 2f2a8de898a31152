"""Parts of a transformer's trace, so that no more of its texts is in memory at once than a part holds."""

from __future__ import annotations

from dataclasses import replace

from attnstats.trace import TransformerTrace

#: Numbers of the states of one layer that are held at once (128 MB in double precision), and the fewest texts of a
#: part: enough for the probe, which is fitted to each.
_AT_ONCE, _FEWEST = 16 * 10**6, 1_000
#: Arrays whose last but one axis has the texts; of the others, but for the strings, it is the first.
_OF_TOKENS = ("attention", "rollout", "value_norms")


def text_blocks(trace: TransformerTrace) -> list[slice]:
    """Return interleaved parts of the texts, all of them in one where they are few.

    They are interleaved, since texts that are sorted by class would leave a part with one class alone.
    """
    dim = trace.arrays[f"hidden_{trace.layers[0]}"].shape[2]
    numbers = int(trace.arrays["mask"].sum()) * dim
    n_blocks = max(1, min(-(-numbers // _AT_ONCE), trace.n_examples // _FEWEST))
    return [slice(place, None, n_blocks) for place in range(n_blocks)]


def part_of(trace: TransformerTrace, texts: slice) -> TransformerTrace:
    """Return the trace of some texts; its arrays are views."""
    arrays = {
        name: array if name.endswith("_strings") else array[..., texts, :] if name in _OF_TOKENS else array[texts]
        for name, array in trace.arrays.items()
    }
    return replace(trace, arrays=arrays)
