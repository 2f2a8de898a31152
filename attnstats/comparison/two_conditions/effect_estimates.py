"""Effect sizes with their intervals: Hedges' g, the probability of superiority, Cliff's delta."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from numpy.typing import ArrayLike
from scipy.optimize import brentq

from attnstats._validation import check_fraction
from attnstats.comparison._arguments import check_object
from attnstats.comparison._complete import complete_pairs, complete_samples
from attnstats.comparison._noncentral_t import noncentral_t_below
from attnstats.comparison.two_conditions.effect_size import (
    probability_of_superiority,
    standardised_difference,
    standardised_difference_of_means,
    two_samples,
)
from attnstats.comparison.two_conditions.superiority_intervals import PlacementScore, SuperiorityInterval
from attnstats.exceptions import ConvergenceError
from attnstats.missing import CompleteCases
from attnstats.results import ConfidenceInterval, check_unit, counted, left_out


@dataclass(frozen=True, slots=True)
class EffectSize:
    """The size of an effect with its interval.

    Parameters
    ----------
    name : str
        What is measured.
    value, interval : float, ConfidenceInterval
        Estimate of what is named, and its interval.
    n, replication_unit, n_missing : int, str, int
        Units (pairs, or the values of both samples), what one is, and those left out as incomplete.

    Examples
    --------
    >>> from attnstats.comparison import EffectSize
    >>> from attnstats.results import ConfidenceInterval
    >>> EffectSize("Hedges' g", 0.8, ConfidenceInterval(0.1, 1.5, level=0.95, method="noncentral t"), n=12)
    Hedges' g = 0.8, 95 % CI [0.1, 1.5], n = 12 replicates, noncentral t
    """

    name: str
    value: float
    interval: ConfidenceInterval
    n: int
    replication_unit: str = "replicate"
    n_missing: int = 0

    def __post_init__(self) -> None:
        check_unit(self.replication_unit)

    def summary(self) -> str:
        """Return the effect in one line, as for a paper."""
        size = f"n = {counted(self.n, self.replication_unit)}{left_out(self.n_missing)}"
        return f"{self.name} = {self.value:.3g}, {self.interval}, {size}, {self.interval.method}"

    __repr__ = summary


class EffectMeasure(Protocol):
    """A measure of effect size, of pairs or of independent samples."""

    name: str
    paired: bool

    def estimate(self, a: ArrayLike, b: ArrayLike, confidence_level: float) -> tuple[float, ConfidenceInterval, int]:
        """Return the value, its interval and the number of units."""


@dataclass(frozen=True)
class PairedG:
    """Hedges' g of paired differences (`hedges_g`), its interval from the noncentral t distribution.

    The ends are the δ for which t = sqrt(n) mean/s, of noncentrality sqrt(n) δ, has the tails of the level (Steiger and
    Fouladi 1997, in Harlow et al., What If There Were No Significance Tests?, 221-257). Exact for normal differences,
    too short where they have heavy tails.

    Examples
    --------
    >>> from attnstats.comparison import PairedG, estimate_effect
    >>> estimate_effect([0.3, 0.1, 0.4, 0.2, 0.5, 0.2, 0.1, 0.6], 0.0, PairedG())
    Hedges' g of differences = 1.44, 95 % CI [0.517, 2.68], n = 8 replicates, noncentral t
    """

    name = "Hedges' g of differences"
    paired = True

    def estimate(self, a: ArrayLike, b: ArrayLike, confidence_level: float) -> tuple[float, ConfidenceInterval, int]:
        """Return the value, its interval and the number of units."""
        found = standardised_difference(a, b)
        interval = _noncentral_interval(found.value, math.sqrt(found.n), found.df, confidence_level)
        return found.unbiased, interval, found.n


@dataclass(frozen=True)
class IndependentG:
    """Hedges' g of independent samples (`hedges_g_independent`), its interval from the noncentral t distribution.

    Exact for normal samples of equal variance (Steiger and Fouladi 1997, as `PairedG`).

    Examples
    --------
    >>> from attnstats.comparison import IndependentG, estimate_effect
    >>> estimate_effect([3.0, 4.0, 5.0, 6.0], [1.0, 2.0, 3.0, 2.0], IndependentG())
    Hedges' g = 2.01, 95 % CI [0.381, 4.15], n = 8 replicates, noncentral t
    """

    name = "Hedges' g"
    paired = False

    def estimate(self, a: ArrayLike, b: ArrayLike, confidence_level: float) -> tuple[float, ConfidenceInterval, int]:
        """Return the value, its interval and the number of units."""
        first, second = two_samples(a, b)
        found = standardised_difference_of_means(first, second)
        root = math.sqrt(len(first) * len(second) / found.n)
        return found.unbiased, _noncentral_interval(found.value, root, found.df, confidence_level), found.n


@dataclass(frozen=True)
class Superiority:
    """The probability of superiority, P(A > B) + P(A = B)/2, of two independent samples.

    Its `interval` is `PlacementScore`, `Newcombe` or `BrunnerMunzel`.

    Examples
    --------
    >>> from attnstats.comparison import Superiority, estimate_effect
    >>> estimate_effect([3, 5, 6, 8, 9], [1, 2, 4, 7], Superiority())
    P(A > B) = 0.8, 95 % CI [0.396, 0.956], n = 9 replicates, placement score
    """

    interval: SuperiorityInterval = PlacementScore()  # noqa: RUF009 (frozen)

    name = "P(A > B)"
    paired = False

    def estimate(self, a: ArrayLike, b: ArrayLike, confidence_level: float) -> tuple[float, ConfidenceInterval, int]:
        """Return the value, its interval and the number of units."""
        first, second = two_samples(a, b)
        value = probability_of_superiority(first, second)
        low, high = self.interval.ends(first, second, confidence_level)
        return value, ConfidenceInterval(low, high, confidence_level, self.interval.label), len(first) + len(second)


@dataclass(frozen=True)
class CliffsDelta:
    """P(A > B) − P(A < B) of two independent samples: 2 P − 1 with the P of `Superiority`, and with its intervals.

    Cliff (1993), Psychological Bulletin 114, 494-509.

    Examples
    --------
    >>> from attnstats.comparison import CliffsDelta, estimate_effect
    >>> estimate_effect([3, 5, 6, 8, 9], [1, 2, 4, 7], CliffsDelta())
    Cliff's delta = 0.6, 95 % CI [-0.208, 0.913], n = 9 replicates, placement score
    """

    interval: SuperiorityInterval = PlacementScore()  # noqa: RUF009 (frozen)

    name = "Cliff's delta"
    paired = False

    def estimate(self, a: ArrayLike, b: ArrayLike, confidence_level: float) -> tuple[float, ConfidenceInterval, int]:
        """Return the value, its interval and the number of units."""
        value, p, n = Superiority(self.interval).estimate(a, b, confidence_level)
        return 2 * value - 1, ConfidenceInterval(2 * p.low - 1, 2 * p.high - 1, confidence_level, p.method), n


def estimate_effect(
    a: ArrayLike,
    b: ArrayLike = 0.0,
    measure: EffectMeasure = PairedG(),
    *,
    confidence_level: float = 0.95,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
) -> EffectSize:
    """Return the size of the difference between two conditions, with its interval.

    Parameters
    ----------
    a : array_like, shape (n,) or (n_a,)
        One value per replicate.
    b : array_like, shape (n,) or (n_b,), or float
        The other condition: of the same replicates or a number for `PairedG`, of other replicates for the others.
    measure : PairedG, IndependentG, Superiority or CliffsDelta
        What to estimate.
    confidence_level, replication_unit, missing
        As in `paired_test`; for independent samples missing values are left out of each.

    Returns
    -------
    EffectSize
        Value and interval.

    Raises
    ------
    TooFewSamplesError, ConstantInputError
        As the function of the measure, such as `hedges_g`.

    Examples
    --------
    >>> from attnstats.comparison import estimate_effect
    >>> treated = [0.52, 0.55, 0.51, 0.56, 0.54, 0.53, 0.55, 0.52]
    >>> control = [0.50, 0.51, 0.49, 0.52, 0.53, 0.50, 0.49, 0.50]
    >>> estimate_effect(treated, control, replication_unit="patient")
    Hedges' g of differences = 1.66, 95 % CI [0.668, 3.03], n = 8 patients, noncentral t
    """
    check_fraction(confidence_level, "confidence_level")
    check_object(measure, "measure", "estimate", "PairedG(), IndependentG(), Superiority() or CliffsDelta()")
    if measure.paired:
        (a, b, _), n_missing = complete_pairs(missing, a, b)
    else:
        (a, b), n_missing = complete_samples(missing, a=a, b=b)
    value, interval, n = measure.estimate(a, b, confidence_level)
    return EffectSize(measure.name, value, interval, n, replication_unit, n_missing)


def _noncentral_interval(delta: float, root: float, df: int, confidence_level: float) -> ConfidenceInterval:
    """Return the interval of δ where t = root · delta has noncentrality root · δ."""
    t = root * delta
    low, high = (_noncentrality(abs(t), df, (1 + sign * confidence_level) / 2) / root for sign in (1, -1))
    if t < 0:
        low, high = -high, -low
    return ConfidenceInterval(float(low), float(high), confidence_level, "noncentral t")


def _noncentrality(t: float, df: int, probability: float) -> float:
    """Return the noncentrality under which a value below t has the given probability; t is not negative."""

    def excess(noncentrality: float) -> float:
        return noncentral_t_below(t, df, noncentrality) - probability

    width = math.hypot(1.0, t / math.sqrt(2 * df))
    for _ in range(20):
        if excess(t - width) > 0 > excess(t + width):
            return float(brentq(excess, t - width, t + width, xtol=1e-12))
        width *= 2
    raise ConvergenceError(f"effect: must be small enough for its noncentral t interval to be found; got t = {t!r}")
