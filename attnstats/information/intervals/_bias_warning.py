"""The warning that the bias of an estimate is not small against its standard error."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from attnstats._parallel import parallel_map
from attnstats._validation import IntArray, RNGLike, as_samples
from attnstats._variable import Variable
from attnstats.exceptions import AttnstatsError, UnreliableEstimateWarning
from attnstats.information._class_rule import as_columns, is_discrete
from attnstats.information._parts import estimate_rows
from attnstats.information._strata import strata_of
from attnstats.information.interface import MIEstimator
from attnstats.information.intervals._surrogates import ClassSurrogate, GaussianSurrogate
from attnstats.resampling.subsampling.interface import as_units, part_estimates
from attnstats.results import ConfidenceInterval

#: Bias that is warned of, in standard errors: with a third a 95 % interval covers 93.7 %, with one 83 %.
_LIMIT = 1 / 3
#: Share of recurring values in a column up to which it counts as continuous.
_FEW = 0.05
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
    """Warn if more bias than the limit is to be expected from this estimator on data such as these.

    Where x is continuous, the bias is the mean error on surrogates, against the mean of the true local terms of the
    same draw, which removes most of the sampling error. Where values recur, it is the move of the estimate from halves
    of the sample to all of it, which is right where it falls as 1/n; it counts beyond twice the standard deviation over
    splits.
    """
    error = (interval.high - interval.low) / (2 * ndtri((1 + interval.level) / 2))
    of_classes = is_discrete(y) or not estimator.continuous_y
    try:
        if _recurs(x, "x") or (not of_classes and _recurs(y, "y")):
            judge = "halves of the sample"
            units, n_units = as_units(len(x), groups)
            halves = (n_units // 2, n_units - n_units // 2)
            estimate = partial(estimate_rows, estimator.estimate, (x, y), None, 0)
            means = np.mean(part_estimates(estimate, units, [halves] * _N_SPLITS, rng=rng, n_jobs=n_jobs), axis=1)
            bias, noise = float(means.mean()) - value, 2 * float(means.std(ddof=1))
            reason = f"it moves by {-bias:.2g} from {judge} to all of it"
        else:
            judge = "Gaussian dependence with these margins, this size and information"
            samples, information = as_samples(x, "x"), max(value, 0.0)
            surrogate = (
                ClassSurrogate(samples, strata_of(y, "y")[0], information)
                if of_classes
                else GaussianSurrogate(samples, as_samples(y, "y"), information)
            )
            errors = parallel_map(partial(_error, estimator, surrogate), range(_N_SURROGATES), rng=rng, n_jobs=n_jobs)
            bias, noise = float(np.mean(errors)), 0.0
            reason = f"on {judge} it is off by {bias:.2g} on average"
    except AttnstatsError as refusal:
        message = f"estimate of {value:.3g} nats: its bias cannot be judged on {judge}: {refusal}"
        warnings.warn(message, UnreliableEstimateWarning, stacklevel=stacklevel + 1)
        return
    if abs(bias) > max(_LIMIT * error, noise):
        warnings.warn(
            f"estimate of {value:.3g} nats: its bias is likely more than {_LIMIT:.2g} of its standard error of"
            f" {error:.2g}, since {reason}; the interval does not allow for it."
            " Take more samples, fewer dimensions, or a held-out bound",
            UnreliableEstimateWarning,
            stacklevel=stacklevel + 1,
        )


def _recurs(values: NDArray[Any], name: str) -> bool:
    """Whether some column is one of classes, or more than a few of its values occur again."""
    samples, discrete = as_columns(values, name)
    equal = np.diff(np.sort(samples, axis=0), axis=0) == 0
    varies = np.ptp(samples / 2, axis=0) > 0
    return bool(discrete.any() or (equal[:, varies].mean(axis=0) > _FEW).any())


def _error(
    estimator: MIEstimator, surrogate: GaussianSurrogate | ClassSurrogate, _: int, generator: np.random.Generator
) -> float:
    drawn = surrogate.sample(generator)
    classes = isinstance(surrogate, ClassSurrogate)
    y = Variable.of(drawn.y.astype(np.float64), (True,), (None,)) if classes else drawn.y
    return estimator.estimate(drawn.x, y, rng=generator) - drawn.information
