"""Tests of the equality of two correlations: Williams, Steiger, Meng-Rosenthal-Rubin, Fisher and Zou."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from scipy.special import stdtr

from attnstats._validation import ALTERNATIVES, check_fraction, check_member
from attnstats.comparison._arguments import check_object
from attnstats.comparison.correlations.coefficients import CorrelationPair, Pearson, upper_tail
from attnstats.comparison.correlations.pairs import (
    IndependentCorrelations,
    NonOverlappingCorrelations,
    OverlappingCorrelations,
)
from attnstats.exceptions import InvalidInputError
from attnstats.results import SignificanceResult


class CorrelationTest(Protocol):
    """A test of the equality of two correlations; those here inherit the tail of a normal deviate, and the label."""

    #: What the label begins with, as in "Steiger Z test of overlapping correlations".
    kind: ClassVar[str]

    def statistic(self, pair: CorrelationPair) -> float:
        """Return the test statistic, above zero if the first correlation is higher."""

    def upper_tail(self, statistic: float, pair: CorrelationPair) -> float:  # noqa: ARG002
        """Return the probability of a larger statistic under equality."""
        return upper_tail(statistic)

    def label(self, pair: CorrelationPair) -> str:
        """Return the name of the test."""
        return f"{self.kind} of {_KINDS[type(pair)]} correlations"


@dataclass(frozen=True)
class FisherZ(CorrelationTest):
    """Independent correlations: the difference of Fisher transforms over its error (Fisher 1921, Metron 1, 3-32).

    Examples
    --------
    >>> from attnstats.comparison import FisherZ, IndependentCorrelations, compare_correlations
    >>> compare_correlations(IndependentCorrelations(r_1=0.49, n_1=145, r_2=0.36, n_2=87), FisherZ())
    difference of r = 0.13, 95 % CI [-0.0872, 0.359], p = .248, n = 232 samples, Fisher z test of independent
    correlations
    """

    kind = "Fisher z test"

    def statistic(self, pair: CorrelationPair) -> float:
        """Return the normal deviate."""
        if not isinstance(pair, IndependentCorrelations):
            raise _refused(self, "IndependentCorrelations", pair)
        first, second = pair.parts
        variances = [pair.coefficient.fisher_variance(each.r, each.n) for each in (first, second)]
        return float((np.arctanh(first.r) - np.arctanh(second.r)) / np.sqrt(variances[0] + variances[1]))


@dataclass(frozen=True)
class Williams(CorrelationTest):
    """Overlapping Pearson correlations: Williams' modification of Hotelling's t, with n − 3 degrees of freedom.

    ``t = (r_jk − r_jh) sqrt((n − 1)(1 + r_kh) / (2 |R| (n − 1)/(n − 3) + r̄² (1 − r_kh)³))``, r̄ the mean of the two and
    ``|R|`` the determinant of the correlation matrix (Williams 1959, JRSS B 21, 396-399; Steiger 1980, equation 7).

    Examples
    --------
    >>> from attnstats.comparison import OverlappingCorrelations, Williams, compare_correlations
    >>> compare_correlations(OverlappingCorrelations(r_jk=0.4, r_jh=0.5, r_kh=0.1, n=103), Williams())
    difference of r = -0.1, 95 % CI [-0.32, 0.12], p = .375, n = 103 samples, Williams t test of overlapping
    correlations
    """

    kind = "Williams t test"

    def statistic(self, pair: CorrelationPair) -> float:
        """Return Williams' t."""
        if not isinstance(pair, OverlappingCorrelations):
            raise _refused(self, "OverlappingCorrelations", pair)
        if not isinstance(pair.coefficient, Pearson):
            raise InvalidInputError(f"method: Williams() must be given Pearson correlations; got {pair.coefficient!r}")
        n, mean = pair.n, (pair.r_jk + pair.r_jh) / 2
        scale = 2 * pair.determinant * (n - 1) / (n - 3) + mean**2 * (1 - pair.r_kh) ** 3
        return float(pair.effect * np.sqrt((n - 1) * (1 + pair.r_kh) / scale))

    def upper_tail(self, statistic: float, pair: CorrelationPair) -> float:
        """Return the probability of a larger statistic under equality."""
        return max(float(stdtr(pair.n_samples - 3, -statistic)), sys.float_info.min)  # an upper bound on underflow


