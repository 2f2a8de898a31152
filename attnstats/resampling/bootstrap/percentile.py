"""Quantiles of the bootstrap distribution: percentile and basic intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from attnstats._validation import FloatArray
from attnstats.resampling.bootstrap._method import BootstrapMethod, central_quantiles
from attnstats.resampling.bootstrap._samples import Sample
from attnstats.resampling.statistic import Statistic


@dataclass(frozen=True)
class Percentile(BootstrapMethod):
    """Quantiles of the bootstrap distribution (Efron 1979).

    With few units it is too short, since a resample of n units has (n - 1)/n of the variance, and normal instead of t
    quantiles: below 30 it warns. Under `Crossed` the excess in the interaction component offsets part of that.

    Examples
    --------
    >>> from attnstats.resampling import Percentile
    >>> Percentile()
    Percentile(n_resamples=9999)
    """

    name: ClassVar[str] = "percentile bootstrap"

    def limits(self, replicates: FloatArray, sample: Sample, statistic: Statistic, level: float) -> tuple[float, float]:  # noqa: ARG002
        """Return both ends of the interval."""
        return central_quantiles(replicates, level)


@dataclass(frozen=True)
class Basic(BootstrapMethod):
    """The percentile interval reflected about the estimate (Davison and Hinkley 1997, equation 5.6).

    For skewed values it is too short on the side of the tail. Below 30 units it warns.

    Examples
    --------
    >>> from attnstats.resampling import Basic
    >>> Basic(999)
    Basic(n_resamples=999)
    """

    name: ClassVar[str] = "basic bootstrap"

    def limits(self, replicates: FloatArray, sample: Sample, statistic: Statistic, level: float) -> tuple[float, float]:
        """Return both ends of the interval."""
        low, high = central_quantiles(replicates, level)
        centre = sample.observed(statistic)
        return 2 * centre - high, 2 * centre - low
