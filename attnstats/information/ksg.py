"""The estimator of Kraskov, Stögbauer and Grassberger for two continuous variables."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma

from attnstats._validation import (
    FloatArray,
    RNGLike,
    as_labels,
    as_samples,
    check_at_least,
    check_count,
    check_same_length,
)
from attnstats.exceptions import DuplicateSamplesError
from attnstats.information.neighbors import column_weights, nearest_distances, strict_counts

__all__ = ["KSG"]


@dataclass(frozen=True)
class KSG:
    """Mutual information of two continuous variables from nearest neighbours.

    Algorithm 1 in the max-norm: with eps_i the distance of sample i to its k-th neighbour in the joint space, and
    n_x(i), n_y(i) the numbers of other samples strictly closer than eps_i in x and in y alone,

        I = psi(k) + psi(n) - mean_i [psi(n_x(i) + 1) + psi(n_y(i) + 1)].

    Parameters
    ----------
    k : int, default 3
        Number of neighbours; larger means less variance and more bias.
    standardize : bool, default True
        Divide distances along each column by its standard deviation. Mutual information does not change under
        rescaling, but distances do. False is the bare definition. A constant column among others adds no distance.

    Raises
    ------
    DuplicateSamplesError
        If two samples coincide in x and y together: a density does not allow it, and the estimate would follow the
        copies (half of the rows duplicated turns 0.4 nats into 1.1).
    ConstantInputError
        If x or y does not vary.
    TooFewSamplesError
        If there are not more than k samples.

    Notes
    -----
    The bias grows with the dimension and with the information itself; the estimate may be negative and is not clipped.
    The counts equal the definition, sample by sample (`attnstats.information.neighbors`).

    References
    ----------
    Kraskov, Stögbauer, Grassberger (2004), Estimating mutual information, Phys. Rev. E 69, 066138, equation 8.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=1000)
    >>> y = 0.8 * x + 0.6 * generator.normal(size=1000)
    >>> round(KSG(k=3).estimate(x, y), 1)  # truth: -log(1 - 0.8**2) / 2 = 0.51 nats
    0.5
    """

    k: int = 3
    standardize: bool = True

    allows_duplicates: ClassVar[bool] = False
    discrete_y: ClassVar[bool] = False
    continuous_y: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count(self.k, "k")

    def estimate(self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None) -> float:
        """Return the estimate in nats."""
        return float(self.pointwise(x, y, groups=groups, rng=rng).mean())

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return psi(k) + psi(n) - psi(n_x + 1) - psi(n_y + 1) of each sample, shape (n,), nats."""
        del rng  # deterministic
        x, y = as_samples(x, "x"), as_samples(y, "y")
        n = check_same_length(x=x, y=y)
        if groups is not None:
            check_same_length(x=x, groups=as_labels(groups, "groups")[0])
        check_at_least(n, self.k + 1, f"number of samples of x and y with k={self.k}")
        weights_x = column_weights(x, "x", standardize=self.standardize)
        weights_y = column_weights(y, "y", standardize=self.standardize)

        joint, weights = np.hstack([x, y]), np.concatenate([weights_x, weights_y])
        distances = nearest_distances(joint, weights, self.k)
        repeated = int((distances[:, 0] == 0).sum())
        if repeated:
            raise DuplicateSamplesError(
                f"x and y: pairs of continuous samples must not coincide; got {repeated} of {n} with an exact copy."
                " Drop copied rows; for rounded or discrete values use Binned, for classes y use Ross or Probe"
            )
        radii = distances[:, -1]
        # The strict count includes the sample itself, which is the "+ 1" of the definition.
        psi = digamma(np.arange(1, n + 1))
        counts_x, counts_y = strict_counts(x, weights_x, radii), strict_counts(y, weights_y, radii)
        local: FloatArray = psi[self.k - 1] + psi[n - 1] - psi[counts_x - 1] - psi[counts_y - 1]
        return local
