"""Intervals from partitions of the sample into several parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma

from attnstats._validation import FloatArray, IntArray, check_count
from attnstats.exceptions import ConstantInputError
from attnstats.resampling.subsampling.interface import PartsInterval, rescaled_estimates, t_limits


@dataclass(frozen=True)
class HolmesNemenman(PartsInterval):
    """Interval from the variance of an estimate over disjoint parts, extrapolated to the whole sample.

    The sample is cut at random into p = 2, ..., max_parts parts. Estimates from disjoint parts are independent, so
    their sample variance v_p estimates the variance at n/p. Were that B/n at every size, v_p/p would estimate B/n for
    all p; that of nearest neighbours falls more slowly in small samples, and v_p/p falls short. Hence the line

        log(v_p / p) = log(B/n) + c (p - 1),

    fitted by weighted least squares and read at p = 1. v_p is averaged over `n_partitions` random cuts, so it has
    ν_p = n_partitions (p - 1) degrees of freedom: the weight of its logarithm, whose mean is corrected by
    digamma(ν_p/2) - log(ν_p/2). With a_p the weight of log(v_p/p) in the fitted log(B/n), the interval is
    value ± t · sqrt(B/n), with 1/sum(a_p²/ν_p) degrees of freedom, or units - 1 if that is less.

    With ``max_parts=2`` there is no line to fit, and the halves count for all, as in `HalfSampling`.
    `sample_size_curve` shows the estimates from such parts against their size.

    Parameters
    ----------
    max_parts : int
        Largest number of parts, at least 2; each needs four rows or groups.
    n_partitions : int
        Random cuts into each number of parts; the estimate is computed ``n_partitions * (2 + ... + max_parts)`` times
        on parts. With five parts, it is the degrees of freedom too.

    References
    ----------
    Holmes and Nemenman (2019), Estimation of mutual information for real-valued data with error bars and controlled
    bias, Phys. Rev. E 100, 022404, section III (there with one cut into each of up to ten parts, and without a slope).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import HolmesNemenman
    >>> x = np.random.default_rng(0).normal(size=100)
    >>> HolmesNemenman().interval(lambda rows: x[rows].mean(), x.mean(), n=100, rng=1)
    95 % CI [-0.113, 0.275] (Holmes-Nemenman, t, 420 resamples)
    """

    max_parts: int = 5
    n_partitions: int = 30

    def __post_init__(self) -> None:
        check_count(self.max_parts, "max_parts", minimum=2)
        check_count(self.n_partitions, "n_partitions")

    def _fewest_units(self) -> int:
        return 4 * self.max_parts

    def _sizes(self, n_units: int) -> list[tuple[int, ...]]:
        sizes = []
        for n_parts in range(2, self.max_parts + 1):
            small, larger = divmod(n_units, n_parts)
            sizes += [(small + 1,) * larger + (small,) * (n_parts - larger)] * self.n_partitions
        return sizes

    def _limits(self, found: list[FloatArray], value: float, n_units: int, level: float) -> tuple[float, float, str]:
        parts = np.arange(2, self.max_parts + 1)
        near, scale = rescaled_estimates(*found)
        variances = np.array([each.var(ddof=1) for each in near]).reshape(len(parts), -1).mean(axis=1)
        if not variances.all():
            p = int(parts[np.argmin(variances)])
            raise ConstantInputError(f"estimate: must vary over parts of the sample; it is constant over {p} parts")
        freedom = self.n_partitions * (parts - 1)
        logs = np.log(variances / parts) - digamma(freedom / 2) + np.log(freedom / 2)
        share = _shares_at_one(parts, freedom)
        error = scale.stretch(float(np.exp(share @ logs / 2)))
        of_line = min(n_units - 1.0, float(1 / (share**2 / freedom).sum()))
        return *t_limits(value, error, of_line, level), "Holmes-Nemenman, t"


def _shares_at_one(parts: IntArray, weights: IntArray) -> FloatArray:
    """Return the share of each ordinate in what its weighted least-squares line over parts - 1 is at 0."""
    shares = weights / weights.sum()
    x = parts - 1 - shares @ (parts - 1)
    spread = shares @ x**2
    slope = shares * x / spread if spread else np.zeros(len(parts))
    return np.asarray(shares - slope * (shares @ (parts - 1)))
