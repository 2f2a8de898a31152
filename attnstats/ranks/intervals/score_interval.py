"""Score intervals of a rank correlation: a test inverted whose variance is that at the value under test."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import optimize, special

from attnstats.exceptions import InvalidInputError
from attnstats.ranks.intervals._estimate import Pivot, RankEstimate, bound_interval
from attnstats.results import ConfidenceInterval

#: Weight of the jackknife variance against the deflated one, and number of samples that the prior ratio of 1 counts
#: for; chosen by coverage at n = 10 to 50.
_JACKKNIFE_WEIGHT, _PRIOR_SAMPLES = 0.5, 3


@dataclass(frozen=True)
class KendallPivot(Pivot):
    """(r − θ)/sqrt(κ V(θ)): V the variance of tau in normal samples, κ the sample's own variance relative to it."""

    share: float
    n: int
    ratio: float

    method = "score, moderated jackknife"

    @classmethod
    def of(cls, estimate: RankEstimate) -> KendallPivot:
        """Return the pivot of an estimate that is not perfect."""
        observed = estimate.share_variance(_JACKKNIFE_WEIGHT) / normal_variance(estimate.share, estimate.n)
        ratio = (estimate.n * observed + _PRIOR_SAMPLES) / (estimate.n + _PRIOR_SAMPLES)
        return cls(estimate.share, estimate.n, ratio)

    @staticmethod
    def problem(estimate: RankEstimate) -> str | None:  # noqa: ARG004
        """Return None: there always is a pivot."""
        return None

    @property
    def df(self) -> float:
        """Degrees of freedom: those of the sample and of the prior."""
        return self.n - 1 + _PRIOR_SAMPLES

    def __call__(self, theta: float) -> float:
        """Return the difference in standard errors."""
        return (self.share - theta) / math.sqrt(self.ratio * normal_variance(theta, self.n))


@dataclass(frozen=True)
class SpearmanPivot(Pivot):
    """(atanh r − atanh θ)/sqrt((1 + θ²/2)/(n − 3)), Bonett and Wright's variance at θ."""

    rho: float
    n: int

    method = "score, Bonett-Wright"

    @classmethod
    def of(cls, estimate: RankEstimate) -> SpearmanPivot:
        """Return the pivot of an estimate that is not perfect."""
        return cls(estimate.value, estimate.n)

    @staticmethod
    def problem(estimate: RankEstimate) -> str | None:
        """Return why there is no pivot, or None."""
        return fisher_problem(estimate, 4)

    @property
    def df(self) -> float:
        """Infinite: the normal distribution."""
        return math.inf

    def __call__(self, theta: float) -> float:
        """Return the difference in standard errors."""
        return (math.atanh(self.rho) - math.atanh(theta)) / math.sqrt((1 + theta**2 / 2) / (self.n - 3))


@dataclass(frozen=True)
class ScoreInterval:
    """Score interval of a rank correlation: the values that a test at that value does not reject.

    The standard error is taken at the value under test and not at the estimate, as in Wilson's interval of a
    proportion. The interval stays inside [−1, 1], and is wider than need be with fewer than 10 samples.

    Notes
    -----
    For tau-b, d and gamma the test statistic is (r − θ)/sqrt(κ V(θ)), on t with n + 2 degrees of freedom. V(θ) is the
    variance of tau in normal samples (Esscher 1924; Kendall 1970, chapter 10). κ is the variance of this sample, the
    mean of the jackknife variance and the deflated one (see `JackknifeInterval`), divided by V(r) and moderated: it has
    weight n, and 1, the value of normal samples, has weight 3. Where r = ±1, Kendall's bound on the variance is
    inverted instead.

    For rho it is the difference of Fisher's z, with the variance of Bonett and Wright at θ, (1 + θ²/2)/(n − 3).

    References
    ----------
    E. B. Wilson, JASA 22 (1927) 209-212. F. Esscher, Skandinavisk Aktuarietidskrift 7 (1924) 201-219. D. G. Bonett and
    T. A. Wright, Psychometrika 65 (2000) 23-28. G. K. Smyth, Statistical Applications in Genetics and Molecular Biology
    3 (2004) 3: moderated variances.

    Examples
    --------
    >>> from attnstats.ranks import ScoreInterval, kendall
    >>> kendall([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], interval=ScoreInterval()).interval()
    95 % CI [0.134, 0.819] (score, moderated jackknife)
    """

    def problem(self, estimate: RankEstimate) -> str | None:
        """Return why there is no interval, or None."""
        assert estimate.pivot is not None
        return estimate.pivot.problem(estimate)

    def interval(self, estimate: RankEstimate, level: float) -> ConfidenceInterval:
        """Return the interval of a rank correlation."""
        assert estimate.pivot is not None
        refuse(self.problem(estimate))
        if estimate.is_perfect:
            return bound_interval(estimate, level)
        pivot = estimate.pivot.of(estimate)
        quantile = -float(special.stdtrit(pivot.df, (1 - level) / 2))
        low = _root(pivot, quantile, -1.0, estimate.share)
        high = _root(pivot, -quantile, 1.0, estimate.share)
        return ConfidenceInterval(estimate.scale * low, estimate.scale * high, level, pivot.method)


def normal_variance(tau: float, n: int) -> float:
    """Return the variance of tau in samples of a bivariate normal with this tau (Esscher 1924).

    Examples
    --------
    >>> round(normal_variance(0.0, 10), 4)  # 2 (2 n + 5)/(9 n (n - 1)), as for any distribution without association
    0.0617
    """
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


def refuse(problem: str | None) -> None:
    """Raise InvalidInputError if there is a problem."""
    if problem is not None:
        raise InvalidInputError(f"interval: {problem}")


def _root(pivot: Pivot, distance: float, end: float, share: float) -> float:
    """Return the value between the estimate and the end of the scale at this distance from the estimate."""
    farthest = end * (1 - 1e-12)
    if (pivot(farthest) - distance) * distance <= 0:  # not even there
        return end
    return float(optimize.brentq(lambda theta: pivot(theta) - distance, farthest, share, xtol=1e-12))
