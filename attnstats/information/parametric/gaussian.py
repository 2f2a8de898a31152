"""Mutual information of jointly Gaussian vectors, from the principal angles between their column spaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma

from attnstats._validation import FloatArray, IntArray, RNGLike, as_permutations, check_at_least, check_samples
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.information._class_rule import is_discrete
from attnstats.information._strata import within_strata
from attnstats.information.discrete.entropy import MillerMadow
from attnstats.information.interface import MIEstimator


@dataclass(frozen=True)
class Gaussian(MIEstimator):
    """Mutual information of two jointly Gaussian vectors, with the exact bias removed.

    With S the sample covariance, nu = n - 1 its degrees of freedom, and G(p) = sum_{i=1..p} psi((nu - i + 1) / 2),

        I = [log|S_x| + log|S_y| - log|S_xy|] / 2 - [G(dim_x) + G(dim_y) - G(dim_x + dim_y)] / 2.

    For Gaussian data the estimate is unbiased at every n. For other data it estimates the information of the Gaussian
    with the same covariance, which may lie on either side of the truth.

    Parameters
    ----------
    bias_correction : bool, default True
        Subtract the second bracket. Without it the value is the maximum-likelihood estimate, biased upwards by about
        dim_x dim_y / 2n.

    Raises
    ------
    TooFewSamplesError, ConstantInputError
        If there are no more samples than columns of x, y and z together; if x or y does not vary given z.
    InvalidInputError
        If a linear combination of y is determined by x (and z): the information is infinite. Or if the estimate exceeds
        the entropy of x or of y, as where few values depend strongly; use `Binned` or `GaussianCopula`.

    Notes
    -----
    Columns that are constant or determined by the others of the same variable are dropped. The value is computed as
    -sum log(sin theta_i) over the principal angles between the column spaces, accurate for badly scaled columns and for
    correlations next to one. Given z, the columns are replaced by their residuals on z and nu by n - 1 - dim_z. Labels
    z split the sample into strata, each with its own Gaussian. The local terms are log N(x, y) / (N(x) N(y)) at the
    fitted parameters, all shifted by the bias correction.

    References
    ----------
    Misra, Singh, Demchuk (2005), J. Multivariate Analysis 92, 324-342 (the bias). Björck, Golub (1973), Mathematics of
    Computation 27, 579-594.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Gaussian
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 1000))
    >>> round(Gaussian().estimate(x, 0.8 * x + 0.6 * noise), 2)  # truth: -log(1 - 0.8**2) / 2 = 0.51 nats
    0.51
    """

    bias_correction: bool = True

    discrete_z: ClassVar[bool] = True

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return log N(x, y) / (N(x) N(y)) of each sample, shifted by the bias correction, shape (n,), nats."""
        del rng  # deterministic
        return gaussian_terms(*check_samples(x, y, groups=groups), bias_correction=self.bias_correction)

    def conditional_pointwise(
        self, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return log N(x, y | z) / (N(x | z) N(y | z)) of each sample, shifted likewise, shape (n,), nats."""
        if is_discrete(z, "z"):
            return within_strata(self.pointwise, x, y, z, groups=groups, rng=rng)
        return gaussian_terms(*check_samples(x, y, z, groups=groups), bias_correction=self.bias_correction)

    def permuted_estimates(self, x: ArrayLike, y: ArrayLike, rows: IntArray) -> FloatArray:
        """Return the estimate of x and ``y[row]`` for each row of ``rows``, shape (n_permutations,), nats."""
        x, y = check_samples(x, y)
        return permuted_gaussian(x, y, rows, bias_correction=self.bias_correction)


def gaussian_terms(
    x: FloatArray, y: FloatArray, z: FloatArray | None = None, *, bias_correction: bool = True
) -> FloatArray:
    """Return the local terms of the information of x and y, given z where there is one, shape (n,), nats."""
    basis_x, basis_y, freedom = _residual_bases(x, y, z)
    angles, sines = _unexplained(basis_x, basis_y)
    # Twice the log ratio is the distance of y less that of y given x. Both have mean rank_y, so the mean is `value`.
    distances = np.einsum("ij,ij->i", basis_y, basis_y) - np.einsum("ij,ij->i", angles, angles)
    value = _value(basis_x, sines, freedom, bias_correction)
    check_below_entropy(value, x=x, y=y)
    terms: FloatArray = value + len(x) / 2 * distances
    return terms


def permuted_gaussian(x: FloatArray, y: FloatArray, rows: IntArray, *, bias_correction: bool = True) -> FloatArray:
    """Return the information of x and ``y[row]`` for each row of ``rows``, shape (n_permutations,), nats."""
    basis_x, basis_y, freedom = _residual_bases(x, y, None)
    values = [
        _value(basis_x, _unexplained(basis_x, basis_y[row])[1], freedom, bias_correction)
        for row in as_permutations(rows, len(x))
    ]
    return np.array(values)


def centred_columns(values: FloatArray, name: str) -> FloatArray:
    """Return the columns that vary, with mean zero, in units of their largest size; at least one must."""
    varying = values[:, np.ptp(values / 2, axis=0) > 0]  # halved: the range of finite numbers need not be finite
    if not varying.shape[1]:
        raise ConstantInputError(f"{name}: must vary; got the same value in all {len(values)} samples")
    columns = varying / np.abs(varying).max(axis=0)
    centred: FloatArray = columns - columns.mean(axis=0)
    return centred


def orthonormal_basis(values: FloatArray, name: str, given: FloatArray | None = None) -> FloatArray:
    """Return an orthonormal basis of the centred columns, or of their residuals on `given`, shape (n, rank)."""
    columns = centred_columns(values, name)
    columns /= np.linalg.norm(columns, axis=0)
    if given is not None:
        for _ in range(2):  # a second pass removes the rounding errors of the first
            columns = columns - given @ (given.T @ columns)
    basis, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    rounding = np.finfo(np.float64).eps * len(values) * np.sqrt(columns.shape[1])
    kept: FloatArray = basis[:, sizes > rounding]
    if not kept.shape[1]:
        raise ConstantInputError(f"{name}: must vary given z; got a linear function of z")
    return kept


def check_below_entropy(value: float, **sides: FloatArray) -> None:
    """Raise if an estimate exceeds the Miller-Madow entropy of x or of y, whose rows repeat."""
    # A Gaussian fitted to few distinct values can give such an estimate. Where more than half of the rows are distinct
    # the sample does not determine the entropy, and nothing is checked.
    for name, rows in sides.items():
        if any(len(np.unique(column)) == len(rows) for column in rows.T):
            continue
        counts = np.unique(rows, axis=0, return_counts=True)[1]
        if len(counts) > len(rows) / 2:
            continue
        entropy = MillerMadow().entropy(counts)
        if value > entropy:
            raise InvalidInputError(
                f"x and y: their information cannot exceed the entropy of {name}, {entropy:.4g} nats; got {value:.4g}:"
                f" a Gaussian does not fit {len(counts)} different values that depend so strongly. Use Binned for"
                " columns of few levels, GaussianCopula for one column against one, Ross or Probe where one variable is"
                " a class"
            )


def wishart_bias(dims: float, freedom: int) -> float:
    """Return E log|S| - log|Sigma| of a sample covariance S with `freedom` degrees, linear between whole `dims`."""
    whole = int(dims)
    terms = digamma((freedom - np.arange(whole + (dims > whole))) / 2) - np.log(freedom / 2)
    return float(terms[:whole].sum() + (dims - whole) * terms[whole:].sum())


def _residual_bases(x: FloatArray, y: FloatArray, z: FloatArray | None) -> tuple[FloatArray, FloatArray, int]:
    """Return bases of x and y given z, and the degrees of freedom left by z and the mean."""
    variables = {"x": x, "y": y} if z is None else {"x": x, "y": y, "z": z}
    dims = sum(values.shape[1] for values in variables.values())
    check_at_least(len(x), dims + 1, f"number of samples of {' and '.join(variables)} with {dims} columns in all")
    given = None
    if z is not None and np.ptp(z / 2, axis=0).any():
        given = orthonormal_basis(z, "z")
    freedom = len(x) - 1 - (0 if given is None else given.shape[1])
    return orthonormal_basis(x, "x", given), orthonormal_basis(y, "y", given), freedom


def _unexplained(basis_x: FloatArray, basis_y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a basis of the residuals of y on x, shape (n, rank_y), and the sines of the principal angles."""
    residuals = basis_y - basis_x @ (basis_x.T @ basis_y)
    basis, sines, _ = np.linalg.svd(residuals, full_matrices=False)
    if sines[-1] <= np.finfo(np.float64).eps * len(basis_x):
        raise InvalidInputError(
            "x and y: must not determine each other; got a canonical correlation of 1, for which the information is"
            " infinite"
        )
    return basis, sines


def _value(basis_x: FloatArray, sines: FloatArray, freedom: int, bias_correction: bool) -> float:
    value = -float(np.log(sines).sum())
    if not bias_correction:
        return value
    rank_x, rank_y = basis_x.shape[1], len(sines)
    bias = wishart_bias(rank_x, freedom) + wishart_bias(rank_y, freedom) - wishart_bias(rank_x + rank_y, freedom)
    return value - bias / 2
