"""Joint distributions under injective transforms, which keep the mutual information."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from attnstats._validation import FloatArray, RNGLike, as_float_array, check_number
from attnstats.datasets.joints.known_truth import KnownTruth
from attnstats.exceptions import InvalidInputError

#: An injective map of samples, shape (n, dim) to shape (n, dim'), each row on its own.
Transform: TypeAlias = Callable[[FloatArray], FloatArray]


def _of_numbers(transform: Callable[..., FloatArray]) -> Callable[..., FloatArray]:
    """Let a transform take any array of numbers, and refuse numbers whose images are infinite."""

    @wraps(transform)
    def checked(values: ArrayLike, **options: float) -> FloatArray:
        given = as_float_array(values, "values")
        with np.errstate(over="ignore", invalid="ignore"):
            image = transform(given, **options)
        if not np.isfinite(image).all():
            largest = np.abs(given).max()
            raise InvalidInputError(f"values: must have finite images under {transform.__name__}; got {largest:.3g}")
        return image

    return checked


@dataclass(frozen=True, repr=False)
class Transformed:
    """A joint distribution with injective transforms of its variables, which keep the mutual information.

    Parameters
    ----------
    base : KnownTruth
        The joint that is sampled; it may itself be a `Transformed`.
    transform_x, transform_y : callable, optional
        Maps of samples of shape (n, dim) to shape (n, dim'); by default the identity. They must be injective, which is
        not checked: otherwise the stated information is wrong.

    Raises
    ------
    InvalidInputError
        If `base` is no `KnownTruth`, or a transform is not callable.

    References
    ----------
    Kraskov, Stögbauer, Grassberger (2004), Phys. Rev. E 69, 066138, appendix (invariance). Czyż et al. (2023), Beyond
    normal: on the evaluation of mutual information estimators, NeurIPS.

    Examples
    --------
    >>> from attnstats.datasets import GaussianJoint, half_cube, normal_cdf, swiss_roll
    >>> gaussian = GaussianJoint.dense(1, 1, correlation=0.75)
    >>> Transformed(gaussian, half_cube, half_cube)
    Transformed(GaussianJoint(dim_x=1, dim_y=1), half_cube, half_cube), MI = 0.4133 nats
    >>> Transformed(Transformed(gaussian, normal_cdf), swiss_roll).sample(100, rng=0)[0].shape
    (100, 2)
    """

    base: KnownTruth
    transform_x: Transform | None = None
    transform_y: Transform | None = None

    def __post_init__(self) -> None:
        if isinstance(self.base, type) or not isinstance(self.base, KnownTruth):
            raise InvalidInputError(f"base: must be a joint such as GaussianJoint.dense(1, 1, 0.5); got {self.base!r}")
        for name in ("transform_x", "transform_y"):
            transform = getattr(self, name)
            if not (transform is None or callable(transform)):
                raise InvalidInputError(f"{name}: must be a function of samples, or None; got {transform!r}")

    @property
    def mutual_information(self) -> float:
        """I(X; Y) in nats: that of the base."""
        return self.base.mutual_information

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[FloatArray, FloatArray]:
        """Return n independent pairs: those of the base with the same rng, transformed."""
        x, y = self.base.sample(n, rng=rng)
        return (
            x if self.transform_x is None else self.transform_x(x),
            y if self.transform_y is None else self.transform_y(y),
        )

    def __repr__(self) -> str:
        base = repr(self.base).split(", MI = ")[0]
        names = (getattr(each, "__name__", repr(each)) for each in (self.transform_x, self.transform_y))
        return f"Transformed({base}, {', '.join(names)}), MI = {self.mutual_information:.4g} nats"


@_of_numbers
def half_cube(values: FloatArray) -> FloatArray:
    """Return ``sign(v) |v|^(3/2)`` of each value, which lengthens the tails.

    Examples
    --------
    >>> import numpy as np
    >>> half_cube(np.array([[-4.0, 0.0, 1.0]]))
    array([[-8.,  0.,  1.]])
    """
    return values * np.sqrt(np.abs(values))


@_of_numbers
def asinh(values: FloatArray) -> FloatArray:
    """Return the inverse hyperbolic sine of each value, which shortens the tails.

    Examples
    --------
    >>> import numpy as np
    >>> asinh(np.array([[0.0, 10.0]])).round(3)
    array([[0.   , 2.998]])
    """
    return np.arcsinh(values)


@_of_numbers
def wiggly(values: FloatArray) -> FloatArray:
    """Return v + 0.4 sin v + 0.2 sin(1.7 v + 1) + 0.03 sin(3.3 v - 2.5) of each value, with slopes of 0.16 to 1.84.

    Examples
    --------
    >>> import numpy as np
    >>> wiggly(np.array([[0.0, 1.0]])).round(3)
    array([[0.15 , 1.444]])
    """
    return values + 0.4 * np.sin(values) + 0.2 * np.sin(1.7 * values + 1) + 0.03 * np.sin(3.3 * values - 2.5)


@_of_numbers
def normal_cdf(values: FloatArray) -> FloatArray:
    """Return the standard normal distribution function of each value; standard normal values become uniform.

    Examples
    --------
    >>> import numpy as np
    >>> normal_cdf(np.array([[-1.96, 0.0, 1.96]])).round(3)
    array([[0.025, 0.5  , 0.975]])
    """
    return np.asarray(ndtr(values))


@_of_numbers
def spiral(values: FloatArray, *, speed: float = 1 / 3) -> FloatArray:
    """Rotate the first two columns of each row by ``speed`` times the squared norm of the row, in radians.

    Raises
    ------
    InvalidInputError
        If there are fewer than two columns.

    Examples
    --------
    >>> import numpy as np
    >>> spiral(np.array([[1.0, 0.0], [2.0, 0.0]]), speed=np.pi / 6).round(3)
    array([[ 0.866,  0.5  ],
           [-1.   ,  1.732]])
    """
    if values.ndim != 2 or values.shape[1] < 2:
        raise InvalidInputError(f"values: must have shape (n, dim) with dim at least 2; got {values.shape}")
    angle = check_number(speed, "speed") * (values**2).sum(axis=1)
    cosine, sine = np.cos(angle), np.sin(angle)
    first, second = values[:, 0], values[:, 1]
    turned = values.copy()
    turned[:, 0], turned[:, 1] = cosine * first - sine * second, sine * first + cosine * second
    return turned


@_of_numbers
def swiss_roll(values: FloatArray) -> FloatArray:
    """Map the unit interval to a spiral in the plane: u becomes t (cos t, sin t) / 21, with t = 3 pi (1 + 2 u) / 2.

    Raises
    ------
    InvalidInputError
        If there is more than one column, or a value outside [0, 1]; apply `normal_cdf` first.

    References
    ----------
    Marsland (2014), Machine learning: an algorithmic perspective, section 6.6. Czyż et al. (2023), Beyond normal.

    Examples
    --------
    >>> import numpy as np
    >>> swiss_roll(np.array([[0.0], [1.0]])).round(3)
    array([[-0.   , -0.224],
           [ 0.   ,  0.673]])
    """
    if values.ndim != 2 or values.shape[1] != 1:
        raise InvalidInputError(f"values: must have shape (n, 1); got {values.shape}")
    if values.size and (values.min() < 0 or values.max() > 1):
        raise InvalidInputError(f"values: must lie in [0, 1]; got {values.min():.3g} to {values.max():.3g}")
    angle = 3 * np.pi * (1 + 2 * values) / 2
    return np.asarray(np.hstack([angle * np.cos(angle), angle * np.sin(angle)]) / 21)
