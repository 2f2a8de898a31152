"""A vector X and a class Y with known mutual information: Gaussian classes, a logistic model, an exclusive or."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr, expit, logsumexp

from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_float_array,
    as_generator,
    check_between,
    check_count,
    check_number,
)
from attnstats.datasets.joints._normal_expectation import normal_nodes
from attnstats.datasets.joints.channels import binary_entropy
from attnstats.exceptions import InvalidInputError

#: Largest absolute mean, so that squares do not overflow.
_FARTHEST = 1e150


@dataclass(frozen=True, eq=False, repr=False)
class ClassConditionalGaussians:
    """A class Y, and a vector X that is Gaussian within each class.

    With p_k the probability of class k and f_k the density of X in it,

        I(X; Y) = sum_k p_k E_k[log f_k(X) - log sum_j p_j f_j(X)],

    by deterministic quadrature. Its error is below 1e-7 in one dimension if the standard deviations of the classes are
    within a factor of 100, and in two if within a factor of 10; it is about 1e-4 in three dimensions and below 1e-3 in
    twenty. Two classes with one covariance need one dimension.

    Parameters
    ----------
    means : array_like of shape (n_classes, dim_x)
        Mean of each class; at least two classes.
    covariances : array_like of shape (dim_x, dim_x) or (n_classes, dim_x, dim_x), optional
        The covariance of all classes, or of each; symmetric and positive definite. By default the identity.
    probabilities : sequence of float, optional
        Probability of each class, positive, with sum 1. By default equal.

    Raises
    ------
    InvalidInputError
        If a parameter has the wrong shape or range.

    Examples
    --------
    >>> joint = ClassConditionalGaussians(means=[[0, 0, 0], [2, 0, 0]])
    >>> joint
    ClassConditionalGaussians(n_classes=2, dim_x=3), MI = 0.3368 nats
    >>> [each.shape for each in joint.sample(100, rng=0)]
    [(100, 3), (100,)]
    """

    means: FloatArray
    covariances: FloatArray
    probabilities: FloatArray

    def __init__(
        self, means: ArrayLike, covariances: ArrayLike | None = None, probabilities: Sequence[float] | None = None
    ) -> None:
        centres = as_float_array(means, "means", ndim=2)
        n_classes, dim = centres.shape
        if n_classes < 2 or dim < 1:
            raise InvalidInputError(f"means: must have shape (2 or more classes, dim_x); got {centres.shape}")
        if np.abs(centres).max() > _FARTHEST:
            raise InvalidInputError(f"means: must lie within {_FARTHEST:g} of zero; got {np.abs(centres).max():.3g}")
        matrices = np.eye(dim) if covariances is None else as_float_array(covariances, "covariances")
        if matrices.shape not in ((dim, dim), (n_classes, dim, dim)):
            raise InvalidInputError(
                f"covariances: must have shape {(dim, dim)} or {(n_classes, dim, dim)}; got {matrices.shape}"
            )
        if not np.allclose(matrices, matrices.swapaxes(-1, -2)) or np.linalg.eigvalsh(matrices).min() <= 0:
            raise InvalidInputError(f"covariances: must be symmetric and positive definite; got {matrices!r}")
        equal = np.full(n_classes, 1 / n_classes)
        shares = equal if probabilities is None else as_float_array(probabilities, "probabilities", ndim=1)
        if len(shares) != n_classes or shares.min() <= 0 or not np.isclose(shares.sum(), 1):
            raise InvalidInputError(
                f"probabilities: must be {n_classes} positive numbers with sum 1; got {probabilities!r}"
            )
        for name, array in (("means", centres), ("covariances", matrices), ("probabilities", shares)):
            kept = array.copy()
            kept.flags.writeable = False
            object.__setattr__(self, name, kept)

    @cached_property
    def mutual_information(self) -> float:
        """I(X; Y) in nats, by quadrature."""
        means, factors = self.means, np.linalg.cholesky(self.covariances)
        if factors.ndim == 2:
            # Only the span of the whitened differences of the means holds information.
            whitened = np.linalg.solve(factors, (means - means[0]).T).T
            _, sizes, directions = np.linalg.svd(whitened, full_matrices=False)
            means = whitened @ directions[sizes > 1e-12 * sizes.max()].T
            if not means.shape[1]:
                return 0.0  # the means coincide
            factors = np.eye(means.shape[1])
        factors = np.broadcast_to(factors, (len(means), *factors.shape[-2:]))
        inverses = np.linalg.inv(factors)
        nodes, weights = normal_nodes(means.shape[1])
        log_p = np.log(self.probabilities)
        total = 0.0
        for own, (mean, factor) in enumerate(zip(means, factors, strict=True)):
            x = mean + nodes @ factor.T
            log_density = np.column_stack([_log_normal(x, *other) for other in zip(means, inverses, strict=True)])
            local = log_density[:, own] - logsumexp(log_density + log_p, axis=1)
            total += float(self.probabilities[own] * (weights @ local))
        return total

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[FloatArray, IntArray]:
        """Return n independent pairs: x of shape (n, dim_x) and labels y of shape (n,), numbered from 0."""
        check_count(n, "n")
        generator = as_generator(rng)
        n_classes, dim = self.means.shape
        y = generator.choice(n_classes, size=n, p=self.probabilities).astype(np.int64)
        factors = np.broadcast_to(np.linalg.cholesky(self.covariances), (n_classes, dim, dim))
        x = generator.standard_normal((n, dim))
        for label in range(n_classes):
            x[y == label] = self.means[label] + x[y == label] @ factors[label].T
        return x, y

    def __repr__(self) -> str:
        n_classes, dim = self.means.shape
        return f"ClassConditionalGaussians(n_classes={n_classes}, dim_x={dim}), MI = {self.mutual_information:.4g} nats"


@dataclass(frozen=True, repr=False)
class LogisticLabels:
    """A standard normal vector X, and a class Y that follows a logistic model.

    P(Y = 1 | X = x) = p = 1 / (1 + exp(-t)), with t = intercept + w·x, normal with standard deviation ``norm``. With h
    the binary entropy, I(X; Y) = h(E p) - E h(p), by quadrature over t with an error below 1e-8 for a norm of up to 100
    (3e-4 at 1000).

    Parameters
    ----------
    dim_x : int
        Columns of X.
    norm : float
        Euclidean norm of w, at least 0; every entry is norm / sqrt(dim_x).
    intercept : float, default 0
        Log odds of class 1 at x = 0.

    Raises
    ------
    InvalidInputError
        If a parameter is out of range.

    Examples
    --------
    >>> LogisticLabels(64, norm=2.0)
    LogisticLabels(dim_x=64, norm=2, intercept=0), MI = 0.2311 nats
    """

    dim_x: int
    norm: float
    intercept: float = 0.0

    def __post_init__(self) -> None:
        check_count(self.dim_x, "dim_x")
        if check_number(self.norm, "norm") < 0:
            raise InvalidInputError(f"norm: must be a finite number of at least 0; got {self.norm!r}")
        check_number(self.intercept, "intercept")

    @property
    def mutual_information(self) -> float:
        """I(X; Y) in nats, by quadrature."""
        nodes, weights = normal_nodes(1)
        log_odds = self.intercept + self.norm * nodes[:, 0]
        p, q = expit(log_odds), expit(-log_odds)
        return float(entr(weights @ p) + entr(weights @ q) - weights @ (entr(p) + entr(q)))

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[FloatArray, IntArray]:
        """Return n independent pairs: x of shape (n, dim_x) and labels y of shape (n,), 0 or 1."""
        check_count(n, "n")
        generator = as_generator(rng)
        x = generator.standard_normal((n, self.dim_x))
        log_odds = self.intercept + self.norm / sqrt(self.dim_x) * x.sum(axis=1)
        return x, (generator.random(n) < expit(log_odds)).astype(np.int64)

    def __repr__(self) -> str:
        parameters = f"dim_x={self.dim_x}, norm={self.norm:g}, intercept={self.intercept:g}"
        return f"LogisticLabels({parameters}), MI = {self.mutual_information:.4g} nats"


@dataclass(frozen=True, repr=False)
class XORLabels:
    """A standard normal vector X, and a class Y: whether its first two columns agree in sign, flipped at random.

    Y is independent of each column alone, and uncorrelated with every linear function of X. I(X; Y) = ln 2 - h(flip),
    with h the binary entropy.

    Parameters
    ----------
    dim_x : int
        Columns of X, at least 2; all but the first two are noise.
    flip : float, default 0.1
        Probability that the label is flipped, in [0, 1].

    Raises
    ------
    InvalidInputError
        If a parameter is out of range.

    Examples
    --------
    >>> XORLabels(16)
    XORLabels(dim_x=16, flip=0.1), MI = 0.3681 nats
    """

    dim_x: int
    flip: float = 0.1

    def __post_init__(self) -> None:
        check_count(self.dim_x, "dim_x", minimum=2)
        check_between(self.flip, "flip", 0, 1)

    @property
    def mutual_information(self) -> float:
        """I(X; Y) in nats, exact."""
        return log(2) - binary_entropy(self.flip)

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[FloatArray, IntArray]:
        """Return n independent pairs: x of shape (n, dim_x) and labels y of shape (n,), 0 or 1."""
        check_count(n, "n")
        generator = as_generator(rng)
        x = generator.standard_normal((n, self.dim_x))
        agree = (x[:, 0] > 0) == (x[:, 1] > 0)
        return x, (agree ^ (generator.random(n) < self.flip)).astype(np.int64)

    def __repr__(self) -> str:
        return f"XORLabels(dim_x={self.dim_x}, flip={self.flip:g}), MI = {self.mutual_information:.4g} nats"


def _log_normal(x: FloatArray, mean: FloatArray, inverse: FloatArray) -> FloatArray:
    """Return the log density of N(mean, C) at each row of x, up to a constant, from C's inverse Cholesky factor."""
    return np.asarray(np.log(np.diag(inverse)).sum() - (((x - mean) @ inverse.T) ** 2).sum(axis=1) / 2)
