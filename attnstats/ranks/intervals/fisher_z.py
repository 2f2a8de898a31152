"""Intervals of a rank correlation: score, jackknife, Fieller's and Bonett-Wright's variance, any bootstrap method."""

import math
import warnings
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from scipy import special

from attnstats._validation import RNGLike, as_generator
from attnstats.exceptions import InvalidInputError, UnreliableEstimateWarning
from attnstats.ranks.intervals._estimate import RankEstimate, bound_interval
from attnstats.ranks.intervals.score_interval import ScoreInterval, fisher_problem, refuse
from attnstats.resampling import bootstrap_interval
from attnstats.resampling.bootstrap._method import BootstrapMethod
from attnstats.results import ConfidenceInterval, SignificanceResult

#: Weight of the jackknife variance against the deflated one; chosen by coverage at n = 10 to 50.
_JACKKNIFE_WEIGHT = 0.6


@dataclass(frozen=True)
class Jackknife:
    """Fisher's z interval with the variance of the sample itself.

    The delete-one jackknife variance (Arvesen 1969) of a ratio of U-statistics is too large at small n. The variance
    from which the partners' share is taken off (`Coefficient.variances`) is too small, and counts as zero where it is
    negative. With v = 0.6 of the one and 0.4 of the other, z = atanh(r/s) ± t sqrt(v)/(s (1 − r²/s²)), t on n − 1
    degrees of freedom, less one for each variable given. The scale s is 1, but for tau-a the largest value that the
    ties allow, and for tau-c the middle of that and 1, since the classes of the population may be fuller. For
    Spearman's rho, weighted tau and tau_AP v is the delete-one variance. Where v is zero or r = ±s, Kendall's bound on
    the variance, 2 (1 − r²)/n (Kendall 1970, equation 4.10), is inverted instead.

    The weight 0.6 was chosen by coverage. ``analysis/validity/results/rank_intervals.csv`` has it for normal samples
    with a correlation of 0, .3, .6 and .9, whole or cut into 3 or 5 classes, at n = 10, 20 and 50: .945 to .966 of
    nominal .95 for tau-a of classes and .94 to .966 for tau-c, but .98 with 5 classes at .9 and n = 10. For tau-b it is
    .92 to .97, and .99 at .9 and n = 10: a score interval does better.

    References
    ----------
    J. N. Arvesen, Annals of Mathematical Statistics 40 (1969) 2076-2100. J. D. Long and N. Cliff, British Journal of
    Mathematical and Statistical Psychology 50 (1997) 31-41.

    Examples
    --------
    >>> Jackknife()
    Jackknife()
    """

    def problem(self, estimate: RankEstimate) -> str | None:  # noqa: ARG002
        """Return why there is no interval, None if there is one."""
        return None

    def interval(self, estimate: RankEstimate, level: float) -> ConfidenceInterval:
        """Return the interval of a rank correlation."""
        error = jackknife_error(estimate)
        if error is None:
            return bound_interval(estimate, level)
        half = -float(special.stdtrit(estimate.df, (1 - level) / 2)) * error
        z, scale = math.atanh(estimate.share), estimate.scale
        return ConfidenceInterval(
            scale * math.tanh(z - half), scale * math.tanh(z + half), level, "Fisher z, jackknife"
        )


def jackknife_error(estimate: RankEstimate) -> float | None:
    """Return the standard error of atanh(value / scale); None where it is zero or infinite."""
    variance = estimate.share_variance(_JACKKNIFE_WEIGHT)
    if estimate.is_perfect or variance < 1e-24:  # rounding leaves less than this of a variance that is zero
        return None
    return math.sqrt(variance) / (1 - estimate.share**2)


