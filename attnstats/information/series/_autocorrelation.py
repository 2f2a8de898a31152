"""Whether rows of two variables depend on their neighbours so much that they cannot be exchanged."""

from __future__ import annotations

import numpy as np

from attnstats._validation import FloatArray
from attnstats._variable import Variable

#: Largest factor on the variance of a correlation that is not worth a word: a test at .05 then rejects at .085.
_TOLERATED = 1.3
#: Columns of each variable that are looked at, and fewest rows.
_COLUMNS, _ROWS = 16, 20


def variance_factor(x: Variable, y: Variable) -> float:
    """Return by what autocorrelation multiplies the variance of the correlation of independent x and y, or 1.

    By Bartlett's formula that is 1 + 2 sum_k r_x(k) r_y(k), with the autocorrelations of ranks at lag k, or of the
    indicators of classes; the largest over pairs of columns counts. It is 1 where chance alone may have raised it, and
    where rows are sorted by x or y: their order then is no time, and the rows behind it may be exchanged.
    """
    n = len(x)
    n_lags = min(n // 10, int(10 * np.log10(n)))
    if n < _ROWS or any(_is_sorted(column) for each in (x, y) for column in each.plain().T):
        return 1.0
    of_x, of_y = (_autocorrelations(each, n_lags) for each in (x, y))
    sums = of_x @ of_y.T if of_x.size and of_y.size else np.zeros((1, 1))
    # Of equal columns each product is a square, whose mean is 1 / n even where rows are independent.
    by_chance = 1 + 2 * n_lags / n + 8 * np.sqrt(n_lags) / n
    factor = 1 + 2 * float(sums.max())
    return factor if factor > max(_TOLERATED, by_chance) else 1.0


def _autocorrelations(variable: Variable, n_lags: int) -> FloatArray:
    """Return the autocorrelations at lags 1, 2, ... of up to sixteen columns or classes that vary."""
    from scipy.stats import rankdata

    columns: list[FloatArray] = []
    for values, discrete in zip(variable.plain().T, variable.discrete, strict=True):
        if discrete:
            known, counts = np.unique(values, return_counts=True)
            common = known[np.argsort(-counts, kind="stable")][: max(1, min(len(known) - 1, _COLUMNS))]
            columns += [(values == each).astype(np.float64) for each in common]
        else:
            columns.append(np.asarray(rankdata(values), dtype=np.float64))
    found = []
    for column in columns[:_COLUMNS]:
        centred = column - column.mean()
        total = centred @ centred
        if total > 0:
            found.append([centred[lag:] @ centred[:-lag] / total for lag in range(1, n_lags + 1)])
    return np.array(found, dtype=np.float64)


def _is_sorted(column: FloatArray) -> bool:
    """Whether rows rise, or fall, or stand class by class."""
    before, after = column[:-1], column[1:]
    n_values = len(np.unique(column))
    in_blocks = 2 * n_values < len(column) and np.count_nonzero(before != after) < n_values
    return bool((before <= after).all() or (before >= after).all() or in_blocks)
