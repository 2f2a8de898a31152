"""The least number of units that does something."""

from __future__ import annotations

from collections.abc import Callable

#: Numbers that are considered at most.
_MOST = 100_000


def fewest(decides: Callable[[int], bool]) -> int | None:
    """Return the least number, from 2, that decides, by doubling and halving; None if none does."""
    high = 2
    while not decides(high):
        high *= 2
        if high > _MOST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high
