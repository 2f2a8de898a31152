"""Mutual information on a scale from 0 to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, as_float_array
from attnstats.exceptions import InvalidInputError


def informational_correlation(information: ArrayLike) -> FloatArray:
    """Return sqrt(1 - exp(-2 I)), the correlation of a Gaussian pair with this information.

    For Gaussian variables it is the size of Pearson's correlation; for any measured ones it is 0 if they are
    independent, and nears 1 as the information grows without bound. It is not for classes, whose information is at
    most their entropy: that has a share of the entropy.

    Parameters
    ----------
    information : array_like of any shape
        Mutual information in nats. An estimate below zero, which chance allows, has the negative of the value of its
        size, so that no sign is lost.

    Returns
    -------
    ndarray of the same shape

    Raises
    ------
    NonFiniteError
        If a value is not finite.

    References
    ----------
    Linfoot (1957), An informational measure of correlation, Information and Control 1, 85-89.

    Examples
    --------
    >>> from attnstats.information import informational_correlation
    >>> informational_correlation([0.0, 0.2231435513142097, -0.01]).round(3)  # of r = 0.6: -log(1 - 0.6**2) / 2 nats
    array([ 0.   ,  0.6  , -0.141])
    """
    values = as_float_array(information, "information")
    correlation: FloatArray = np.copysign(np.sqrt(-np.expm1(-2 * np.abs(values))), values)
    return correlation


def entropy_share(information: ArrayLike, entropy: ArrayLike) -> FloatArray:
    """Return I / H, the share of the entropy of a class that the information explains.

    For two classes take the smaller of their entropies, of which the information can be all.

    Parameters
    ----------
    information : array_like of any shape
        Mutual information with the class in nats; an estimate is not clipped and may leave 0 to 1.
    entropy : array_like of the same shape, or one number
        Entropy of the class in nats, above 0.

    Returns
    -------
    ndarray of the same shape

    Raises
    ------
    InvalidInputError
        If an entropy is not above 0, or the shapes do not fit.

    References
    ----------
    Theil (1970), On the estimation of relationships involving qualitative variables, Am. J. Sociol. 76, 103-154 (the
    uncertainty coefficient).

    Examples
    --------
    >>> from attnstats.information import entropy_share
    >>> entropy_share([0.3466, 0.6931], 0.6931).round(2)
    array([0.5, 1. ])
    """
    values, of_class = as_float_array(information, "information"), as_float_array(entropy, "entropy")
    if of_class.shape not in ((), values.shape):
        raise InvalidInputError(f"entropy: must be one number or of shape {values.shape}; got {of_class.shape}")
    if (of_class <= 0).any():
        raise InvalidInputError(f"entropy: must be above 0; got {float(of_class.min())!r}")
    return values / of_class
