"""Power by formula for t tests and TOST, by simulation for any other test."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtr, stdtrit

from attnstats._parallel import parallel_map
from attnstats._validation import (
    ALTERNATIVES,
    RNGLike,
    as_number,
    check_count,
    check_fraction,
    check_member,
    check_number,
    check_positive,
)
from attnstats.comparison._noncentral_t import noncentral_t_above
from attnstats.exceptions import InvalidInputError
from attnstats.results import ConfidenceInterval


def t_test_power(
    effect: float, n: int, *, alpha: float = 0.05, alternative: str = "two-sided", n_strata: int = 1
) -> float:
    """Return the power of the t test of a mean against zero.

    With n replicates in each of K strata, t has K (n − 1) degrees of freedom and noncentrality effect · sqrt(K n). The
    rejection in the wrong direction counts for a two-sided test.

    Parameters
    ----------
    effect : float
        Mean over standard deviation.
    n, n_strata : int
        Replicates in each stratum, at least 2, and strata of equal variance.
    alpha, alternative : float, {'two-sided', 'less', 'greater'}
        Level of the test, and its alternative hypothesis.

    Returns
    -------
    float
        Probability to reject.

    References
    ----------
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, chapter 2.

    Examples
    --------
    >>> from attnstats.comparison import t_test_power
    >>> round(t_test_power(1.0, 10), 3)
    0.803
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    check_fraction(alpha, "alpha")
    check_number(effect, "effect")
    df = check_count(n_strata, "n_strata") * (check_count(n, "n", minimum=2) - 1)
    shift = float(effect) * math.sqrt(n * n_strata)
    critical = float(stdtrit(df, 1 - (alpha / 2 if alternative == "two-sided" else alpha)))
    above, below = (noncentral_t_above(critical, df, each) for each in (shift, -shift))
    return {"greater": above, "less": below, "two-sided": above + below}[alternative]


def equivalence_power(
    margin: float, n: int, *, difference: float = 0.0, alpha: float = 0.05, n_strata: int = 1
) -> float:
    """Return the power of two one-sided t tests (TOST) of a mean within ± margin.

    With N = K n replicates, df = K (n − 1) degrees of freedom, t their upper alpha quantile, S = sqrt(χ²_df/df), and
    margin Δ and true mean δ in standard deviations, both tests reject if ``|√N δ + Z| ≤ √N Δ − t S``: with probability
    (Owen 1965, Biometrika 52, 437-446; Phillips 1990, Journal of Pharmacokinetics and Biopharmaceutics 18, 137-144)

        ∫_0^{√N Δ/t} [Φ(√N (Δ − δ) − t s) − Φ(t s − √N (Δ + δ))] f_S(s) ds.

    Parameters
    ----------
    margin, difference : float
        Margin and true mean, in standard deviations.
    n, alpha, n_strata
        As in `t_test_power`.

    Returns
    -------
    float
        Probability to conclude equivalence.

    Examples
    --------
    >>> from attnstats.comparison import equivalence_power
    >>> round(equivalence_power(1.0, 12), 3)
    0.889
    """
    from scipy.integrate import quad

    check_positive(margin, "margin")
    check_fraction(alpha, "alpha")
    check_number(difference, "difference")
    df = check_count(n_strata, "n_strata") * (check_count(n, "n", minimum=2) - 1)
    root = math.sqrt(n * n_strata)  # what follows is in standard errors
    below, above = root * (float(margin) - float(difference)), root * (float(margin) + float(difference))
    critical = float(stdtrit(df, 1 - alpha))
    limit = root * float(margin) / critical
    log_scale = _log_scale(df / 2)

    def integrand(s: float) -> float:
        logarithm = math.log1p(s - 1) if s > 0.5 else math.log(s)
        distance = (s - 1) * (s + 1) - 2 * logarithm
        density = math.exp(log_scale - df / 2 * distance) / s
        return density * float(ndtr(below - critical * s) - ndtr(critical * s - above))

    spread = 12 / math.sqrt(2 * df)  # S is within it of 1, but for a probability below 1e-30
    low, high = max(0.0, 1 - spread), min(limit, 1 + spread)
    power = float(quad(integrand, low, high, epsabs=1e-10, limit=200)[0]) if low < high else 0.0
    return min(power, 1.0)  # the density integrates to 1 but for rounding


