"""Cells of a design, the combinations of several factors, as integers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from attnstats._validation import BoolArray, IntArray
from attnstats.scores.factor import Factor

#: Combinations that are counted in a table of all of them; more are hashed.
_TABLE = 4_000_000


def cell_codes(factors: Sequence[Factor], n: int) -> tuple[IntArray, int]:
    """Return an integer for the combination of the factors in each of n rows, and a number that all are below."""
    codes, size = np.zeros(n, dtype=np.int64), 1
    for factor in factors:
        if size * len(factor.labels) >= 2**62:
            compact, found = pd.factorize(codes)
            codes, size = compact.astype(np.int64), len(found)
        codes = codes * len(factor.labels) + factor.codes
        size *= len(factor.labels)
    return codes, size


def n_cells(factors: Sequence[Factor], n: int) -> int:
    """Return how many combinations of the factors there are."""
    codes, size = cell_codes(factors, n)
    if size <= _TABLE:
        return int(np.count_nonzero(np.bincount(codes, minlength=size)))
    return len(pd.unique(codes))


def repeated(factors: Sequence[Factor], n: int) -> BoolArray:
    """Return which rows repeat the combination of an earlier one."""
    codes, _ = cell_codes(factors, n)
    return np.asarray(pd.Index(codes).duplicated())


def rows_per_cell(factors: Sequence[Factor], n: int) -> tuple[int, int]:
    """Return the fewest and the most rows of a combination that has any."""
    if not repeated(factors, n).any():
        return 1, 1
    counts = np.bincount(pd.factorize(cell_codes(factors, n)[0])[0])
    return int(counts.min()), int(counts.max())


def presence(rows: Factor, columns: Factor) -> BoolArray:
    """Return which labels of two factors stand together, shape (n labels of `rows`, n labels of `columns`)."""
    together = np.zeros((len(rows.labels), len(columns.labels)), dtype=np.bool_)
    together[rows.codes, columns.codes] = True
    return together
