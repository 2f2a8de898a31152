"""The score interval of a share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import binomtest

from attnstats.exceptions import InvalidInputError
from attnstats.resampling.bootstrap._method import ClosedForm
from attnstats.resampling.bootstrap._samples import GroupedSample, Sample


@dataclass(frozen=True)
class Wilson(ClosedForm):
    """The score interval of a share, from independent 0/1 values (Wilson 1927).

    It stays within [0, 1] and is defined where all values are 0, or all 1. Its level holds on average over shares, not
    at each.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22, 209-212. Brown, Cai and DasGupta (2001),
    Statistical Science 16, 101-133. Computed by `scipy.stats.binomtest`.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import Wilson, bootstrap_interval
    >>> bootstrap_interval([1] * 50, np.mean, method=Wilson())
    95 % CI [0.929, 1] (Wilson score)
    """

    name: ClassVar[str] = "Wilson score"

    def limits(self, sample: Sample, level: float) -> tuple[float, float]:
        """Return both ends of the interval of the mean."""
        if not is_share(sample):
            raise InvalidInputError(
                "method: must be another than Wilson(), which is for independent values 0 and 1 in one column; "
                "take HallT(bounds=(0, 1)) or BCa()"
            )
        found = binomtest(int(sample.data.sum()), sample.data.size).proportion_ci(level, method="wilson")
        return float(found.low), float(found.high)


def is_share(sample: Sample) -> bool:
    """Return whether the rows are independent, and each is one value, 0 or 1."""
    return isinstance(sample, GroupedSample) and sample.is_independent and is_binary(sample.data)


def is_binary(data: object) -> bool:
    """Return whether data are one column of zeros and ones."""
    return isinstance(data, np.ndarray) and data.size == len(data) and bool(((data == 0) | (data == 1)).all())
