"""Bootstrap intervals of any statistic, over independent, clustered, stratified, nested or crossed data."""

import warnings
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from attnstats._parallel import parallel_map
from attnstats._validation import RNGLike, check_fraction
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, NonFiniteError, UndercoverageWarning
from attnstats.resampling.bca import BCa
from attnstats.resampling.designs import IID, Clustered, Crossed, Nested, Stratified
from attnstats.resampling.method import BootstrapMethod
from attnstats.resampling.percentile import Percentile
from attnstats.resampling.samples import BATCH
from attnstats.resampling.statistic import Statistic
from attnstats.resampling.studentized import Studentized
from attnstats.results import ConfidenceInterval

#: Below this number of units of a factor no bootstrap interval is to be trusted.
MIN_UNITS = 8


def bootstrap_interval(
    data: ArrayLike | tuple[ArrayLike, ...],
    statistic: Statistic,
    *,
    method: BootstrapMethod | None = None,
    design: IID | Clustered | Stratified | Nested | Crossed = IID(),  # noqa: B008 (frozen)
    confidence_level: float = 0.95,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> ConfidenceInterval:
    """Return a bootstrap confidence interval of a statistic.

    Few seeds are better served by `attnstats.comparison.anova_interval` or `t_interval`, which are not bootstraps.

    Parameters
    ----------
    data : array_like
        Shape (n, ...), units along the first axis; under `Crossed` (..., n_seeds, n_examples), or a tuple of such
        arrays, one for each data set.
    statistic : callable, FunctionOfMeans or WeightedStatistic
        Takes data of the same layout and returns a number. `numpy.mean`, `FunctionOfMeans` and a `WeightedStatistic`
        such as `attnstats.ranks.Tau` are computed in compiled code, without forming the resamples.
    method : BCa, Percentile, Basic, Studentized or DoubleBootstrap, optional
        How the interval is made. By default `Studentized` for `numpy.mean`, whose standard error is known and whose few
        skewed values the others cover less; `Percentile` under `Crossed`, which has no jackknife; else `BCa`.
    design : IID, Clustered, Stratified, Nested or Crossed
        What is drawn together.
    confidence_level : float
        Nominal level, in (0, 1).
    n_jobs : int, optional
        Workers; the numbers do not depend on it. Resamples are drawn in batches of about a megabyte each.
    rng : seed or Generator, optional
        Source of randomness.

    Returns
    -------
    ConfidenceInterval
        In the unit of the statistic.

    Raises
    ------
    InvalidInputError
        If the layout does not fit the design, or the method does not.
    NonFiniteError
        If the data, or the statistic of a resample, are not finite.
    ConstantInputError
        If the statistic is the same on every resample.

    Warns
    -----
    FewReplicatesWarning
        With fewer than 8 rows, clusters, seeds or examples.
    UndercoverageWarning
        With fewer than 30 rows, clusters, seeds or examples, from `Percentile`, `Basic` and `BCa`.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap. Owen (2007), Annals
    of Applied Statistics 1, 386-411.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=100)
    >>> bootstrap_interval(x, np.mean, rng=1)
    95 % CI [-0.113, 0.277] (studentized bootstrap, 9999 resamples)
    >>> bootstrap_interval(x, np.median, rng=1)
    95 % CI [-0.239, 0.329] (BCa bootstrap, 9999 resamples)

    Thirty trained models on the same 50 examples:

    >>> values = np.random.default_rng(0).normal(size=(30, 50))
    >>> bootstrap_interval(values, np.mean, design=Crossed(), rng=1)
    95 % CI [-0.102, 0.0703] (crossed percentile bootstrap, 9999 resamples)
    """
    level = check_fraction(confidence_level, "confidence_level")
    if method is None:
        method = _default(statistic, design)
    sample = design.bind(data)  # type: ignore[arg-type]
    if method.needs_jackknife and isinstance(design, Crossed):
        sample.influence(statistic)  # refuses before the work is done
    for factor, count in sample.factors.items():
        if count < MIN_UNITS:
            warnings.warn(
                f"data: must have {MIN_UNITS} {factor} for the interval to keep its level; got {count}",
                FewReplicatesWarning,
                stacklevel=2,
            )
        elif count < method.enough_units:
            warnings.warn(
                f"data: should have {method.enough_units} {factor} for a {method.name}, which covers less than it "
                f"claims with fewer; got {count}",
                UndercoverageWarning,
                stacklevel=2,
            )
    size = max(1, BATCH // sample.n_draws)
    tasks = [min(size, method.n_resamples - start) for start in range(0, method.n_resamples, size)]
    replicates = np.concatenate(
        parallel_map(partial(method.replicates, sample, statistic), tasks, rng=rng, n_jobs=n_jobs)
    )
    values = replicates if replicates.ndim == 1 else replicates[:, 0]
    undefined = int((~np.isfinite(values)).sum())
    if undefined:
        raise NonFiniteError(f"statistic: must be finite; got {undefined} NaN or infinite value(s) of a resample")
    if values.min() == values.max():
        raise ConstantInputError(f"statistic: must vary over resamples; got {values[0]!r} each time")
    low, high = method.limits(replicates, sample, statistic, level)
    return ConfidenceInterval(low, high, level, design.prefix + method.name, method.n_resamples)


def _default(statistic: Statistic, design: object) -> BootstrapMethod:
    if isinstance(design, Crossed):
        return Percentile()
    return Studentized() if statistic is np.mean else BCa()
