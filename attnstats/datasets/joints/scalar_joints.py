"""Two scalars that are not jointly Gaussian: additive uniform noise, and two clusters."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from attnstats._validation import FloatArray, RNGLike, as_generator, check_count, check_positive
from attnstats.datasets.joints.class_joints import ClassConditionalGaussians
from attnstats.datasets.joints.gaussian_joints import check_correlation


@dataclass(frozen=True, repr=False)
class AdditiveNoise:
    """X uniform on (0, 1), and Y = X + N with N uniform on (-epsilon, epsilon).

    I(X; Y) = h(Y) - log(2 epsilon) is epsilon - log(2 epsilon) where epsilon <= 1/2, and 1 / (4 epsilon) elsewhere.

    Parameters
    ----------
    epsilon : float
        Half the width of the noise, above 0.

    Raises
    ------
    InvalidInputError
        If `epsilon` is not above 0.

    References
    ----------
    Czyż et al. (2023), Beyond normal: on the evaluation of mutual information estimators, NeurIPS.

    Examples
    --------
    >>> AdditiveNoise(0.75)
    AdditiveNoise(epsilon=0.75), MI = 0.3333 nats
    """

    epsilon: float

    def __post_init__(self) -> None:
        check_positive(self.epsilon, "epsilon")

    @property
    def mutual_information(self) -> float:
        """I(X; Y) in nats, exact."""
        return self.epsilon - log(2 * self.epsilon) if self.epsilon <= 0.5 else 1 / (4 * self.epsilon)

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[FloatArray, FloatArray]:
        """Return n independent pairs, x and y of shape (n, 1)."""
        check_count(n, "n")
        generator = as_generator(rng)
        x = generator.random((n, 1))
        return x, x + generator.uniform(-self.epsilon, self.epsilon, size=(n, 1))

    def __repr__(self) -> str:
        return f"AdditiveNoise(epsilon={self.epsilon:g}), MI = {self.mutual_information:.4g} nats"


@dataclass(frozen=True, repr=False)
class BimodalMixture:
    """Two equally likely Gaussian clusters on the diagonal, with unit variances and one correlation.

    The clusters are centred on ±(separation, separation) / 2. With J(d) the information between a fair sign and a
    number that is N(±d/2, 1) given the sign (`ClassConditionalGaussians`, quadrature error below 1e-8),

        I(X; Y) = 2 J(s) - J(s sqrt(2 / (1 + r))) - log(1 - r²) / 2,    s = separation, r = correlation.

    Parameters
    ----------
    separation : float
        Distance of the cluster centres along each axis, above 0; the margins have two modes where it exceeds 2.
    correlation : float
        Correlation within each cluster, in (-1, 1).

    Raises
    ------
    InvalidInputError
        If a parameter is out of range.

    References
    ----------
    Czyż et al. (2023), Beyond normal, NeurIPS (there with a Gaussian copula; here the dependence is bimodal too).

    Examples
    --------
    >>> BimodalMixture(separation=4, correlation=-0.5)
    BimodalMixture(separation=4, correlation=-0.5), MI = 0.7162 nats
    """

    separation: float
    correlation: float

    def __post_init__(self) -> None:
        check_positive(self.separation, "separation")
        check_correlation(self.correlation, -1)

    @property
    def mutual_information(self) -> float:
        """I(X; Y) in nats, by quadrature."""
        # h(X) = h(X | sign) + J, and so on; jointly the sign shows in (x + y) / sqrt(2), of variance 1 + r.
        joint = self.separation * sqrt(2 / (1 + self.correlation))
        within = -log(1 - self.correlation**2) / 2
        return 2 * _sign_information(self.separation) - _sign_information(joint) + within

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[FloatArray, FloatArray]:
        """Return n independent pairs, x and y of shape (n, 1)."""
        check_count(n, "n")
        generator = as_generator(rng)
        centre = self.separation * (generator.integers(2, size=(n, 1)) - 0.5)
        x, noise = generator.standard_normal((2, n, 1))
        y = self.correlation * x + np.sqrt(1 - self.correlation**2) * noise
        return centre + x, centre + y

    def __repr__(self) -> str:
        parameters = f"separation={self.separation:g}, correlation={self.correlation:g}"
        return f"BimodalMixture({parameters}), MI = {self.mutual_information:.4g} nats"


def _sign_information(distance: float) -> float:
    # At distances of 100 and more it is ln 2 to the last digit.
    return ClassConditionalGaussians([[0.0], [min(distance, 100.0)]]).mutual_information
