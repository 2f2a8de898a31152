"""The correction of Gao, Ver Steeg and Galstyan for densities that are thin along some direction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma

from attnstats._validation import FloatArray, RNGLike, check_at_least, check_count, check_fraction, check_samples
from attnstats.exceptions import InvalidInputError
from attnstats.information.interface import MIEstimator
from attnstats.information.knn._ties import marginal_counters, rectangle_terms
from attnstats.information.knn.ksg import check_no_copies
from attnstats.information.margins import Margins, Standardized, check_margins
from attnstats.information.neighbors._space import Space, nearest_neighbors

#: Rate of false corrections under uniformity, and draws that its quantile is computed from.
_FALSE_RATE = 0.001
_N_DRAWS = 20_000


@dataclass(frozen=True)
class LocalNonuniformity(MIEstimator):
    """KSG with the local non-uniformity correction, for strongly dependent continuous variables.

    KSG takes the density to be uniform in the box of the k nearest neighbours of a sample, and stays below about log(n)
    where the samples fill a thin slice of it. With V_i the volume of the box and W_i that of the box along the
    principal axes of the k neighbours, both centred at the sample, and I_KSG by algorithm 2,

        I = I_KSG + mean_i [log(V_i / W_i) if W_i < alpha V_i, else 0].

    Parameters
    ----------
    k : int, default 10
        Number of neighbours, more than the columns of x and y together.
    alpha : float, optional
        Ratio of the volumes, between 0 and 1, below which the correction is accepted. None is the value that uniform
        points in one corner of the box fall below with probability 0.001 (in the paper, points around the sample): most
        samples are at the edge of the support in many dimensions, where a fixed alpha accepts almost every correction.
    margins : Margins, default Standardized()
        The scale of distances along each column, as for `KSG`; a constant column among others is left out.

    Raises
    ------
    TooFewSamplesError
        If k does not exceed the number of columns, or the number of samples does not exceed k.
    DuplicateSamplesError, ConstantInputError
        As `KSG` raises.
    InvalidInputError
        If the neighbours of a sample lie in a plane: where y is a function of x the information is infinite.

    References
    ----------
    Gao, Ver Steeg, Galstyan (2015), Efficient estimation of mutual information for strongly dependent variables,
    AISTATS, section 4 and appendix.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import LocalNonuniformity
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 1000))
    >>> round(LocalNonuniformity().estimate(x, x + 1e-4 * noise), 0)  # truth: 9.2 nats
    9.0
    """

    k: int = 10
    alpha: float | None = None
    margins: Margins = Standardized()  # noqa: RUF009 (frozen)

    def __post_init__(self) -> None:
        check_count(self.k, "k")
        check_margins(self.margins)
        if self.alpha is not None:
            check_fraction(self.alpha, "alpha")

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return the corrected local terms of KSG, shape (n,), nats."""
        del rng  # deterministic
        x, y = check_samples(x, y, groups=groups)
        n = len(x)
        check_at_least(n, self.k + 1, f"number of samples of x and y with k={self.k}")
        in_x, in_y = Space.without_constants(x, "x", self.margins), Space.without_constants(y, "y", self.margins)
        dim_x, dim_y = len(in_x.weights), len(in_y.weights)
        check_at_least(self.k, dim_x + dim_y + 1, f"k for {dim_x + dim_y} columns of x and y")
        joint = in_x.joint(in_y)
        neighbors = nearest_neighbors(joint, self.k)
        check_no_copies(neighbors, "x and y")
        uncorrected = rectangle_terms(in_x, in_y, marginal_counters(in_x, in_y), neighbors)[0] + digamma(n)

        alpha = _threshold(self.k, dim_x, dim_y) if self.alpha is None else self.alpha
        rounding = 8 * np.finfo(np.float64).eps * float(np.abs(joint.points * joint.weights).max())
        log_ratio = np.empty(n)
        size = max(1, 1_000_000 // (self.k * len(joint.weights)))
        for first in range(0, n, size):
            rows = neighbors.rows[first : first + size]
            offsets = (joint.points[rows] - joint.points[first : first + size, np.newaxis]) * joint.weights
            log_ratio[first : first + size] = _log_volume_ratio(offsets, dim_x, rounding)
        flat = int((~np.isfinite(log_ratio)).sum())
        if flat:
            raise InvalidInputError(
                f"x and y: neighbours must not lie in a plane; got {flat} samples of {n} whose neighbours do. There x"
                " and y have no joint density, and their information is infinite"
            )
        terms: FloatArray = uncorrected - np.where(log_ratio < np.log(alpha), log_ratio, 0.0)
        return terms


def _log_volume_ratio(offsets: FloatArray, dim_x: int, rounding: float) -> FloatArray:
    """Return log(W / V) of neighbours at offsets from their samples, shape (n, k, dim); not finite if they are flat."""
    # V is the product of a cube in x and a cube in y, W the box along the principal axes, flat if a side is not above
    # the rounding of the samples.
    dim = offsets.shape[2]
    sizes = np.abs(offsets).max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_box = dim_x * np.log(sizes[:, :dim_x].max(axis=1)) + (dim - dim_x) * np.log(sizes[:, dim_x:].max(axis=1))
        # Axes of the neighbours around the sample, from their singular vectors: squares would lose thin directions.
        axes = np.linalg.svd(offsets, full_matrices=False)[2]
        sides = np.abs(offsets @ axes.transpose(0, 2, 1)).max(axis=1)
        log_slice = np.log(np.where(sides > rounding, sides, 0.0)).sum(axis=1)
        ratio: FloatArray = log_slice - log_box
    return ratio


@lru_cache
def _threshold(k: int, dim_x: int, dim_y: int) -> float:
    """Return the ratio of volumes that uniform neighbours fall below with probability _FALSE_RATE."""
    generator = np.random.default_rng(0)  # part of the definition, not of the sample
    dim = dim_x + dim_y
    ratios = []
    for _ in range(10):
        offsets = generator.uniform(size=(_N_DRAWS // 10, k, dim))
        ratios.append(_log_volume_ratio(offsets, dim_x, 0.0))
    return float(np.exp(np.quantile(np.concatenate(ratios), _FALSE_RATE)))
