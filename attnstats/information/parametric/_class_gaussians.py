"""Mutual information of a vector and a class whose conditional distributions are Gaussian."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from attnstats._validation import FloatArray, IntArray, check_at_least
from attnstats.exceptions import ConstantInputError


def class_terms(x: FloatArray, codes: IntArray) -> FloatArray:
    """Return the local terms log q(y | x) / p(y) of Gaussian classes, one Gaussian q(x | y) each, shape (n,), in nats.

    At any fixed q the expectation is I - E KL(p(y | x) || q(y | x)), a lower bound of the information.
    """
    # q(y | x) follows by Bayes' rule from the class frequencies and a Gaussian for each class, with its own mean and
    # covariance (quadratic discriminant analysis). Each term is the mean of two: with q fitted to all samples, and
    # without the sample itself. For Gaussian classes the first is too large and the second too small by the same amount
    # to first order in 1/n (Akaike 1974), so the bias cancels. With h the squared Mahalanobis distance of a sample from
    # the mean of its class of m, by the scatter matrix A, and h' = h m / (m - 1), leaving it out is a rank-one
    # downdate: |A_{-i}| = |A| (1 - h') and h_{-i} = h' m / (m - 1) / (1 - h').
    dim, sizes = x.shape[1], np.bincount(codes)
    if len(sizes) < 2:
        raise ConstantInputError(f"y: must hold at least two classes; got {len(sizes)}")
    hint = f" (y is read as {len(sizes)} classes; for measurements take mutual_information with discrete_y=False)"
    members_of = f"y: members of the smallest class with {dim} independent columns of x"
    check_at_least(int(sizes.min()), dim + 2, members_of + hint)
    log_shares = np.log(sizes / len(x))
    fitted = np.empty((len(x), len(sizes)))  # log q(x, y) less a constant
    left_out = np.empty(len(x))
    for code, size in enumerate(sizes):
        members = codes == code
        centred = x - x[members].mean(axis=0)
        _, scales, axes = np.linalg.svd(centred[members], full_matrices=False)
        if scales[-1] <= np.finfo(np.float64).eps * size * max(scales[0], np.abs(x).max()):
            raise ConstantInputError("x: columns must not be linearly dependent within a class of y")
        # The scatter matrix is axes.T @ diag(scales**2) @ axes, so it need not be formed or inverted.
        distances = (((centred @ axes.T) / scales) ** 2).sum(axis=1)
        fitted[:, code] = log_shares[code] + _log_density(scales, size, distances, 0.0)
        shrunk = distances[members] * size / (size - 1)
        if shrunk.max() >= 1 - size * np.finfo(np.float64).eps:
            raise ConstantInputError(
                "x: columns must not be linearly dependent within a class of y without one of its members; got a class"
                " where they are"
            )
        outside = shrunk * size / (size - 1) / (1 - shrunk)
        left_out[members] = log_shares[code] + _log_density(scales, size - 1, outside, np.log1p(-shrunk))
    own = np.arange(len(x)), codes
    terms = fitted[own] - logsumexp(fitted, axis=1)
    # Leaving a sample out changes the density of its own class alone.
    fitted[own] = left_out
    terms += left_out - logsumexp(fitted, axis=1)
    local: FloatArray = terms / 2 - log_shares[codes]
    return local


def _log_density(scales: FloatArray, size: int, distances: FloatArray, log_change: FloatArray | float) -> FloatArray:
    """Return log N for the covariance A / (size - 1) of log|A| plus `log_change`, without dim log(2 pi) / 2."""
    log_determinant = 2 * np.log(scales).sum() - len(scales) * np.log(size - 1) + log_change
    density: FloatArray = -(log_determinant + (size - 1) * distances) / 2
    return density
