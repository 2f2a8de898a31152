"""One of several values that a layer receives or returns."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from attnstats.adapters.capture import Captured
from attnstats.exceptions import InvalidInputError


def argument(
    signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any], captured: Captured, role: str
) -> Any:
    """Return one argument of a call, by its number or its name."""
    given: dict[str, Any] = {}
    for name, value in signature.bind(*args, **kwargs).arguments.items():
        match signature.parameters[name].kind:
            case inspect.Parameter.VAR_KEYWORD:
                given |= value
            case inspect.Parameter.VAR_POSITIONAL:
                given |= {f"{name}[{number}]": each for number, each in enumerate(value)}
            case _:
                given[name] = value
    names = list(given)
    part = captured.part
    if isinstance(part, int) and part < len(names):
        return given[names[part]]
    if part not in given:
        raise InvalidInputError(f"{role}: {captured.name!r} has no argument {part!r}; it gets {', '.join(names)}")
    return given[part]


def part_of(returned: Any, part: int | str | None, where: str) -> Any:
    """Return one part of what a layer returns; refuse to guess which of several is meant."""
    if hasattr(returned, "batch_sizes"):  # a packed sequence is one value, though a tuple
        return returned
    keys = list(returned) if isinstance(returned, Mapping) else None
    if part is None:
        if not isinstance(returned, tuple | list | Mapping):
            return returned
        several = ", ".join(map(repr, keys)) if keys is not None else f"{len(returned)} values"
        raise InvalidInputError(f"{where} returns several values; say which: part= one of {several}")
    if hasattr(returned, "shape"):
        raise InvalidInputError(f"{where} returns one value, which has no part {part!r}; leave part out")
    try:
        if isinstance(part, str) and keys is None:
            return getattr(returned, part)
        return returned[part]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        several = ", ".join(map(repr, keys)) if keys is not None else f"a {type(returned).__name__}"
        raise InvalidInputError(f"{where} has no part {part!r}; it returns {several}") from error
