"""What an analysis says of the difference between two conditions."""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from scipy.special import ndtr, stdtrit

from attnstats.comparison import MiettinenNurminen, Tango
from attnstats.comparison._noncentral_t import noncentral_t_above
from attnstats.comparison.binary._counts import Counts, PairedCounts
from attnstats.comparison.binary.difference_intervals import difference_interval, score_statistic
from attnstats.comparison.binary.mcnemar import mcnemar_pvalue
from attnstats.comparison.replication import ReplicateMean
from attnstats.results import ConfidenceInterval

_NOTHING = float("nan")


@dataclass(frozen=True)
class Contrast(ABC):
    """The difference between two conditions: its estimate, its interval, and p-values against any number.

    Parameters
    ----------
    effect : float
        First condition less second.
    n : int
        Units of replication, those of both conditions where they are independent.
    test : str
        Name of the test.
    note : str
        What must be said of this difference; empty for most.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Block, Contrast, PairedT
    >>> ours, theirs = Block(np.array([0.8, 0.9, 0.7, 0.8])), Block(np.array([0.7, 0.85, 0.7, 0.72]))
    >>> contrast: Contrast = PairedT("run").difference((ours,), (theirs,))
    >>> round(contrast.pvalue, 3), round(contrast.above(-0.02), 3)
    (0.077, 0.019)
    """

    effect: float
    n: int
    test: str
    note: str = ""

    @property
    @abstractmethod
    def pvalue(self) -> float:
        """Two-sided p-value of no difference, NaN where there is none."""

    @abstractmethod
    def interval(self, level: float) -> ConfidenceInterval | None:
        """Return the interval of the difference; None where there is none."""

    @abstractmethod
    def above(self, null: float) -> float:
        """Return the one-sided p-value of a difference above a number."""

    @abstractmethod
    def below(self, null: float) -> float:
        """Return the one-sided p-value of a difference below a number."""

    @abstractmethod
    def error_with(self, units: float, items: float) -> tuple[float, float]:
        """Return the standard error, and its degrees of freedom, with so many times the units and items."""

    def power(self, difference: float, alpha: float, units: float = 1.0, items: float = 1.0) -> float:
        """Return the probability that a true difference is told apart from none, with so many times units and items."""
        error, df = self.error_with(units, items)
        shift, critical = difference / error, float(stdtrit(df, 1 - alpha / 2))
        return sum(noncentral_t_above(critical, df, each) for each in (shift, -shift))


@dataclass(frozen=True)
class ErrorParts:
    """What units, items and the rest add to the variance of a mean difference.

    Parameters
    ----------
    variances : tuple of float
        Of single differences, of units, items and the rest; unbiased, so that the first two may be negative.
    unit, item, residual : float
        What each adds to the variance of the mean.
    n_units, n_items : int
        How many there are.
    """

    variances: tuple[float, float, float]
    unit: float
    item: float
    residual: float
    n_units: int
    n_items: int

    @property
    def shares(self) -> tuple[float, float, float]:
        """Their shares of the variance of the mean."""
        total = self.unit + self.item + self.residual
        return self.unit / total, self.item / total, self.residual / total

    def error_with(self, units: float, items: float) -> tuple[float, float]:
        """Return the standard error with so many times the units and items, and the df of `HarmonicT`."""
        of_units, of_items = self.unit / units + self.residual / (units * items), self.item / items
        total = of_units + of_items
        inverse = of_units / max(self.n_units * units - 1, 1.0) + of_items / max(self.n_items * items - 1, 1.0)
        return math.sqrt(total), total / inverse


