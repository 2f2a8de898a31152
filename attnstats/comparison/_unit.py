"""Values divided by a power of two to lie near 1, so that no square or sum of them overflows or underflows."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from attnstats._validation import FloatArray
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.results import ConfidenceInterval, SignificanceResult

#: Values that differ by no more than this share of the largest are taken to differ by rounding alone.
ROUNDING = 1e-12
#: Ratio of a margin to the values whose ratio to their error, which is above rounding, is a float too.
_LARGEST_RATIO = 1e290


@dataclass(frozen=True)
class Unit:
    """A power of two. To divide by it is exact, so that ordinary values give the same digits as without it."""

    exponent: int
    name: str = "values"  # in messages

    @classmethod
    def of(cls, *arrays: FloatArray, name: str = "values") -> Unit:
        """Return the unit in which the largest value lies in [0.5, 1)."""
        largest = max((float(np.abs(array).max()) for array in arrays if array.size), default=0.0)
        return cls(math.frexp(largest)[1], name)

    def divide(self, array: FloatArray) -> FloatArray:
        return np.asarray(np.ldexp(array, -self.exponent))

    def divide_one(self, value: float, name: str) -> float:
        """Return a number, such as a margin, in this unit; 0 where the values are far larger."""
        with np.errstate(over="ignore"):
            scaled = float(np.ldexp(float(value), -self.exponent))  # a float32 would stay one, and overflow
        if abs(scaled) > _LARGEST_RATIO:
            raise InvalidInputError(
                f"{name}: must be at most {_LARGEST_RATIO:g} times the values; got {value!r} for values up to"
                f" {math.ldexp(1.0, self.exponent - 1):.1g}"
            )
        return scaled

    def restore(self, value: float, power: int = 1) -> float:
        """Return a number, or with `power` 2 a variance, in the unit of the caller."""
        with np.errstate(over="ignore"):
            restored = float(np.ldexp(value, power * self.exponent))
        underflow = power == 2 and value != 0 and abs(restored) < sys.float_info.min
        if underflow or (math.isinf(restored) and not math.isinf(value)):
            what = "the result" if power == 1 else "the squares in the result"
            raise InvalidInputError(
                f"{self.name}: must be of a size at which {what} can be written as floats, from 1e-308 to 1e308; got"
                f" values up to 2**{self.exponent} (multiply them by a power of ten)"
            )
        return restored

    def restore_interval(self, interval: ConfidenceInterval, power: int = 1) -> ConfidenceInterval:
        """Return an interval, with `power` 2 that of a variance, in the unit of the caller."""
        return replace(interval, low=self.restore(interval.low, power), high=self.restore(interval.high, power))

    def interval(self, value: float, margin: float, level: float, method: str) -> ConfidenceInterval:
        """Return an interval of value ± margin, given in this unit, in the unit of the caller."""
        return self.restore_interval(ConfidenceInterval(value - margin, value + margin, level, method))

    def restore_result(self, result: SignificanceResult, *, statistic: bool = False) -> SignificanceResult:
        """Return a result with effect, interval and, if it has a unit, statistic in the unit of the caller."""
        interval = result.confidence_interval
        return replace(
            result,
            effect=self.restore(result.effect),
            statistic=self.restore(result.statistic) if statistic else result.statistic,
            confidence_interval=None if interval is None else self.restore_interval(interval),
            _interval=None if result._interval is None else partial(_interval_at, self, result),
        )


def _interval_at(unit: Unit, scaled: SignificanceResult, level: float) -> ConfidenceInterval:
    assert scaled._interval is not None
    return unit.restore_interval(scaled._interval(level))


@dataclass(frozen=True, eq=False)
class Scaled:
    """Values of shape (n,) in a unit, with the largest of the numbers whose differences they are."""

    values: FloatArray
    unit: Unit
    largest: float

    @classmethod
    def of(cls, values: FloatArray, name: str = "values") -> Scaled:
        unit = Unit.of(values, name=name)
        scaled = unit.divide(values)
        return cls(scaled, unit, float(np.abs(scaled).max(initial=0.0)))

    @classmethod
    def difference(cls, first: FloatArray, second: FloatArray) -> Scaled:
        """Return first minus second, which may be a single number."""
        unit = Unit.of(first, second, name="a" if second.ndim == 0 else "a - b")
        a, b = unit.divide(first), unit.divide(second)
        return cls(a - b, unit, max(float(np.abs(a).max(initial=0.0)), float(np.abs(b).max(initial=0.0))))

    def check_varies(self, groups: list[FloatArray]) -> None:
        """Raise if the values of every group are the same but for rounding, so that they have no standard deviation."""
        spread = max(float(np.ptp(group)) for group in groups)
        if spread == 0:
            got = self.unit.restore(float(groups[0][0]))
            raise ConstantInputError(f"{self.unit.name}: must vary; got {got!r} throughout")
        if spread <= ROUNDING * self.largest:
            raise ConstantInputError(
                f"{self.unit.name}: must vary by more than rounding; got differences that are lost in it, of"
                f" {spread / self.largest:.1g} times the largest number (subtract the common offset beforehand)"
            )
