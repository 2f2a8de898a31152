"""Intervals from half-samples drawn without replacement, for estimators that a bootstrap would break."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from attnstats._parallel import parallel_map
from attnstats._validation import IntArray, RNGLike, as_labels, check_at_least, check_count, check_fraction
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError
from attnstats.results import ConfidenceInterval


@dataclass(frozen=True)
class HalfSampling:
    """Interval from the spread of an estimate over random halves of the sample.

    A bootstrap resample holds duplicates, and a nearest-neighbour estimate reads duplicates as information. A
    half drawn without replacement holds none. Let an estimate behave like a mean, with variance s²/n. Over
    subsets of m of the n units, given the sample, its variance is that of a mean without replacement,

        s²/m · (1 − m/n) = s²/n · (n − m)/m,

    so at m = n/2 the spread of the half-sample estimates *is* the standard error of the full one, with no
    rate to assume: the delete-d jackknife at d = n/2 (Shao and Tu 1995, section 2.3), and subsampling with
    its finite-population correction (Politis and Romano 1994). For odd n the factor m/(n − m) is applied. The
    interval is value ± t · sd, with min(units, n_resamples) − 1 degrees of freedom.

    The interval is centred on the estimate: it says how the estimate varies and does not remove its bias.
    Where the bias falls with n, as it does for nearest neighbours, halves also vary a little more than the
    formula says, and the interval is somewhat wide.

    Parameters
    ----------
    n_resamples : int
        Halves drawn. The relative Monte Carlo error of the standard error is about 1/sqrt(2 n_resamples).

    References
    ----------
    Politis and Romano (1994), Annals of Statistics 22, 2031-2050. Shao and Tu (1995),
    The Jackknife and Bootstrap.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=100)
    >>> HalfSampling().interval(lambda rows: x[rows].mean(), x.mean(), n=100, rng=1)
    95 % CI [-0.113, 0.276] (half-sampling, t, 200 resamples)
    """

    n_resamples: int = 200

    def __post_init__(self) -> None:
        check_count(self.n_resamples, "n_resamples", minimum=2)

    def interval(
        self,
        estimate: Callable[[IntArray], float],
        value: float,
        n: int,
        *,
        groups: ArrayLike | None = None,
        confidence_level: float = 0.95,
        n_jobs: int | None = None,
        rng: RNGLike = None,
    ) -> ConfidenceInterval:
        """Return the interval of an estimate.

        Parameters
        ----------
        estimate : callable
            Takes sorted row indices, shape (n_half,), and returns the estimate from those rows.
        value : float
            The estimate from all rows.
        n : int
            Number of rows.
        groups : array_like, shape (n,), optional
            Rows of one group are dependent: they are kept or left out together, and the groups are the units.
        confidence_level : float
            Nominal level, in (0, 1).
        n_jobs : int, optional
            Workers; the numbers do not depend on it.
        rng : seed or Generator, optional
            Source of randomness.

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
        check_fraction(confidence_level, "confidence_level")
        units = np.arange(n) if groups is None else as_labels(groups, "groups")[0]
        if len(units) != n:
            raise InvalidInputError(f"groups: must have length n = {n}; got {len(units)}")
        n_units = int(units.max()) + 1 if n else 0
        check_at_least(n_units, 8, "number of rows" if groups is None else "number of groups")
        kept = n_units // 2
        task = partial(_estimate_half, estimate, units, n_units, kept)
        values = np.array(parallel_map(task, range(self.n_resamples), rng=rng, n_jobs=n_jobs), dtype=np.float64)
        if not np.isfinite([value, *values]).all():
            raise NonFiniteError(f"estimate: must be finite on every half; got value {value!r} and {values}")
        error = values.std(ddof=1) * np.sqrt(kept / (n_units - kept))
        if error == 0:
            raise ConstantInputError(f"estimate: must vary over halves of the sample; got {value!r} on each")
        margin = float(error * stdtrit(min(n_units, self.n_resamples) - 1, (1 + confidence_level) / 2))
        return ConfidenceInterval(
            value - margin, value + margin, confidence_level, "half-sampling, t", self.n_resamples
        )


def _estimate_half(
    estimate: Callable[[IntArray], float],
    units: IntArray,
    n_units: int,
    kept: int,
    _: int,
    generator: np.random.Generator,
) -> float:
    in_half = np.zeros(n_units, dtype=np.bool_)
    in_half[generator.permutation(n_units)[:kept]] = True
    return float(estimate(np.flatnonzero(in_half[units])))
