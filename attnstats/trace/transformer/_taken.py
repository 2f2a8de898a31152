"""The arrays of some texts of a transformer's trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import IntArray

#: Arrays whose last but one axis has the texts; of the others the first has them, but for the distinct strings.
_LAST_BUT_ONE = ("attention", "rollout", "value_norms")


def of_texts(arrays: Mapping[str, NDArray[Any]], places: IntArray) -> dict[str, NDArray[Any]]:
    """Return the arrays of the texts at some places: views where they are evenly spaced, else copies."""
    step = int(places[1] - places[0]) if len(places) > 1 else 1
    even = step > 0 and bool((np.diff(places) == step).all())
    rows = slice(int(places[0]), int(places[-1]) + 1, step) if even else places
    return {
        name: array if name.endswith("_strings") else array[..., rows, :] if name in _LAST_BUT_ONE else array[rows]
        for name, array in arrays.items()
    }
