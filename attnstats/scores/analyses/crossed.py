"""Units of replication crossed with items: runs that all see the same examples, both drawn from a population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison import HarmonicT
from attnstats.comparison._unit import ROUNDING
from attnstats.comparison.crossed._tables import Factors
from attnstats.comparison.crossed.components import components_of
from attnstats.comparison.crossed.crossed_mean import crossed_mean
from attnstats.comparison.replication import ReplicateMean
from attnstats.exceptions import ConstantInputError
from attnstats.missing import CompleteCases
from attnstats.results import plural
from attnstats.scores.analyses._sums import mean_over, unvarying, weighted_sum
from attnstats.scores.analyses.analysis import Analysis, present
from attnstats.scores.analyses.blocks import Blocks
from attnstats.scores.analyses.contrast import Contrast, ErrorParts, TContrast


@dataclass(frozen=True)
class CrossedAnova(Analysis):
    """The analysis of variance of the differences of two conditions in each unit and item, both random.

    Parameters
    ----------
    unit, shared
        As in `Analysis`.
    item : str
        What an item is, in the singular.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Block, CrossedAnova
    >>> rng = np.random.default_rng(0)
    >>> ours, theirs = (Block(rng.normal(mean, 1, size=(5, 40))) for mean in (0.5, 0.0))
    >>> CrossedAnova("run", item="question").difference((ours,), (theirs,)).pvalue < 0.05
    True
    """

    item: str = "item"

    @property
    def name(self) -> str:
        """What it is called in a paper."""
        return f"crossed analysis of variance over {plural(self.unit)} and {plural(self.item)}"

    @property
    def reason(self) -> str:
        """Why it fits the design."""
        return (
            f"every {self.unit} meets the same {plural(self.item)}, and both are samples: the answer is for other"
            f" {plural(self.unit)} and other {plural(self.item)}"
        )

    def mean(self, blocks: Blocks) -> ReplicateMean:
        """Return the mean of a condition over its data sets."""
        return _over_datasets([[block.values for block in blocks]], self)

    def difference(self, a: Blocks, b: Blocks) -> Contrast:
        """Return the difference of the means of two conditions, over the units and items that both have."""
        return _contrast([[block.values for block in blocks] for blocks in (a, b)], self)


@dataclass(frozen=True)
class IndependentCrossedAnova(Analysis):
    """The analysis of variance of conditions that have units of their own, on items that they share.

    Parameters
    ----------
    unit, item, shared
        As in `CrossedAnova`.
    own_items : bool
        Whether each condition has items of its own too.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Block, IndependentCrossedAnova
    >>> rng = np.random.default_rng(0)
    >>> ours, theirs = (Block(rng.normal(mean, 1, size=(n, 40))) for mean, n in ((0.5, 9), (0.0, 8)))
    >>> IndependentCrossedAnova("run", item="question").difference((ours,), (theirs,)).pvalue < 0.05
    True
    """

    item: str = "item"
    own_items: bool = False

    @property
    def paired(self) -> bool:
        """Whether rows of two conditions are the same units."""
        return False

    @property
    def name(self) -> str:
        """What it is called in a paper."""
        shared = "" if self.own_items else "shared "
        return f"crossed analysis of variance over independent {plural(self.unit)} and {shared}{plural(self.item)}"

    @property
    def reason(self) -> str:
        """Why it fits the design."""
        items = "its own" if self.own_items else "the same"
        return (
            f"each condition has {plural(self.unit)} of its own, which meet {items} {plural(self.item)}, and both are"
            f" samples: the answer is for other {plural(self.unit)} and other {plural(self.item)}"
        )

    def mean(self, blocks: Blocks) -> ReplicateMean:
        """Return the mean of a condition over its data sets."""
        return _over_datasets([[_own_items(block.values) for block in blocks]], self)

    def difference(self, a: Blocks, b: Blocks) -> Contrast:
        """Return the difference of the means of two conditions."""
        if self.own_items:
            return TContrast.of(weighted_sum([self.mean(a), self.mean(b)], [1, -1], self.name), self.name)
        return _contrast([[block.values for block in blocks] for blocks in (a, b)], self)


def _contrast(groups: list[list[FloatArray]], of: CrossedAnova | IndependentCrossedAnova) -> Contrast:
    """Return the mean of a group of tables of differences, or of the first group less the second, as a contrast."""
    mean = _over_datasets(groups, of)
    return TContrast.of(mean, of.name, partial(_error_parts, mean, groups, of))


def _over_datasets(groups: list[list[FloatArray]], of: CrossedAnova | IndependentCrossedAnova) -> ReplicateMean:
    """Return the mean of a group of tables, or of the first group less the second, over data sets.

    A data set in which no value differs from another, as where everything is solved, adds nothing to the error.
    """
    try:
        return _fitted(groups, of)
    except ConstantInputError:
        tables = (
            [(a - b,) for a, b in zip(*groups, strict=True)]
            if _is_paired(groups, of)
            else list(zip(*groups, strict=True))
        )
        still = [all(_is_constant(table) for table in each) for each in tables]
        if all(still) or not any(still):  # or the means are equal
            return mean_over([_unvarying(each, of.unit) for each in tables])
        varying = _fitted([list(compress(group, np.logical_not(still))) for group in groups], of)
        rest = [_unvarying(each, of.unit) for each in compress(tables, still)]
        share = 1 / len(tables)
        mean = weighted_sum([varying, *rest], [share * (len(tables) - len(rest)), *[share] * len(rest)], varying.method)
        return replace(mean, n=varying.n) if of.shared else mean


def _fitted(groups: list[list[FloatArray]], of: CrossedAnova | IndependentCrossedAnova) -> ReplicateMean:
    """Return the mean by the analysis of variance."""
    names = ("values",) if len(groups) == 1 else ("a", "b")
    named = {name: tuple(tables) for name, tables in zip(names, groups, strict=True)}
    options = {"shared_replicates": of.shared, "paired": _is_paired(groups, of)}
    return crossed_mean(named, HarmonicT(), of.unit, of.item, missing=CompleteCases(), **options)


def _is_paired(groups: list[list[FloatArray]], of: CrossedAnova | IndependentCrossedAnova) -> bool:
    return len(groups) > 1 and of.paired


def _is_constant(table: FloatArray) -> bool:
    values = present(table)
    return bool(np.ptp(values) <= ROUNDING * np.abs(values).max())


def _unvarying(tables: Sequence[FloatArray], unit: str) -> ReplicateMean:
    """Return the mean of a table, or of the first less the second, with error 0."""
    means = [unvarying(present(table.ravel()), unit, len(table)) for table in tables]
    return weighted_sum(means, [1, -1][: len(means)], means[0].method)


def _own_items(table: FloatArray) -> FloatArray:
    """Return a table without the items that the condition never met."""
    return table[:, ~np.isnan(table).all(axis=0)]


def _error_parts(
    mean: ReplicateMean, groups: list[list[FloatArray]], of: CrossedAnova | IndependentCrossedAnova
) -> ErrorParts | None:
    """Return the parts of the error of a mean difference; None where a table does not vary.

    The units of paired differences add what items and the rest do not. Two groups have units of their own, which add
    up; what these and the rest do not add, the items do, of whose effects the common part cancels.
    """
    factors = Factors(of.unit, of.item, fewest_items=2)
    if of.paired:
        given = [{"a": a, "b": b} for a, b in zip(*groups, strict=True)]
    else:
        given = [{"values": _own_items(table)} for tables in groups for table in tables]
    try:
        found = [components_of(each, factors, CompleteCases()) for each in given]
    except ConstantInputError:
        return None
    weight, whole = 1 / len(groups[0]) ** 2, mean.unit.restore(mean.error) ** 2
    unit = weight * sum(max(each.replicate, 0.0) / each.n_replicates for each in found)
    item = weight * sum(max(each.item, 0.0) / each.n_items for each in found)
    residual = weight * sum(each.residual * each.residual_weight for each in found)
    if of.paired:
        unit = max(whole - item - residual, 0.0)
    else:
        item = max(whole - unit - residual, 0.0)
    variances = np.mean([(each.replicate, each.item, each.residual) for each in found], axis=0)
    of_unit, of_item, of_residual = map(float, variances)
    n_units, n_items = min(each.n_replicates for each in found), min(each.n_items for each in found)
    return ErrorParts((of_unit, of_item, of_residual), unit, item, residual, n_units, n_items)
