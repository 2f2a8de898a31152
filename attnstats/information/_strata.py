"""Discrete conditions: the strata that labels cut a sample into."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, IntArray, RNGLike, as_labels, check_at_least, check_same_length
from attnstats.exceptions import AttnstatsError
from attnstats.information._class_rule import as_variable


def strata_of(values: ArrayLike, name: str) -> tuple[IntArray, list[object]]:
    """Return the stratum of each row, shape (n,), and the labels of each; several columns of labels are one class."""
    variable = as_variable(values, name, True)
    codes = np.column_stack([np.unique(column, return_inverse=True)[1] for column in variable.plain().T])
    _, first, strata = np.unique(codes, axis=0, return_index=True, return_inverse=True)
    return strata.ravel().astype(np.int64), [variable.shown(row) for row in first]


def within_strata(
    pointwise: Callable[..., FloatArray],
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    *,
    groups: ArrayLike | None,
    rng: RNGLike,
) -> FloatArray:
    """Return the local terms of I(X; Y | Z) for labels z, shape (n,): in each stratum those of its own estimate."""
    strata, values = strata_of(z, "z")
    x, y = as_variable(x, "x"), as_variable(y, "y")  # classes are decided once, from all rows
    members = None if groups is None else as_labels(groups, "groups")[0]
    check_same_length(x=x, y=y, z=strata, **({} if members is None else {"groups": members}))
    check_at_least(len(strata), 1, "number of samples")
    terms = np.empty(len(strata))
    for stratum, value in enumerate(values):
        rows = np.flatnonzero(strata == stratum)
        try:
            terms[rows] = pointwise(x[rows], y[rows], groups=None if members is None else members[rows], rng=rng)
        except AttnstatsError as error:
            error.add_note(f"in the {len(rows)} samples where z is {value!r}")
            raise
    return terms
