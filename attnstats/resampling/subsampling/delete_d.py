"""The delete-d jackknife."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray, check_count, check_fraction
from attnstats.exceptions import InvalidInputError
from attnstats.resampling.subsampling.interface import PartsInterval, rescaled_estimates, t_limits


@dataclass(frozen=True)
class DeleteD(PartsInterval):
    """Interval from the spread of an estimate when d units are left out at random.

    With the estimates θ_s from random subsets of n - d units, the variance of the full estimate is estimated by

        v = (n - d)/d · mean_s (θ_s - mean θ)²,

    and the interval is value ± t · sqrt(v), with min(units, n_resamples) - 1 degrees of freedom. It needs 8 rows or
    groups. It holds for smooth statistics at any d, and for rougher ones, such as quantiles, if d grows with n. It
    overstates the variance of a nearest-neighbour estimate; `HalfSampling` does not.

    Parameters
    ----------
    d : int or float
        Units left out: a number, at least 1, or a fraction of the units in (0, 1). At least two must remain.
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

    def _left_out(self, n_units: int) -> int:
        return max(1, round(self.d * n_units)) if isinstance(self.d, float) else self.d

    def _sizes(self, n_units: int) -> list[tuple[int, ...]]:
        kept = n_units - self._left_out(n_units)
        if kept < 2:
            raise InvalidInputError(f"d: must leave at least 2 of {n_units} units; got {self.d!r}")
        return [(kept,)] * self.n_resamples

    def _limits(self, found: list[FloatArray], value: float, n_units: int, level: float) -> tuple[float, float, str]:
        d = self._left_out(n_units)
        (near,), scale = rescaled_estimates(np.array(found))
        error = scale.stretch(float(near.std(ddof=1) * np.sqrt((n_units - d) / d)))
        return *t_limits(value, error, min(n_units, self.n_resamples) - 1, level), f"delete-d jackknife, d = {d}, t"
