"""The null of independent series: one of them cut into blocks, which are shuffled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import IntArray, check_at_least, check_count
from attnstats._variable import Variable
from attnstats.information.series.interface import SeriesNull

#: Fewest blocks: eight have 40,320 orders.
_FEWEST = 8


@dataclass(frozen=True)
class BlockPermutation(SeriesNull):
    """Random orders of blocks of one series, which keep the order of time within each block.

    What reaches over the seams between blocks is lost, so that series of long memory are found dependent too often. It
    is for series whose character changes along time, as by a trend or in trials, which a shift would set against other
    parts. The first block begins at a random step, and the end of the series is joined to its start.

    Parameters
    ----------
    length : int
        Rows of a block, several times the time over which the series remember; the last one is shorter.
    n_resamples : int, default 199
        Orders drawn; the smallest attainable p-value is 1 / (n_resamples + 1).

    References
    ----------
    Carlstein, Do, Hall, Hesterberg and Künsch (1998), Matched-block bootstrap for dependent data, Bernoulli 4, on what
    seams cost.

    Examples
    --------
    >>> from attnstats.information import BlockPermutation
    >>> BlockPermutation(length=25, n_resamples=99).floor
    0.01
    """

    length: int
    n_resamples: int = 199

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.length, "length")

    def rearranged(self, series: Variable, generator: np.random.Generator) -> IntArray:
        """Return for each row of a series the row whose value it receives, shape (n,)."""
        n = len(series)
        check_at_least(n, _FEWEST * self.length, f"number of rows for {_FEWEST} blocks of {self.length}")
        rows = np.roll(np.arange(n), int(generator.integers(n)))
        blocks = np.split(rows, range(self.length, n, self.length))
        return np.concatenate([blocks[place] for place in generator.permutation(len(blocks))])
