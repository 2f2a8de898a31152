"""Subsampling with an estimated rate of convergence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray, IntArray, check_count, check_fraction
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.resampling.statistic import check_number
from attnstats.resampling.subsampling.interface import PartsInterval, rescaled_estimates

#: Quantiles of the absolute differences whose decrease gives the rate.
_LEVELS = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
#: Parts that the jackknife of the rate leaves out, one at a time.
_N_BLOCKS = 10


@dataclass(frozen=True)
class PolitisRomano(PartsInterval):
    """Interval from the distribution of the centred estimate over subsamples of several sizes.

    If n^β (θ_n - θ) has a limit distribution, then b^β (θ_b - θ_n) over random subsets of b of n units has the same
    limit as b grows with b/n → 0, whatever the limit and the rate β are. The width of the distribution falls as b^(-β),
    so β is estimated as minus the slope of the mean log quantile range against log b, of differences between two
    disjoint subsets; 1/2, the rate of most estimates, is taken unless the slope lies two jackknife standard errors
    away. As subsets of one sample overlap, the deviations of each size are scaled to the spread of disjoint subsets.
    With q the quantiles of the pooled ``b^β |θ_b - θ_n|`` so corrected, or of the signed deviations, the interval is

        θ_n ± n^(-β) q(1 - α), symmetric, or [θ_n - n^(-β) q(1 - α/2), θ_n - n^(-β) q(α/2)], with equal tails.

    Equal tails suit an error that lies on one side, as that of a sample maximum, and not nearest-neighbour estimates,
    part of whose error subsamples do not repeat.

    Its width varies more than that of the other subsampling intervals. It is for limits that are not normal and rates
    that are not root n, as of an extreme; else take `HalfSampling`.

    Parameters
    ----------
    fractions : tuple of float
        Sizes of the subsamples, as fractions of the units, at most a half; at least two. The smallest needs
        eight rows or groups.
    n_resamples : int
        Pairs of disjoint subsamples of each size.
    symmetric : bool, default True
        Whether the interval is symmetric about the estimate, or has equal tails.
    rate : float, optional
        β where it is known, such as 1/3 for a mode; else it is estimated.

    References
    ----------
    Politis, Romano and Wolf (1999), Subsampling, section 2.2 and chapter 8. Bertail, Politis and Romano (1999), On
    subsampling estimators with unknown rate of convergence, JASA 94, 569-579, equation 6.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import PolitisRomano
    >>> x = np.random.default_rng(0).normal(size=1000)
    >>> PolitisRomano().interval(lambda rows: x[rows].mean(), x.mean(), n=1000, rng=1)
    95 % CI [-0.104, 0.00828] (subsampling, rate n^-0.50, 600 resamples)
    """

    fractions: tuple[float, ...] = (0.125, 0.25, 0.5)
    n_resamples: int = 100
    symmetric: bool = True
    rate: float | None = None

    def __post_init__(self) -> None:
        several = isinstance(self.fractions, tuple | list)
        for fraction in self.fractions if several else ():
            check_fraction(fraction, "fractions")
        if not several or len(set(self.fractions)) < 2 or max(self.fractions) > 0.5:
            raise InvalidInputError(f"fractions: must be two sizes or more, at most 0.5; got {self.fractions!r}")
        check_count(self.n_resamples, "n_resamples", minimum=20)
        if self.rate is not None and not 0 < check_number(self.rate, "rate") < np.inf:
            raise InvalidInputError(f"rate: must be above 0, or None to estimate it; got {self.rate!r}")

    def _fewest_units(self) -> int:
        return int(np.ceil(8 / min(self.fractions)))

    def _sizes(self, n_units: int) -> list[tuple[int, ...]]:
        return [(int(fraction * n_units),) * 2 for fraction in self.fractions for _ in range(self.n_resamples)]

    def _limits(self, found: list[FloatArray], value: float, n_units: int, level: float) -> tuple[float, float, str]:
        sizes = np.array([int(fraction * n_units) for fraction in self.fractions])
        (near, centre), scaling = rescaled_estimates(np.array(found).reshape(len(sizes), -1, 2), np.array(value))
        differences = near[:, :, 1] - near[:, :, 0]
        rate = _rate(differences, sizes) if self.rate is None else self.rate
        spread = near.reshape(len(sizes), -1).std(axis=1)
        if not spread.all():
            raise ConstantInputError("estimate: must vary over subsamples of every size; got the same value on all")
        # The deviation of each size from theta_n, on the scale of disjoint subsets, carried over to n.
        scale = np.sqrt((differences**2).mean(axis=1) / 2) / spread * (sizes / n_units) ** rate
        pooled = (near - centre) * scale[:, np.newaxis, np.newaxis]
        if self.symmetric:
            reach = scaling.stretch(float(np.quantile(np.abs(pooled), level)))
            low, high = value - reach, value + reach
        else:
            ends = np.quantile(pooled, [(1 + level) / 2, (1 - level) / 2])
            low, high = (value - scaling.stretch(float(end)) for end in ends)
        return low, high, f"subsampling, rate n^-{rate:.2f}"


def _rate(differences: FloatArray, sizes: IntArray) -> float:
    """Return the rate that the differences between disjoint subsets, shape (n_sizes, n_pairs), show, or 1/2."""
    rate = _slope(differences, sizes)
    block = np.arange(differences.shape[1]) % _N_BLOCKS
    without = np.array([_slope(differences[:, block != each], sizes) for each in range(_N_BLOCKS)])
    error = np.sqrt((_N_BLOCKS - 1) / _N_BLOCKS * ((without - without.mean()) ** 2).sum())
    if abs(rate - 0.5) <= 2 * error:
        return 0.5
    if rate <= 0:
        raise ConstantInputError(
            f"estimate: must vary less on larger subsamples; got the rate n^{-rate:.2g}."
            " Take more resamples, or HalfSampling"
        )
    return rate


def _slope(differences: FloatArray, sizes: IntArray) -> float:
    """Return minus the slope of the mean log quantile range against the log size."""
    widths = np.quantile(np.abs(differences), _LEVELS, axis=1)  # their distribution is symmetric
    if not (widths > 0).all():
        raise ConstantInputError("estimate: must vary over subsamples of every size; got the same value on most")
    return -float(np.polyfit(np.log(sizes), np.log(widths).mean(axis=0), 1)[0])
