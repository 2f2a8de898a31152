"""The check of arguments that are objects with a method."""

from __future__ import annotations

from attnstats.exceptions import InvalidInputError


def check_object(value: object, name: str, method: str, known: str) -> None:
    """Raise unless an argument has the method that it is taken for; a class is not one of its objects."""
    if isinstance(value, type) or not callable(getattr(value, method, None)):
        raise InvalidInputError(f"{name}: must be {known}; got {value!r}")
