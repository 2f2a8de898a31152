"""Zeros and ones of two conditions as counts, with the variance of the difference of their proportions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, as_float_array, check_same_length
from attnstats.comparison._complete import complete_pairs, complete_samples
from attnstats.comparison.replication import check_groups, check_replicates
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases


@dataclass(frozen=True)
class PairedCounts:
    """How many pairs are 1 in both conditions, in the first alone, in the second alone, and in neither."""

    both: int
    first: int
    second: int
    neither: int

    @property
    def n(self) -> int:
        """Number of pairs."""
        return self.both + self.first + self.second + self.neither

    @property
    def difference(self) -> float:
        """Proportion of ones in the first condition less that in the second."""
        return (self.first - self.second) / self.n

    @property
    def margins(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Ones and size of each condition."""
        return (self.both + self.first, self.n), (self.both + self.second, self.n)

    @property
    def correlation(self) -> float:
        """Phi of the two conditions with Newcombe's correction for continuity, 0 where a condition is constant."""
        margins = math.prod(ones * (n - ones) for ones, n in self.margins)
        product = self.both * self.neither - self.first * self.second
        corrected = max(product - self.n / 2, 0.0) if product > 0 else product
        return corrected / math.sqrt(margins) if margins else 0.0

    def variance(self, null: float) -> float:
        """Return the variance of the difference where the true one is `null`, at the likeliest rate of discordance.

        With q the proportion of pairs that are 1 in the second condition alone, n var = 2 q + Δ(1 − Δ); the likeliest q
        solves 2 n q² + B q + C = 0 (Tango 1998).
        """
        a, c = 2 * self.n, -self.second * null * (1 - null)
        b = -self.first - self.second + (2 * self.n - self.first + self.second) * null
        root = math.sqrt(max(b * b - 4 * a * c, 0.0))
        # The larger solution, written so that nothing cancels.
        q = (root - b) / (2 * a) if b <= 0 else -2 * c / (root + b)
        return max(2 * q + null * (1 - null), 0.0) / self.n


@dataclass(frozen=True)
class SampleCounts:
    """Ones and sizes of two independent samples."""

    margins: tuple[tuple[int, int], tuple[int, int]]
    correlation: float = 0.0

    @property
    def n(self) -> int:
        """Size of both."""
        return sum(n for _, n in self.margins)

    @property
    def difference(self) -> float:
        """Proportion of ones in the first sample less that in the second."""
        (ones_a, n_a), (ones_b, n_b) = self.margins
        return ones_a / n_a - ones_b / n_b

    def variance(self, null: float) -> float:
        """Return the variance of the difference where the true one is `null`, at the likeliest proportions.

        These solve a cubic equation (Farrington and Manning 1990); the variance is that of Miettinen and Nurminen
        (1985), N/(N − 1) times as large.
        """
        (ones_a, n_a), (ones_b, n_b) = self.margins
        p_a, p_b, ratio = ones_a / n_a, ones_b / n_b, n_b / n_a
        a = 1 + ratio
        b = -(a + p_a + ratio * p_b + null * (ratio + 2))
        c = null**2 + null * (2 * p_a + a) + p_a + ratio * p_b
        d = -p_a * null * (1 + null)
        v = (b / (3 * a)) ** 3 - b * c / (6 * a * a) + d / (2 * a)
        u = math.copysign(math.sqrt(max((b / (3 * a)) ** 2 - c / (3 * a), 0.0)), v)
        angle = math.acos(min(max(v / u**3, -1.0), 1.0)) if u**3 else 0.0
        likeliest = 2 * u * math.cos((math.pi + angle) / 3) - b / (3 * a)
        first = min(max(likeliest, null, 0.0), 1 + null, 1.0)
        second = first - null
        return (first * (1 - first) / n_a + second * (1 - second) / n_b) * self.n / (self.n - 1)


Counts: TypeAlias = PairedCounts | SampleCounts


def count_pairs(
    a: ArrayLike, b: ArrayLike, minimum_replicates: int, replication_unit: str, missing: CompleteCases | None
) -> tuple[PairedCounts, int]:
    """Return the counts of complete pairs, and how many pairs were left out."""
    (given_a, given_b, _), n_missing = complete_pairs(missing, a, b)
    first, second = _outcomes(given_a, "a"), _outcomes(given_b, "b")
    n = check_same_length(a=first, b=second)
    check_replicates(n, minimum_replicates=minimum_replicates, replication_unit=replication_unit)
    both, ones_a, ones_b = int(first @ second), int(first.sum()), int(second.sum())
    return PairedCounts(both, ones_a - both, ones_b - both, n - ones_a - ones_b + both), n_missing


def count_samples(
    a: ArrayLike, b: ArrayLike, minimum_replicates: int, replication_unit: str, missing: CompleteCases | None
) -> tuple[SampleCounts, int]:
    """Return the counts of two samples without their missing values, and how many values were left out."""
    samples, n_missing = complete_samples(missing, a=a, b=b)
    first, second = (_outcomes(values, name) for values, name in zip(samples, "ab", strict=True))
    check_groups([len(first), len(second)], minimum_replicates, replication_unit, "the smaller group")
    return SampleCounts(((int(first.sum()), len(first)), (int(second.sum()), len(second)))), n_missing


def _outcomes(values: ArrayLike, name: str) -> FloatArray:
    array = as_float_array(values, name, ndim=1)
    other = array[(array != 0) & (array != 1)]
    if other.size:
        raise InvalidInputError(f"{name}: must be 0 or 1 throughout; got {float(np.ravel(other)[0])!r}")
    return array
