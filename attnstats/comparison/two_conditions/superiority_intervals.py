"""Intervals of P(A > B), the probability that a value of one sample exceeds one of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtri, stdtrit

from attnstats._validation import FloatArray, check_at_least
from attnstats.comparison.two_conditions.effect_size import doubled_placements, probability_of_superiority
from attnstats.exceptions import InvalidInputError


class SuperiorityInterval(Protocol):
    """An interval of P(A > B)."""

    label: str

    def ends(self, a: FloatArray, b: FloatArray, confidence_level: float) -> tuple[float, float]:
        """Return the ends."""


@dataclass(frozen=True)
class Newcombe:
    """The score interval, its variance that of exponential samples at the ends of the interval.

    The ends solve (θ − p)² = z² V(θ), V(θ) = θ(1 − θ)(1 + N ((1 − θ)/(2 − θ) + θ/(1 + θ)))/(n_a n_b) with N = (n_a +
    n_b)/2 − 1 (Newcombe 2006, Statistics in Medicine 25, 559-573, method 5). It assumes equally spread samples: take
    `PlacementScore` where the smaller may be the more spread.

    Examples
    --------
    >>> from attnstats.comparison import Newcombe, Superiority, estimate_effect
    >>> estimate_effect([3, 5, 6, 8, 9], [1, 2, 4, 7], Superiority(Newcombe()))
    P(A > B) = 0.8, 95 % CI [0.408, 0.955], n = 9 replicates, Newcombe score
    """

    label = "Newcombe score"

    def ends(self, a: FloatArray, b: FloatArray, confidence_level: float) -> tuple[float, float]:
        """Return the ends."""
        return _score_ends(probability_of_superiority(a, b), len(a), len(b), 1.0, confidence_level)


@dataclass(frozen=True)
class PlacementScore:
    """Newcombe's score interval, wider where the samples are not equally spread.

    The V(θ) of `Newcombe` is multiplied by max(1, (m v + 4 V(p)) / ((m + 4) V(p))), with v the variance of p from
    placements, the shares of one sample that each value of the other exceeds (DeLong, DeLong and Clarke-Pearson 1988,
    Biometrics 44, 837-845), m the size of the smaller sample, and in V(p) p held away from 0 and 1 by 1/(2 max n). The
    weight of 4 was chosen by simulation.

    Examples
    --------
    >>> from attnstats.comparison import PlacementScore, Superiority, estimate_effect
    >>> estimate_effect([3, 5, 6, 8, 9], [1, 2, 4, 7], Superiority(PlacementScore()))
    P(A > B) = 0.8, 95 % CI [0.396, 0.956], n = 9 replicates, placement score
    """

    label = "placement score"

    def ends(self, a: FloatArray, b: FloatArray, confidence_level: float) -> tuple[float, float]:
        """Return the ends."""
        p, variance, _ = _placements(a, b)
        margin = 1 / (2 * max(len(a), len(b)))
        expected, smaller = _exponential_variance(min(max(p, margin), 1 - margin), len(a), len(b)), min(len(a), len(b))
        inflation = max(1.0, (smaller * sum(variance) + 4 * expected) / ((smaller + 4) * expected))
        return _score_ends(p, len(a), len(b), inflation, confidence_level)


@dataclass(frozen=True)
class BrunnerMunzel:
    """The logit interval with the variance of placements and Satterthwaite's degrees of freedom: spreads may differ.

    Undefined for separated samples, too short for small ones where P is far from ½: take `PlacementScore` there
    (Brunner and Munzel 2000, Biometrical Journal 42, 17-25; Pauly, Asendorf and Konietschke 2016, 58, 1319-1337).

    Examples
    --------
    >>> from attnstats.comparison import BrunnerMunzel, Superiority, estimate_effect
    >>> estimate_effect([3, 5, 6, 8, 9], [1, 2, 4, 7], Superiority(BrunnerMunzel()))
    P(A > B) = 0.8, 95 % CI [0.218, 0.983], n = 9 replicates, Brunner-Munzel logit
    """

    label = "Brunner-Munzel logit"

    def ends(self, a: FloatArray, b: FloatArray, confidence_level: float) -> tuple[float, float]:
        """Return the ends."""
        check_at_least(min(len(a), len(b)), 2, "number of values in a sample")
        p, parts, freedom = _placements(a, b)
        variance = sum(parts)
        if variance == 0 or p in (0, 1):
            raise InvalidInputError(
                f"interval: BrunnerMunzel() must be given samples that overlap; got P(A > B) = {p!r} (take"
                " PlacementScore())"
            )
        df = variance**2 / sum(part**2 / each for part, each in zip(parts, freedom, strict=True))
        margin = stdtrit(df, (1 + confidence_level) / 2) * np.sqrt(variance) / (p * (1 - p))
        return float(expit(logit(p) - margin)), float(expit(logit(p) + margin))


def _placements(a: FloatArray, b: FloatArray) -> tuple[float, tuple[float, float], tuple[int, int]]:
    """Return P(A > B), the parts of its variance from either sample's placements, and their degrees of freedom."""
    above, below = doubled_placements(a, b), doubled_placements(b, a)
    p = float(above.sum()) / (2 * len(a) * len(b))
    parts = [
        float((each / (2 * len(other))).var()) / (len(each) - 1) if len(each) > 1 else 0.0
        for each, other in ((above, b), (below, a))
    ]
    return p, (parts[0], parts[1]), (len(a) - 1, len(b) - 1)


def _exponential_variance(theta: float, n_a: int, n_b: int) -> float:
    """Return Newcombe's V, the variance of P(A > B) at θ: that of exponential samples of the mean size."""
    factor = 1 + ((n_a + n_b) / 2 - 1) * ((1 - theta) / (2 - theta) + theta / (1 + theta))
    return theta * (1 - theta) * factor / (n_a * n_b)


def _score_ends(p: float, n_a: int, n_b: int, inflation: float, confidence_level: float) -> tuple[float, float]:
    """Return the solutions of (θ - p)² = z² · inflation · V(θ) on both sides of p."""
    z = float(ndtri((1 + confidence_level) / 2))

    def excess(theta: float) -> float:
        return (theta - p) ** 2 - z**2 * inflation * _exponential_variance(theta, n_a, n_b)

    step = 1e-12  # at p = 0 or 1 the equation has a root at p itself, and the end is the other one
    low = 0.0 if p <= step else float(brentq(excess, 0.0, p - step))
    high = 1.0 if p >= 1 - step else float(brentq(excess, p + step, 1.0))
    return low, high