@dataclass(frozen=True)
class TContrast(Contrast):
    """A difference with a standard error and degrees of freedom."""

    mean: ReplicateMean | None = None
    find_parts: Callable[[], ErrorParts | None] = field(default=lambda: None, repr=False, compare=False)

    @classmethod
    def of(cls, mean: ReplicateMean, test: str, find_parts: Callable[[], ErrorParts | None] = lambda: None) -> Contrast:
        """Return the contrast that a mean difference is; one without a test where its error is 0."""
        if mean.error == 0:
            return Untestable.of(mean, test)
        return cls(mean.effect, mean.n, test, "", mean, find_parts)

    @cached_property
    def parts(self) -> ErrorParts | None:
        """What units, items and the rest add to the error; None where units have no items."""
        return self.find_parts()

    @property
    def _mean(self) -> ReplicateMean:
        assert self.mean is not None
        return self.mean

    @property
    def pvalue(self) -> float:
        """Two-sided p-value of no difference."""
        return max(self._mean.pvalue(0.0, "two-sided"), sys.float_info.min)

    def interval(self, level: float) -> ConfidenceInterval:
        """Return the t interval of the difference."""
        return self._mean.interval(level)

    def above(self, null: float) -> float:
        """Return the one-sided p-value of a difference above a number."""
        return self._mean.tails(self._mean.unit.divide_one(null, "margin"))[0]

    def below(self, null: float) -> float:
        """Return the one-sided p-value of a difference below a number."""
        return self._mean.tails(self._mean.unit.divide_one(null, "margin"))[1]

    def error_with(self, units: float, items: float) -> tuple[float, float]:
        """Return the standard error, and its degrees of freedom, with so many times the units and items."""
        mean = self._mean
        if not units == items == 1 and self.parts is not None:
            return self.parts.error_with(units, items)
        return mean.unit.restore(mean.error) / math.sqrt(units), max(mean.df * units, 1.0)


@dataclass(frozen=True)
class ProportionsContrast(Contrast):
    """A difference of two proportions; `scale` is how far the two values of the score are apart."""

    counts: Counts = PairedCounts(0, 0, 0, 1)  # noqa: RUF009 (frozen)
    scale: float = 1.0

    @property
    def pvalue(self) -> float:
        """McNemar's mid-p of pairs, that of the score test of independent units."""
        if isinstance(self.counts, PairedCounts):
            first, discordant = self.counts.first, self.counts.first + self.counts.second
            return mcnemar_pvalue(first, discordant, "two-sided", mid_p=True)
        return max(2 * float(ndtr(-abs(score_statistic(self.counts)))), sys.float_info.min)

    def interval(self, level: float) -> ConfidenceInterval:
        """Return the score interval: Tango's of pairs, Miettinen and Nurminen's of independent units."""
        method = Tango() if isinstance(self.counts, PairedCounts) else MiettinenNurminen()
        return difference_interval(self.counts, method, level).scaled(self.scale)

    def above(self, null: float) -> float:
        """Return the one-sided p-value of a difference above a number."""
        return self._one_sided("greater", null / self.scale)

    def below(self, null: float) -> float:
        """Return the one-sided p-value of a difference below a number."""
        return self._one_sided("less", null / self.scale)

    def _one_sided(self, alternative: str, null: float) -> float:
        if null == 0 and isinstance(self.counts, PairedCounts):
            first, discordant = self.counts.first, self.counts.first + self.counts.second
            return mcnemar_pvalue(first, discordant, alternative, mid_p=True)
        z = score_statistic(self.counts, null)
        return max(float(ndtr(-z if alternative == "greater" else z)), sys.float_info.min)

    def error_with(self, units: float, items: float) -> tuple[float, float]:  # noqa: ARG002
        """Return the standard error with so many times the units, and infinite degrees of freedom."""
        return self.scale * math.sqrt(self.counts.variance(self.effect / self.scale) / units), math.inf


@dataclass(frozen=True)
class Untestable(Contrast):
    """A difference that does not vary, so that there is nothing to test it by."""

    @classmethod
    def of(cls, mean: ReplicateMean, test: str) -> Untestable:
        """Return the difference that was seen everywhere."""
        told = f"the difference is {mean.effect:.3g} in every {mean.replication_unit}"
        return cls(mean.effect, mean.n, test, note=f"{told}, so that nothing tells how uncertain it is")

    @property
    def pvalue(self) -> float:
        """NaN."""
        return _NOTHING

    def interval(self, level: float) -> None:
        """Return None."""

    def above(self, null: float) -> float:  # noqa: ARG002
        """Return NaN."""
        return _NOTHING

    def below(self, null: float) -> float:  # noqa: ARG002
        """Return NaN."""
        return _NOTHING

    def error_with(self, units: float, items: float) -> tuple[float, float]:  # noqa: ARG002
        """Return NaN twice."""
        return _NOTHING, _NOTHING
