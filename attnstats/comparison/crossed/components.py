"""How much of the variance of values is replicates, items and the residual, and what more of either would bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import check_count
from attnstats.comparison.crossed._gaps import without_empty
from attnstats.comparison.crossed._tables import Factors, Tables, fitted
from attnstats.comparison.crossed._two_way_fit import variance_parts
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.results import check_factors, counted, left_out, plural


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """What replicates, items and the residual, with their interaction, add to the variance of a value and of the mean.

    Parameters
    ----------
    replicate, item, residual : float
        Unbiased estimates of the components of the variance of a value, in squared units; never clipped, so the first
        two may be negative. In the other numbers a negative one counts as zero, save in the correlations.
    n_replicates, n_items, n_values : int
        Of the table, and how many of its cells have a value.
    residual_weight : float
        What a residual variance of one adds to the variance of the mean: 1/`n_values` where the table is complete.
    replication_unit, crossed_unit, n_missing : str, str, int
        What a replicate and an item are, and how many cells were left out.

    Examples
    --------
    >>> from attnstats.comparison import VarianceComponents
    >>> found = VarianceComponents(0.04, 0.25, 1.0, n_replicates=8, n_items=50, n_values=400, residual_weight=1 / 400)
    >>> round(found.error, 3), round(found.error_with(n_replicates=16, n_items=50), 3)
    (0.112, 0.094)
    """

    replicate: float
    item: float
    residual: float
    n_replicates: int
    n_items: int
    n_values: int
    residual_weight: float
    replication_unit: str = "replicate"
    crossed_unit: str = "item"
    n_missing: int = 0

    def __post_init__(self) -> None:
        check_factors(self.replication_unit, self.crossed_unit)

    @property
    def error(self) -> float:
        """Standard error of the mean of the table, for other replicates and other items."""
        return float(np.sqrt(sum(self._of_mean)))

    @property
    def shares(self) -> tuple[float, float, float]:
        """Shares of replicates, items and the residual in the variance of the mean."""
        of_replicates, of_items, of_residual = (each / sum(self._of_mean) for each in self._of_mean)
        return of_replicates, of_items, of_residual

    @property
    def replicate_correlation(self) -> float:
        """Intraclass correlation of two values of one replicate."""
        return self.replicate / (self.replicate + self.item + self.residual)

    @property
    def item_correlation(self) -> float:
        """Intraclass correlation of two values of one item."""
        return self.item / (self.replicate + self.item + self.residual)

    @property
    def design_effect(self) -> float:
        """How many times as large the variance of the mean is as it would be of as many independent values."""
        of_value = max(self.replicate, 0.0) + max(self.item, 0.0) + self.residual
        return self.n_values * sum(self._of_mean) / of_value

    def error_with(self, n_replicates: int, n_items: int) -> float:
        """Return the standard error that the mean of a complete table of another size would have."""
        check_count(n_replicates, "n_replicates")
        check_count(n_items, "n_items")
        return float(np.sqrt(sum(self._of_mean_with(n_replicates, n_items, 1 / (n_replicates * n_items)))))

    def summary(self) -> str:
        """Return the components in one line, as for a paper."""
        names = self.replication_unit, self.crossed_unit, "residual"
        sizes = self.replicate, self.item, self.residual
        listed = ", ".join(
            f"{name} {size:.3g} ({100 * share:.0f} %)"
            for name, size, share in zip(names, sizes, self.shares, strict=True)
        )
        correlations = (
            f"ICC {self.replicate_correlation:.3g} of {plural(names[0])} and {self.item_correlation:.3g} of"
            f" {plural(names[1])}"
        )
        size = f"n = {counted(self.n_replicates, names[0])} and {counted(self.n_items, names[1])}"
        return (
            f"variance components (share of the variance of the mean): {listed}, {correlations}, design effect"
            f" {self.design_effect:.3g}, {size}{left_out(self.n_missing)}"
        )

    __repr__ = summary

    @property
    def _of_mean(self) -> tuple[float, float, float]:
        return self._of_mean_with(self.n_replicates, self.n_items, self.residual_weight)

    def _of_mean_with(self, n_replicates: int, n_items: int, weight: float) -> tuple[float, float, float]:
        return max(self.replicate, 0.0) / n_replicates, max(self.item, 0.0) / n_items, self.residual * weight


def variance_components(
    values: ArrayLike,
    *,
    replication_unit: str = "replicate",
    crossed_unit: str = "item",
    missing: CompleteCases | None = None,
) -> VarianceComponents:
    """Return the variance components of crossed replicates and items, from the two-way analysis of variance.

    In x_ri = μ + A_r + B_i + E_ri all are random. The variances of the means of replicates and of items, which hold
    σ²_E/I and σ²_E/R too, less what they hold of it: (MS_replicate − MS_residual)/I and (MS_item − MS_residual)/R for a
    complete table, and for others as in `anova_interval`.

    Parameters
    ----------
    values : array_like, shape (..., n_replicates, n_items)
        One value for each replicate and item, at least two of each; for two conditions with the same replicates and
        items, their differences. Leading axes are strata, which are averaged first.
    replication_unit, crossed_unit, missing
        As in `anova_interval`.

    Returns
    -------
    VarianceComponents
        With intraclass correlations, the design effect, and the standard error for tables of other sizes.

    Raises
    ------
    InvalidInputError, TooFewSamplesError, NonFiniteError, ConstantInputError
        As `anova_interval`; for a tuple of data sets.

    References
    ----------
    Searle, Casella and McCulloch (1992), Variance Components, Wiley, section 4.3 and chapter 5.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import variance_components
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(0, 0.2, size=(8, 1)) + rng.normal(0, 0.5, size=60) + rng.normal(size=(8, 60))
    >>> found = variance_components(values, replication_unit="seed", crossed_unit="example")
    >>> found
    variance components (share of the variance of the mean): seed 0.0122 (19 %), example 0.268 (55 %), residual 1 (26
    %), ICC 0.00952 of seeds and 0.209 of examples, design effect 3.02, n = 8 seeds and 60 examples
    >>> round(found.error_with(n_replicates=16, n_items=60), 3)
    0.079
    """
    if isinstance(values, tuple):
        raise InvalidInputError(f"values: must be the array of one data set; got a tuple of {len(values)}")
    return components_of({"values": values}, Factors(replication_unit, crossed_unit, fewest_items=2), missing)


def components_of(
    given: Mapping[str, ArrayLike], factors: Factors, missing: CompleteCases | None
) -> VarianceComponents:
    """Return the components of one table or of the differences of two, each under the name of its argument."""
    tables, paired = Tables.of(given, factors, missing), len(given) > 1
    groups = without_empty(tables.groups, same_rows=paired)
    ((fit,),) = fitted(groups, tables, paired=paired)
    parts = variance_parts([[fit]], np.ones(1))
    (of_replicates,), (of_items,) = parts.replicates, parts.items
    n_replicates, n_items = groups[0][0].shape
    replicate, item, residual = (
        tables.unit.restore(each, 2)
        for each in (
            n_replicates * (of_replicates.value - of_replicates.residual),
            n_items * (of_items.value - of_items.residual),
            fit.residual,
        )
    )
    return VarianceComponents(
        replicate,
        item,
        residual,
        n_replicates,
        n_items,
        fit.n_values,
        residual_weight=fit.squares,
        replication_unit=factors.replicate,
        crossed_unit=factors.item,
        n_missing=tables.n_cells - fit.n_values,
    )
