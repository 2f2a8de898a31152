"""Score intervals of a rank correlation: a test inverted whose variance is that at the value under test."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import optimize, special

from attnstats.ranks.intervals._estimate import Pivot, RankEstimate, bound_interval
from attnstats.results import ConfidenceInterval

#: Weight of the jackknife variance against the deflated one, and number of samples that the prior ratio of 1 counts
#: for; chosen by coverage at n = 10 to 50.
_JACKKNIFE_WEIGHT, _PRIOR_SAMPLES = 0.5, 3


@dataclass(frozen=True)
class ScoreInterval:
    """Score interval of a rank correlation: the values that a test at that value does not reject.

    The standard error is taken at the value under test, as in Wilson's interval of a proportion. The interval stays
    inside [−1, 1], and is wider than need be with fewer than 10 samples.

    Notes
    -----
    For tau, Somers' d and gamma the test statistic is (r − θ)/sqrt(κ V(θ)), on t with n + 2 degrees of freedom. V(θ) is
    the variance of tau in normal samples (Esscher 1924; Kendall 1970, chapter 10). κ = (n v/V(r) + 3)/(n + 3) moderates
    the variance v of this sample, the mean of the jackknife variance and the deflated one (see `JackknifeInterval`).
    Where r = ±1, Kendall's bound on the variance is inverted instead. For rho the test statistic is the difference of
    Fisher's z, with variance (1 + θ²/2)/(n − 3).

    References
    ----------
    E. B. Wilson, JASA 22 (1927) 209-212. F. Esscher, Skandinavisk Aktuarietidskrift 7 (1924) 201-219. D. G. Bonett and
    T. A. Wright, Psychometrika 65 (2000) 23-28. G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 3 (2004) 3: moderation.

    Examples
    --------
    >>> from attnstats.ranks import ScoreInterval, kendall
    >>> kendall([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], interval=ScoreInterval()).interval()
    95 % CI [0.134, 0.819] (score, moderated jackknife)
    """

    def problem(self, estimate: RankEstimate) -> str | None:
        """Return why there is no interval, or None."""
        return fisher_problem(estimate, 4) if estimate.pivot is spearman_pivot else None

    def interval(self, estimate: RankEstimate, level: float) -> ConfidenceInterval:
        """Return the interval of a rank correlation."""
        assert estimate.pivot is not None
        if estimate.is_perfect:
            return bound_interval(estimate, level)
        pivot = estimate.pivot(estimate)
        quantile = -float(special.stdtrit(pivot.df, (1 - level) / 2))
        low = _root(pivot, quantile, -1.0, estimate.share)
        high = _root(pivot, -quantile, 1.0, estimate.share)
        return ConfidenceInterval(estimate.scale * low, estimate.scale * high, level, pivot.method)


def kendall_pivot(estimate: RankEstimate) -> Pivot:
    """Return (r − θ)/sqrt(κ V(θ)): V the variance of tau in normal samples, κ that of the sample relative to it."""
    share, n = estimate.share, estimate.n
    observed = estimate.share_variance(_JACKKNIFE_WEIGHT) / normal_variance(share, n)
    ratio = (n * observed + _PRIOR_SAMPLES) / (n + _PRIOR_SAMPLES)
    return Pivot(
        "score, moderated jackknife",
        n - 1 + _PRIOR_SAMPLES,
        lambda theta: (share - theta) / math.sqrt(ratio * normal_variance(theta, n)),
    )


def spearman_pivot(estimate: RankEstimate) -> Pivot:
    """Return (atanh r − atanh θ)/sqrt((1 + θ²/2)/(n − 3)), with Bonett and Wright's variance at θ."""
    rho, n = estimate.value, estimate.n
    return Pivot(
        "score, Bonett-Wright",
        math.inf,
        lambda theta: (math.atanh(rho) - math.atanh(theta)) / math.sqrt((1 + theta**2 / 2) / (n - 3)),
    )


def normal_variance(tau: float, n: int) -> float:
    """Return the variance of tau in samples of a bivariate normal with this tau (Esscher 1924)."""
    conditional = 2 / math.pi * math.asin(math.sin(math.pi * tau / 2) / 2)
    return 2 / (n * (n - 1)) * (1 - tau**2 + 2 * (n - 2) * max(1 / 9 - conditional**2, 0.0))


def fisher_problem(estimate: RankEstimate, minimum: int) -> str | None:
    """Return why an interval by Fisher's z does not exist, or None."""
    if estimate.n >= minimum and abs(estimate.value) < 1:
        return None
    return (
        f"must have at least {minimum} samples and {estimate.name} other than 1 and -1; "
        f"got n = {estimate.n}, {estimate.name} = {estimate.value:g}"
    )


def _root(pivot: Pivot, distance: float, end: float, share: float) -> float:
    """Return the value between the estimate and the end of the scale at this distance from the estimate."""
    farthest = end * (1 - 1e-12)
    if (pivot.distance(farthest) - distance) * distance <= 0:  # not even there
        return end
    return float(optimize.brentq(lambda theta: pivot.distance(theta) - distance, farthest, share, xtol=1e-12))
