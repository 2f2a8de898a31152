"""Divergences between the distributions of two samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, RNGLike, as_float_array, check_at_least, check_count
from attnstats.exceptions import ConstantInputError, DuplicateSamplesError, InvalidInputError
from attnstats.information._variables import variables_for
from attnstats.information.interface import MIEstimator, check_estimator
from attnstats.information.knn.ross import Ross


def kl_divergence(x: ArrayLike, y: ArrayLike, *, k: int = 3) -> float:
    """Estimate the Kullback-Leibler divergence of the distribution of x from that of y, by nearest neighbours.

    With n samples x of d columns, m samples y, and the distances rho_i and nu_i of x_i to its k-th neighbour among the
    other x and among the y,

        D(P || Q) = d / n sum_i log(nu_i / rho_i) + log(m / (n - 1)).

    Columns are divided by their standard deviation over both samples, which changes no divergence, and distances are
    the largest of those along each column.

    Parameters
    ----------
    x, y : array_like of shape (n,) or (n, dim), and (m,) or (m, dim)
        Two independent samples of measurements.
    k : int, default 3
        Number of neighbours.

    Returns
    -------
    float
        Nats, never clipped, so it may be negative. It is too low where y has no samples near those of x: no sample can
        tell a small density from none.

    Raises
    ------
    InvalidInputError
        If the samples differ in columns.
    ConstantInputError
        If a column does not vary.
    DuplicateSamplesError
        If k samples or more coincide, which a density does not allow.
    TooFewSamplesError
        If x has not more than k samples, or y fewer than k.

    References
    ----------
    Wang, Kulkarni and Verdú (2009), Divergence estimation for multidimensional densities via k-nearest-neighbor
    distances, IEEE Trans. Inf. Theory 55, 2392-2405, equation 14.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import kl_divergence
    >>> x, y = np.random.default_rng(0).normal(size=(2, 5000))
    >>> round(kl_divergence(x, y + 1), 1)  # truth: 0.5 nats
    0.5
    """
    from scipy.spatial import cKDTree

    check_count(k, "k")
    of_x, of_y = _scaled(x, y)
    check_at_least(len(of_x), k + 1, f"number of samples of x with k={k}")
    check_at_least(len(of_y), k, f"number of samples of y with k={k}")
    own = np.ravel(cKDTree(of_x).query(of_x, k=[k + 1], p=np.inf)[0])
    other = np.ravel(cKDTree(of_y).query(of_x, k=[k], p=np.inf)[0])
    for distances, name in ((own, "x"), (other, "y")):
        if (copied := int((distances == 0).sum())) > 0:
            raise DuplicateSamplesError(
                f"{name}: continuous samples must not coincide; got {copied} of x with {k} at distance zero in {name}; "
                "part rounded measurements by a little noise, or take classes by Binned()"
            )
    n, dim = of_x.shape
    return float(dim * (np.log(other) - np.log(own)).mean() + np.log(len(of_y) / (n - 1)))


def jensen_shannon_divergence(
    x: ArrayLike,
    y: ArrayLike,
    estimator: MIEstimator = Ross(),  # noqa: B008 (frozen)
    *,
    rng: RNGLike = None,
) -> float:
    """Estimate the Jensen-Shannon divergence of two samples, the information that a draw has about where it is from.

    With the share w of x among all samples and the mixture M = w P + (1 - w) Q it is

        JS = w D(P || M) + (1 - w) D(Q || M) = I(Z; L)

    for Z drawn from M and the label L of the sample that it came from. With samples of equal size w is one half; it is
    0 where both have one distribution, and at most the entropy of the label, log 2 of equal sizes.

    Parameters
    ----------
    x, y : array_like of shape (n,) or (n, dim), and (m,) or (m, dim)
        Two independent samples of measurements.
    estimator : MIEstimator, default Ross()
        One that takes measurements and classes: `Ross` by nearest neighbours, `Probe` for a bound by classifiers.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    float
        Nats, never clipped. `mutual_information` of the joined samples and their labels gives an interval, and with
        `Permutation` a test of equal distributions.

    Raises
    ------
    InvalidInputError
        If the samples differ in columns, or the estimator takes no classes.
    AttnstatsError
        Whatever the estimator raises; see there.

    References
    ----------
    Lin (1991), Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37, 145-151, section IV.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import jensen_shannon_divergence
    >>> x, y = np.random.default_rng(0).normal(size=(2, 5000))
    >>> round(jensen_shannon_divergence(x, y + 1), 1)  # truth: 0.11 nats
    0.1
    """
    check_estimator(estimator)
    if not estimator.discrete_y:
        raise InvalidInputError(f"estimator: must take classes, as Ross() does; got {estimator!r}")
    first, second = _samples(x, y)
    labels = np.repeat(["x", "y"], [len(first), len(second)])
    joined, label = variables_for(estimator, x=(np.concatenate([first, second]), None), y=(labels, True))
    return estimator.estimate(joined, label, rng=rng)


def _scaled(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return both samples with columns of unit standard deviation, without overflow."""
    first, second = _samples(x, y)
    both = np.concatenate([first, second])
    halves = both / 2 - (both / 2).min(axis=0)  # whose range cannot overflow
    if not (largest := halves.max(axis=0)).all():
        raise ConstantInputError(f"x and y: each column must vary; column {int(np.argmin(largest))} does not")
    shares = halves / largest
    scaled: FloatArray = shares / shares.std(axis=0)
    return scaled[: len(first)], scaled[len(first) :]


def _samples(x: ArrayLike, y: ArrayLike) -> list[FloatArray]:
    """Return both samples as (n, dim), on one origin, which `as_samples` need not keep."""
    found = []
    for name, values in (("x", x), ("y", y)):
        array = as_float_array(values, name)
        if array.ndim == 1:
            array = array.reshape(-1, 1)
        if array.ndim != 2 or array.shape[1] == 0 or len(array) == 0:
            raise InvalidInputError(
                f"{name}: must have shape (n,) or (n, dim) with rows and columns; got {array.shape}"
            )
        found.append(array)
    if found[0].shape[1] != found[1].shape[1]:
        raise InvalidInputError(f"y: must have the columns of x, {found[0].shape[1]}; got {found[1].shape[1]}")
    return found
