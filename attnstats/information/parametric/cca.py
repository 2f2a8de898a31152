"""Mutual information from canonical correlations with a shrunk correlation matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, RNGLike, check_at_least, check_samples
from attnstats.exceptions import InvalidInputError
from attnstats.information._class_rule import is_discrete
from attnstats.information._strata import within_strata
from attnstats.information.interface import MIEstimator
from attnstats.information.parametric.gaussian import centred_columns, check_below_entropy, wishart_bias
from attnstats.information.parametric.shrinkage import LeaveOneOutShrinkage, Shrinkage, principal_squares


@dataclass(frozen=True)
class CCA(MIEstimator):
    """Mutual information -sum log(1 - rho_i^2) / 2 over regularised canonical correlations, for many columns.

    The correlation matrix R of all columns is replaced by (1 - w) R + w * identity, and the bias of the
    log-determinants is subtracted. Without shrinkage (w = 0) the estimate is that of `Gaussian`.

    Parameters
    ----------
    shrinkage : LeaveOneOutShrinkage, LedoitWolf, SchaferStrimmer or NoShrinkage, default LeaveOneOutShrinkage()
        How the weight w of the identity is found.

    Raises
    ------
    ConstantInputError, TooFewSamplesError
        If x or y does not vary; if there are fewer than 3 samples.
    InvalidInputError
        If the correlation matrix is singular with NoShrinkage(): columns determine each other or are no fewer than
        samples. Or if the estimate exceeds the entropy of x or of y, as in `Gaussian`.

    Notes
    -----
    The bias is taken as that of `Gaussian` with effective dimensions: a principal direction of sample variance s counts
    as (1 - w) s / ((1 - w) s + w), as in ridge regression. This is exact for w = 0 and an approximation otherwise.

    Shrinkage lowers the variance and allows more columns than samples, at the price of a bias towards zero, which is
    large where few of many columns correlate. With more samples than columns prefer `Gaussian`, which is unbiased. With
    fewer, LedoitWolf and SchaferStrimmer may shrink too little where all columns share a factor.

    Labels z split the sample into strata. The local terms are log N(x, y) / (N(x) N(y)) at the shrunk correlations,
    shifted so that their mean is the estimate.

    References
    ----------
    Hotelling (1936), Biometrika 28, 321-377. Kay (1992), Feature discovery under contextual supervision using mutual
    information, IJCNN. Shrinkage: see `LedoitWolf`.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import CCA
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=(60, 40)) + generator.normal(size=(60, 1))
    >>> CCA().estimate(x, x + generator.normal(size=(60, 40))) > 1  # 80 columns, 60 samples
    True
    """

    shrinkage: Shrinkage = LeaveOneOutShrinkage()  # noqa: RUF009 (frozen)

    discrete_z: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if isinstance(self.shrinkage, type) or not isinstance(self.shrinkage, Shrinkage):
            raise InvalidInputError(f"shrinkage: must be a rule such as LeaveOneOutShrinkage(); got {self.shrinkage!r}")

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return log N(x, y) / (N(x) N(y)) of each sample, shifted to the estimate, shape (n,), nats."""
        del rng  # deterministic
        return self._terms(*check_samples(x, y, groups=groups))

    def conditional_pointwise(
        self, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return log N(x, y | z) / (N(x | z) N(y | z)) of each sample, shifted likewise, shape (n,), nats."""
        if is_discrete(z, "z"):
            return within_strata(self.pointwise, x, y, z, groups=groups, rng=rng)
        return self._terms(*check_samples(x, y, z, groups=groups))

    def _terms(self, x: FloatArray, y: FloatArray, z: FloatArray | None = None) -> FloatArray:
        check_at_least(len(x), 3, "number of samples of x and y")
        rows = {"x": x, "y": y}
        x, y = _standardized(x, "x"), _standardized(y, "y")
        z = _standardized(z, "z") if z is not None and np.ptp(z / 2, axis=0).any() else np.empty((len(x), 0))
        joint = np.hstack([x, y, z])
        weight = self.shrinkage.weight(joint)
        parts = [_shrunk(np.hstack(each), weight) for each in ((x, z), (y, z), (z,), (joint,))]
        value, terms = (
            part_x + part_y - part_z - part_xy for part_x, part_y, part_z, part_xy in zip(*parts, strict=True)
        )
        check_below_entropy(value, **rows)
        local: FloatArray = terms + (value - terms.mean())
        return local


def _standardized(values: FloatArray, name: str) -> FloatArray:
    """Return the columns that vary, with mean zero and mean square one."""
    columns = centred_columns(values, name)
    standardized: FloatArray = columns / np.sqrt((columns**2).mean(axis=0))
    return standardized


def _shrunk(columns: FloatArray, weight: float) -> tuple[float, FloatArray]:
    """Return half the bias-corrected log-determinant of the shrunk correlations, and that plus half the distances."""
    n, dim = columns.shape
    if dim == 0:
        return 0.0, np.zeros(n)
    eigenvalues, squares = principal_squares(columns)
    absent = dim - len(eigenvalues)
    if weight == 0 and (absent or eigenvalues[0] <= np.finfo(np.float64).eps * max(n, dim)):
        raise InvalidInputError(
            "x and y: columns must not determine each other without shrinkage; got a singular correlation matrix of"
            f" {dim} columns from {n} samples. Use CCA(LeaveOneOutShrinkage()), or Gaussian where columns are redundant"
        )
    kept = (1 - weight) * np.maximum(eigenvalues, 0)
    spectrum = kept + weight
    half = (float(np.log(spectrum).sum()) + (absent * float(np.log(weight)) if absent else 0.0)) / 2
    distances = squares @ (1 / spectrum)
    return half - wishart_bias(float((kept / spectrum).sum()), n - 1) / 2, half + distances / 2