@dataclass(frozen=True)
class Fieller:
    """Fisher's z interval with the variance for normal samples: 0.437/(n − 4) for tau, 1.06/(n − 3) for rho.

    It is for samples without ties; with ties it is too short and warns (at nominal .95 it covered .80 to .915 for tau-b
    of 3 or 5 classes, .905 to .96 for rho). Without ties it covered .93 to .96 for normal samples, but at a correlation
    of .9 .92, .94 and .96 for tau and .92, .93 and .925 for rho at n = 10, 20 and 50; .86 to .95 for tau of a bivariate
    t or the copula of Clayton (``analysis/validity/results/rank_intervals.csv``).

    References
    ----------
    E. C. Fieller, H. O. Hartley and E. S. Pearson, Biometrika 44 (1957) 470-481, and 48 (1961) 29-40.

    Examples
    --------
    >>> from attnstats.ranks import kendall
    >>> kendall([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], interval=Fieller()).interval()
    95 % CI [-0.219, 0.923] (Fisher z, Fieller)
    """

    def problem(self, estimate: RankEstimate) -> str | None:
        """Return why there is no interval, None if there is one."""
        assert estimate.fieller is not None
        return fisher_problem(estimate, estimate.fieller[1] + 1)

    def interval(self, estimate: RankEstimate, level: float) -> ConfidenceInterval:
        """Return the interval of a rank correlation."""
        refuse(self.problem(estimate))
        assert estimate.fieller is not None
        if estimate.tied:
            warnings.warn(
                "interval: Fieller's variance is that of samples without ties, and too small here",
                UnreliableEstimateWarning,
                stacklevel=2,
            )
        numerator, taken = estimate.fieller
        return _fisher(estimate.value, numerator / (estimate.n - taken), level, "Fisher z, Fieller")


@dataclass(frozen=True)
class BonettWright:
    """Fisher's z interval of Spearman's rho with variance (1 + rho²/2)/(n − 3).

    It covered .94 to .97 at nominal .95 for normal samples of 10 to 50, whole or cut into 3 or 5 classes, and .925 at
    a correlation of .9 with 3 classes and n = 20 (``analysis/validity/results/rank_intervals.csv``). `ScoreInterval`
    takes the same variance at its ends.

    References
    ----------
    D. G. Bonett and T. A. Wright, Psychometrika 65 (2000) 23-28.

    Examples
    --------
    >>> from attnstats.ranks import spearman
    >>> spearman([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], interval=BonettWright()).interval()
    95 % CI [-0.127, 0.986] (Fisher z, Bonett-Wright)
    """

    def problem(self, estimate: RankEstimate) -> str | None:
        """Return why there is no interval, None if there is one."""
        return fisher_problem(estimate, 4)

    def interval(self, estimate: RankEstimate, level: float) -> ConfidenceInterval:
        """Return the interval of Spearman's rho."""
        refuse(self.problem(estimate))
        rho = estimate.value
        return _fisher(rho, (1 + rho**2 / 2) / (estimate.n - 3), level, "Fisher z, Bonett-Wright")


#: How an interval of a rank correlation is made.
RankInterval: TypeAlias = ScoreInterval | Jackknife | Fieller | BonettWright | BootstrapMethod


def with_interval(
    result: SignificanceResult, method: object, estimate: RankEstimate, rng: RNGLike
) -> SignificanceResult:
    """Return the result of a rank test with its 95 % interval, where there is one, and with others on request.

    Raises
    ------
    InvalidInputError
        If the method is none, or is not for this coefficient.
    """
    if not isinstance(method, ScoreInterval | Jackknife | Fieller | BonettWright | BootstrapMethod):
        known = "ScoreInterval(), Jackknife(), Fieller(), BonettWright() or a bootstrap method"
        raise InvalidInputError(f"interval: must be {known}; got {method!r}")
    if (isinstance(method, Fieller) and estimate.fieller is None) or (
        isinstance(method, ScoreInterval) and estimate.pivot is None
    ):
        raise InvalidInputError(f"interval: must not be {method} for {estimate.name}, whose variance it does not know")
    if isinstance(method, BonettWright) and estimate.name != "rho":
        raise InvalidInputError(f"interval: must not be BonettWright() for {estimate.name}; it is for rho")
    seed = 0
    if isinstance(method, BootstrapMethod):  # drawn here, so that every level uses one sample
        seed = int(as_generator(rng).integers(2**63))
    interval = partial(_interval, method, estimate, seed)
    defined = isinstance(method, BootstrapMethod) or method.problem(estimate) is None
    return replace(result, confidence_interval=interval(0.95) if defined else None, _interval=interval)


def _interval(method: RankInterval, estimate: RankEstimate, seed: int, level: float) -> ConfidenceInterval:
    if isinstance(method, BootstrapMethod):
        return bootstrap_interval(estimate.rows, estimate.statistic, method=method, confidence_level=level, rng=seed)
    return method.interval(estimate, level)


def _fisher(value: float, variance: float, level: float, method: str) -> ConfidenceInterval:
    half = -float(special.ndtri((1 - level) / 2)) * math.sqrt(variance)
    z = math.atanh(value)
    return ConfidenceInterval(math.tanh(z - half), math.tanh(z + half), level, method)
