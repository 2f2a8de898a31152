"""The null of independent series: one of them moved along the other, its end joined to its start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import IntArray, RNGLike, as_generator, check_at_least, check_count
from attnstats._variable import Variable
from attnstats.information.series.interface import SeriesNull


@dataclass(frozen=True)
class CircularShift(SeriesNull):
    """Random shifts of one series against the other, which keep the order within each.

    A shift keeps the autocorrelation of both series but for the one seam where the end of the shifted one meets its
    start. No shift at all is drawn as often as any other, so n rows give no p-value below about 1 / n on average.

    Parameters
    ----------
    n_resamples : int, default 199
        Shifts drawn; the smallest attainable p-value is 1 / (n_resamples + 1).
    minimum : int, optional
        Shortest shift, in rows, to either side. It should exceed the time over which the series remember, else shifted
        pairs still depend on each other. By default a twentieth of the rows.

    References
    ----------
    Quian Quiroga, Kraskov, Kreuz, Grassberger (2002), Phys. Rev. E 65, 041903, on surrogates by shifted series.

    Examples
    --------
    >>> from attnstats.information import CircularShift
    >>> CircularShift(99).floor
    0.01
    >>> CircularShift(minimum=2).arrangement(6, rng=0).tolist()
    [2, 3, 4, 5, 0, 1]
    """

    n_resamples: int = 199
    minimum: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.minimum is not None:
            check_count(self.minimum, "minimum")

    def arrangement(self, n: int, rng: RNGLike = None) -> IntArray:
        """Return for each of n rows the row whose value it receives, shape (n,)."""
        shortest = max(1, n // 20) if self.minimum is None else self.minimum
        check_at_least(n, 2 * shortest + 1, f"number of rows with shifts of at least {shortest}")
        # The series as they are stand among the shifts: of few, drawn again and again, the largest is else too easily
        # exceeded by one that is never drawn.
        place = int(as_generator(rng).integers(n - 2 * shortest + 2))
        return (np.arange(n) - (shortest + place - 1 if place else 0)) % n

    def rearranged(self, series: Variable, generator: np.random.Generator) -> IntArray:
        """Return for each row of a series the row whose value it receives, shape (n,)."""
        return self.arrangement(len(series), generator)
