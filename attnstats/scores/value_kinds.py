"""What a score is: binary, a count, ordinal, bounded or continuous."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from attnstats._validation import BoolArray, FloatArray, check_number
from attnstats.exceptions import InvalidInputError

#: Names of columns whose numbers up to 100 are taken for per cent.
PER_CENT = re.compile(r"%|per.?cent|pct|acc|f1|precision|recall|auc|exact.?match|rate\b", re.IGNORECASE)
#: Whole numbers from 1 to here are taken for ratings.
_HIGHEST_RATING = 10


@runtime_checkable
class ValueKind(Protocol):
    """What a score is: `Binary`, `Count`, `Ordinal`, `Bounded` or `Continuous`; printed in words.

    Examples
    --------
    >>> from attnstats.scores import Bounded, ValueKind
    >>> isinstance(Bounded(0, 100), ValueKind)
    True
    """

    def allows(self, values: FloatArray) -> BoolArray:
        """Return which values, shape (n,), can be of this kind."""


@dataclass(frozen=True)
class Binary:
    """One of two values, such as right and wrong.

    Parameters
    ----------
    low, high : float
        The two values.

    Examples
    --------
    >>> from attnstats.scores import Binary
    >>> print(Binary())
    binary (0 or 1)
    """

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        _set_ends(self)

    def allows(self, values: FloatArray) -> BoolArray:
        """Return which values are one of the two."""
        return np.asarray((values == self.low) | (values == self.high))

    def __str__(self) -> str:
        return f"binary ({self.low:g} or {self.high:g})"


@dataclass(frozen=True)
class Count:
    """How many: 0, 1, 2, ...

    Examples
    --------
    >>> from attnstats.scores import Count
    >>> print(Count())
    a count
    """

    def allows(self, values: FloatArray) -> BoolArray:
        """Return which values are whole and not negative."""
        return np.asarray((values >= 0) & (values == np.floor(values)))

    def __str__(self) -> str:
        return "a count"


@dataclass(frozen=True)
class Ordinal:
    """A rating, whose order has a meaning and whose distances have none.

    Parameters
    ----------
    low, high : float
        The lowest and the highest rating.

    Examples
    --------
    >>> from attnstats.scores import Ordinal
    >>> print(Ordinal(1, 5))
    ordinal, from 1 to 5
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        _set_ends(self)

    def allows(self, values: FloatArray) -> BoolArray:
        """Return which values lie between the ends."""
        return np.asarray((values >= self.low) & (values <= self.high))

    def __str__(self) -> str:
        return f"ordinal, from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Bounded:
    """A number that cannot lie outside two ends, such as a proportion or per cent.

    Parameters
    ----------
    low, high : float
        The ends.

    Examples
    --------
    >>> from attnstats.scores import Bounded
    >>> print(Bounded())
    a proportion (0 to 1)
    >>> print(Bounded(0, 100))
    bounded (0 to 100)
    """

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        _set_ends(self)

    def allows(self, values: FloatArray) -> BoolArray:
        """Return which values lie between the ends."""
        return np.asarray((values >= self.low) & (values <= self.high))

    def __str__(self) -> str:
        name = "a proportion" if (self.low, self.high) == (0, 1) else "bounded"
        return f"{name} ({self.low:g} to {self.high:g})"


@dataclass(frozen=True)
class Continuous:
    """A measurement without ends.

    Examples
    --------
    >>> from attnstats.scores import Continuous
    >>> print(Continuous())
    continuous
    """

    def allows(self, values: FloatArray) -> BoolArray:
        """Return True for every value."""
        return np.ones(len(values), dtype=np.bool_)

    def __str__(self) -> str:
        return "continuous"


def kind_of(values: FloatArray, column: str) -> ValueKind:
    """Return what scores that vary look like, by the rules of `find_design`."""
    low, high = float(values.min()), float(values.max())
    if Binary(low, high).allows(values).all():
        return Binary(low, high)
    if low >= 0 and high <= 1:
        return Bounded()
    if low >= 0 and high <= 100 and PER_CENT.search(column):
        return Bounded(0.0, 100.0)
    if not Count().allows(values).all():
        return Continuous()
    return Ordinal(low, high) if low == 1 and high <= _HIGHEST_RATING else Count()


def _set_ends(kind: Binary | Ordinal | Bounded) -> None:
    """Keep the ends as floats, whatever the width of the numbers that were given."""
    low, high = check_number(kind.low, "low"), check_number(kind.high, "high")
    if not low < high:
        raise InvalidInputError(f"low: must be below high; got low={kind.low!r}, high={kind.high!r}")
    object.__setattr__(kind, "low", low)
    object.__setattr__(kind, "high", high)
