"""Bootstrap intervals of any statistic of independent, clustered, stratified, nested or crossed data."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from attnstats._parallel import parallel_map
from attnstats._validation import FloatArray, RNGLike, check_fraction
from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    NonFiniteError,
    UndercoverageWarning,
    UnreliableEstimateWarning,
)
from attnstats.missing import CompleteCases
from attnstats.resampling._scale import ROUNDING, check_ends
from attnstats.resampling.bootstrap._method import BootstrapMethod, ClosedForm
from attnstats.resampling.bootstrap._samples import BATCH, GroupedSample, Sample
from attnstats.resampling.bootstrap.bca import BCa
from attnstats.resampling.bootstrap.designs import IID, Clustered, Crossed, IndependentSamples, Nested, Stratified
from attnstats.resampling.bootstrap.hall_t import HallT
from attnstats.resampling.bootstrap.percentile import Percentile
from attnstats.resampling.bootstrap.studentized import Studentized
from attnstats.resampling.bootstrap.wilson import Wilson, is_binary, is_share
from attnstats.resampling.statistic import FunctionOfMeans, Statistic, check_takes
from attnstats.results import ConfidenceInterval

Design: TypeAlias = IID | Clustered | Stratified | Nested | Crossed | IndependentSamples

#: Below this number of units of a factor no bootstrap interval is to be trusted.
MIN_UNITS = 8


def bootstrap_interval(
    data: ArrayLike | tuple[ArrayLike, ...],
    statistic: Statistic,
    *,
    method: BootstrapMethod | ClosedForm | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
    missing: CompleteCases | None = None,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> ConfidenceInterval:
    """Return a bootstrap confidence interval of a statistic.

    With few units take `attnstats.comparison.anova_interval` or `t_interval`, which are not bootstraps.

    Parameters
    ----------
    data : array_like
        Shape (n, ...), units along the first axis; a tuple of such arrays for independent samples. Under `Crossed`
        (..., n_replicates, n_items), or a tuple of such arrays, one for each data set.
    statistic : callable, FunctionOfMeans or WeightedStatistic
        Takes data of the same layout, independent samples as so many arguments, and returns a number. `numpy.mean`,
        `FunctionOfMeans` and a `WeightedStatistic` such as `attnstats.ranks.Tau` are computed in compiled code,
        without forming the resamples.
    method : BCa, Percentile, Basic, Studentized, DoubleBootstrap, HallT or Wilson, optional
        The interval; the result names it. By default `Percentile` under `Crossed`, which has no jackknife; `BCa` for
        any statistic but `numpy.mean`; and for `numpy.mean` `Wilson` where independent values are all 0 or 1, else
        `Studentized`, or `HallT` where so many values are equal that t is not defined for a noticeable share of the
        resamples, or ``HallT(bounds=(0, 1))`` where those leave [0, 1] and the values do not, as shares near 0 or 1.
    design : IID, Clustered, Stratified, Nested, Crossed or IndependentSamples, optional
        What is drawn together; by default `IndependentSamples` for a tuple of arrays, else `IID`.
    confidence_level : float
        Nominal level, in (0, 1).
    missing : CompleteCases, optional
        How to treat missing values in data and the labels of the design, row by row; by default they raise an error.
    n_jobs : int, optional
        Workers; the numbers do not depend on it.
    rng : seed or Generator, optional
        Source of randomness.

    Returns
    -------
    ConfidenceInterval
        In the unit of the statistic.

    Raises
    ------
    InvalidInputError
        If the layout of the data, or the method, does not fit the design.
    NonFiniteError
        If the data, or the statistic of a resample, are not finite, or an end of the interval overflows.
    ConstantInputError
        If the statistic does not vary over resamples, or too little for the method. The message names one that applies.

    Warns
    -----
    FewReplicatesWarning
        With fewer than 8 rows, clusters, replicates or items.
    UndercoverageWarning
        With fewer than 30 rows, clusters, replicates or items, from `Percentile`, `Basic` and `BCa`.
    UnreliableEstimateWarning
        If the values lie in [0, 1] and the interval of their mean, by the method asked for, does not.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap. Owen (2007), Annals of Applied Statistics 1, 386-411.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import bootstrap_interval
    >>> x = np.random.default_rng(0).normal(size=100)
    >>> bootstrap_interval(x, np.mean, rng=1)
    95 % CI [-0.113, 0.277] (studentized bootstrap, 9999 resamples)
    >>> bootstrap_interval(x, np.median, rng=1)
    95 % CI [-0.239, 0.329] (BCa bootstrap, 9999 resamples)
    >>> bootstrap_interval([1] * 49 + [0], np.mean)
    95 % CI [0.895, 0.996] (Wilson score)
    >>> bootstrap_interval((x[:60], x[60:]), lambda a, b: np.median(a) - np.median(b), rng=1)
    95 % CI [-0.61, 0.642] (independent-samples BCa bootstrap, 9999 resamples)
    """
    level = check_fraction(confidence_level, "confidence_level")
    design = _as_design(design, data)
    sample = design.bind(data, missing)  # type: ignore[arg-type]
    _check_statistic(statistic, sample)
    by_the_data = method is None
    method = _as_method(method, statistic, sample, design)
    _warn_of_few_units(sample, method)
    compute = partial(_interval, sample, statistic, level=level, prefix=design.prefix, n_jobs=n_jobs, rng=rng)
    interval = compute(method, otherwise=HallT() if by_the_data else None)
    if not _leaves_unit_interval(interval, sample, statistic):
        return interval
    if by_the_data:
        return compute(HallT(bounds=(0, 1)))
    warnings.warn(
        f"data: lie in [0, 1], and the interval [{interval.low:.3g}, {interval.high:.3g}] of their mean does not; if "
        "they are shares, take HallT(bounds=(0, 1))",
        UnreliableEstimateWarning,
        stacklevel=2,
    )
    return interval


def _interval(
    sample: Sample,
    statistic: Statistic,
    method: BootstrapMethod | ClosedForm,
    *,
    otherwise: ClosedForm | None = None,
    level: float,
    prefix: str,
    n_jobs: int | None,
    rng: RNGLike,
) -> ConfidenceInterval:
    """Return the interval by one method, or by another, in closed form, where a t statistic is not defined."""
    if isinstance(method, ClosedForm):
        if statistic is not np.mean:
            raise InvalidInputError(f"statistic: must be numpy.mean for {method!r}; got {statistic!r}")
        with np.errstate(all="ignore"):  # what overflows is refused by name below
            low, high = method.limits(sample, level)
        check_ends(low, high, "statistic")
        return ConfidenceInterval(low, high, level, prefix + method.name, None, sample.n_missing)
    if method.needs_jackknife:
        sample.check_jackknife()
    whole, scale = sample, None
    if statistic is np.mean and not getattr(method, "error", None):  # an error of one's own wants the data as they are
        sample, scale = sample.rescaled()
    size = max(1, BATCH // sample.n_draws)
    tasks = [min(size, method.n_resamples - start) for start in range(0, method.n_resamples, size)]
    replicates = np.concatenate(
        parallel_map(partial(_replicates, method, sample, statistic), tasks, rng=rng, n_jobs=n_jobs)
    )
    values = replicates if replicates.ndim == 1 else replicates[:, 0]
    if undefined := int((~np.isfinite(values)).sum()):
        raise NonFiniteError(f"statistic: must be finite; got {undefined} NaN or infinite value(s) of a resample")
    if values.max() / 2 - values.min() / 2 <= ROUNDING / 2 * (1.0 if scale else np.abs(values).max()):
        _refuse_constant(whole, statistic, values if scale is None else np.array([scale.up(float(values[0]))]))
    with np.errstate(all="ignore"):
        undefined_t = isinstance(method, Studentized) and not method.is_defined(replicates, sample, statistic, level)
        if otherwise and undefined_t:
            return _interval(whole, statistic, otherwise, level=level, prefix=prefix, n_jobs=n_jobs, rng=rng)
        low, high = method.limits(replicates, sample, statistic, level)
    if scale is not None:
        low, high = scale.up(low), scale.up(high)
    check_ends(low, high, "statistic")
    return ConfidenceInterval(low, high, level, prefix + method.name, method.n_resamples, whole.n_missing)


def _refuse_constant(sample: Sample, statistic: Statistic, values: FloatArray) -> None:
    """Raise, since the values of a statistic over resamples do not differ but for rounding."""
    low, high = float(values.min()), float(values.max())
    if low != high:
        raise ConstantInputError(
            f"statistic: must vary over resamples by more than rounding; got {low!r} to {high!r}. Subtract the offset "
            "from data"
        )
    is_share = statistic is np.mean and isinstance(sample, GroupedSample) and is_binary(sample.data)
    remedy = ". If it is a share of successes, take Wilson()" if is_share else ""
    raise ConstantInputError(f"statistic: must vary over resamples; got {low!r} each time{remedy}")


def _replicates(
    method: BootstrapMethod, sample: Sample, statistic: Statistic, n_resamples: int, generator: np.random.Generator
) -> FloatArray:
    with np.errstate(all="ignore"):
        return method.replicates(sample, statistic, n_resamples, generator)


def _as_design(design: object, data: object) -> Any:
    if design is None:
        several = isinstance(data, tuple) and any(
            hasattr(each, "__len__") and not isinstance(each, str | bytes) and getattr(each, "ndim", 1) > 0
            for each in data
        )
        return IndependentSamples() if several else IID()
    if isinstance(design, type) or not hasattr(design, "bind"):
        raise InvalidInputError(
            "design: must be IID(), Clustered(groups), Stratified(strata), Nested(groups), Crossed() or "
            f"IndependentSamples(); got {design!r}"
        )
    return design


def _as_method(method: object, statistic: Statistic, sample: Sample, design: Design) -> BootstrapMethod | ClosedForm:
    if method is None:
        if isinstance(design, Crossed):
            return Percentile()
        if statistic is not np.mean:
            return BCa()
        return Wilson() if is_share(sample) and sample.data.min() != sample.data.max() else Studentized()
    if not isinstance(method, BootstrapMethod | ClosedForm):
        raise InvalidInputError(
            "method: must be BCa(), Percentile(), Basic(), Studentized(), DoubleBootstrap(), HallT() or Wilson(); got "
            f"{method!r}"
        )
    return method


def _check_statistic(statistic: object, sample: Sample) -> None:
    """Raise unless the statistic takes as many arguments as it will get."""
    if isinstance(statistic, FunctionOfMeans):
        return
    n_samples = len(getattr(sample, "samples", [None]))
    if n_samples > 1 and statistic is np.mean:
        sample.rescaled()  # refuses
    check_takes(statistic, n_samples, "data" if n_samples == 1 else "the samples of data")


def _warn_of_few_units(sample: Sample, method: BootstrapMethod | ClosedForm) -> None:
    for factor, count in sample.factors.items():
        if count < MIN_UNITS:
            warnings.warn(
                f"data: should have at least {MIN_UNITS} {factor} for the interval to keep its level; got {count}",
                FewReplicatesWarning,
                stacklevel=3,
            )
        elif count < method.enough_units:
            warnings.warn(
                f"data: should have at least {method.enough_units} {factor} for a {method.name}, which covers less "
                f"than it claims with fewer; got {count}",
                UndercoverageWarning,
                stacklevel=3,
            )


def _leaves_unit_interval(interval: ConfidenceInterval, sample: Sample, statistic: Statistic) -> bool:
    """Return whether the interval of a mean of values in [0, 1] reaches beyond."""
    if statistic is not np.mean or not (interval.low < 0 or interval.high > 1):
        return False
    blocks = sample.data if isinstance(sample.data, tuple) else (sample.data,)
    return all(np.nanmin(block) >= 0 and np.nanmax(block) <= 1 for block in blocks)
