"""What an interval needs of a rank correlation, the delete-one jackknife, and Kendall's bound on the variance."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from attnstats._validation import FloatArray, check_at_least
from attnstats.exceptions import ConstantInputError
from attnstats.results import ConfidenceInterval


@dataclass(frozen=True, eq=False)
class RankEstimate:
    """What an interval needs of a rank correlation.

    Parameters
    ----------
    name : str
        As it is printed.
    value, scale : float
        The estimate, and the largest value that the interval allows for, less than 1 for tau-a and tau-c with ties.
    rows : ndarray, shape (n, 2 + n_given)
        The samples: x, y, and what is given.
    tied : bool
        Whether there are ties in x or in y.
    statistic : callable
        Takes rows, returns the value.
    variances : callable
        Returns the jackknife variance of the value and a deflated one, equal where there is no deflated one. Called
        only by intervals that need them.
    fieller : tuple of float and int, or None
        Numerator of Fieller's variance, and what its denominator takes from n; None where it is not known.
    pivot : type of Pivot, or None
        The pivot of its score interval; None where it has none.
    """

    name: str
    value: float
    scale: float
    rows: FloatArray
    tied: bool
    statistic: Callable[[FloatArray], float]
    variances: Callable[[], tuple[float, float]]
    fieller: tuple[float, int] | None = None
    pivot: type[Pivot] | None = None

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


class Pivot(ABC):
    """Difference between an estimate and a value of the population, in standard errors at that value."""

    method: str

    @classmethod
    @abstractmethod
    def of(cls, estimate: RankEstimate) -> Pivot:
        """Return the pivot of an estimate that is not perfect."""

    @staticmethod
    @abstractmethod
    def problem(estimate: RankEstimate) -> str | None:
        """Return why there is no pivot, or None."""

    @property
    @abstractmethod
    def df(self) -> float:
        """Degrees of freedom of its t distribution."""

    @abstractmethod
    def __call__(self, theta: float) -> float:
        """Return the difference in standard errors; it falls as the value of the population rises."""


def bound_interval(estimate: RankEstimate, level: float) -> ConfidenceInterval:
    """Return the interval that inverts Kendall's bound on the variance, 2 (1 − r²)/n (Kendall 1970, equation 4.10)."""
    scale, share = estimate.scale, estimate.share
    bound = 2 / estimate.n * float(special.ndtri((1 - level) / 2)) ** 2
    half = math.sqrt(bound * (1 + bound - share**2))
    low, high = max((share - half) / (1 + bound), -1.0), min((share + half) / (1 + bound), 1.0)
    return ConfidenceInterval(scale * low, scale * high, level, "Kendall's variance bound, inverted")


def delete_one_variances(statistic: Callable[[FloatArray], float], rows: FloatArray) -> tuple[float, float]:
    """Return the delete-one jackknife variance of a statistic of rows, twice: it has no deflated one."""
    n = len(rows)
    check_at_least(n, 4, "number of samples for a jackknife")
    without = np.array([statistic(np.delete(rows, i, axis=0)) for i in range(n)])
    if np.isnan(without).any():
        raise ConstantInputError("x and y: must vary without any one sample for a jackknife; got values that do not")
    variance = (n - 1) / n * float(((without - without.mean()) ** 2).sum())
    return variance, variance
