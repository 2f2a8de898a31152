"""The mean over replicates and items, both drawn from a population: its interval from variance components."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, as_float_array, check_at_least, check_fraction
from attnstats.comparison._unit import ROUNDING, Unit
from attnstats.comparison.crossed.mean_squares import HarmonicT, MeanSquares, Satterthwaite, VarianceOfMean
from attnstats.comparison.replication import ReplicateMean, check_groups
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, InvalidInputError
from attnstats.results import ConfidenceInterval, check_factors, plural


def anova_interval(
    values: ArrayLike | tuple[ArrayLike, ...],
    *,
    variance: HarmonicT | Satterthwaite = HarmonicT(),  # noqa: B008 (frozen)
    confidence_level: float = 0.95,
    replication_unit: str = "replicate",
    crossed_unit: str = "item",
) -> ConfidenceInterval:
    """Return the interval of the mean over crossed replicates and items, from the two-way analysis of variance.

    Every one of R replicates meets every one of I items: x_ri = μ + A_r + B_i + E_ri, all random. With the mean squares
    of the balanced table, the variance of the mean is estimated (Searle, Casella and McCulloch 1992, Variance
    Components, section 4.3) as

        var(x̄) = (MS_replicate + MS_item − MS_residual) / (R I),

    on the degrees of freedom that `variance` gives. Strata of one data set, such as conditions, are averaged first; the
    variances of data sets, which share nothing, add up. Unlike `t_interval` it is for other items too, and unlike the
    crossed bootstrap it holds its level with few replicates.

    Parameters
    ----------
    values : array_like, shape (..., n_replicates, n_items), or tuple of such arrays
        One value for each replicate and item, at least two of each; for two conditions with the same replicates and
        items, their differences. Leading axes are strata, which weigh the same; a tuple holds one array for each data
        set.
    variance : HarmonicT or Satterthwaite
        The variance of the mean of one table; a `FewReplicatesWarning` is given below 3 replicates for the first, 5 for
        the second, where the interval is too short.
    confidence_level : float
        Nominal level, in (0, 1).
    replication_unit, crossed_unit : str
        What a replicate and an item are, in the singular: ``"reader"`` and ``"case"``, ``"seed"`` and ``"example"``.

    Returns
    -------
    ConfidenceInterval
        In the unit of the values.

    Raises
    ------
    InvalidInputError
        If the values have fewer than two dimensions, or `variance` is neither of the two.
    TooFewSamplesError
        With fewer than two replicates or items.
    NonFiniteError
        If a value is NaN or infinite; an incomplete table is not balanced.
    ConstantInputError
        If the values do not vary.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import anova_interval
    >>> rng = np.random.default_rng(0)
    >>> anova_interval(rng.normal(size=(8, 1)) + rng.normal(size=50) + rng.normal(size=(8, 50)))
    95 % CI [-0.22, 1.02] (crossed ANOVA, harmonic df)
    """
    check_fraction(confidence_level, "confidence_level")
    return crossed_mean(values, variance, replication_unit, crossed_unit).interval(confidence_level)


def data_sets(values: ArrayLike | tuple[ArrayLike, ...]) -> list[FloatArray]:
    """Return one array for each data set."""
    return [as_float_array(block, "values") for block in (values if isinstance(values, tuple) else (values,))]


def crossed_mean(
    values: ArrayLike | tuple[ArrayLike, ...],
    variance: HarmonicT | Satterthwaite,
    replication_unit: str,
    crossed_unit: str,
    minimum_replicates: int | None = None,
) -> ReplicateMean:
    """Return the mean of the tables of one or several data sets, of which each stratum is one."""
    if not isinstance(variance, HarmonicT | Satterthwaite):
        raise InvalidInputError(f"variance: must be HarmonicT() or Satterthwaite(); got {variance!r}")
    check_factors(replication_unit, crossed_unit)
    blocks = data_sets(values)
    check_at_least(len(blocks), 1, "number of data sets")
    unit = Unit.of(*blocks)
    scaled = [unit.divide(block) for block in blocks]
    largest = max((float(np.abs(block).max(initial=0.0)) for block in scaled), default=0.0)
    tables, n_strata = [], []  # of each data set
    for array in scaled:
        if array.ndim < 2:
            raise InvalidInputError(f"values: must have shape (..., n_replicates, n_items); got {array.shape}")
        check_at_least(array.shape[-2], 2, f"number of {plural(replication_unit)}")
        check_at_least(array.shape[-1], 2, f"number of {plural(crossed_unit)}")
        check_at_least(array[..., 0, 0].size, 1, "number of conditions")
        tables.append(array.reshape(-1, *array.shape[-2:]).mean(axis=0))
        n_strata.append(array[..., 0, 0].size)
        if np.ptp(tables[-1]) <= ROUNDING * largest:
            got = unit.restore(float(tables[-1][0, 0]))
            raise ConstantInputError(f"values: must vary; got {got!r} throughout, but for rounding")
    fewest = min(map(len, tables))
    if minimum_replicates is not None:
        check_groups(list(map(len, tables)), minimum_replicates, replication_unit, "the smallest data set")
    elif fewest < variance.fewest_replicates:
        warnings.warn(
            f"values: should have at least {variance.fewest_replicates} {plural(replication_unit)} for {variance!r} to"
            f" keep its level; got {fewest}",
            FewReplicatesWarning,
            stacklevel=3,
        )
    weights = np.array(n_strata) / sum(n_strata)
    total = VarianceOfMean.of_sum([variance(MeanSquares.of(table)) for table in tables], weights)
    return ReplicateMean(
        value=float(weights @ [table.mean() for table in tables]),
        error=float(np.sqrt(total.value)),
        df=total.degrees_of_freedom,
        n=sum(strata * len(table) for strata, table in zip(n_strata, tables, strict=True)),
        method=variance.label,
        unit=unit,
        replication_unit=replication_unit,
    )
