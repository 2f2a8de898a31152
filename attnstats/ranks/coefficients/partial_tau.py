"""Partial and semi-partial Kendall's tau."""

from __future__ import annotations

import math
import warnings
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import ArrayLike
from scipy import special

from attnstats._validation import FloatArray, RNGLike, as_generator, as_order, check_at_least, check_same_length
from attnstats.exceptions import ConstantInputError, InvalidInputError, UnreliableEstimateWarning
from attnstats.missing import CompleteCases, complete_cases
from attnstats.ranks._kernels import pair_counts
from attnstats.ranks.coefficients._arguments import as_pair
from attnstats.ranks.coefficients._pvalues import tail_pvalue
from attnstats.ranks.intervals._estimate import RankEstimate
from attnstats.ranks.intervals._rank_interval import RankInterval, rank_result, with_interval
from attnstats.ranks.intervals.fisher_z import JackknifeInterval, jackknife_error
from attnstats.results import SignificanceResult, counted

#: Unexplained share of the pairs of a variable below which the others determine its order.
_NONE = 1e-10
#: With fewer samples, and a smaller unexplained share of both x and y, the test of partial tau rejects too often.
_FEW_SAMPLES, _SMALL_SHARE = 20, 0.75


def partial_kendall(
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    *,
    alternative: str = "two-sided",
    interval: RankInterval | None = None,
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test the association of two variables given others by Kendall's partial tau.

    It is the partial correlation of the signs of pairs, from the matrix of tau-b of all variables: for one z,
    (τ_xy − τ_xz τ_yz)/sqrt((1 − τ_xz²)(1 − τ_yz²)). The hypothesis that it is 0 is **not** conditional independence:
    where x and y depend on z alone and both rise with it, partial tau is above 0, since the sign of a pair carries less
    of z than its values do.

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Paired samples; only their order matters. At least 4 more samples than columns of z.
    z : array_like, shape (n_samples,) or (n_samples, n_columns)
        What is given; only the order of each column matters.
    interval : JackknifeInterval or a bootstrap method such as BCa, optional
        How the interval is made; `JackknifeInterval` by default. The p-value does not depend on it.
    alternative, missing, rng
        As in `kendall`.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are partial tau.

    Raises
    ------
    InvalidInputError
        If the lengths differ, an option is unknown, or the other columns of z determine the order of one.
    NonFiniteError, TooFewSamplesError
        If a value is NaN or infinite; if there are too few samples.
    ConstantInputError
        If x, y or a column of z is constant, or z determines the order of x or of y.

    Warns
    -----
    UnreliableEstimateWarning
        With fewer than 20 samples, if z leaves less than three quarters of the pairs of x and of those of y
        unexplained: the test then rejects too often.

    Notes
    -----
    The p-value compares atanh(partial tau) over its jackknife standard error with t on n_samples − 1 − n_columns
    degrees of freedom; where that error is zero or partial tau is ±1, partial tau with the normal distribution of
    variance 2/n_samples, Kendall's bound.

    References
    ----------
    M. G. Kendall, Biometrika 32 (1942) 277-283, and Rank Correlation Methods, 4th ed., Griffin 1970, chapter 8.
    P. A. P. Moran, Biometrika 38 (1951) 26-32.

    Examples
    --------
    >>> from attnstats.ranks import partial_kendall
    >>> attention, information = [21, 5, 16, 8, 13, 2, 11, 3, 9, 12], [9, 2, 4, 5, 7, 1, 2, 3, 1, 6]
    >>> partial_kendall(attention, information, range(10))
    partial tau = 0.55, 95 % CI [0.0384, 0.833], p = .039, n = 10 samples, Kendall's partial tau given 1 variable
    (jackknife t)
    """
    return _partial_test(x, y, z, "partial tau", "Kendall's partial tau", True, alternative, interval, missing, rng)


def semipartial_kendall(
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    *,
    alternative: str = "two-sided",
    interval: RankInterval | None = None,
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test the association of y with x given z by the semi-partial tau, z taken out of x alone.

    It is the semi-partial correlation of the signs of pairs: for one z, (τ_xy − τ_xz τ_yz)/sqrt(1 − τ_xz²). Its square
    is the share of the signs of pairs of y that x explains beyond z.

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        As in `partial_kendall`: the variable that z is taken out of, and the other one.
    z, interval
        As in `partial_kendall`.
    alternative, missing, rng
        As in `kendall`.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are semi-partial tau.

    Raises
    ------
    InvalidInputError, NonFiniteError, TooFewSamplesError, ConstantInputError
        As `partial_kendall`.

    Examples
    --------
    >>> from attnstats.ranks import semipartial_kendall
    >>> attention, information = [21, 5, 16, 8, 13, 2, 11, 3, 9, 12], [9, 2, 4, 5, 7, 1, 2, 3, 1, 6]
    >>> semipartial_kendall(attention, information, range(10))
    semi-partial tau = 0.538, 95 % CI [0.0256, 0.827], p = .043, n = 10 samples, semi-partial tau given 1 variable
    (jackknife t)
    """
    return _partial_test(x, y, z, "semi-partial tau", "semi-partial tau", False, alternative, interval, missing, rng)


def _partial_test(
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    name: str,
    test: str,
    both: bool,
    alternative: str,
    interval: RankInterval | None,
    missing: CompleteCases | None,
    rng: RNGLike,
) -> SignificanceResult:
    (x, y, z), n_missing = complete_cases(missing, x=x, y=y, z=z)
    first, second = as_pair(x, y, alternative)
    given = as_order(z, "z", by_column=True)
    given = given[:, np.newaxis] if given.ndim == 1 else given
    if given.ndim != 2 or not given.shape[1]:
        raise InvalidInputError(f"z: must have shape (n,) or (n, n_columns); got {given.shape}")
    n = check_same_length(x=first, y=second, z=given)
    for column in given.T:
        if (column == column[0]).all():
            raise ConstantInputError(f"z: must vary in every column; got {column[0]:g} throughout one")
    check_at_least(n, given.shape[1] + 4, "number of samples")
    rows = np.column_stack([first, second, given])
    shares = _unexplained(_sign_products(rows))
    if shares[2:].min() < _NONE:
        raise InvalidInputError("z: must have columns that differ in order; got one that the others determine")
    for which, share in zip("xy", shares[:2], strict=True):
        if share < _NONE:
            raise ConstantInputError(f"{which}: must vary given z; got an order that z determines")
    if both and n < _FEW_SAMPLES and shares[:2].max() < _SMALL_SHARE:
        warnings.warn(
            f"z: the test rejects too often with n = {n} where z explains much of the order of x and y; "
            f"got unexplained shares of {shares[0]:.2f} and {shares[1]:.2f}",
            UnreliableEstimateWarning,
            stacklevel=3,
        )
    value = _partial_tau(both, rows)
    estimate = RankEstimate(
        name=name,
        value=value,
        scale=1.0,
        rows=rows,
        tied=False,
        statistic=partial(_partial_tau, both),
        variances=partial(_variances, both, rows),
    )
    error = jackknife_error(estimate)
    if error is None:  # as the interval does then
        how, t, df = "Kendall's variance bound", value * math.sqrt(n / 2), math.inf
    else:
        how, t, df = "jackknife t", math.atanh(value) / error, estimate.df
    test = f"{test} given {counted(given.shape[1], 'variable')} ({how})"
    pvalue = tail_pvalue(partial(special.stdtr, df), t, alternative)
    result = rank_result(estimate, test, pvalue, alternative, unit="sample", n_missing=n_missing)
    return with_interval(result, JackknifeInterval() if interval is None else interval, estimate, as_generator(rng))


def _sign_products(rows: FloatArray) -> FloatArray:
    """Return the mean over pairs of the products of the signs of columns, shape (d, d)."""
    n, d = rows.shape
    pairs = n * (n - 1) // 2
    columns = np.ascontiguousarray(rows.T)
    products = np.empty((d, d))
    for a in range(d):
        for b in range(a + 1):
            score, tied, *_ = pair_counts(columns[a], columns[b])
            products[a, b] = products[b, a] = (pairs - tied if a == b else score) / pairs
    return products


def _unexplained(products: FloatArray) -> FloatArray:
    """Return the share of the pairs of x and y that z leaves unexplained, and of each z that the others leave."""
    shares = np.empty(len(products))
    for column in range(shares.size):
        others = [each for each in range(2, shares.size) if each != column]
        cross = products[column, others]
        fitted = np.linalg.lstsq(products[np.ix_(others, others)], cross)[0] @ cross if others else 0.0
        shares[column] = 1 - fitted / products[column, column]
    return shares


def _residuals(products: FloatArray) -> FloatArray:
    """Return the weights of the columns in the residual signs of x and of y, shape (2, d)."""
    slopes = np.linalg.solve(products[2:, 2:], products[2:, :2])
    return np.hstack([np.eye(2), -slopes.T])


def _partial_tau(both: bool, rows: FloatArray) -> float:
    """Return the partial tau, or the semi-partial tau with z taken out of x alone."""
    products = _sign_products(rows)
    in_x, in_y = _residuals(products)
    spread_y = in_y @ products @ in_y if both else products[1, 1]
    return float(in_x @ products @ in_y / math.sqrt(in_x @ products @ in_x * spread_y))


def _variances(both: bool, rows: FloatArray) -> tuple[float, float]:
    """Return the jackknife variance and the deflated one, as `OrdinalAssociation.variances` does."""
    # With e the residual signs of a pair, the influence of the pair on r = <e_x e_y>/(s_x s_y) is
    # e_x e_y/(s_x s_y) − r/2 (e_x²/s_x² + e_y²/s_y²); the slopes do not enter to first order. In the semi-partial tau
    # s_y and its term are those of the signs of y themselves.
    n, products = len(rows), _sign_products(rows)
    in_x, in_y = _residuals(products)
    raw_y = in_y if both else np.eye(len(in_y))[1]
    r = _partial_tau(both, rows)
    spread_x, spread_y = (math.sqrt(each @ products @ each) for each in (in_x, raw_y))
    weights = np.column_stack([in_x / spread_x, in_y / spread_y, raw_y / spread_y])
    by_sample, squares = _influences(rows, weights, r)
    samples = float(((by_sample - by_sample.mean()) ** 2).sum())
    within = squares / (n * (n - 1) - 1)
    first = (samples - within) / (n - 2)
    return 4 * (n - 1) / (n * (n - 2) ** 2) * samples, (4 * (n - 2) * first + 2 * within) / (n * (n - 1))


@njit(cache=True)
def _influences(rows: FloatArray, weights: FloatArray, r: float) -> tuple[FloatArray, float]:
    """Return the mean influence of each sample's pairs, shape (n,), and the sum of squares over ordered pairs."""
    n, d = rows.shape
    by_sample, squares = np.zeros(n), 0.0
    for i in range(n):
        for j in range(i):
            x, y, raw = 0.0, 0.0, 0.0
            for a in range(d):
                sign = int(rows[i, a] > rows[j, a]) - int(rows[i, a] < rows[j, a])
                x += weights[a, 0] * sign
                y += weights[a, 1] * sign
                raw += weights[a, 2] * sign
            influence = x * y - r / 2 * (x * x + raw * raw)
            by_sample[i] += influence / (n - 1)
            by_sample[j] += influence / (n - 1)
            squares += 2 * influence * influence
    return by_sample, squares
