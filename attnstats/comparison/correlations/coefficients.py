"""Correlation coefficients with their sampling errors, and the base class of a pair of them."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri
from scipy.stats import kurtosis, kurtosistest, rankdata

from attnstats._validation import FloatArray, as_float_array, check_count, check_fraction, check_same_length
from attnstats.comparison._arguments import check_object
from attnstats.comparison._unit import ROUNDING, Unit
from attnstats.exceptions import ConstantInputError, InvalidInputError, UnreliableEstimateWarning
from attnstats.results import ConfidenceInterval

#: Normal deviate whose tail is the smallest normal float: beyond it a p-value would underflow to zero.
LARGEST_DEVIATE = 37.5


class CorrelationCoefficient(Protocol):
    """A correlation coefficient and the variance of its Fisher transform."""

    symbol: str

    def fisher_variance(self, r: FloatArray | float, n: int) -> FloatArray | float:
        """Return the variance of artanh r over n samples."""

    def matrix(self, columns: FloatArray) -> FloatArray:
        """Return the correlation matrix of columns, shape (n, n_variables)."""


@dataclass(frozen=True)
class Pearson:
    """The product-moment correlation; artanh r has variance 1/(n − 3) for normal variables (Fisher 1921).

    With heavy tails the variance is larger, whatever n: from 20 samples on, excess kurtosis (Anscombe and Glynn's test
    at .001) gives an `UnreliableEstimateWarning`. Take `Spearman` then.

    Examples
    --------
    >>> from attnstats.comparison import Pearson
    >>> Pearson().fisher_variance(0.5, 103)
    0.01
    """

    symbol = "r"

    def fisher_variance(self, r: FloatArray | float, n: int) -> FloatArray | float:  # noqa: ARG002
        """Return the variance of artanh r over n samples."""
        return 1 / (n - 3)

    def matrix(self, columns: FloatArray) -> FloatArray:
        """Return the correlation matrix of columns, shape (n, n_variables)."""
        if len(columns) >= 20 and kurtosistest(columns, alternative="greater").pvalue.min() < 0.001:
            warnings.warn(
                "samples: should have the tails of a normal distribution for Pearson(); got excess kurtosis"
                f" {float(kurtosis(columns).max()):.3g} (take Spearman())",
                UnreliableEstimateWarning,
                stacklevel=4,
            )
        return np.asarray(np.corrcoef(columns, rowvar=False))


#: The default of every parameter `coefficient`.
PEARSON = Pearson()


@dataclass(frozen=True)
class Spearman:
    """The correlation of ranks; artanh r has variance (1 + r²/2)/(n − 3) (Bonett and Wright 2000).

    Examples
    --------
    >>> from attnstats.comparison import Spearman
    >>> Spearman().fisher_variance(0.5, 103)
    0.01125
    """

    symbol = "rho"

    def fisher_variance(self, r: FloatArray | float, n: int) -> FloatArray | float:
        """Return the variance of artanh r over n samples."""
        return (1 + r**2 / 2) / (n - 3)

    def matrix(self, columns: FloatArray) -> FloatArray:
        """Return the correlation matrix of columns, shape (n, n_variables)."""
        return np.asarray(np.corrcoef(rankdata(columns, axis=0), rowvar=False))


@dataclass(frozen=True)
class Correlation:
    """One correlation.

    Parameters
    ----------
    r : float
        Its value, strictly between −1 and 1.
    n : int
        Samples, at least 4.
    coefficient : Pearson or Spearman

    Examples
    --------
    >>> from attnstats.comparison import Correlation
    >>> Correlation(0.5, 103).interval()
    95 % CI [0.339, 0.632] (Fisher z)
    """

    r: float
    n: int
    coefficient: CorrelationCoefficient = PEARSON

    def __post_init__(self) -> None:
        check_fields(self, ("r",))

    @classmethod
    def from_arrays(cls, x: ArrayLike, y: ArrayLike, *, coefficient: CorrelationCoefficient = PEARSON) -> Self:
        """Return the correlation of x and y, each of shape (n,)."""
        matrix, n = correlate(coefficient, x=x, y=y)
        return cls(float(matrix[0, 1]), n, coefficient)

    @property
    def effect(self) -> float:
        """The correlation."""
        return self.r

    @property
    def n_samples(self) -> int:
        """Samples."""
        return self.n

    def interval(self, confidence_level: float = 0.95) -> ConfidenceInterval:
        """Return the Fisher z interval."""
        low, high = self.limits(float(ndtri((1 + check_fraction(confidence_level, "confidence_level")) / 2)))
        return ConfidenceInterval(float(low), float(high), confidence_level, "Fisher z")

    def limits(self, deviate: FloatArray | float) -> FloatArray:
        """Return the ends of the intervals that are `deviate` standard errors long to either side, shape (2, ...)."""
        margin = np.asarray(deviate) * np.sqrt(self.coefficient.fisher_variance(self.r, self.n))
        center = np.arctanh(self.r)
        return np.asarray(np.tanh(np.stack([center - margin, center + margin])))

    def deviate(self, null: float) -> float:
        """Return how many standard errors the correlation is above a null value."""
        error = np.sqrt(self.coefficient.fisher_variance(self.r, self.n))
        deviate = (np.arctanh(self.r) - np.arctanh(check_correlation(null, "null"))) / error
        return float(np.clip(deviate, -LARGEST_DEVIATE, LARGEST_DEVIATE))


class CorrelationPair(ABC):
    """Two correlations, first and second, and the dependence of their estimates."""

    coefficient: CorrelationCoefficient

    @property
    @abstractmethod
    def parts(self) -> tuple[Correlation, Correlation]:
        """The two correlations."""

    @abstractmethod
    def dependence(self, first: float, second: float) -> float:
        """Return the asymptotic correlation of the two estimates, at given values of the two correlations."""

    @property
    def effect(self) -> float:
        """First minus second."""
        first, second = self.parts
        return first.r - second.r

    @property
    def n_samples(self) -> int:
        """Samples in all: here both correlations are of one sample."""
        return self.parts[0].n

    def interval(self, confidence_level: float = 0.95) -> ConfidenceInterval:
        """Return the interval of first minus second (Zou 2007, equation 6).

        With Fisher z intervals (l, u) and c from `dependence`, the lower end is r1 − r2 − sqrt((r1 − l1)² + (u2 − r2)²
        − 2 c (r1 − l1)(u2 − r2)).
        """
        low, high = self.limits(float(ndtri((1 + check_fraction(confidence_level, "confidence_level")) / 2)))
        return ConfidenceInterval(float(low), float(high), confidence_level, "Zou")

    def limits(self, deviate: FloatArray | float) -> FloatArray:
        """Return the ends of the intervals at normal deviates, shape (2, ...)."""
        first, second = self.parts
        c = self.dependence(first.r, second.r)
        to_low_1, to_high_1 = np.abs(first.limits(deviate) - first.r)
        to_low_2, to_high_2 = np.abs(second.limits(deviate) - second.r)
        return self.effect + np.stack([-_join(to_low_1, to_high_2, c), _join(to_high_1, to_low_2, c)])

    def deviate(self, null: float) -> float:
        """Return the normal deviate at which the interval just reaches a null value, above zero for a larger effect."""
        sign, end = (1.0, 0) if self.effect > null else (-1.0, 1)

        def gap(deviate: FloatArray | float) -> FloatArray:
            return np.asarray(sign * (self.limits(deviate)[end] - null))

        # The first crossing is sought on a grid, since an end need not be monotone where c is near 1.
        grid = np.linspace(0, LARGEST_DEVIATE, 301)
        reached = np.flatnonzero(gap(grid) <= 0)
        if len(reached) == 0:
            return sign * LARGEST_DEVIATE
        if reached[0] == 0:
            return 0.0
        return sign * float(brentq(lambda each: float(gap(each)), grid[reached[0] - 1], grid[reached[0]], xtol=1e-12))


def check_coefficient(coefficient: object) -> None:
    """Raise unless it is Pearson() or Spearman()."""
    check_object(coefficient, "coefficient", "fisher_variance", "Pearson() or Spearman()")


def check_fields(
    given: Correlation | CorrelationPair, correlations: Sequence[str], counts: Sequence[str] = ("n",)
) -> None:
    """Raise unless the named fields are correlations and numbers of samples, and the coefficient is one of the two."""
    for name in correlations:
        check_correlation(getattr(given, name), name)
    for name in counts:
        check_count(getattr(given, name), name, minimum=4)
    check_coefficient(given.coefficient)


def check_correlation(value: float, name: str) -> float:
    """Return `value` if it lies strictly between −1 and 1."""
    if not (isinstance(value, int | float | np.floating | np.integer) and -1 < value < 1):
        raise InvalidInputError(f"{name}: must lie strictly between -1 and 1; got {value!r}")
    return float(value)


def upper_tail(deviate: float) -> float:
    """Return the normal tail above a deviate, above zero: beyond `LARGEST_DEVIATE` it is an upper bound."""
    return float(ndtr(-min(deviate, LARGEST_DEVIATE)))


def _join(first: FloatArray, second: FloatArray, c: float) -> FloatArray:
    return np.asarray(np.sqrt(first**2 + second**2 - 2 * c * first * second))


def correlate(coefficient: CorrelationCoefficient, **columns: ArrayLike) -> tuple[FloatArray, int]:
    """Return the correlation matrix of the named columns, each of shape (n,), and n."""
    check_object(coefficient, "coefficient", "matrix", "Pearson() or Spearman()")
    arrays = {name: as_float_array(column, name, ndim=1) for name, column in columns.items()}
    n = check_same_length(**arrays)
    check_count(n, "number of samples", minimum=4)
    scaled = []
    for name, array in arrays.items():
        column = Unit.of(array).divide(array)
        if np.ptp(column) <= ROUNDING * np.abs(column).max():
            raise ConstantInputError(
                f"{name}: must hold at least two different values; got {float(array[0])!r} throughout, but for rounding"
            )
        scaled.append(column)
    return coefficient.matrix(np.column_stack(scaled)), n
