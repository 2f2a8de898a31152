"""Intervals from partitions of the sample into several parts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import RNGLike, check_count
from attnstats.resampling.subsampling import RowsEstimate, as_units, part_estimates, t_interval
from attnstats.results import ConfidenceInterval


@dataclass(frozen=True)
class HolmesNemenman:
    """Interval from the variance of an estimate over disjoint parts, extrapolated to the whole sample.

    The sample is cut at random into p = 2, ..., max_parts parts. Estimates from disjoint parts are independent, so
    their sample variance v_p estimates the variance at n/p without any assumption. Let the variance be B/n; then
    n v_p / p estimates B with p - 1 degrees of freedom, and the variance at n is the weighted mean

        B/n = sum_p (p - 1) v_p / p / sum_p (p - 1),

    where v_p is averaged over `n_partitions` random cuts. The interval is value ± t · sqrt(B/n), with
    n_partitions · sum (p - 1) degrees of freedom, or units - 1 if that is less.

    The small parts tie the interval to how the estimate behaves at n/max_parts: where its variance falls more slowly
    than 1/n, as that of nearest neighbours does in small samples, the interval is too short. With the ten parts of the
    paper it covered .93 of nominal .95 for KSG and n = 200, and .85 under independence; hence the default of three,
    which covered .92 to .97 where the bias is small (``analysis/validity/results/coverage_information.csv``).
    `max_parts=2` uses halves alone, as `HalfSampling` does. `sample_size_curve` shows the estimates from such parts
    against their size.

    Parameters
    ----------
    max_parts : int
        Largest number of parts, at least 2.
    n_partitions : int
        Random cuts into each number of parts; the estimate is computed ``n_partitions * (2 + ... + max_parts)`` times
        on parts.

    References
    ----------
    Holmes and Nemenman (2019), Estimation of mutual information for real-valued data with error bars and controlled
    bias, Phys. Rev. E 100, 022404, section III (one cut each, into up to ten parts; averaging over cuts removes their
    Monte Carlo error).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=100)
    >>> HolmesNemenman().interval(lambda rows: x[rows].mean(), x.mean(), n=100, rng=1)
    95 % CI [-0.103, 0.265] (Holmes-Nemenman, t, 250 resamples)
    """

    max_parts: int = 3
    n_partitions: int = 50

    def __post_init__(self) -> None:
        check_count(self.max_parts, "max_parts", minimum=2)
        check_count(self.n_partitions, "n_partitions")

    def interval(
        self,
        estimate: RowsEstimate,
        value: float,
        n: int,
        *,
        groups: ArrayLike | None = None,
        confidence_level: float = 0.95,
        n_jobs: int | None = None,
        rng: RNGLike = None,
    ) -> ConfidenceInterval:
        """Return the interval of an estimate; parameters as in `SubsampleInterval.interval`.

        Raises
        ------
        TooFewSamplesError
            With fewer than four rows or groups in each of `max_parts` parts.
        NonFiniteError
            If an estimate is not finite.
        ConstantInputError
            If the estimate is the same on every part.
        """
        units, n_units = as_units(n, groups, minimum=4 * self.max_parts)
        parts = np.arange(2, self.max_parts + 1)
        cuts = [_sizes(n_units, int(p)) for p in parts for _ in range(self.n_partitions)]
        found = part_estimates(estimate, units, cuts, rng=rng, n_jobs=n_jobs)
        variances = np.array([each.var(ddof=1) for each in found]).reshape(len(parts), -1).mean(axis=1)
        freedom = int((parts - 1).sum())
        error = float(np.sqrt(((parts - 1) * variances / parts).sum() / freedom))
        return t_interval(
            value,
            error,
            min(n_units - 1, freedom * self.n_partitions),
            confidence_level,
            "Holmes-Nemenman, t",
            sum(map(len, cuts)),
        )


def _sizes(n_units: int, n_parts: int) -> tuple[int, ...]:
    """Return the sizes of near-equal parts."""
    small, larger = divmod(n_units, n_parts)
    return (small + 1,) * larger + (small,) * (n_parts - larger)
