"""The scores of each condition in each data set as an array, ready for an analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.scores._cells import cell_codes
from attnstats.scores.factor import Factor
from attnstats.scores.scores import Scores


@dataclass(frozen=True, eq=False)
class Block:
    """The scores of one condition in one data set.

    Parameters
    ----------
    values : ndarray, shape (n_units,) or (n_units, n_items)
        NaN where there is no score. Rows of two conditions stand for the same units where these are paired, and columns
        for the same items where those are shared.
    clusters : ndarray of int, shape (n_units,), optional
        Cluster of each unit.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Block
    >>> Block(np.array([[1.0, 0.0, np.nan], [1.0, 1.0, 1.0]])).unit_means
    array([0.5, 1. ])
    """

    values: FloatArray
    clusters: IntArray | None = None

    @property
    def unit_means(self) -> FloatArray:
        """Mean of each unit over its items, NaN where it has none."""
        if self.values.ndim == 1:
            return self.values
        there = ~np.isnan(self.values)
        counts = there.sum(axis=1)
        sums = np.where(there, self.values, 0.0).sum(axis=1)
        return np.asarray(np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0))


#: What an analysis takes of one condition: a block for each data set.
Blocks: TypeAlias = tuple[Block, ...]


@dataclass(frozen=True, eq=False)
class Arrangement:
    """All blocks of a table of scores.

    Parameters
    ----------
    conditions : tuple of Blocks
        Of each condition, a block for each data set.
    datasets : tuple of str
        The data sets; one without a name where none is named.
    units : tuple of tuple of str
        Labels of the rows of each data set's blocks, where the conditions share them.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Arrangement, Block
    >>> ours, theirs = (Block(np.array([0.8, 0.9])),), (Block(np.array([0.7, 0.8])),)
    >>> Arrangement((ours, theirs), datasets=("",), units=(("run 1", "run 2"),)).conditions[0][0].unit_means
    array([0.8, 0.9])
    """

    conditions: tuple[Blocks, ...]
    datasets: tuple[str, ...]
    units: tuple[tuple[str, ...], ...]


def arrange(
    scores: Scores, unit: Factor, items: Factor | None, *, paired: bool, shared: bool, whole: bool = False
) -> Arrangement:
    """Return the scores of each condition and data set, by units, and by items where these are told apart.

    Several scores of one cell are averaged.

    Parameters
    ----------
    scores : Scores
        The table.
    unit, items : Factor
        What the rows of the blocks are, and their columns.
    paired : bool
        Whether the units are the same in all conditions; otherwise each condition keeps its own alone.
    shared : bool
        Whether the units are the same in all data sets.
    whole : bool
        Whether to take all data sets as one, where they are the units themselves.
    """
    condition, group = scores.condition, scores.factor("group")
    dataset = None if whole else scores.factor("dataset")
    n_conditions = len(condition.labels)
    names = ("",) if dataset is None else dataset.labels
    grouped = group if unit.role in ("example", "row") else None
    everyone = np.arange(len(unit.labels))
    tables, clusters, labels = [], [], []
    for place in range(len(names)):
        rows = np.arange(len(scores)) if dataset is None else np.flatnonzero(dataset.codes == place)
        units = everyone if shared else np.unique(unit.codes[rows])
        columns = np.zeros(1, dtype=np.int64) if items is None else np.unique(items.codes[rows])
        codes = condition.codes[rows] * len(units) + np.searchsorted(units, unit.codes[rows])
        if items is not None:
            codes = codes * len(columns) + np.searchsorted(columns, items.codes[rows])
        size = n_conditions * len(units) * len(columns)
        counts = np.bincount(codes, minlength=size)
        sums = np.bincount(codes, weights=scores.values[rows], minlength=size)
        means = np.divide(sums, counts, out=np.full(size, np.nan), where=counts > 0)
        tables.append(means.reshape((n_conditions, len(units)) if items is None else (n_conditions, len(units), -1)))
        clusters.append(None if grouped is None else _clusters(unit, grouped, rows, units))
        labels.append(tuple(unit.labels[each] for each in units) if paired else ())
    conditions = [
        _blocks([table[place] for table in tables], clusters, paired=paired, shared=shared)
        for place in range(n_conditions)
    ]
    return Arrangement(tuple(conditions), names, tuple(labels))


def joint_factor(role: str, column: str, factors: list[Factor], n: int) -> Factor:
    """Return the combinations of several factors as one; without any, the rows themselves."""
    if len(factors) == 1:
        return factors[0]
    codes = np.unique(cell_codes(factors, n)[0], return_inverse=True)[1] if factors else np.arange(n)
    return Factor(role, column, tuple(map(str, range(1, int(codes.max()) + 2))), codes)


def _clusters(unit: Factor, group: Factor, rows: IntArray, units: IntArray) -> IntArray:
    """Return the cluster of each unit."""
    of_unit = np.zeros(len(unit.labels), dtype=np.int64)
    of_unit[unit.codes[rows]] = group.codes[rows]
    return of_unit[units]


def _blocks(tables: Sequence[FloatArray], clusters: Sequence[IntArray | None], *, paired: bool, shared: bool) -> Blocks:
    """Return the blocks of one condition; where the conditions have units of their own, without those of others."""
    if paired:
        return tuple(map(Block, tables, clusters))
    there = [~np.isnan(table).reshape(len(table), -1).all(axis=1) for table in tables]
    if shared:
        there = [np.logical_or.reduce(there)] * len(there)
    return tuple(
        Block(table[kept], None if codes is None else codes[kept])
        for table, codes, kept in zip(tables, clusters, there, strict=True)
    )
