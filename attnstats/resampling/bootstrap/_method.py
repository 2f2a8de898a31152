"""The base classes of bootstrap intervals and of closed-form ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attnstats._validation import FloatArray, check_count
from attnstats.resampling.bootstrap._samples import Sample
from attnstats.resampling.statistic import Statistic


@dataclass(frozen=True)
class BootstrapMethod(ABC):
    """A bootstrap interval; the methods are its subclasses."""

    name: ClassVar[str]
    #: With fewer units of a factor than this the interval is known to be too short.
    enough_units: ClassVar[int] = 30
    n_resamples: int = 9_999

    def __post_init__(self) -> None:
        check_count(self.n_resamples, "n_resamples", minimum=2)

    @property
    def needs_jackknife(self) -> bool:
        """Whether units are left out one at a time."""
        return False

    def replicates(
        self, sample: Sample, statistic: Statistic, n_resamples: int, generator: np.random.Generator
    ) -> FloatArray:
        """Return the statistic of each random resample, perhaps with its error, (n_resamples,) or (n_resamples, 2)."""
        return sample.resampled(statistic, n_resamples, generator)

    @abstractmethod
    def limits(self, replicates: FloatArray, sample: Sample, statistic: Statistic, level: float) -> tuple[float, float]:
        """Return both ends of the interval."""


class ClosedForm(ABC):
    """An interval of a mean by a formula, without resamples."""

    name: ClassVar[str]
    enough_units: ClassVar[int] = 8

    @abstractmethod
    def limits(self, sample: Sample, level: float) -> tuple[float, float]:
        """Return both ends of the interval of the mean."""


def central_quantiles(values: FloatArray, level: float) -> tuple[float, float]:
    """Return the quantiles between which a share `level` of the values lies."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
