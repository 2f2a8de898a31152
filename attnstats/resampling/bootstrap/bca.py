"""The percentile interval corrected for bias and acceleration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtr, ndtri

from attnstats._validation import FloatArray
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError
from attnstats.resampling._scale import ROUNDING, norm
from attnstats.resampling.bootstrap._method import BootstrapMethod
from attnstats.resampling.bootstrap._samples import Sample, share_below
from attnstats.resampling.statistic import Statistic


@dataclass(frozen=True)
class BCa(BootstrapMethod):
    """Percentile interval corrected for bias and acceleration (Efron 1987).

    With z0 the normal quantile of the share of resamples below the estimate and a the acceleration from the
    jackknife, the ends are the quantiles at Φ(z0 + (z0 + z)/(1 − a (z0 + z))). Under `Clustered` and `Nested` the
    jackknife leaves out one cluster; under `Stratified` the influences are centred within strata (Davison and
    Hinkley 1997, equation 5.23); under `Crossed` there is no jackknife, and the interval is refused. For the mean of
    few or skewed values it is too short: below 30 units it warns; take `Studentized`.

    References
    ----------
    Efron (1987), Better bootstrap confidence intervals, Journal of the American Statistical Association 82, 171-185.

    Examples
    --------
    >>> from attnstats.resampling import BCa
    >>> BCa()
    BCa(n_resamples=9999)
    """

    name: ClassVar[str] = "BCa bootstrap"

    @property
    def needs_jackknife(self) -> bool:
        """Whether units are left out one at a time."""
        return True

    def limits(self, replicates: FloatArray, sample: Sample, statistic: Statistic, level: float) -> tuple[float, float]:
        """Return both ends of the interval."""
        centre = sample.observed(statistic)
        below = share_below(replicates, centre)
        if not 0 < below < 1:
            raise InvalidInputError(
                f"statistic: must lie inside its bootstrap distribution for BCa; got {centre!r} outside "
                f"[{float(replicates.min())!r}, {float(replicates.max())!r}]. Take Percentile()"
            )
        influence = sample.influence(statistic)
        if not np.isfinite(influence).all():
            raise NonFiniteError(
                "statistic: must be finite with one unit left out for BCa; got NaN or an infinite value. "
                "Take Percentile()"
            )
        spread = float(norm(influence))
        if spread <= ROUNDING * max(abs(centre), float(np.abs(replicates).max())):
            raise ConstantInputError(
                f"statistic: must vary when one unit is left out for BCa; got {centre!r} each time. Take Percentile()"
            )
        acceleration = float(((influence / spread) ** 3).sum()) / 6
        z0 = ndtri(below)
        z = z0 + ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
        denominator = 1 - acceleration * z
        if (denominator <= 0).any():
            raise InvalidInputError(
                f"data: must be less skewed for BCa; got an acceleration of {acceleration:.3g}. Take Percentile()"
            )
        low, high = np.quantile(replicates, ndtr(z0 + z / denominator))
        return float(low), float(high)
