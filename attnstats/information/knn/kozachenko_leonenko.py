"""The entropy estimator of Kozachenko and Leonenko, and mutual information as the sum of three of its entropies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from attnstats._validation import (
    FloatArray,
    RNGLike,
    as_samples,
    check_at_least,
    check_count,
    check_member,
    check_samples,
)
from attnstats.exceptions import InvalidInputError
from attnstats.information.interface import MIEstimator
from attnstats.information.knn.ksg import check_no_copies
from attnstats.information.margins import AsMeasured, Standardized
from attnstats.information.neighbors._space import Space, common_unit, nearest_neighbors

#: Share of samples with two neighbours at one distance, above which the sample is no random one.
_MOST_TOGETHER = 0.2


@dataclass(frozen=True)
class KozachenkoLeonenko(MIEstimator):
    """Mutual information as H(X) + H(Y) - H(X, Y), each a differential entropy from nearest neighbours ("3H").

    With eps_i the distance of sample i to its k-th neighbour and c_d the volume of the unit ball in d dimensions,

        H = psi(n) - psi(k) + log c_d + d mean_i log eps_i.

    The neighbourhoods of the three differ in size, so their biases do not cancel as in `KSG`, which improved upon this
    baseline.

    Parameters
    ----------
    k : int, default 3
        Number of neighbours.
    metric : {"max", "euclidean"}, default "max"
        The norm, in the joint space too.
    margins : Standardized or AsMeasured, default Standardized()
        Scale columns to unit variance to find neighbours, or take them as they come. Ranks are refused: evenly spaced,
        they are no sample of a density. A constant column among others is left out.

    Raises
    ------
    DuplicateSamplesError
        If two samples coincide in x, in y or in both together, which a density does not allow.
    InvalidInputError
        If values lie at equal steps (a count of days), or a column is a linear function of the others: no density.
    ConstantInputError, TooFewSamplesError
        If a variable does not vary; if there are not more than k samples.

    References
    ----------
    Kozachenko, Leonenko (1987), Probl. Inf. Transm. 23, 95-101. Kraskov, Stögbauer, Grassberger (2004), Phys. Rev. E
    69, 066138, equation 20.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import KozachenkoLeonenko
    >>> x, noise = np.random.default_rng(1).normal(size=(2, 1000))
    >>> round(KozachenkoLeonenko().estimate(x, 0.8 * x + 0.6 * noise), 2)  # truth: 0.51 nats
    0.52
    >>> round(KozachenkoLeonenko().entropy(x), 2)  # truth: log(2 pi e) / 2 = 1.42 nats
    1.4
    """

    k: int = 3
    metric: Literal["max", "euclidean"] = "max"
    margins: Standardized | AsMeasured = Standardized()  # noqa: RUF009 (frozen)

    def __post_init__(self) -> None:
        check_count(self.k, "k")
        check_member(self.metric, "metric", ("max", "euclidean"))
        if not isinstance(self.margins, Standardized | AsMeasured):
            raise InvalidInputError(f"margins: must be Standardized() or AsMeasured(); got {self.margins!r}")

    def entropy(self, x: ArrayLike) -> float:
        """Return the differential entropy of x, shape (n,) or (n, dim), in nats; it depends on the unit of x."""
        x = as_samples(x, "x")
        check_at_least(len(x), self.k + 1, f"number of samples of x with k={self.k}")
        return float(self._surprise(self._space(x, "x"), "x").mean())

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return log p(x, y) / (p(x) p(y)) at the three estimated densities, shape (n,), nats."""
        del rng  # deterministic
        x, y = check_samples(x, y, groups=groups)
        check_at_least(len(x), self.k + 1, f"number of samples of x and y with k={self.k}")
        in_x, in_y = self._space(x, "x"), self._space(y, "y")
        joint = in_x.joint(in_y)
        joint = joint._replace(ends=joint.ends[-1:])  # one ball, not a product of two
        terms: FloatArray = self._surprise(in_x, "x") + self._surprise(in_y, "y") - self._surprise(joint, "x and y")
        return terms

    def _space(self, x: FloatArray, name: str) -> Space:
        return Space.without_constants(x, name, self.margins, euclidean=self.metric == "euclidean")

    def _surprise(self, space: Space, name: str) -> FloatArray:
        """Return -log of the estimated density at each sample, shape (n,), in the unit of the samples."""
        n, dim = space.points.shape
        if space.euclidean:
            (space,) = common_unit(space)
        centred = space.points - space.points.mean(axis=0)
        if dim > 1 and np.linalg.matrix_rank(centred / np.abs(centred).max(axis=0)) < min(dim, n - 1):
            raise InvalidInputError(
                f"{name}: columns must not be linear functions of each other, as a repeated one is: without a density"
                " the entropy is minus infinity. Leave such columns out"
            )
        neighbors = nearest_neighbors(space, min(self.k + 1, n - 1))
        check_no_copies(neighbors, name)
        _check_no_grid(neighbors.distances, name)
        log_radius = np.log(neighbors.distances[:, self.k - 1])
        if space.euclidean:
            log_radius = log_radius / 2
            log_ball = dim / 2 * np.log(np.pi) - gammaln(dim / 2 + 1)
        else:
            log_ball = dim * np.log(2)
        constant = digamma(n) - digamma(self.k) + log_ball - np.log(space.weights).sum()
        surprise: FloatArray = constant + dim * log_radius
        return surprise


def _check_no_grid(distances: FloatArray, name: str) -> None:
    """Raise if many samples have several neighbours at one distance: points at equal steps are no random sample."""
    if distances.shape[1] < 2:
        return
    together = (np.diff(distances, axis=1) <= 1e-9 * distances[:, 1:]).any(axis=1).mean()
    if together > _MOST_TOGETHER:
        raise InvalidInputError(
            f"{name}: must be random samples of a density; got {together:.0%} of them with two neighbours at one"
            " distance, as values at equal steps have. Take KSG, which compares counts"
        )
