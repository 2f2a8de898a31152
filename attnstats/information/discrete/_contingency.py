"""Discrete variables as the cells of a contingency table: pairing, counts, logarithms."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from attnstats._validation import FloatArray, IntArray


class Cells(NamedTuple):
    """A discrete variable: the cell of each sample, shape (n,), and the number of possible cells.

    Examples
    --------
    >>> x, y = Cells(np.array([0, 0, 1]), 2), Cells(np.array([0, 2, 2]), 3)
    >>> x.paired(y).counts(), x.paired(y).without_gaps()
    (array([1, 0, 1, 0, 0, 1]), Cells(of=array([0, 1, 2]), n_cells=3))
    """

    of: IntArray
    n_cells: int

    def paired(self, other: Self) -> Cells:
        """Return the variable whose values are the pairs of both."""
        return Cells(self.of * other.n_cells + other.of, self.n_cells * other.n_cells)

    def counts(self) -> IntArray:
        """Return the number of samples in each cell, shape (n_cells,)."""
        return np.bincount(self.of, minlength=self.n_cells)

    def log_counts(self) -> FloatArray:
        """Return the logarithm of the count of each sample's cell, shape (n,)."""
        logs: FloatArray = np.log(np.maximum(self.counts(), 1))[self.of]  # an empty cell is never looked up
        return logs

    def taken(self, rows: IntArray) -> Cells:
        """Return the variable at the given samples."""
        return Cells(self.of[rows], self.n_cells)

    def without_gaps(self) -> Cells:
        """Return the same variable without empty cells."""
        if self.n_cells > 4 * len(self.of):  # a table of all cells would be longer to go through than a sort
            occupied, of = np.unique(self.of, return_inverse=True)
            return Cells(of, len(occupied))
        present = self.counts() > 0
        if present.all():
            return Cells(self.of, self.n_cells)
        rank = np.cumsum(present) - 1
        return Cells(rank[self.of], int(rank[-1]) + 1)
