"""How factors stand to the conditions and to each other, and which cells of their crossing have no score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.scores._cells import cell_codes, n_cells, presence, repeated
from attnstats.scores.factor import Factor
from attnstats.scores.layout import Layout

#: Factors that others may fix are looked at in this order: what holds other things before what it holds.
_OUTER_FIRST = ("block", "dataset", "group", "fold", "subject", "seed", "example")


def layout_of(factor: Factor, condition: Factor) -> tuple[Layout, tuple[int, ...]]:
    """Return how a factor stands to the conditions, and how many labels each condition has."""
    there = presence(condition, factor)
    shared = there.astype(np.float32) @ there.astype(np.float32).T
    per_condition = tuple(int(n) for n in there.sum(axis=1))
    if shared.min() >= min(2, len(factor.labels)):
        return Layout.CROSSED, per_condition
    return (Layout.PARTLY if (there.sum(axis=0) > 1).any() else Layout.NESTED), per_condition


def mostly_shared(factor: Factor, condition: Factor) -> bool:
    """Whether at least half of the labels that two conditions have are shared by them, over all pairs together.

    Of many pairs with gaps here and there some share few; it is the whole that tells gaps from numbers that run on.
    """
    there = presence(condition, factor).astype(np.int64)
    n = int(there.sum())
    shared = int((there.sum(axis=0) ** 2).sum()) - n  # by the ordered pairs of conditions
    return 2 * shared >= (len(there) - 1) * n


def apart(factor: Factor, condition: Factor) -> Factor:
    """Return a factor whose labels of different conditions are different things, as the caller declares."""
    codes, _ = cell_codes((condition, factor), len(factor.codes))
    there = np.flatnonzero(presence(condition, factor))
    of, each = np.divmod(there, len(factor.labels))
    labels = tuple(f"{factor.labels[b]} of {condition.labels[a]}" for a, b in zip(of, each, strict=True))
    return replace(factor, labels=labels, codes=np.searchsorted(there, codes))


def distinct_rows(factors: Sequence[Factor], n: int) -> list[Factor]:
    """Return factors in one row for each of their combinations."""
    first = np.flatnonzero(~repeated(factors, n))
    return [replace(factor, codes=factor.codes[first]) for factor in factors]


def inside(factor: Factor, others: Sequence[Factor]) -> tuple[str, ...]:
    """Return the roles of the other factors of which each label of `factor` meets one."""
    return tuple(
        other.role
        for other in others
        if other is not factor
        and len(other.labels) > 1
        and n_cells((factor, other), len(factor.codes)) == len(factor.labels)
    )


def directions(factors: Sequence[Factor]) -> list[Factor]:
    """Return the factors that are not fixed by the rest, given one row for each combination of all."""
    kept = [factor for factor in factors if len(factor.labels) > 1]
    for role in _OUTER_FIRST:
        rest = [factor for factor in kept if factor.role != role]
        if rest and len(rest) < len(kept):
            n = len(kept[0].codes)
            if n_cells(rest, n) == n_cells(kept, n):
                kept = rest
    return kept


def expected_cells(
    condition: Factor, kept: Sequence[Factor], layouts: Sequence[Layout], stratum: Factor | None
) -> IntArray:
    """Return how many cells each condition has if all are there, shape (n_conditions,).

    The directions are crossed with each other, within each stratum if all of them lie in one. A direction that the
    conditions share counts all its labels, any other those of the condition alone.
    """
    cells = np.ones((len(condition.labels), 1))
    for factor, layout in zip(kept, layouts, strict=True):
        cells = cells * _counts(condition, factor, layout, stratum)
    return np.asarray(cells.sum(axis=1), dtype=np.int64)


def _counts(condition: Factor, factor: Factor, layout: Layout, stratum: Factor | None) -> FloatArray:
    """Return the labels of a factor for each condition and stratum."""
    there = presence(condition, factor)
    if layout is Layout.CROSSED:
        there = np.broadcast_to(there.any(axis=0), there.shape)
    counted = there.astype(np.float64)
    if stratum is None:
        return np.asarray(counted.sum(axis=1, keepdims=True))
    return np.asarray(counted @ presence(factor, stratum).astype(np.float64))
