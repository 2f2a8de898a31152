"""The difference between two conditions, with all that is asked of it, and a verdict in one word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from attnstats.results import ConfidenceInterval, SignificanceResult, format_pvalue


class Verdict(Enum):
    """What a comparison shows of one condition against another.

    Examples
    --------
    >>> from attnstats.scores import Verdict
    >>> [verdict.value for verdict in Verdict]
    ['better', 'worse', 'equivalent', 'inconclusive']
    """

    #: A difference in its favour is shown.
    BETTER = "better"
    #: A difference in favour of the other is shown.
    WORSE = "worse"
    #: The difference is shown to lie within the margin.
    EQUIVALENT = "equivalent"
    #: Neither.
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class MarginTests:
    """Whether a difference lies within a margin.

    Parameters
    ----------
    equivalence, noninferiority : float
        P-values that it lies within ± margin, and that the first condition is less than the margin worse.
    adjusted_equivalence, adjusted_noninferiority : float
        The same, adjusted for the number of comparisons.

    Examples
    --------
    >>> from attnstats.scores import MarginTests
    >>> MarginTests(0.01, 0.002, 0.03, 0.006).adjusted_equivalence
    0.03
    """

    equivalence: float
    noninferiority: float
    adjusted_equivalence: float
    adjusted_noninferiority: float


@dataclass(frozen=True, slots=True)
class EffectSizes:
    """Effect sizes over the units of replication; NaN where one is not defined.

    Parameters
    ----------
    hedges_g : float
        Mean difference over its standard deviation between units (of pairs, or pooled), corrected for small samples.
    superiority : float
        Probability that a unit of the first condition scores higher than one of the second, ties counting one half;
        over all two units, also where they are pairs.
    cliffs_delta : float
        The same less that of the opposite.

    Examples
    --------
    >>> from attnstats.scores import EffectSizes
    >>> EffectSizes(0.8, 0.75, 0.5).superiority
    0.75
    """

    hedges_g: float
    superiority: float
    cliffs_delta: float


@dataclass(frozen=True, slots=True)
class Needed:
    """How many units would decide what these leave open.

    Parameters
    ----------
    difference : float
        The difference that is to be told apart from none: the margin, or without one that seen, as if it were the true
        one.
    units, items : int or None
        How many units of replication do it with the items that there are, and how many items with these units; None
        where no number does.
    power : float
        With this probability.

    Examples
    --------
    >>> from attnstats.scores import Needed
    >>> Needed(0.01, 14, None).units
    14
    """

    difference: float
    units: int | None
    items: int | None
    power: float = 0.8


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference between two conditions, in all data sets or in one.

    Parameters
    ----------
    first, second : str
        The conditions.
    difference : float
        Mean of the first less that of the second.
    interval : ConfidenceInterval or None
        Of the difference, not adjusted; None where nothing tells how uncertain it is.
    pvalue, adjusted_pvalue : float
        Of no difference, alone and within its family; NaN where there is none.
    verdict : Verdict
        Of the first condition, at the level that goes with the intervals.
    n : int
        Units of replication.
    test : str
        The test.
    dataset : str
        The data set; empty for all.
    margin : MarginTests or None
        Where a margin was declared.
    effects : EffectSizes or None
        Of all data sets together.
    beside : tuple of SignificanceResult
        Other tests of the same hypothesis, such as sign flips with the smallest p-value that they could reach.
    needed : Needed or None
        Where the verdict is inconclusive.
    note : str
        What else must be said.

    Examples
    --------
    >>> from attnstats.results import ConfidenceInterval
    >>> from attnstats.scores import Difference, Verdict
    >>> interval = ConfidenceInterval(0.01, 0.05, 0.95, "t over runs")
    >>> Difference("ours", "theirs", 0.03, interval, 0.004, 0.008, Verdict.BETTER, 5, "paired t test over runs")
    ours − theirs = 0.03, 95 % CI [0.01, 0.05], adjusted p = .008: better
    """

    first: str
    second: str
    difference: float
    interval: ConfidenceInterval | None
    pvalue: float
    adjusted_pvalue: float
    verdict: Verdict
    n: int
    test: str
    dataset: str = ""
    margin: MarginTests | None = None
    effects: EffectSizes | None = None
    beside: tuple[SignificanceResult, ...] = ()
    needed: Needed | None = None
    note: str = ""

    def summary(self) -> str:
        """Return the difference in one line."""
        where = f"{self.dataset}: " if self.dataset else ""
        interval = "" if self.interval is None else f", {self.interval}"
        tested = "" if self.pvalue != self.pvalue else f", adjusted {format_pvalue(self.adjusted_pvalue)}"
        note = f" ({self.note})" if self.note else ""
        found = f"{self.first} − {self.second} = {self.difference:.3g}{interval}{tested}"
        return f"{where}{found}: {self.verdict.value}{note}"

    __repr__ = summary


def turned_round(found: Difference) -> Difference:
    """Return a difference told from the other side, for prose: its interval, verdict and effect turned round."""
    interval = found.interval
    turned = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
    return replace(
        found,
        first=found.second,
        second=found.first,
        difference=-found.difference,
        interval=None if interval is None else replace(interval, low=-interval.high, high=-interval.low),
        verdict=turned.get(found.verdict, found.verdict),
    )
