"""Estimates of a part of what was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from numpy.typing import NDArray

from attnstats._validation import IntArray, RNGLike
from attnstats.exceptions import ConvergenceError, InvalidInputError


@contextmanager
def of_parameter(name: str) -> Iterator[None]:
    """Let errors that speak of x and y begin with the parameter that holds them."""
    try:
        yield
    except (InvalidInputError, ConvergenceError) as error:
        raise type(error)(f"{name}: {error}") from error


def estimate_rows(
    estimate: Callable[..., float],
    variables: Sequence[NDArray[Any]],
    groups: IntArray | None,
    rng: RNGLike,
    rows: IntArray,
) -> float:
    """Return the estimate from some rows of the variables, and of their groups."""
    return estimate(*(each[rows] for each in variables), groups=None if groups is None else groups[rows], rng=rng)