@dataclass(frozen=True)
class Steiger(CorrelationTest):
    """Dependent correlations: the difference of Fisher transforms, its covariance taken at the mean of the two.

    Z = (z_1 − z_2)/sqrt(2 v (1 − s̄)), with v the variance of one transform and s̄ the correlation of the two, both at
    r̄ (Steiger 1980, Psychological Bulletin 87, 245-251, equations 14 and 15). For Spearman's coefficient: Myers and
    Sirois (2006), Encyclopedia of Statistical Sciences, with the variance of Bonett and Wright (2000).

    Examples
    --------
    >>> from attnstats.comparison import OverlappingCorrelations, Steiger, compare_correlations
    >>> compare_correlations(OverlappingCorrelations(r_jk=0.4, r_jh=0.5, r_kh=0.1, n=103), Steiger())
    difference of r = -0.1, 95 % CI [-0.32, 0.12], p = .374, n = 103 samples, Steiger Z test of overlapping
    correlations
    """

    kind = "Steiger Z test"

    def statistic(self, pair: CorrelationPair) -> float:
        """Return the normal deviate."""
        if not isinstance(pair, OverlappingCorrelations | NonOverlappingCorrelations):
            raise _refused(self, "OverlappingCorrelations or NonOverlappingCorrelations", pair)
        first, second = pair.parts
        mean = (first.r + second.r) / 2
        variance = 2 * pair.coefficient.fisher_variance(mean, pair.n_samples) * (1 - pair.dependence(mean, mean))
        if variance <= 0:
            raise InvalidInputError(
                f"pair: must leave the difference a variance at the mean correlation {mean!r}; got {variance!r}"
            )
        return float((np.arctanh(first.r) - np.arctanh(second.r)) / np.sqrt(variance))


@dataclass(frozen=True)
class MengRosenthalRubin(CorrelationTest):
    """Overlapping correlations: a simple form of the Z test of Dunn and Clark.

    Z = (z_1 − z_2) sqrt((n − 3)/(2 (1 − r_kh) h)), h = (1 − f q)/(1 − q), f = min(1, (1 − r_kh)/(2 (1 − q))), q the
    mean of the squared correlations (Meng, Rosenthal and Rubin 1992, Psychological Bulletin 111, 172-175, equations
    1-3).

    Examples
    --------
    >>> from attnstats.comparison import MengRosenthalRubin, OverlappingCorrelations, compare_correlations
    >>> compare_correlations(OverlappingCorrelations(r_jk=0.63, r_jh=-0.03, r_kh=-0.19, n=15), MengRosenthalRubin())
    difference of r = 0.66, 95 % CI [-0.0911, 1.25], p = .093, n = 15 samples, Meng-Rosenthal-Rubin Z test of
    overlapping correlations
    """

    kind = "Meng-Rosenthal-Rubin Z test"

    def statistic(self, pair: CorrelationPair) -> float:
        """Return the normal deviate."""
        if not isinstance(pair, OverlappingCorrelations):
            raise _refused(self, "OverlappingCorrelations", pair)
        square = (pair.r_jk**2 + pair.r_jh**2) / 2
        f = min(1.0, (1 - pair.r_kh) / (2 * (1 - square)))
        h = (1 - f * square) / (1 - square)
        variance = pair.coefficient.fisher_variance(np.sqrt(square), pair.n_samples) * 2 * (1 - pair.r_kh) * h
        return float((np.arctanh(pair.r_jk) - np.arctanh(pair.r_jh)) / np.sqrt(variance))


