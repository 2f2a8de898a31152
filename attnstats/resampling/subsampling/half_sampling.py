"""Intervals from random halves of the sample and their complements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray, check_count
from attnstats.exceptions import InvalidInputError
from attnstats.resampling.subsampling.interface import PartsInterval, rescaled_estimates, t_limits


@dataclass(frozen=True)
class HalfSampling(PartsInterval):
    """Interval from the differences of an estimate between random halves of the sample.

    The two halves of a random split share no unit, so the estimates from m and n - m units are independent. Where the
    variance of an estimate falls as 1/n, their difference D gives that of the whole sample,

        s²/n = E[D²] · m (n - m) / n²,

    a quarter of E[D²] for even n. The interval is value ± t · s/sqrt(n), with E[D²] the mean over splits and
    min(units, splits) - 1 degrees of freedom. It needs 8 rows or groups.

    For a mean this is the delete-d jackknife at d = n/2 (Shao and Tu 1995, section 2.3). It does not, as that does,
    overstate the variance of a nearest-neighbour estimate, part of which comes from how neighbouring samples lie. Where
    the variance falls more slowly than 1/n, as that of nearest neighbours does in small samples, the interval is a
    little short; `HolmesNemenman` extrapolates. It is centred on the estimate and does not remove its bias.

    Parameters
    ----------
    n_resamples : int
        Halves drawn, two a split, so at least 4 and even. The relative Monte Carlo error of the standard error is about
        1/sqrt(n_resamples).

    References
    ----------
    Politis and Romano (1994), Annals of Statistics 22, 2031-2050. Shao and Tu (1995), The Jackknife and Bootstrap.
    Holmes and Nemenman (2019), Phys. Rev. E 100, 022404 (partitions into parts).

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

    def _sizes(self, n_units: int) -> list[tuple[int, ...]]:
        return [(n_units // 2, n_units - n_units // 2)] * (self.n_resamples // 2)

    def _limits(self, found: list[FloatArray], value: float, n_units: int, level: float) -> tuple[float, float, str]:
        (near,), scale = rescaled_estimates(np.array(found))
        squares = (near[:, 1] - near[:, 0]) ** 2
        half = n_units // 2
        error = scale.stretch(float(np.sqrt(squares.mean() * half * (n_units - half))) / n_units)
        return *t_limits(value, error, min(n_units, len(found)) - 1, level), "half-sampling, t"
