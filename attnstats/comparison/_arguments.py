"""Checks of arguments that are objects with a method, or single numbers."""

import math

import numpy as np

from attnstats.exceptions import InvalidInputError


def check_object(value: object, name: str, method: str, known: str) -> None:
    """Raise unless an argument has the method that it is taken for; a class is not one of its objects."""
    if isinstance(value, type) or not callable(getattr(value, method, None)):
        raise InvalidInputError(f"{name}: must be {known}; got {value!r}")


def is_number(value: object) -> bool:
    """Return whether a value is a real number, and no time."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, np.timedelta64)


def check_number(value: float, name: str) -> float:
    """Return `value` if it is a finite number."""
    if not (is_number(value) and math.isfinite(value)):
        raise InvalidInputError(f"{name}: must be a finite number; got {value!r}")
    return float(value)
