"""The score interval of a share."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import binomtest

from attnstats.exceptions import InvalidInputError
from attnstats.resampling.bootstrap._method import ClosedForm
from attnstats.resampling.bootstrap._samples import GroupedSample, Sample


@dataclass(frozen=True)
class Wilson(ClosedForm):
    """The shares that a score test of independent 0/1 values does not reject (Wilson 1927).

    It stays within [0, 1] and is defined where all values are 0, or all 1. It covers as claimed on average over shares,
    not at each: of nominal 95 % intervals .91 to .97 held shares of .02, .1, .5 and .98 in samples of 20, 50 and 200
    (``analysis/validity/results/coverage_shares.csv``). It is what `bootstrap_interval` takes for a mean of 0/1 values
    by default: most resamples of 49 successes in 50 hold one failure, two or none, and a t statistic of none is not
    defined.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22, 209-212. Brown, Cai and DasGupta (2001),
    Statistical Science 16, 101-133. Computed by `scipy.stats.binomtest`.

    Examples
    --------
    >>> from attnstats.resampling import bootstrap_interval
    >>> bootstrap_interval([1] * 50, np.mean, method=Wilson())
    95 % CI [0.929, 1] (Wilson score)
    """

    name: ClassVar[str] = "Wilson score"

    def limits(self, sample: Sample, level: float) -> tuple[float, float]:
        """Return both ends of the interval of the mean."""
        if not (isinstance(sample, GroupedSample) and sample.is_independent and is_binary(sample.data)):
            raise InvalidInputError(
                "method: must be another than Wilson(), which is for independent values 0 and 1 in one column; "
                "take HallT(bounds=(0, 1)) or BCa()"
            )
        found = binomtest(int(sample.data.sum()), sample.data.size).proportion_ci(level, method="wilson")
        return float(found.low), float(found.high)


def is_binary(data: object) -> bool:
    """Return whether data are one column of zeros and ones."""
    return isinstance(data, np.ndarray) and data.size == len(data) and bool(((data == 0) | (data == 1)).all())
