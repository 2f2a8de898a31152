"""Names of what is compared."""

from __future__ import annotations

from collections.abc import Iterable

from attnstats.exceptions import InvalidInputError


def as_names(names: Iterable[object], n: int, kind: str) -> tuple[str, ...]:
    """Return one name as text for each of n things of a kind."""
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise InvalidInputError(f"names: must be a sequence of names; got {names!r}")
    given = tuple(map(str, names))
    if len(given) != n:
        raise InvalidInputError(f"names: must hold one for each of {n} {kind}; got {len(given)}")
    return given
