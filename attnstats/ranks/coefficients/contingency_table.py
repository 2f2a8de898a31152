"""A contingency table in place of the pairs that it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import IntArray, as_float_array, check_at_least
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases, complete_cases

#: Most pairs of a table; a rank test needs some 100 bytes for each.
_MOST_PAIRS = 10**7


@dataclass(frozen=True, eq=False)
class ContingencyTable:
    """Counts of each class of x with each of y; `kendall`, `somers_d`, `goodman_kruskal_gamma` take it for x and y.

    Parameters
    ----------
    counts : array_like of int, shape (n_x, n_y)
        Cell i, j is the number of pairs with the i-th class of x and the j-th of y, both in ascending order, as in a
        table from ``pandas.crosstab``.

    Raises
    ------
    InvalidInputError
        If the counts are no table of whole numbers from 0 up, or sum to more than ten million.
    TooFewSamplesError
        If all counts are 0.

    Examples
    --------
    >>> from attnstats.ranks import ContingencyTable, somers_d
    >>> table = ContingencyTable([[9, 4, 1], [3, 8, 2], [1, 2, 7]])
    >>> table
    ContingencyTable of 3 by 3 classes, 37 pairs
    >>> somers_d(table)
    d(y|x) = 0.544, 95 % CI [0.203, 0.717], p < .001, n = 37 pairs, Somers' d (exact)
    """

    counts: IntArray

    def __init__(self, counts: ArrayLike) -> None:
        table = as_float_array(counts, "counts", ndim=2)
        wrong = table[(table < 0) | (table % 1 != 0)]
        if len(wrong):
            raise InvalidInputError(f"counts: must be whole numbers from 0 up; got {float(wrong[0])!r}")
        largest = float(table.max(initial=0.0))
        total = float(table.sum()) if largest <= _MOST_PAIRS else largest
        if total > _MOST_PAIRS:
            raise InvalidInputError(f"counts: must sum to at most {_MOST_PAIRS}; got {total:.4g} or more")
        check_at_least(int(total), 1, "sum of counts")
        object.__setattr__(self, "counts", table.astype(np.int64))

    def pairs(self) -> tuple[IntArray, IntArray]:
        """Return the classes of x and of y of each pair, coded from 0, each of shape (n_samples,)."""
        rows, columns = np.indices(self.counts.shape)
        return np.repeat(rows, self.counts.ravel()), np.repeat(columns, self.counts.ravel())

    def __repr__(self) -> str:
        rows, columns = self.counts.shape
        return f"ContingencyTable of {rows} by {columns} classes, {self.counts.sum()} pairs"


def pairs_of(
    x: ArrayLike | ContingencyTable, y: ArrayLike | None, missing: CompleteCases | None
) -> tuple[Any, Any, int]:
    """Return x and y without incomplete samples, or the pairs of a table, and how many samples were left out."""
    if isinstance(x, ContingencyTable):
        if y is not None:
            raise InvalidInputError("y: must not be given beside a contingency table, which holds both; got both")
        return *x.pairs(), 0
    if y is None:
        raise InvalidInputError(
            "y: must hold the values paired with x; got None (for a table of counts pass ContingencyTable(counts))"
        )
    (x, y), n_missing = complete_cases(missing, x=x, y=y)
    return x, y, n_missing
