"""Intervals of series: parts of the sample are made of whole blocks of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import RNGLike, check_count, check_object
from attnstats.exceptions import InvalidInputError
from attnstats.resampling.subsampling.half_sampling import HalfSampling
from attnstats.resampling.subsampling.interface import RowsEstimate, SubsampleInterval
from attnstats.results import ConfidenceInterval


@dataclass(frozen=True)
class TimeBlocks:
    """Another interval of a series, whose rows follow each other in time and depend on those before.

    Parts made of single rows vary as those of independent rows do, so that intervals of series are too narrow. Here
    blocks of consecutive rows are kept or left out together, and are the units of the interval.

    Parameters
    ----------
    length : int
        Rows of a block, several times the time over which the series remember; the last one may be shorter. The
        interval needs as many blocks as it else needs rows, and is the better the more there are.
    of : SubsampleInterval, default HalfSampling()
        The interval.

    Raises
    ------
    InvalidInputError
        If `groups` are given besides.

    References
    ----------
    Politis, Romano and Wolf (1999), Subsampling, chapter 3, on blocks of a stationary series.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import HalfSampling, TimeBlocks
    >>> x = np.convolve(np.random.default_rng(0).normal(size=1009), np.ones(10), "valid")  # remembers ten steps
    >>> HalfSampling().interval(lambda rows: x[rows].mean(), x.mean(), n=1000, rng=1)
    95 % CI [-0.667, -0.302] (half-sampling, t, 200 resamples)
    >>> TimeBlocks(50).interval(lambda rows: x[rows].mean(), x.mean(), n=1000, rng=1)
    95 % CI [-1.04, 0.0753] (half-sampling, t, blocks of 50, 200 resamples)
    """

    length: int
    of: SubsampleInterval = HalfSampling()  # noqa: RUF009 (frozen)

    def __post_init__(self) -> None:
        check_count(self.length, "length")
        check_object(self.of, "of", SubsampleInterval, "HalfSampling()")

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
        """Return the interval of an estimate, in its unit; parameters as in `SubsampleInterval.interval`."""
        if groups is not None:
            raise InvalidInputError(
                f"groups: must be None under TimeBlocks, which makes groups of the rows itself; got {groups!r:.80}"
            )
        found = self.of.interval(
            estimate, value, n, groups=np.arange(check_count(n, "n")) // self.length,
            confidence_level=confidence_level, n_jobs=n_jobs, rng=rng,
        )  # fmt: skip
        return ConfidenceInterval(
            found.low, found.high, found.level, f"{found.method}, blocks of {self.length}", found.n_resamples,
            found.n_missing,
        )  # fmt: skip
