"""The t interval of a mean, corrected for skewness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, stdtrit

from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.resampling.bootstrap._method import ClosedForm
from attnstats.resampling.bootstrap._samples import Sample
from attnstats.resampling.statistic import check_number


@dataclass(frozen=True)
class HallT(ClosedForm):
    """The t interval of a mean through Hall's cubic transformation, which corrects for skewness.

    With m the mean of n units, s its standard error and κ the skewness of the values over sqrt(n), the t statistic
    T = (m - μ)/s is to first order normal after g(T) = T + A T² + A² T³/3 + B, with A = κ/3 and B = κ/6. The ends are
    m - s g⁻¹(t) and m - s g⁻¹(-t), with t from n - 1 degrees of freedom.

    With `bounds` (low, high) the same is done on the logit scale: with p = (m - low)/(high - low), φ = log(p/(1 - p))
    has the standard error s_φ = s/((high - low) p (1 - p)), A = κ/3 + (p - 1/2) s_φ and B = κ/6. The interval then lies
    within the bounds. It is defined wherever two values differ, which `Studentized`, for means of mostly equal
    values, is not. On the logit scale its coverage is below the level in small samples with a long tail.

    Parameters
    ----------
    bounds : tuple of two floats, optional
        Limits between which the values lie by their nature: (0, 1) for a share, (0, 100) for per cent.

    Raises
    ------
    InvalidInputError
        If `bounds` are not two finite numbers, the lower first, or do not hold all values; or if the statistic of
        `bootstrap_interval` is not `numpy.mean`.
    ConstantInputError
        If all units have the same mean.

    References
    ----------
    Hall (1992), On the removal of skewness by transformation, Journal of the Royal Statistical Society B 54, 221-228.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import HallT, bootstrap_interval
    >>> bootstrap_interval([0.0] * 27 + [3.0, 1.0, 7.0], np.mean, method=HallT())
    95 % CI [0.0196, 2.22] (Hall's transformed t)
    >>> bootstrap_interval([100.0] * 19 + [60.0], np.mean, method=HallT(bounds=(0, 100)))
    95 % CI [89.8, 100] (Hall's transformed t, on the logit scale)
    """

    bounds: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.bounds is None:
            return
        if not isinstance(self.bounds, tuple | list) or len(self.bounds) != 2:
            raise InvalidInputError(f"bounds: must be two numbers, low and high; got {self.bounds!r}")
        low, high = (check_number(each, "bounds", "must be two numbers, low and high") for each in self.bounds)
        if not (-np.inf < low < high < np.inf):
            raise InvalidInputError(f"bounds: must be finite, low below high; got {self.bounds!r}")

    @property
    def name(self) -> str:  # type: ignore[override]
        """What the interval is called."""
        return "Hall's transformed t" + ("" if self.bounds is None else ", on the logit scale")

    def limits(self, sample: Sample, level: float) -> tuple[float, float]:
        """Return both ends of the interval of the mean."""
        near, scale = sample.rescaled()
        mean, error, skewness = near.moments()
        if not error > 0:
            raise ConstantInputError("data: must hold units of different means for HallT(); got one mean throughout")
        t = stdtrit(min(sample.factors.values()) - 1, (1 + level) / 2) * np.array([1.0, -1.0])
        if self.bounds is None:
            low, high = mean - error * _untransformed(t, skewness / 3, skewness / 6)
            return scale.up(float(low)), scale.up(float(high))
        bottom, top = self.bounds
        if not (bottom <= sample.data.min() and sample.data.max() <= top):
            raise InvalidInputError(
                f"bounds: must hold all values of data, {self.bounds!r} do not; got values from {sample.data.min():g} "
                f"to {sample.data.max():g}"
            )
        # Distances to both bounds, each from the nearest value, so that neither is rounded away.
        below = sample.data.min() - bottom + scale.stretch(mean - float(near.data.min()))
        above = top - sample.data.max() + scale.stretch(float(near.data.max()) - mean)
        width, place = below + above, below / (below + above)
        error = scale.stretch(error) / below * (width / above)
        curved = skewness / 3 + (place - 0.5) * error
        phi = np.log(below) - np.log(above) - error * _untransformed(t, curved, skewness / 6)
        return float(bottom + width * expit(phi[0])), float(bottom + width * expit(phi[1]))


def _untransformed(x: np.ndarray, a: float, b: float) -> np.ndarray:
    """Return the T whose T + a T² + a² T³/3 + b is x."""
    return x - b if abs(a) < 1e-8 else (np.cbrt(1 + 3 * a * (x - b)) - 1) / a
