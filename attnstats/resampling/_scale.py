"""Values rescaled to lie near 1, so that their squares and sums neither overflow nor lose digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from attnstats._validation import FloatArray
from attnstats.exceptions import NonFiniteError

#: Numbers that differ by less than this share of the largest differ by rounding.
ROUNDING = 8 * np.finfo(np.float64).eps


@dataclass(frozen=True)
class Scale:
    """Centre and spread of values, in powers of two, so that rescaling rounds nothing.

    A number is x = 2^exponent (centre + 2^spread u), with u in [-1, 1]. Squares of values near 1e160 overflow, those of
    values near 1e-170 vanish, and sums of values near 1e15 round by as much as they differ; those of u do neither.
    """

    exponent: int
    centre: float
    spread: int

    @classmethod
    def of(cls, *arrays: FloatArray) -> Self:
        """Return the scale of all values of the arrays; NaN stands for a value that is left out."""
        exponent = _exponent(max(float(np.nanmax(np.abs(array))) for array in arrays))
        units = [np.ldexp(array, -exponent) for array in arrays]
        centre = float(np.mean([np.nanmean(each) for each in units]))
        return cls(exponent, centre, _exponent(max(float(np.nanmax(np.abs(each - centre))) for each in units)))

    def down(self, values: FloatArray) -> FloatArray:
        """Return the u of values."""
        return np.asarray(np.ldexp(np.ldexp(values, -self.exponent) - self.centre, -self.spread))

    def up(self, value: float) -> float:
        """Return the number of a u."""
        return float(np.ldexp(self.centre + np.ldexp(value, self.spread), self.exponent))

    def stretch(self, length: float) -> float:
        """Return the length, such as a standard error, of one among the u."""
        return float(np.ldexp(length, self.spread + self.exponent))


def norm(values: FloatArray, axis: int | None = None) -> FloatArray:
    """Return the root of the sum of squares, along an axis, however large or small the values."""
    largest = np.abs(values).max(axis=axis, keepdims=True)
    unit = np.where(largest > 0, largest, 1.0)
    return np.asarray(np.squeeze(unit, axis=axis) * np.sqrt(((values / unit) ** 2).sum(axis=axis)))


def check_ends(low: float, high: float, name: str) -> None:
    """Raise unless both ends of the interval of what `name` gives are finite."""
    if not np.isfinite([low, high]).all():
        raise NonFiniteError(
            f"{name}: must stay far enough from the largest float for an interval; got the ends {low!r} and {high!r}. "
            "Divide the data by a constant"
        )


def _exponent(largest: float) -> int:
    return int(np.frexp(largest)[1])
