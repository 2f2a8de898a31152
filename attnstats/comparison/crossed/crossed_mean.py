"""The mean over replicates and items, both drawn from a population: its interval from variance components."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import check_fraction
from attnstats.comparison._unit import ROUNDING
from attnstats.comparison.crossed._gaps import without_empty
from attnstats.comparison.crossed._tables import Factors, Tables, fitted
from attnstats.comparison.crossed._two_way_fit import variance_parts
from attnstats.comparison.crossed.mean_squares import HarmonicT, VarianceOfMean, VarianceRule
from attnstats.comparison.replication import ReplicateMean, check_groups
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.results import ConfidenceInterval, plural


def anova_interval(
    values: ArrayLike | tuple[ArrayLike, ...],
    *,
    variance: VarianceRule = HarmonicT(),  # noqa: B008 (frozen)
    shared_replicates: bool = False,
    confidence_level: float = 0.95,
    replication_unit: str = "replicate",
    crossed_unit: str = "item",
    missing: CompleteCases | None = None,
) -> ConfidenceInterval:
    """Return the interval of the mean over crossed replicates and items, from the two-way analysis of variance.

    Every one of R replicates meets every one of I items: x_ri = μ + A_r + B_i + E_ri, all random. With the mean squares
    of the balanced table, the variance of the mean is estimated (Searle, Casella and McCulloch 1992, Variance
    Components, section 4.3) as

        var(x̄) = (MS_replicate + MS_item − MS_residual) / (R I),

    on the degrees of freedom that `variance` gives. Strata of one data set, such as conditions, are averaged first; the
    variances of data sets, which share nothing, add up. Unlike `t_interval` it is for other items too, and unlike the
    crossed bootstrap it holds its level with few replicates.

    Where cells are missing, A and B are fitted by least squares, and the mean is that of the fitted table, μ + mean(A)
    + mean(B) = Σ c_ri x_ri, with var = σ²_A/R + σ²_B/I + σ²_E Σ c². Quadratic forms of the fitted effects stand for the
    mean squares and are equated to their expectations (the same, chapter 5): of the factor with fewer levels that of
    Henderson's method III, which gives little weight to levels of few cells, of the other the plain variance.

    Parameters
    ----------
    values : array_like, shape (..., n_replicates, n_items), or tuple of such arrays
        One value for each replicate and item, at least two of each; for two conditions with the same replicates and
        items, their differences. Leading axes are strata, which weigh the same; a tuple holds one array for each data
        set.
    variance : HarmonicT, Satterthwaite or FixedItems
        The variance of the mean of one table; a `FewReplicatesWarning` is given below 3 replicates for the first, 5 for
        the second, where the interval is too short. The third is for these items alone, one or more.
    shared_replicates : bool
        Whether replicate r is the same in every data set, as where each training run is tested on all. The mean over
        data sets is then that of R replicates, and only the items' parts of its variance add up.
    confidence_level : float
        Nominal level, in (0, 1).
    replication_unit, crossed_unit : str
        What a replicate and an item are, in the singular: ``"reader"`` and ``"case"``, ``"seed"`` and ``"example"``.
    missing : CompleteCases, optional
        Leave out cells that are missing, in any stratum, and count them; by default they raise an error. A replicate or
        an item of which nothing is left does not count, nor, with `shared_replicates`, a replicate of which nothing is
        left in one data set.

    Returns
    -------
    ConfidenceInterval
        In the unit of the values.

    Raises
    ------
    InvalidInputError
        If the values have fewer than two dimensions, `variance` is none of the three, or the cells that are present
        fall into parts without a replicate or an item in common.
    TooFewSamplesError
        With fewer than two replicates or items, or no cell beyond those that the fit of both needs.
    NonFiniteError
        If a value is infinite, or NaN and `missing` does not leave it out.
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
    mean = crossed_mean(
        {"values": values},
        variance,
        replication_unit,
        crossed_unit,
        shared_replicates=shared_replicates,
        missing=missing,
    )
    return replace(mean.interval(confidence_level), n_missing=mean.n_missing)


def crossed_mean(
    given: Mapping[str, ArrayLike | tuple[ArrayLike, ...]],
    variance: VarianceRule,
    replication_unit: str,
    crossed_unit: str,
    minimum_replicates: int | None = None,
    *,
    shared_replicates: bool = False,
    paired: bool = False,
    missing: CompleteCases | None = None,
) -> ReplicateMean:
    """Return the mean over data sets of the values of one group of replicates, or of the first group less the second.

    Each group stands under the name of the argument that holds it; where the two are `paired`, replicate r is the same
    in both. Each stratum counts as a data set; those with replicates in common are one mean, the others one each.
    """
    if not isinstance(variance, VarianceRule):
        raise InvalidInputError(f"variance: must be HarmonicT(), Satterthwaite() or FixedItems(); got {variance!r}")
    if not isinstance(shared_replicates, bool | np.bool_):
        raise InvalidInputError(f"shared_replicates: must be True or False; got {shared_replicates!r}")
    tables = Tables.of(given, Factors(replication_unit, crossed_unit, variance.fewest_items), missing)
    for a, b in zip(*tables.groups, strict=True) if paired else ():
        if len(a) != len(b):
            raise InvalidInputError(
                f"{tables.unit.name}: must have the same {plural(replication_unit)}; got {len(a)} and {len(b)}"
            )
    if shared_replicates:
        parts, inner, outer = [tables.shared()], tables.weights, np.ones(1)
    else:
        parts = [[[table] for table in each] for each in zip(*tables.groups, strict=True)]
        inner, outer = np.ones(1), tables.weights
    means = [fitted(without_empty(groups, same_rows=paired), tables, paired=paired) for groups in parts]
    sizes = [[len(fits[0].replicates.means) for fits in groups] for groups in means]
    fewest = min(map(min, sizes))
    if minimum_replicates is not None:
        smallest = "the smallest data set" if len(tables.groups) == 1 else "the smallest group"
        check_groups([n for each in sizes for n in each], minimum_replicates, replication_unit, smallest)
    elif fewest < variance.fewest_replicates:
        warnings.warn(
            f"{tables.unit.name}: should have at least {variance.fewest_replicates} {plural(replication_unit)} for"
            f" {variance!r} to keep its level; got {fewest}",
            FewReplicatesWarning,
            stacklevel=3,
        )
    total = VarianceOfMean.of_sum([variance(variance_parts(groups, inner)) for groups in means], outer)
    if not total.value * tables.n_cells > (ROUNDING * tables.largest) ** 2:
        raise ConstantInputError(
            f"{tables.unit.name}: must vary over {plural(replication_unit)}; got the same mean for each"
        )
    values = [np.subtract.reduce([inner @ [fit.mean for fit in fits] for fits in groups]) for groups in means]
    counts = [1] if shared_replicates else tables.n_strata
    return ReplicateMean(
        value=float(outer @ values),
        error=float(np.sqrt(total.value)),
        df=total.degrees_of_freedom,
        n=sum(count * sum(each) for count, each in zip(counts, sizes, strict=True)),
        method=variance.label,
        unit=tables.unit,
        replication_unit=replication_unit,
        n_missing=tables.n_cells - sum(fit.n_values for groups in means for fits in groups for fit in fits),
    )
