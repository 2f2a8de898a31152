"""The percentile interval with its level calibrated by a second bootstrap."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attnstats._validation import FloatArray, check_count
from attnstats.exceptions import UndercoverageWarning
from attnstats.resampling.bootstrap._method import BootstrapMethod, central_quantiles
from attnstats.resampling.bootstrap._samples import Sample
from attnstats.resampling.statistic import Statistic


@dataclass(frozen=True)
class DoubleBootstrap(BootstrapMethod):
    """Percentile interval with its level calibrated by an inner bootstrap.

    In every resample, a population whose truth is the estimate θ, an inner bootstrap finds the smallest level whose
    percentile interval holds θ: ``|2u − 1|``, with u the share of inner resamples below θ, ties by half. The interval
    is the percentile interval at the `confidence_level` quantile of those levels. With some ten units, or twenty skewed
    ones, that is often 1: the interval then is the range of the resamples, and a warning says so. There `Studentized`
    covers better and costs less.

    Parameters
    ----------
    n_resamples : int
        Outer resamples.
    n_inner : int
        Inner resamples of each; the statistic is evaluated ``n_resamples * n_inner`` times, for means in compiled code.

    References
    ----------
    Hall and Martin (1988), On bootstrap resampling and iteration, Biometrika 75, 661-671. Beran (1987), Prepivoting to
    reduce level error of confidence sets, Biometrika 74, 457-468.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import DoubleBootstrap, bootstrap_interval
    >>> x = np.random.default_rng(0).exponential(size=20)
    >>> bootstrap_interval(x, np.mean, method=DoubleBootstrap(), rng=1)
    95 % CI [0.672, 2.2] (calibrated percentile bootstrap, 1999 resamples)
    """

    name: ClassVar[str] = "calibrated percentile bootstrap"
    enough_units: ClassVar[int] = 8
    n_resamples: int = 1_999
    n_inner: int = 499

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.n_inner, "n_inner", minimum=2)

    def replicates(
        self, sample: Sample, statistic: Statistic, n_resamples: int, generator: np.random.Generator
    ) -> FloatArray:
        """Return the statistic of each random resample and the level that just holds the estimate."""
        found = sample.resampled_twice(statistic, n_resamples, self.n_inner, generator)
        found[:, 1] = np.abs(2 * found[:, 1] - 1)
        return found

    def limits(self, replicates: FloatArray, sample: Sample, statistic: Statistic, level: float) -> tuple[float, float]:  # noqa: ARG002
        """Return both ends of the interval."""
        calibrated = float(np.quantile(replicates[:, 1], level))
        if calibrated == 1:
            warnings.warn(
                f"data: should have more than {max(sample.factors.values())} {' and '.join(sample.factors)}: no "
                "percentile level is calibrated, and the interval is the range of the resamples",
                UndercoverageWarning,
                stacklevel=3,
            )
        return central_quantiles(replicates[:, 0], calibrated)
