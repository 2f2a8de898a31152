"""A rank correlation as its intervals see it, the delete-one jackknife, and Kendall's bound on the variance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from attnstats._validation import FloatArray, check_at_least
from attnstats.exceptions import ConstantInputError
from attnstats.results import ConfidenceInterval


@dataclass(frozen=True, eq=False)
class RankEstimate:
    """What an interval needs of a rank correlation."""

    name: str
    value: float
    #: The largest value that the interval allows for, less than 1 for tau-a and tau-c with ties.
    scale: float
    #: The samples, shape (n, 2 + n_given): x, y, and what is given.
    rows: FloatArray
    #: Whether there are ties in x or in y.
    tied: bool
    #: Takes rows, returns the value.
    statistic: Callable[[FloatArray], float]
    #: Returns the jackknife variance of the value and a deflated one, equal where there is no deflated one.
    variances: Callable[[], tuple[float, float]]
    #: Numerator of Fieller's variance, and what its denominator takes from n; None where it is not known.
    fieller: tuple[float, int] | None = None
    #: The pivot of its score interval, of an estimate that is not perfect; None where it has none.
    pivot: Callable[[RankEstimate], Pivot] | None = None

    @property
    def n(self) -> int:
        """Number of samples."""
        return len(self.rows)

    @property
    def df(self) -> int:
        """Degrees of freedom of the jackknife: n − 1, and one less for each variable given."""
        return int(self.n + 1 - self.rows.shape[1])

    @property
    def share(self) -> float:
        """The estimate as a share of the largest value."""
        return self.value / self.scale

    @property
    def is_perfect(self) -> bool:
        """Whether the estimate is as large as it could be."""
        return 1 - abs(self.share) < 1e-12

    def share_variance(self, weight: float) -> float:
        """Return the variance of the share: the jackknife variance by weight, the rest the deflated one."""
        jackknife, deflated = self.variances()
        return (weight * jackknife + (1 - weight) * max(deflated, 0.0)) / self.scale**2


class Pivot(NamedTuple):
    """The difference between an estimate and a value of the population in standard errors at that value, t on `df`."""

    method: str
    df: float
    #: Falls as the value of the population rises.
    distance: Callable[[float], float]


def bound_interval(estimate: RankEstimate, level: float) -> ConfidenceInterval:
    """Return the interval that inverts Kendall's bound on the variance, 2 (1 − r²)/n (Kendall 1970, equation 4.10)."""
    scale, share = estimate.scale, estimate.share
    bound = 2 / estimate.n * float(special.ndtri((1 - level) / 2)) ** 2
    half = math.sqrt(bound * (1 + bound - share**2))
    low, high = max((share - half) / (1 + bound), -1.0), min((share + half) / (1 + bound), 1.0)
    return ConfidenceInterval(scale * low, scale * high, level, "Kendall's variance bound, inverted")


def delete_one_variances(leave_one_out: Callable[[FloatArray], FloatArray], rows: FloatArray) -> tuple[float, float]:
    """Return the jackknife variance from the values without each row, twice: it has no deflated one."""
    n = len(rows)
    check_at_least(n, 4, "number of samples for a jackknife")
    without = leave_one_out(rows)
    if np.isnan(without).any():
        raise ConstantInputError("x and y: must vary without any one sample for a jackknife; got values that do not")
    variance = (n - 1) / n * float(((without - without.mean()) ** 2).sum())
    return variance, variance
