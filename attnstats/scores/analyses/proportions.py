"""Two values, such as right and wrong, on independent units: score methods for proportions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from attnstats._validation import FloatArray
from attnstats.comparison.binary._counts import Counts, PairedCounts, SampleCounts
from attnstats.comparison.replication import ReplicateMean
from attnstats.results import plural
from attnstats.scores.analyses._sums import mean_of, mean_over, weighted_sum
from attnstats.scores.analyses.analysis import Analysis, complete_pairs, present
from attnstats.scores.analyses.blocks import Block, Blocks
from attnstats.scores.analyses.contrast import Contrast, ProportionsContrast, TContrast
from attnstats.scores.value_kinds import Binary


@dataclass(frozen=True)
class PairedProportions(Analysis):
    """McNemar's test and Tango's interval of units that both conditions have; over several data sets a t test.

    Parameters
    ----------
    unit, shared
        As in `Analysis`.
    kind : Binary
        The two values.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Block, PairedProportions
    >>> ours, theirs = Block(np.array([1.0, 1, 1, 1, 0, 1])), Block(np.array([1.0, 0, 0, 0, 0, 0]))
    >>> PairedProportions("question").difference((ours,), (theirs,)).pvalue
    0.0625
    """

    kind: Binary = Binary()  # noqa: RUF009 (frozen)

    @property
    def name(self) -> str:
        """What it is called in a paper."""
        return f"McNemar's mid-p test over {plural(self.unit)}, with Tango's interval"

    def name_over(self, n_datasets: int) -> str:
        """Return what it is called for so many data sets."""
        return (
            self.name
            if n_datasets == 1
            else f"a stratified t test over {plural(self.unit)}, in each data set {self.name}"
        )

    @property
    def reason(self) -> str:
        """Why it fits the design."""
        return (
            f"each condition answers each {self.unit} once, with one of two values: only those where they differ count"
        )

    def mean(self, blocks: Blocks) -> ReplicateMean:
        """Return the mean of a condition over its data sets."""
        return mean_over([_proportion(present(block.values), self.unit, self.kind) for block in blocks])

    def difference(self, a: Blocks, b: Blocks) -> Contrast:
        """Return the difference of the two proportions."""
        pairs = [complete_pairs(*pair) for pair in zip(a, b, strict=True)]
        if len(pairs) > 1:
            means = [mean_of(first - second, self.unit) for first, second in pairs]
            return TContrast.of(mean_over(means), f"stratified t test over {plural(self.unit)}")
        first, second = ((values - self.kind.low) / (self.kind.high - self.kind.low) for values in pairs[0])
        both, ones_a, ones_b = round(float(first @ second)), round(float(first.sum())), round(float(second.sum()))
        counts = PairedCounts(both, ones_a - both, ones_b - both, len(first) - ones_a - ones_b + both)
        return _contrast(counts, f"McNemar's mid-p test ({counts.first + counts.second} that differ)", self.kind)


@dataclass(frozen=True)
class IndependentProportions(Analysis):
    """The score test of two proportions with Miettinen and Nurminen's interval; over several data sets Welch's t test.

    Parameters
    ----------
    unit, shared, kind
        As in `PairedProportions`.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Block, IndependentProportions
    >>> ours, theirs = Block(np.repeat([1.0, 0.0], [56, 14])), Block(np.repeat([1.0, 0.0], [48, 32]))
    >>> print(IndependentProportions("question").difference((ours,), (theirs,)).interval(0.95))
    95 % CI [0.0528, 0.338]
    """

    kind: Binary = Binary()  # noqa: RUF009 (frozen)

    @property
    def paired(self) -> bool:
        """Whether rows of two conditions are the same units."""
        return False

    @property
    def name(self) -> str:
        """What it is called in a paper."""
        return f"score test of two proportions over {plural(self.unit)}, with Miettinen and Nurminen's interval"

    def name_over(self, n_datasets: int) -> str:
        """Return what it is called for so many data sets."""
        return (
            self.name
            if n_datasets == 1
            else f"a stratified Welch's t test over {plural(self.unit)}, in each data set the {self.name}"
        )

    @property
    def reason(self) -> str:
        """Why it fits the design."""
        return f"each condition has {plural(self.unit)} of its own, each with one of two values"

    def mean(self, blocks: Blocks) -> ReplicateMean:
        """Return the mean of a condition over its data sets."""
        return mean_over([_proportion(present(block.values), self.unit, self.kind) for block in blocks])

    def difference(self, a: Blocks, b: Blocks) -> Contrast:
        """Return the difference of the two proportions."""
        pairs = list(zip(a, b, strict=True))
        if len(pairs) > 1:
            means = [
                weighted_sum([mean_of(present(each.values), self.unit) for each in pair], [1, -1], self.name)
                for pair in pairs
            ]
            return TContrast.of(mean_over(means), f"stratified Welch's t test over {plural(self.unit)}")
        counts = SampleCounts((_margin(a[0], self.kind), _margin(b[0], self.kind)))
        return _contrast(counts, "score test of two proportions", self.kind)


def _proportion(values: FloatArray, unit: str, kind: Binary) -> ReplicateMean:
    """Return the mean of two values with its binomial error and normal distribution, from which Wilson's follows."""
    mean = mean_of(values, unit)
    variance = (kind.high - float(values.mean())) * (float(values.mean()) - kind.low) / len(values)
    return replace(mean, error=math.ldexp(math.sqrt(variance), -mean.unit.exponent), df=math.inf)


def _margin(block: Block, kind: Binary) -> tuple[int, int]:
    values = present(block.values)
    return int((values == kind.high).sum()), len(values)


def _contrast(counts: Counts, test: str, kind: Binary) -> Contrast:
    scale = kind.high - kind.low
    return ProportionsContrast(counts.difference * scale, counts.n, test, counts=counts, scale=scale)