@dataclass(frozen=True, slots=True)
class SimulatedPower:
    """A rate of rejection in simulations.

    Parameters
    ----------
    power, interval : float, ConfidenceInterval
        Share of p-values at or below alpha, with its Clopper-Pearson interval.
    n, alpha : int, float
        Units in each simulated data set, and level of the test.

    Examples
    --------
    >>> from attnstats.comparison import SimulatedPower
    >>> from attnstats.results import ConfidenceInterval
    >>> SimulatedPower(0.8, ConfidenceInterval(0.774, 0.824, 0.95, "Clopper-Pearson", 1000), n=10, alpha=0.05)
    power 0.8, 95 % CI [0.774, 0.824], n = 10, alpha = 0.05, 1000 simulations
    """

    power: float
    interval: ConfidenceInterval
    n: int
    alpha: float

    def summary(self) -> str:
        """Return the result in one line, as for a paper."""
        simulations = f"{self.interval.n_resamples} simulations"
        return f"power {self.power:.3g}, {self.interval}, n = {self.n}, alpha = {self.alpha:g}, {simulations}"

    __repr__ = summary


def simulated_power(
    pvalue: Callable[[int, np.random.Generator], float],
    n: int,
    *,
    alpha: float = 0.05,
    n_simulations: int = 1_000,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> SimulatedPower:
    """Return how often a test rejects on simulated data: power for tests that have no formula.

    Parameters
    ----------
    pvalue : callable
        Takes the number of units and a generator, draws data as they are expected, and returns a p-value.
    n, n_simulations : int
        Units in each data set, and data sets.
    alpha : float
        Level of the test.
    n_jobs : int, optional
        Workers; the numbers do not depend on it.
    rng : seed or Generator, optional
        Source of randomness.

    Returns
    -------
    SimulatedPower
        The rate with its interval (Clopper and Pearson 1934, Biometrika 26, 404-413).

    Raises
    ------
    InvalidInputError
        If a p-value is not in (0, 1].

    Examples
    --------
    >>> from attnstats.comparison import simulated_power
    >>> from attnstats.resampling import sign_flip_test
    >>> def pvalue(n, generator):
    ...     return sign_flip_test(generator.normal(0.02, 0.02, size=n)).pvalue
    >>> simulated_power(pvalue, 10, n_simulations=400, rng=0)
    power 0.823, 95 % CI [0.781, 0.859], n = 10, alpha = 0.05, 400 simulations
    """
    check_count(n, "n")
    check_fraction(alpha, "alpha")
    check_count(n_simulations, "n_simulations", minimum=100)
    if not callable(pvalue):
        raise InvalidInputError(f"pvalue: must be a function of the number of units and a generator; got {pvalue!r}")
    given = parallel_map(pvalue, [n] * n_simulations, rng=rng, n_jobs=n_jobs)
    wrong = [each for each in given if not 0 < (as_number(each) or 0.0) <= 1]
    if wrong:
        raise InvalidInputError(f"pvalue: must return numbers above 0 and at most 1; got {wrong[0]!r}")
    count = sum(float(each) <= alpha for each in given)
    low = float(betaincinv(count, n_simulations - count + 1, 0.025)) if count else 0.0
    high = float(betaincinv(count + 1, n_simulations - count, 0.975)) if count < n_simulations else 1.0
    interval = ConfidenceInterval(low, high, 0.95, "Clopper-Pearson", n_simulations)
    return SimulatedPower(count / n_simulations, interval, n, float(alpha))


def _log_scale(half: float) -> float:
    """Return log(2 half^half e^-half / Γ(half)), which for a large half is the difference of large numbers."""
    if half < 100:
        return math.log(2) + half * math.log(half) - half - math.lgamma(half)
    stirling = 1 / (12 * half) - 1 / (360 * half**3)
    return math.log(2) + (math.log(half) - math.log(2 * math.pi)) / 2 - stirling
