"""The error that a name of no layer brings, with the names that are near."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from attnstats.exceptions import InvalidInputError

#: Names that a message shows at most.
_MOST = 6


def unknown_name(role: str, name: str, known: Iterable[str], kind: str) -> InvalidInputError:
    """Return the error of a name that no submodule or layer has."""
    return InvalidInputError(f"{role}: must name a {kind} of the model; got {name!r}; {near_names(name, known)}")


def near_names(name: str, known: Iterable[str]) -> str:
    """Return the names that are near, or else the first ones."""
    names = [each for each in known if each]
    last = name.rsplit(".", 1)[-1]
    near = get_close_matches(name, names, n=_MOST)
    near += [each for each in names if each.rsplit(".", 1)[-1] == last and each not in near]
    return f"near it are {_listed(near)}" if near else f"there are {_listed(names)}"


def _listed(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:_MOST]))
    return f"{shown} and {len(names) - _MOST} more" if len(names) > _MOST else shown or "none"
