"""Intervals of a rank correlation by Fisher's z: jackknife, Fieller's and Bonett and Wright's variance."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

from scipy import special

from attnstats.exceptions import UnreliableEstimateWarning
from attnstats.ranks.intervals._estimate import RankEstimate, bound_interval
from attnstats.ranks.intervals.score_interval import fisher_problem
from attnstats.results import ConfidenceInterval

#: Weight of the jackknife variance against the deflated one; chosen by coverage at n = 10 to 50.
_JACKKNIFE_WEIGHT = 0.6


@dataclass(frozen=True)
class JackknifeInterval:
    """Fisher's z interval of a rank correlation with its jackknife variance.

    Notes
    -----
    The limits are s tanh(atanh(r/s) ± t sqrt(v)/(s (1 − r²/s²))), t on n − 1 degrees of freedom, less one for each
    variable given. For rho, weighted tau and tau_AP, v is the delete-one jackknife variance (Arvesen 1969); for tau,
    Somers' d, gamma and partial tau that is too large in small samples, and v is 0.6 of it and 0.4 of a deflated one,
    which is too small. The scale s is 1, but for tau-a the largest value that the ties allow, and for tau-c the mean of
    that and 1. Where v is zero or r = ±s, Kendall's bound on the variance, 2 (1 − r²)/n, is inverted instead (Kendall
    1970, equation 4.10).

    References
    ----------
    J. N. Arvesen, Annals of Mathematical Statistics 40 (1969) 2076-2100. J. D. Long and N. Cliff, British Journal of
    Mathematical and Statistical Psychology 50 (1997) 31-41.

    Examples
    --------
    >>> from attnstats.ranks import JackknifeInterval, kendall
    >>> kendall([1, 2, 3, 4, 5, 6, 7], [2, 1, 3, 7, 4, 5, 6], interval=JackknifeInterval()).interval()
    95 % CI [-0.187, 0.927] (Fisher z, jackknife)
    """

    def problem(self, estimate: RankEstimate) -> str | None:  # noqa: ARG002
        """Return why there is no interval, or None."""
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

    It is for samples without ties. With ties it is too short, and issues an `UnreliableEstimateWarning`.

    References
    ----------
    E. C. Fieller, H. O. Hartley and E. S. Pearson, Biometrika 44 (1957) 470-481, and 48 (1961) 29-40.

    Examples
    --------
    >>> from attnstats.ranks import Fieller, kendall
    >>> kendall([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], interval=Fieller()).interval()
    95 % CI [-0.219, 0.923] (Fisher z, Fieller)
    """

    def problem(self, estimate: RankEstimate) -> str | None:
        """Return why there is no interval, or None."""
        assert estimate.fieller is not None
        return fisher_problem(estimate, estimate.fieller[1] + 1)

    def interval(self, estimate: RankEstimate, level: float) -> ConfidenceInterval:
        """Return the interval of a rank correlation."""
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

    References
    ----------
    D. G. Bonett and T. A. Wright, Psychometrika 65 (2000) 23-28.

    Examples
    --------
    >>> from attnstats.ranks import BonettWright, spearman
    >>> spearman([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], interval=BonettWright()).interval()
    95 % CI [-0.127, 0.986] (Fisher z, Bonett-Wright)
    """

    def problem(self, estimate: RankEstimate) -> str | None:
        """Return why there is no interval, or None."""
        return fisher_problem(estimate, 4)

    def interval(self, estimate: RankEstimate, level: float) -> ConfidenceInterval:
        """Return the interval of Spearman's rho."""
        rho = estimate.value
        return _fisher(rho, (1 + rho**2 / 2) / (estimate.n - 3), level, "Fisher z, Bonett-Wright")


def _fisher(value: float, variance: float, level: float, method: str) -> ConfidenceInterval:
    half = -float(special.ndtri((1 - level) / 2)) * math.sqrt(variance)
    z = math.atanh(value)
    return ConfidenceInterval(math.tanh(z - half), math.tanh(z + half), level, method)
