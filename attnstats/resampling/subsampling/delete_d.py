"""The delete-d jackknife."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import RNGLike, check_count, check_fraction
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
class DeleteD:
    """Interval from the spread of an estimate when d units are left out at random.

    With the estimates θ_s from random subsets of n - d units, the variance of the full estimate is estimated by

        v = (n - d)/d · mean_s (θ_s - mean θ)²,

    and the interval is value ± t · sqrt(v), with min(units, n_resamples) - 1 degrees of freedom.

    It holds for smooth statistics at any d, and for rougher ones, such as quantiles, if d grows with n. The variance
    of a nearest-neighbour estimate is overstated, by the factor 1 + f + ... + f^(r-1), f = (n - d)/n, in a component
    of r samples acting together; `HalfSampling` does not overstate it.

    Parameters
    ----------
    d : int or float
        Units left out: a number, at least 1, or a fraction of the units in (0, 1).
    n_resamples : int
        Subsets drawn. The relative Monte Carlo error of the standard error is about 1/sqrt(2 n_resamples).

    References
    ----------
    Shao and Wu (1989), A general theory for jackknife variance estimation, Annals of Statistics 17, 1176-1197,
    equation 3.1, with random subsets (section 5).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import DeleteD
    >>> x = np.random.default_rng(0).normal(size=100)
    >>> DeleteD(d=0.75).interval(lambda rows: x[rows].mean(), x.mean(), n=100, rng=1)
    95 % CI [-0.122, 0.284] (delete-d jackknife, d = 75, t, 200 resamples)
    """

    d: int | float = 0.75
    n_resamples: int = 200

    def __post_init__(self) -> None:
        if isinstance(self.d, float):
            check_fraction(self.d, "d")
        else:
            check_count(self.d, "d")
        check_count(self.n_resamples, "n_resamples", minimum=2)

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

        Raises
        ------
        TooFewSamplesError
            With fewer than 8 rows or groups.
        InvalidInputError
            If d leaves fewer than 2 units.
        NonFiniteError
            If an estimate is not finite.
        ConstantInputError
            If the estimate is the same on every subset.
        """
        units, n_units = as_units(n, groups)
        d = max(1, round(self.d * n_units)) if isinstance(self.d, float) else self.d
        kept = n_units - d
        if kept < 2:
            raise InvalidInputError(f"d: must leave at least 2 of {n_units} units; got {self.d!r}")
        values = np.array(part_estimates(estimate, units, [(kept,)] * self.n_resamples, rng=rng, n_jobs=n_jobs))
        (near,), scale = rescaled_estimates(values)
        error = scale.stretch(float(near.std(ddof=1) * np.sqrt(kept / d)))
        method = f"delete-d jackknife, d = {d}, t"
        return interval_from_error(
            value, error, min(n_units, self.n_resamples) - 1, confidence_level, method, self.n_resamples
        )
