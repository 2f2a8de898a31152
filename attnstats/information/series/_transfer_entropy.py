"""Transfer entropy: what the past of one series tells of the next value of another, beyond the other's own past."""

from __future__ import annotations

from functools import partial, reduce

import numpy as np
from numpy.typing import ArrayLike

from attnstats._parallel import parallel_map
from attnstats._validation import RNGLike, as_generator, check_at_least, check_count, check_object, check_same_length
from attnstats._variable import Variable
from attnstats.information._class_rule import Discrete
from attnstats.information._variables import reads_classes, variables_for
from attnstats.information.interface import MIEstimator, brief
from attnstats.information.knn.ksg import KSG
from attnstats.information.series.interface import SeriesNull
from attnstats.resampling import permutation_pvalue
from attnstats.results import MIEstimate

#: Fewest rows that the histories must leave.
_FEWEST = 10


def transfer_entropy(
    x: ArrayLike,
    y: ArrayLike,
    estimator: MIEstimator = KSG(),  # noqa: B008 (frozen)
    *,
    history_x: int = 1,
    history_y: int = 1,
    lag: int = 1,
    null: SeriesNull | None = None,
    discrete_x: Discrete = None,
    discrete_y: Discrete = None,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> MIEstimate:
    """Estimate the transfer entropy from x to y, a conditional mutual information.

    With h_x and h_y the lengths of the histories and u the lag, it is

        I(y_t; x_{t-u}, ..., x_{t-u-h_x+1} | y_{t-1}, ..., y_{t-h_y}).

    Parameters
    ----------
    x, y : array_like of shape (n,) or (n, dim)
        Two series, a row a step of time; read as in `mutual_information`. A missing value raises: a gap would join
        what is apart.
    estimator : MIEstimator, default KSG()
        One that takes a condition, as `conditional_mutual_information` lists.
    history_x, history_y : int
        Steps of the past of each. Too short a history of y counts what y tells of itself as transferred.
    lag : int
        Steps from x to y, at least 1.
    null : CircularShift, BlockPermutation or PhaseSurrogate, optional
        Estimate again with x in other orders, which keep its own past and the link of y with that of y. The mean is the
        null floor, and the one-sided p-value is (1 + #{T* >= T}) / (B + 1).
    discrete_x, discrete_y : bool, sequence of bool, or None
        As in `mutual_information`.
    n_jobs : int, optional
        Workers for shifts; the numbers do not depend on it.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    MIEstimate
        Value in nats, never clipped; ``dim_x`` and ``dim_z`` count the columns of the histories.

    Raises
    ------
    InvalidInputError
        If `null` is no SeriesNull, or the estimator does not take such variables.
    TooFewSamplesError
        If the histories leave fewer than ten rows.
    AttnstatsError
        Whatever the estimator raises; see there.

    References
    ----------
    Schreiber (2000), Measuring information transfer, Phys. Rev. Lett. 85, 461.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Gaussian, transfer_entropy
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 1000))
    >>> y = np.r_[0, x[:-1]] + noise  # each step of x adds to the next one of y; truth: log(2) / 2 = 0.35 nats
    >>> round(transfer_entropy(x, y, Gaussian()).value, 2), abs(transfer_entropy(y, x, Gaussian()).value) < 0.01
    (0.34, True)
    """
    for length, name in ((history_x, "history_x"), (history_y, "history_y"), (lag, "lag")):
        check_count(length, name)
    if null is not None:
        check_object(null, "null", SeriesNull, "CircularShift(), which keeps the order of time")
    x, y = variables_for(estimator, x=(x, discrete_x), y=(y, discrete_y))
    n = check_same_length(x=x, y=y)
    if null is not None:
        null.rearranged(x, np.random.default_rng(0))  # says before any work where the series does not do
    start = max(lag + history_x - 1, history_y)
    check_at_least(n - start, _FEWEST, "number of rows that the histories leave")
    now, own = y[start:], _past(y, start, 1, history_y)
    transferred = partial(_transferred, estimator, start, lag, history_x, now, own)
    seed, null_seed = (int(each) for each in as_generator(rng).integers(2**63, size=2))
    value = transferred(x, np.random.default_rng(seed))
    null_floor = pvalue = pvalue_floor = None
    if null is not None:
        shifted = partial(_shifted, transferred, x, null)
        values = parallel_map(shifted, range(null.n_resamples), rng=null_seed, n_jobs=n_jobs)
        null_floor = float(np.mean(values))
        pvalue, pvalue_floor = permutation_pvalue(value, values, alternative="greater"), null.floor
    return MIEstimate(
        value,
        brief(estimator),
        n_samples=n - start,
        dim_x=history_x * len(x.discrete),
        dim_y=0 if reads_classes(estimator, y) else len(y.discrete),
        null_floor=null_floor,
        pvalue=pvalue,
        pvalue_floor=pvalue_floor,
        dim_z=0 if all(own.discrete) else len(own.discrete),
    )


def _past(series: Variable, start: int, lag: int, history: int) -> Variable:
    """Return for each step from `start` on the columns of the series from `lag` steps before, backwards."""
    n = len(series)
    steps: list[Variable] = [series[start - back : n - back].as_columns() for back in range(lag, lag + history)]
    return reduce(Variable.beside, steps)


def _transferred(
    estimator: MIEstimator,
    start: int,
    lag: int,
    history: int,
    now: Variable,
    own: Variable,
    x: Variable,
    generator: np.random.Generator,
) -> float:
    return estimator.conditional_estimate(_past(x, start, lag, history), now, own, groups=None, rng=generator)


def _shifted(
    transferred: partial[float], x: Variable, null: SeriesNull, _: int, generator: np.random.Generator
) -> float:
    return transferred(x[null.rearranged(x, generator)], generator)
