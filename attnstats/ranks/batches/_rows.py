"""Arrays of examples by tokens, checked inside the mask."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from attnstats._conversion import read
from attnstats._validation import BoolArray, FloatArray, as_mask, check_finite
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases


class Rows(NamedTuple):
    """Arrays of shape (n_examples, n_tokens), which tokens take part, and how many were left out as missing."""

    arrays: list[FloatArray]
    inside: BoolArray
    n_missing: int


def as_rows(
    mask: ArrayLike | None, *, gaps: bool = False, missing: CompleteCases | None = None, **arrays: ArrayLike
) -> Rows:
    """Return the named arrays as float64, finite inside the mask, from which `missing` takes missing tokens."""
    # What float64 cannot hold exactly becomes codes of its order or, with `gaps`, the difference from the smallest.
    if not (missing is None or isinstance(missing, CompleteCases)):
        raise InvalidInputError(f"missing: must be None or CompleteCases(); got {missing!r}")
    rows: list[FloatArray] = []
    for name, values in arrays.items():
        row = np.ascontiguousarray(read(values, name).floats(name, shift=gaps, order=not gaps, by_column=False))
        rows.append(row)
        if row.ndim != 2 or row.shape != rows[0].shape:
            raise InvalidInputError(
                f"{' and '.join(arrays)}: must have one shape (n_examples, n_tokens); got {name} of {row.shape}"
                + (". Choose a layer and a head first" if row.ndim > 2 else "")
            )
    inside, n_missing = as_mask(mask, rows[0].shape), 0
    if missing is not None:
        complete = inside & ~np.logical_or.reduce([np.isnan(row) for row in rows])
        inside, n_missing = complete, int(np.count_nonzero(inside) - np.count_nonzero(complete))
    for name, row in zip(arrays, rows, strict=True):
        if not (np.isfinite(row) | ~inside).all():
            check_finite(np.where(inside, row, 0.0), name)
    return Rows(rows, inside, n_missing)
