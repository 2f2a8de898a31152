"""Intervals of the difference of two proportions, paired or independent, defined also where all values are equal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from scipy.optimize import brentq
from scipy.special import ndtri

from attnstats._validation import check_fraction
from attnstats.comparison.binary._counts import Counts
from attnstats.results import ConfidenceInterval

#: Distance from the estimate, where the equation of a score interval may have a root that is no end.
_STEP = 1e-12


class DifferenceInterval(Protocol):
    """An interval of the difference of two proportions."""

    label: str

    def ends(self, counts: Counts, confidence_level: float) -> tuple[float, float]:
        """Return the ends."""


@dataclass(frozen=True)
class HybridScore:
    """Newcombe's hybrid score interval (square-and-add): the Wilson intervals of both proportions, put together.

    With the distances d from each proportion p to the ends of its Wilson interval, the low end is

        p_a − p_b − sqrt(d_low,a² − 2 φ d_low,a d_high,b + d_high,b²),

    and the high end is its mirror image; φ is 0 for independent samples, for pairs the correlation with a correction
    for continuity. It stays within [−1, 1] and is defined for any counts.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 873-890 (independent, method 10) and 2635-2650 (paired, method 10).

    Examples
    --------
    >>> from attnstats.comparison import HybridScore, mcnemar_test
    >>> before, after = [1] * 32 + [0] * 18, [1] * 20 + [0] * 12 + [1] * 2 + [0] * 16
    >>> mcnemar_test(before, after, interval=HybridScore()).interval(0.95)
    95 % CI [0.0562, 0.329] (Newcombe hybrid score)
    """

    label = "Newcombe hybrid score"

    def ends(self, counts: Counts, confidence_level: float) -> tuple[float, float]:
        """Return the ends."""
        (low_a, high_a), (low_b, high_b) = (_wilson_distances(*each, confidence_level) for each in counts.margins)
        below, above = (
            math.sqrt(max(d_a**2 - 2 * counts.correlation * d_a * d_b + d_b**2, 0.0))
            for d_a, d_b in ((low_a, high_b), (high_a, low_b))
        )
        # The bounds hold but for rounding.
        return max(counts.difference - below, -1.0), min(counts.difference + above, 1.0)


class _Score:
    """The differences that the score test does not reject, Δ with (p_a − p_b − Δ)² ≤ z² var(Δ)."""

    def ends(self, counts: Counts, confidence_level: float) -> tuple[float, float]:
        """Return the ends."""
        estimate, z = counts.difference, float(ndtri((1 + confidence_level) / 2))

        def excess(null: float) -> float:
            return (estimate - null) ** 2 - z**2 * counts.variance(null)

        below, above = estimate - _STEP, estimate + _STEP
        low = estimate if estimate <= _STEP - 1 or excess(below) >= 0 else float(brentq(excess, -1.0, below))
        high = estimate if estimate >= 1 - _STEP or excess(above) >= 0 else float(brentq(excess, above, 1.0))
        return low, high


@dataclass(frozen=True)
class Tango(_Score):
    """The score interval of a paired difference of proportions.

    It holds the differences that a score test of pairs does not reject, with the rate of discordant pairs that is
    likeliest at each; at a difference of 0 that test is McNemar's without correction. It stays within [−1, 1] and is
    defined for any counts: without a discordant pair it is ±z²/(n + z²).

    References
    ----------
    Tango (1998), Statistics in Medicine 17, 891-908.

    Examples
    --------
    >>> from attnstats.comparison import Tango, mcnemar_test
    >>> mcnemar_test([1] * 20, [1] * 20, interval=Tango()).interval(0.95)
    95 % CI [-0.161, 0.161] (Tango score)
    """

    label = "Tango score"


@dataclass(frozen=True)
class MiettinenNurminen(_Score):
    """The score interval of a difference of two independent proportions.

    It holds the differences that a score test does not reject, with the proportions that are likeliest at each
    (Farrington and Manning 1990, Statistics in Medicine 9, 1447-1454) and a variance N/(N − 1) times as large. It stays
    within [−1, 1] and is defined for any counts.

    References
    ----------
    Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226.

    Examples
    --------
    >>> from attnstats.comparison import MiettinenNurminen, independent_proportions_test
    >>> ours, theirs = [1] * 5 + [0] * 51, [0] * 29
    >>> independent_proportions_test(ours, theirs, interval=MiettinenNurminen()).interval(0.95)
    95 % CI [-0.0326, 0.193] (Miettinen-Nurminen score)
    """

    label = "Miettinen-Nurminen score"


def difference_interval(counts: Counts, method: DifferenceInterval, confidence_level: float) -> ConfidenceInterval:
    """Return the interval of the difference of proportions."""
    level = check_fraction(confidence_level, "confidence_level")
    return ConfidenceInterval(*method.ends(counts, level), level, method.label)


def score_statistic(counts: Counts, null: float = 0.0) -> float:
    """Return z of the score test that the difference is `null`; 0 where it is that without error."""
    distance = counts.difference - null
    return distance / math.sqrt(counts.variance(null)) if distance else 0.0


def _wilson_distances(ones: int, n: int, confidence_level: float) -> tuple[float, float]:
    """Return the distances from a proportion to both ends of its Wilson interval, neither of them negative."""
    z, p = float(ndtri((1 + confidence_level) / 2)), ones / n
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    shift = z**2 / n * (0.5 - p)  # of the middle, times 1 + z²/n
    return max(half - shift, 0.0) / (1 + z**2 / n), max(half + shift, 0.0) / (1 + z**2 / n)