@dataclass(frozen=True)
class Zou(CorrelationTest):
    """Any pair: p < alpha exactly when Zou's interval leaves zero out (Zou 2007, Psychological Methods 12, 399-413).

    Examples
    --------
    >>> from attnstats.comparison import OverlappingCorrelations, Zou, compare_correlations
    >>> compare_correlations(OverlappingCorrelations(r_jk=0.4, r_jh=0.5, r_kh=0.1, n=103), Zou())
    difference of r = -0.1, 95 % CI [-0.32, 0.12], p = .374, n = 103 samples, Zou interval of overlapping correlations
    """

    kind = "Zou interval"

    def statistic(self, pair: CorrelationPair) -> float:
        """Return the normal deviate at which the interval reaches zero."""
        return pair.deviate(0.0)


_KINDS: dict[type[CorrelationPair], str] = {
    IndependentCorrelations: "independent",
    OverlappingCorrelations: "overlapping",
    NonOverlappingCorrelations: "non-overlapping",
}


def compare_correlations(
    pair: CorrelationPair,
    method: CorrelationTest | None = None,
    *,
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    replication_unit: str = "sample",
) -> SignificanceResult:
    """Test whether two correlations are equal, and estimate their difference.

    The effect is the first correlation minus the second, with Zou's interval whatever the test; near the border the two
    may disagree, but for `Zou()`. Sources are given with the methods. Pearson's coefficient assumes normal variables:
    with heavy tails every method rejects too often, and more so in larger samples. Take Spearman's there.

    Parameters
    ----------
    pair : IndependentCorrelations, OverlappingCorrelations or NonOverlappingCorrelations
        The correlations, from published numbers or through ``from_arrays``.
    method : Williams, Steiger, MengRosenthalRubin, FisherZ or Zou, optional
        By default Williams for overlapping Pearson correlations, Steiger for other dependent ones, Fisher z for
        independent ones.
    alternative, confidence_level
        As in `paired_test`, for first − second.
    replication_unit : str
        What a sample is of, in the singular: ``"token"``, ``"patient"``.

    Returns
    -------
    SignificanceResult
        With the statistic of the method.

    Raises
    ------
    InvalidInputError
        If the method is not defined for such a pair.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import OverlappingCorrelations, compare_correlations
    >>> output, gradient, attention = np.random.default_rng(0).multivariate_normal(
    ...     np.zeros(3), [[1, 0.7, 0.3], [0.7, 1, 0.2], [0.3, 0.2, 1]], size=50).T
    >>> pair = OverlappingCorrelations.from_arrays(output, gradient, attention)
    >>> compare_correlations(pair)
    difference of r = 0.262, 95 % CI [0.073, 0.49], p = .007, n = 50 samples, Williams t test of overlapping
    correlations
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    check_fraction(confidence_level, "confidence_level")
    pairs = "IndependentCorrelations, OverlappingCorrelations or NonOverlappingCorrelations"
    check_object(pair, "pair", "dependence", pairs)
    test = _default(pair) if method is None else method
    check_object(test, "method", "statistic", "Williams(), Steiger(), MengRosenthalRubin(), FisherZ() or Zou()")
    statistic = test.statistic(pair)
    above, below = test.upper_tail(statistic, pair), test.upper_tail(-statistic, pair)
    return SignificanceResult(
        test=test.label(pair),
        statistic=statistic,
        pvalue={"greater": above, "less": below, "two-sided": min(1.0, 2 * min(above, below))}[alternative],
        alternative=alternative,
        effect_name=f"difference of {pair.coefficient.symbol}",
        effect=pair.effect,
        n=pair.n_samples,
        replication_unit=replication_unit,
        confidence_interval=pair.interval(confidence_level),
        _interval=pair.interval,
    )


def _default(pair: CorrelationPair) -> CorrelationTest:
    if isinstance(pair, IndependentCorrelations):
        return FisherZ()
    if isinstance(pair, OverlappingCorrelations) and isinstance(pair.coefficient, Pearson):
        return Williams()
    return Steiger()


def _refused(method: object, wanted: str, pair: CorrelationPair) -> InvalidInputError:
    return InvalidInputError(f"pair: must be {wanted} for {method!r}; got {type(pair).__name__}")
