"""Joint distributions with elliptical contours: Gaussian, and Student with heavy tails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from attnstats._validation import (
    FloatArray,
    RNGLike,
    as_float_array,
    as_generator,
    check_count,
    check_number,
    check_positive,
)
from attnstats.exceptions import InvalidInputError


@dataclass(frozen=True, eq=False, repr=False)
class GaussianJoint:
    """Two jointly Gaussian vectors with mean zero.

    I(X; Y) = (log det S_x + log det S_y - log det S) / 2, with S the covariance of (X, Y), and S_x, S_y its parts.

    Parameters
    ----------
    covariance : array_like of shape (dim_x + dim_y, dim_x + dim_y)
        Covariance of the columns of X followed by those of Y; symmetric and positive definite.
    dim_x : int
        Columns of X; the rest are those of Y.

    Raises
    ------
    InvalidInputError
        If the covariance is not square, symmetric and positive definite, or leaves no column to Y.

    References
    ----------
    Cover and Thomas (2006), Elements of information theory, section 8.4. Czyż et al. (2023), Beyond normal: on the
    evaluation of mutual information estimators, NeurIPS (dense and sparse patterns).

    Examples
    --------
    >>> GaussianJoint([[1, 0.75], [0.75, 1]], dim_x=1)
    GaussianJoint(dim_x=1, dim_y=1), MI = 0.4133 nats
    >>> GaussianJoint.dense(2, 3, correlation=0.5)
    GaussianJoint(dim_x=2, dim_y=3), MI = 0.3466 nats
    >>> GaussianJoint.sparse(5, 5, n_pairs=2, correlation=0.8)
    GaussianJoint(dim_x=5, dim_y=5), MI = 1.022 nats
    """

    covariance: FloatArray
    dim_x: int

    def __init__(self, covariance: ArrayLike, dim_x: int) -> None:
        matrix = as_float_array(covariance, "covariance", ndim=2)
        if matrix.shape[0] != matrix.shape[1] or not np.allclose(matrix, matrix.T):
            raise InvalidInputError(f"covariance: must be square and symmetric; got shape {matrix.shape}")
        if not matrix.size:
            raise InvalidInputError(f"covariance: must have two columns or more; got shape {matrix.shape}")
        if (smallest := np.linalg.eigvalsh(matrix)[0]) <= 0:
            raise InvalidInputError(f"covariance: must be positive definite; got smallest eigenvalue {smallest:.3g}")
        if check_count(dim_x, "dim_x") >= len(matrix):
            raise InvalidInputError(f"dim_x: must be below the {len(matrix)} columns of the covariance; got {dim_x}")
        object.__setattr__(self, "covariance", matrix.copy())
        object.__setattr__(self, "dim_x", int(dim_x))
        self.covariance.flags.writeable = False

    @classmethod
    def dense(cls, dim_x: int, dim_y: int, correlation: float) -> Self:
        """Return the joint with unit variances and the same correlation between every two columns."""
        size = check_count(dim_x, "dim_x") + check_count(dim_y, "dim_y")
        check_correlation(correlation, -1 / (size - 1))
        return cls(np.full((size, size), correlation) + (1 - correlation) * np.eye(size), dim_x)

    @classmethod
    def sparse(cls, dim_x: int, dim_y: int, n_pairs: int, correlation: float) -> Self:
        """Return the joint with unit variances in which only X_j and Y_j for j < n_pairs are correlated."""
        check_count(dim_x, "dim_x")
        check_count(dim_y, "dim_y")
        if check_count(n_pairs, "n_pairs", minimum=0) > min(dim_x, dim_y):
            raise InvalidInputError(f"n_pairs: must be at most {min(dim_x, dim_y)}, the smaller dim; got {n_pairs}")
        check_correlation(correlation, -1)
        covariance = np.eye(dim_x + dim_y)
        pairs = np.arange(n_pairs)
        covariance[pairs, dim_x + pairs] = covariance[dim_x + pairs, pairs] = correlation
        return cls(covariance, dim_x)

    @property
    def dim_y(self) -> int:
        """Columns of Y."""
        return len(self.covariance) - self.dim_x

    @property
    def mutual_information(self) -> float:
        """I(X; Y) in nats, exact."""
        parts = self.covariance[: self.dim_x, : self.dim_x], self.covariance[self.dim_x :, self.dim_x :]
        of_x, of_y, of_both = (float(np.linalg.slogdet(part)[1]) for part in (*parts, self.covariance))
        return (of_x + of_y - of_both) / 2

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[FloatArray, FloatArray]:
        """Return n independent pairs: x of shape (n, dim_x) and y of shape (n, dim_y)."""
        check_count(n, "n")
        normal = as_generator(rng).standard_normal((n, len(self.covariance)))
        both = normal @ np.linalg.cholesky(self.covariance).T
        return np.ascontiguousarray(both[:, : self.dim_x]), np.ascontiguousarray(both[:, self.dim_x :])

    def __repr__(self) -> str:
        return f"GaussianJoint(dim_x={self.dim_x}, dim_y={self.dim_y}), MI = {self.mutual_information:.4g} nats"


@dataclass(frozen=True, repr=False)
class StudentJoint:
    """Two jointly Student vectors: a Gaussian pair divided by one common random scale.

    (X, Y) = (G_x, G_y) / sqrt(V / df), with G Gaussian and V an independent chi-square with ``df`` degrees of freedom,
    are dependent even if G_x and G_y are not. With f(v) = log Gamma(v/2) - (v/2) psi(v/2),

        I(X; Y) = I(G_x; G_y) + f(df) + f(df + dim_x + dim_y) - f(df + dim_x) - f(df + dim_y).

    Parameters
    ----------
    gaussian : GaussianJoint
        The pair before scaling; its covariance is the scale matrix.
    df : float
        Degrees of freedom, above 0. The variance is infinite up to 2, and the mean undefined up to 1.

    Raises
    ------
    InvalidInputError
        If a parameter has the wrong type or range.

    References
    ----------
    Arellano-Valle, Contreras-Reyes, Genton (2013), Shannon entropy and mutual information for multivariate
    skew-elliptical distributions, Scand. J. Stat. 40, 42-62. Czyż et al. (2023), Beyond normal, NeurIPS.

    Examples
    --------
    >>> from attnstats.datasets import GaussianJoint
    >>> StudentJoint(GaussianJoint.dense(1, 1, correlation=0.0), df=1)
    StudentJoint(GaussianJoint(dim_x=1, dim_y=1), df=1), MI = 0.2242 nats
    """

    gaussian: GaussianJoint
    df: float

    def __post_init__(self) -> None:
        if not isinstance(self.gaussian, GaussianJoint):
            raise InvalidInputError(f"gaussian: must be a GaussianJoint; got {self.gaussian!r}")
        check_positive(self.df, "df")

    @property
    def mutual_information(self) -> float:
        """I(X; Y) in nats, exact."""
        dim_x, dim_y = self.gaussian.dim_x, self.gaussian.dim_y
        half = np.array([0, dim_x + dim_y, dim_x, dim_y]) / 2 + self.df / 2
        terms = gammaln(half) - half * digamma(half)
        return self.gaussian.mutual_information + float(terms[0] + terms[1] - terms[2] - terms[3])

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[FloatArray, FloatArray]:
        """Return n independent pairs: x of shape (n, dim_x) and y of shape (n, dim_y)."""
        generator = as_generator(rng)
        x, y = self.gaussian.sample(n, rng=generator)
        scale = np.sqrt(generator.chisquare(self.df, size=(n, 1)) / self.df)
        return x / scale, y / scale

    def __repr__(self) -> str:
        gaussian = f"GaussianJoint(dim_x={self.gaussian.dim_x}, dim_y={self.gaussian.dim_y})"
        return f"StudentJoint({gaussian}, df={self.df:g}), MI = {self.mutual_information:.4g} nats"


def check_correlation(value: float, low: float) -> None:
    """Raise unless a correlation lies strictly between the lowest possible one and 1."""
    if not low < check_number(value, "correlation") < 1:
        raise InvalidInputError(f"correlation: must lie strictly between {low:.4g} and 1; got {value!r}")
