"""Estimates from some of the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from attnstats._validation import IntArray, RNGLike


def estimate_rows(
    estimate: Callable[..., float],
    variables: Sequence[NDArray[Any]],
    groups: IntArray | None,
    rng: RNGLike,
    rows: IntArray,
) -> float:
    """Return the estimate from some rows of the variables, and of their groups."""
    return estimate(*(each[rows] for each in variables), groups=None if groups is None else groups[rows], rng=rng)
