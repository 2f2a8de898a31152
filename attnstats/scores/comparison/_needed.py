"""How many units, and how many items, find a difference."""

from __future__ import annotations

from collections.abc import Callable

from attnstats.scores.analyses.contrast import Contrast
from attnstats.scores.choice.rules import Sizes

#: Numbers that are considered at most.
_MOST = 100_000


def needed_numbers(
    contrast: Contrast, difference: float, sizes: Sizes, alpha: float, power: float
) -> tuple[int | None, int | None]:
    """Return how many units, and how many items, find a difference with a power; None where no number does."""
    units = _fewest(lambda n: contrast.power(difference, alpha, n / sizes.units, 1.0) >= power)
    if sizes.items is None:
        return units, None
    n_items = sizes.items
    return units, _fewest(lambda n: contrast.power(difference, alpha, 1.0, n / n_items) >= power)


def _fewest(finds: Callable[[int], bool]) -> int | None:
    """Return the least number, from 2, by doubling and halving.

    Very many units may find less than many: the degrees of freedom fall to those of the items. So the largest number
    does not tell whether any is enough, as it does in `attnstats.comparison.sample_size_needed`.
    """
    high = 2
    while not finds(high):
        high *= 2
        if high > _MOST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if finds(middle) else (middle, high)
    return high
