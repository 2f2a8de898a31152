"""t tests over units: paired, or Welch's of independent ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison import FixedItems
from attnstats.comparison.crossed.crossed_mean import crossed_mean
from attnstats.comparison.replication import ReplicateMean
from attnstats.exceptions import ConstantInputError
from attnstats.missing import CompleteCases
from attnstats.resampling import sign_flip_test
from attnstats.results import SignificanceResult, plural
from attnstats.scores.analyses._sums import mean_of, mean_over, unvarying, weighted_sum
from attnstats.scores.analyses.analysis import Analysis, complete_pairs, present
from attnstats.scores.analyses.blocks import Blocks
from attnstats.scores.analyses.contrast import Contrast, TContrast

#: Units beyond which a t test needs no other beside it, and patterns of signs that are drawn.
_MOST_FLIPPED, _PATTERNS = 200, 9_999


@dataclass(frozen=True)
class PairedT(Analysis):
    """The t test of the differences of the units that two conditions share, data sets weighing the same.

    Parameters
    ----------
    unit, shared
        As in `Analysis`.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Block, PairedT
    >>> ours, theirs = Block(np.array([0.8, 0.9, 0.7, 0.8])), Block(np.array([0.7, 0.85, 0.7, 0.72]))
    >>> print(PairedT("run").difference((ours,), (theirs,)).interval(0.95))
    95 % CI [-0.0117, 0.127]
    """

    @property
    def name(self) -> str:
        """What it is called in a paper."""
        return f"paired t test over {plural(self.unit)}"

    @property
    def reason(self) -> str:
        """Why it fits the design."""
        each = " in each data set" if self.shared else ""
        return f"each {self.unit} has one score of each condition{each}"

    def mean(self, blocks: Blocks) -> ReplicateMean:
        """Return the mean of a condition over its data sets."""
        return _mean([block.unit_means for block in blocks], self.unit, shared=self.shared)

    def difference(self, a: Blocks, b: Blocks) -> Contrast:
        """Return the mean difference over the units of both conditions.

        Units that several data sets share are crossed with these, and each condition is fitted to all its scores.
        """
        differences = [first.unit_means - second.unit_means for first, second in zip(a, b, strict=True)]
        largest = max(float(np.nanmax(np.abs(block.values))) for block in (*a, *b))
        if not self.shared or len(a) == 1:
            return TContrast.of(_mean(differences, self.unit, largest, shared=False), self.name)
        tables = {"a": _table(a), "b": _table(b)}
        return TContrast.of(_over_datasets(tables, self.unit, differences), self.name)

    def beside(self, a: Blocks, b: Blocks, rng: np.random.Generator) -> tuple[SignificanceResult, ...]:
        """Return the sign-flip test, which needs no normality but has a smallest attainable p-value.

        Only whole units are flipped: those with a score in every data set, where the data sets share them.
        """
        differences = [np.subtract(*complete_pairs(*pair)) for pair in zip(a, b, strict=True)]
        if self.shared:
            table = np.stack([x.unit_means - y.unit_means for x, y in zip(a, b, strict=True)], axis=1)
            differences = [present(table.mean(axis=1))]
        strata = np.repeat(np.arange(len(differences)), list(map(len, differences)))
        if not 2 <= len(strata) <= _MOST_FLIPPED:
            return ()
        together = np.concatenate(differences)
        return (sign_flip_test(together, strata=strata, n_resamples=_PATTERNS, replication_unit=self.unit, rng=rng),)


@dataclass(frozen=True)
class WelchT(Analysis):
    """Welch's t test of conditions that have units of their own, data sets weighing the same.

    Parameters
    ----------
    unit, shared
        As in `Analysis`.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Block, WelchT
    >>> ours, theirs = Block(np.array([0.8, 0.9, 0.7, 0.8])), Block(np.array([0.7, 0.85, 0.7, 0.72]))
    >>> print(WelchT("run").difference((ours,), (theirs,)).interval(0.95))
    95 % CI [-0.0764, 0.191]
    """

    @property
    def paired(self) -> bool:
        """Whether rows of two conditions are the same units."""
        return False

    @property
    def name(self) -> str:
        """What it is called in a paper."""
        return f"Welch's t test over {plural(self.unit)}"

    @property
    def reason(self) -> str:
        """Why it fits the design."""
        return f"no {self.unit} of one condition goes with one of another"

    def mean(self, blocks: Blocks) -> ReplicateMean:
        """Return the mean of a condition over its data sets."""
        return _mean([block.unit_means for block in blocks], self.unit, shared=self.shared)

    def difference(self, a: Blocks, b: Blocks) -> Contrast:
        """Return the difference of the means of two conditions."""
        return TContrast.of(weighted_sum([self.mean(a), self.mean(b)], [1, -1], self.name), self.name)


def _mean(values: list[FloatArray], unit: str, largest: float = 0.0, *, shared: bool) -> ReplicateMean:
    """Return the mean over data sets of the mean over units; shared ones are one sample, not one for each data set."""
    if not shared or len(values) == 1:
        return mean_over([mean_of(present(each), unit, largest) for each in values])
    return _over_datasets({"values": np.stack(values, axis=1)}, unit, values)


def _table(blocks: Blocks) -> FloatArray:
    """Return the scores of a condition, units by data sets."""
    return np.stack([block.unit_means for block in blocks], axis=1)


def _over_datasets(tables: Mapping[str, FloatArray], unit: str, values: list[FloatArray]) -> ReplicateMean:
    """Return the mean of a table of units and these data sets, or of the first less the second.

    `values` are those of each data set, or their differences; where they do not vary, their mean has no error.
    """
    paired = len(tables) > 1
    try:
        return crossed_mean(tables, FixedItems(), unit, "data set", paired=paired, missing=CompleteCases())
    except ConstantInputError:
        return unvarying(present(np.concatenate(values)), unit, len(values[0]))
