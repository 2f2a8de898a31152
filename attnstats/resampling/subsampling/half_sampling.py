"""Intervals from random halves of the sample and their complements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import RNGLike, check_count
from attnstats.exceptions import InvalidInputError
from attnstats.resampling.subsampling.interface import (
    RowsEstimate,
    as_units,
    interval_from_error,
    part_estimates,
    rescaled_estimates,
)
from attnstats.results import ConfidenceInterval


@dataclass(frozen=True)
class HalfSampling:
    """Interval from the differences of an estimate between random halves of the sample.

    The two halves of a random split share no unit, so the estimates from them are independent, each with the variance
    of an estimate from half as many units. Let that variance fall as 1/n. With m and n - m units in the halves, the
    difference D has variance s²/m + s²/(n - m), hence

        s²/n = E[D²] · m (n - m) / n²,

    a quarter of E[D²] for even n. The standard error is the root of the mean over splits, and the interval is
    value ± t · error, with min(units, splits) - 1 degrees of freedom.

    For a mean this is the delete-d jackknife at d = n/2 (Shao and Tu 1995, section 2.3). For a nearest-neighbour
    estimate it is not: part of its variance comes from the arrangement of neighbouring samples, and overlapping halves
    overstate it (for a component of r samples acting together, by the factor 2 - 2^(1-r)); complementary halves do not.
    Where the variance falls more slowly than 1/n, as that of nearest neighbours does in small samples, the error is a
    little short; `HolmesNemenman` extrapolates.

    The interval is centred on the estimate and does not remove its bias.

    Parameters
    ----------
    n_resamples : int
        Halves drawn, two a split, so at least 4 and even. The relative Monte Carlo error of the standard error is about
        1/sqrt(n_resamples).

    References
    ----------
    Politis and Romano (1994), Annals of Statistics 22, 2031-2050. Shao and Tu (1995),
    The Jackknife and Bootstrap. Holmes and Nemenman (2019), Phys. Rev. E 100, 022404 (partitions into parts).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import HalfSampling
    >>> x = np.random.default_rng(0).normal(size=100)
    >>> HalfSampling().interval(lambda rows: x[rows].mean(), x.mean(), n=100, rng=1)
    95 % CI [-0.119, 0.281] (half-sampling, t, 200 resamples)
    """

    n_resamples: int = 200

    def __post_init__(self) -> None:
        if check_count(self.n_resamples, "n_resamples", minimum=4) % 2:
            raise InvalidInputError(f"n_resamples: must be even, two halves a split; got {self.n_resamples}")

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

        Returns
        -------
        ConfidenceInterval
            In the unit of the estimate.

        Raises
        ------
        TooFewSamplesError
            With fewer than 8 rows or groups.
        NonFiniteError
            If the estimate is not finite on a half.
        ConstantInputError
            If the estimate is the same on every half.
        """
        units, n_units = as_units(n, groups)
        sizes = (n_units // 2, n_units - n_units // 2)
        n_splits = self.n_resamples // 2
        halves = np.array(part_estimates(estimate, units, [sizes] * n_splits, rng=rng, n_jobs=n_jobs))
        (near,), scale = rescaled_estimates(halves)
        difference = near[:, 1] - near[:, 0]
        error = scale.stretch(float(np.sqrt((difference**2).mean() * sizes[0] * sizes[1])) / n_units)
        freedom = min(n_units, n_splits) - 1
        return interval_from_error(value, error, freedom, confidence_level, "half-sampling, t", self.n_resamples)
