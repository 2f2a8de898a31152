"""The mean of each condition, with an interval that stays where the scores can lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtrit

from attnstats.comparison.replication import ReplicateMean
from attnstats.results import ConfidenceInterval, counted
from attnstats.scores.choice.rules import Sizes
from attnstats.scores.value_kinds import Binary, Bounded, ValueKind


@dataclass(frozen=True, slots=True)
class ConditionEstimate:
    """The mean of one condition.

    Parameters
    ----------
    condition : str
        Its name.
    mean : float
        In the unit of the scores; data sets weigh the same.
    interval : ConfidenceInterval or None
        Of the mean, not adjusted for the number of conditions; None where nothing tells how uncertain it is.
    n : int
        Units of replication.
    replication_unit : str
        What one is.

    Examples
    --------
    >>> from attnstats.results import ConfidenceInterval
    >>> from attnstats.scores import ConditionEstimate
    >>> ConditionEstimate("ours", 0.81, ConfidenceInterval(0.78, 0.84, 0.95, "t over runs"), 5, "run")
    ours: 0.81, 95 % CI [0.78, 0.84], n = 5 runs
    """

    condition: str
    mean: float
    interval: ConfidenceInterval | None
    n: int
    replication_unit: str

    def summary(self) -> str:
        """Return the estimate in one line."""
        interval = "" if self.interval is None else f", {self.interval}"
        return f"{self.condition}: {self.mean:.3g}{interval}, n = {counted(self.n, self.replication_unit)}"

    __repr__ = summary


def mean_interval(mean: ReplicateMean, kind: ValueKind, sizes: Sizes, level: float) -> ConfidenceInterval | None:
    """Return the interval of a mean: of scores with two ends Wilson's, else that of t.

    For a mean p of scores within 0 and 1 with variance v, Wilson's interval takes the p (1 − p)/v independent zeros and
    ones that would know p as well, and t for the normal quantile (Franco, Little, Louis and Slud 2019, Journal of
    Survey Statistics and Methodology 7, 334-364). It never leaves the ends. Scores that do not vary count as so many
    zeros and ones as there are items, or units without items.
    """
    if not isinstance(kind, Binary | Bounded):
        return mean.interval(level) if mean.error else None
    width = kind.high - kind.low
    share = min(max((mean.effect - kind.low) / width, 0.0), 1.0)  # a mean of roundings may lie a digit outside
    error = mean.unit.restore(mean.error) / width
    known = error > 0 and 0 < share < 1
    inverse = (error / share) * (error / (1 - share)) if known else 1 / (sizes.items or mean.n)  # of the effective size
    z = float(stdtrit(mean.df if error else math.inf, (1 + level) / 2))
    shrunk = 1 + z**2 * inverse
    centre = (share + z**2 * inverse / 2) / shrunk
    half = z / shrunk * math.hypot(math.sqrt(share * (1 - share)) * math.sqrt(inverse), z * inverse / 2)
    low, high = (kind.low + width * min(max(end, 0.0), 1.0) for end in (centre - half, centre + half))
    method = "Wilson" if math.isinf(mean.df) else "Wilson with effective sample size"
    return ConfidenceInterval(low, high, level, method)
