"""Whether the bias of an estimate can be told from its interval: a warning, not a correction.

An interval is centred on the estimate. With a bias of 0.4 standard errors, a tenth of the width, a 95 % interval covers
93 %; with one of a whole standard error 83 %. Nothing in the interval shows that.
"""

import warnings
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from attnstats._parallel import parallel_map
from attnstats._validation import FloatArray, IntArray, RNGLike, as_samples
from attnstats.exceptions import AttnstatsError, UnreliableEstimateWarning
from attnstats.information.interface import MIEstimator, is_discrete
from attnstats.resampling.subsampling import as_units, part_estimates
from attnstats.results import ConfidenceInterval

__all__ = ["GaussianSurrogate", "warn_of_bias"]

#: Bias that is warned of, in standard errors.
_LIMIT = 0.4
_N_SURROGATES = 40
_N_SPLITS = 10


def warn_of_bias(
    estimator: MIEstimator,
    x: NDArray[Any],
    y: NDArray[Any],
    value: float,
    interval: ConfidenceInterval,
    *,
    groups: IntArray | None,
    n_jobs: int | None,
    rng: RNGLike,
    stacklevel: int,
) -> None:
    """Warn if a bias above 0.4 standard errors is to be expected from this estimator on data such as these.

    Two continuous variables: the estimator is tried on Gaussian data of the same size, dimensions and covariances whose
    mutual information is the estimate, and its mean error there is the bias. Else the bias is the move of the estimate
    from halves of the sample to all of it, which it is where bias falls as 1/n; it counts only if it exceeds twice the
    spread of the mean over two halves from split to split, since nearest neighbours scatter there without any bias.
    """
    error = (interval.high - interval.low) / (2 * ndtri((1 + interval.level) / 2))
    if is_discrete(x) or is_discrete(y) or not estimator.continuous_y:
        units, n_units = as_units(len(x), groups)
        halves = (n_units // 2, n_units - n_units // 2)
        estimate = partial(_estimate_rows, estimator, x, y)
        try:
            means = np.mean(part_estimates(estimate, units, [halves] * _N_SPLITS, rng=rng, n_jobs=n_jobs), axis=1)
        except AttnstatsError as refusal:
            message = f"estimate of {value:.3g} nats: its bias cannot be judged on halves of the sample: {refusal}"
            warnings.warn(message, UnreliableEstimateWarning, stacklevel=stacklevel + 1)
            return
        bias = float(means.mean()) - value
        noise = 2 * float(means.std(ddof=1))
        reason = f"it moves by {-bias:.2g} from halves of the sample to all of it"
    else:
        surrogate = GaussianSurrogate(as_samples(x, "x"), as_samples(y, "y"), max(value, 0.0))
        task = partial(_surrogate_estimate, estimator, surrogate)
        bias = float(np.mean(parallel_map(task, range(_N_SURROGATES), rng=rng, n_jobs=n_jobs))) - max(value, 0.0)
        noise = 0.0
        reason = f"on Gaussian data of this size, dimension and information it is off by {bias:.2g} on average"
    if abs(bias) > max(_LIMIT * error, noise):
        warnings.warn(
            f"estimate of {value:.3g} nats: its bias is likely more than {_LIMIT} times its standard error of"
            f" {error:.2g}, since {reason}; the interval does not allow for it."
            " Take more samples, fewer dimensions, or a held-out bound",
            UnreliableEstimateWarning,
            stacklevel=stacklevel + 1,
        )


class GaussianSurrogate:
    """Gaussian data like a sample: same size and covariances, with a mutual information of one's own choice.

    With the canonical correlations r_i of the sample, those of the surrogate are R_i with 1 - R_i² = (1 - r_i²)^t, and
    t is chosen so that -sum log(1 - R_i²) / 2 is the information.
    """

    def __init__(self, x: FloatArray, y: FloatArray, information: float) -> None:
        self.n = len(x)
        x, self.factor_x = _whiten(x)
        y, self.factor_y = _whiten(y)
        left, correlations, right = np.linalg.svd(x.T @ y / self.n, full_matrices=False)
        log_residual = np.log1p(-(np.clip(correlations, 1e-9, 1 - 1e-9) ** 2))
        share = 2 * information / -log_residual.sum()
        self.correlations = np.sqrt(-np.expm1(share * log_residual))
        # Directions outside the canonical ones keep their variance through the complements of left and right.
        self.left, self.right = left, right.T

    def sample(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return x of shape (n, dim_x) and y of shape (n, dim_y)."""
        x = rng.normal(size=(self.n, len(self.left)))
        noise = rng.normal(size=(self.n, len(self.right)))
        canonical = noise @ self.right
        residual = np.sqrt(1 - self.correlations**2)
        y = noise + (x @ self.left * self.correlations + canonical * (residual - 1)) @ self.right.T
        return x @ self.factor_x, y @ self.factor_y


def _whiten(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return uncorrelated columns of unit variance, and the matrix that turns such columns into ones like `values`."""
    spread = np.ptp(values / 2, axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)
    left, singular, right = np.linalg.svd(scaled, full_matrices=False)
    kept = singular > singular[0] * max(values.shape) * np.finfo(np.float64).eps
    factor = (singular[kept, np.newaxis] * right[kept]) / np.sqrt(len(values)) * np.where(spread > 0, spread, 0)
    return left[:, kept] * np.sqrt(len(values)), factor


def _surrogate_estimate(
    estimator: MIEstimator, surrogate: GaussianSurrogate, _: int, generator: np.random.Generator
) -> float:
    x, y = surrogate.sample(generator)
    return estimator.estimate(x, y, rng=generator)


def _estimate_rows(estimator: MIEstimator, x: NDArray[Any], y: NDArray[Any], rows: IntArray) -> float:
    return estimator.estimate(x[rows], y[rows], rng=0)
