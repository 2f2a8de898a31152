"""Mutual information of two time series at several lags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attnstats._parallel import parallel_map
from attnstats._validation import (
    FloatArray,
    RNGLike,
    as_generator,
    check_at_least,
    check_fraction,
    check_object,
    check_same_length,
)
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError
from attnstats.information._class_rule import Discrete
from attnstats.information._variables import variables_for
from attnstats.information.interface import MIEstimator, brief
from attnstats.information.knn.ksg import KSG
from attnstats.information.series.circular_shift import CircularShift
from attnstats.information.series.interface import SeriesNull
from attnstats.resampling import permutation_pvalue
from attnstats.results import format_pvalue

#: Fewest rows that a lag must leave.
_FEWEST = 10


@dataclass(frozen=True, eq=False)
class LagProfile:
    """Mutual information of x and y by lag, and what independent series would show.

    Parameters
    ----------
    lags : tuple of int
        Positive where y comes after x.
    values : ndarray, shape (n_lags,)
        Estimates in nats, never clipped.
    null_floor : ndarray, shape (n_lags,)
        Mean of each over shifted series.
    band : float
        What the largest estimate over all lags exceeds with probability `alpha` if the series are independent.
    pvalues_adjusted : tuple of float
        Of each lag, corrected over all of them by the largest estimate of each shift (max-T).
    alpha : float
        Level of the band.
    estimator : str
        Its name.
    n_samples : int
        Rows of the series.

    Examples
    --------
    It is what `lagged_mutual_information` returns.
    """

    lags: tuple[int, ...]
    values: FloatArray
    null_floor: FloatArray
    band: float
    pvalues_adjusted: tuple[float, ...]
    alpha: float
    estimator: str
    n_samples: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a lag."""
        return pd.DataFrame(
            {
                "lag": self.lags,
                "value": self.values,
                "null_floor": self.null_floor,
                "pvalue_adjusted": self.pvalues_adjusted,
            }
        )

    def __repr__(self) -> str:
        """Return the lag of the largest estimate, with its adjusted p-value."""
        best = int(self.values.argmax())
        return (
            f"MI = {self.values[best]:.3g} nats at lag {self.lags[best]}, the largest of {len(self.lags)} lags,"
            f" adjusted {format_pvalue(self.pvalues_adjusted[best])}, band {self.band:.3g} nats, n = {self.n_samples},"
            f" {self.estimator}"
        )


def lagged_mutual_information(
    x: ArrayLike,
    y: ArrayLike,
    lags: Sequence[int],
    estimator: MIEstimator = KSG(),  # noqa: B008 (frozen)
    *,
    null: SeriesNull = CircularShift(),  # noqa: B008 (frozen)
    discrete_x: Discrete = None,
    discrete_y: Discrete = None,
    alpha: float = 0.05,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> LagProfile:
    """Estimate I(x_t; y_{t + lag}) at each lag, with a band that holds over all lags.

    Parameters
    ----------
    x, y : array_like of shape (n,) or (n, dim)
        Two series, a row a step of time; read as in `mutual_information`. A missing value raises: a gap would join
        what is apart.
    lags : sequence of int
        Different whole numbers; y comes after x where they are positive.
    estimator : MIEstimator, default KSG()
        The estimator with its parameters.
    null : CircularShift, BlockPermutation or PhaseSurrogate
        Other orders of y, the same at every lag.
    discrete_x, discrete_y : bool, sequence of bool, or None
        As in `mutual_information`.
    alpha : float
        Level of the band.
    n_jobs : int, optional
        Workers for shifts; the numbers do not depend on it.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Raises
    ------
    InvalidInputError
        If `lags` are no different whole numbers.
    TooFewSamplesError
        If a lag leaves fewer than ten rows.
    AttnstatsError
        Whatever the estimator raises; see there.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import CircularShift, lagged_mutual_information
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> y = np.roll(x, 3) + noise  # follows x after three steps
    >>> profile = lagged_mutual_information(x, y, range(-5, 6), null=CircularShift(99), rng=0)
    >>> profile.lags[profile.values.argmax()], profile.pvalues_adjusted[8] < 0.05
    (3, True)
    """
    chosen = _whole_lags(lags)
    check_object(null, "null", SeriesNull, "CircularShift(), which keeps the order of time")
    check_fraction(alpha, "alpha")
    x, y = variables_for(estimator, x=(x, discrete_x), y=(y, discrete_y))
    n = check_same_length(x=x, y=y)
    check_at_least(n - max(map(abs, chosen)), _FEWEST, "number of rows that the longest lag leaves")
    null.rearranged(y, np.random.default_rng(0))  # says before any work where the series does not do
    seed, null_seed = (int(each) for each in as_generator(rng).integers(2**63, size=2))
    at = partial(_at_lag, estimator, x, y)
    values = np.array(parallel_map(at, chosen, rng=seed, n_jobs=n_jobs))
    shifted = np.array(
        parallel_map(
            partial(_shifted, estimator, x, y, chosen, null), range(null.n_resamples), rng=null_seed, n_jobs=n_jobs
        )
    )
    largest = shifted.max(axis=1)
    return LagProfile(
        chosen,
        values,
        shifted.mean(axis=0),
        float(np.quantile(largest, 1 - alpha, method="higher")),
        tuple(permutation_pvalue(value, largest, alternative="greater") for value in values.tolist()),
        alpha,
        brief(estimator),
        n,
    )


def _whole_lags(lags: Sequence[int]) -> tuple[int, ...]:
    given = list(lags) if isinstance(lags, Sequence | np.ndarray) else []
    whole = all(isinstance(lag, int | np.integer) and not isinstance(lag, bool) for lag in given)
    if not whole or not given or len(set(given)) < len(given):
        raise InvalidInputError(f"lags: must be different whole numbers, at least one; got {lags!r:.80}")
    return tuple(map(int, given))


def _at_lag(estimator: MIEstimator, x: Variable, y: Variable, lag: int, generator: np.random.Generator) -> float:
    """Return the estimate from the rows that have a partner `lag` steps on."""
    n = len(x)
    start, stop = max(0, -lag), min(n, n - lag)
    return estimator.estimate(x[start:stop], y[start + lag : stop + lag], groups=None, rng=generator)


def _shifted(
    estimator: MIEstimator,
    x: Variable,
    y: Variable,
    lags: Sequence[int],
    null: SeriesNull,
    _: int,
    generator: np.random.Generator,
) -> list[float]:
    """Return the estimate at each lag of one shift."""
    moved = y[null.rearranged(y, generator)]
    return [_at_lag(estimator, x, moved, lag, generator) for lag in lags]
