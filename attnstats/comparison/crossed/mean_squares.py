"""The variance of a mean over crossed replicates and items, from the mean squares of its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.special import fdtri, stdtrit

from attnstats._validation import FloatArray

#: Probability with which the mean square of replicates that do not differ falls below the bound put on it.
_CHANCE = 0.05


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of a balanced table of replicates and items, in squared units of the values."""

    replicate: float
    item: float
    residual: float
    n_replicates: int
    n_items: int

    @classmethod
    def of(cls, table: FloatArray) -> MeanSquares:
        """Return the mean squares of an array of shape (n_replicates, n_items)."""
        n_replicates, n_items = table.shape
        by_replicate, by_item = table.mean(axis=1), table.mean(axis=0)
        residuals = table - by_replicate[:, np.newaxis] - by_item + table.mean()
        return cls(
            float(n_items * by_replicate.var(ddof=1)),
            float(n_replicates * by_item.var(ddof=1)),
            float((residuals**2).sum() / ((n_replicates - 1) * (n_items - 1))),
            n_replicates,
            n_items,
        )

    @property
    def degrees_of_freedom(self) -> tuple[float, float, float]:
        """Of replicates, of items and of the residual."""
        replicates, items = self.n_replicates - 1, self.n_items - 1
        return replicates, items, replicates * items


class VarianceOfMean(NamedTuple):
    """The estimated variance of a mean, in squared units of the values, and its degrees of freedom."""

    value: float
    degrees_of_freedom: float

    def margin(self, confidence_level: float) -> float:
        """Return half the width of the t interval of the mean."""
        return float(np.sqrt(self.value) * stdtrit(self.degrees_of_freedom, (1 + confidence_level) / 2))

    @classmethod
    def of_sum(cls, parts: Sequence[VarianceOfMean], weights: FloatArray) -> VarianceOfMean:
        """Return that of a weighted sum of independent means (Satterthwaite 1946, equation 17)."""
        values = weights**2 * [part.value for part in parts]
        inverse = [1 / part.degrees_of_freedom for part in parts]
        return cls(float(values.sum()), float(values.sum() ** 2 / (values**2 @ inverse)))


@dataclass(frozen=True)
class Satterthwaite:
    """Satterthwaite's degrees of freedom: squared shares of the variance over those of the components.

    With R replicates and I items, var(x̄) = (MS_replicate + MS_item − MS_residual)/(R I) =: Σ c MS, df = (Σ c MS)²/Σ (c
    MS)²/df_MS (Satterthwaite 1946, Biometrics Bulletin 2, 110-114). A component estimated below zero counts as zero,
    and drops out together with the residual's mean square. The df come out too high where few replicates happen to
    agree; those of `HarmonicT` do not.

    Examples
    --------
    >>> from attnstats.comparison import Satterthwaite, anova_interval
    >>> anova_interval([[1, 4, 6], [2, 4, 8], [1, 5, 6], [3, 5, 7], [2, 6, 7]], variance=Satterthwaite())
    95 % CI [-1.63, 10.6] (crossed ANOVA, Satterthwaite df)
    """

    label: ClassVar[str] = "crossed ANOVA, Satterthwaite df"
    fewest_replicates: ClassVar[int] = 5

    def __call__(self, table: MeanSquares) -> VarianceOfMean:
        """Return the estimated variance of the mean of one table."""
        replicate, item = table.replicate > table.residual, table.item > table.residual
        signs = np.array([replicate, item, 1 - int(replicate) - int(item)])
        parts = signs * [table.replicate, table.item, table.residual] / (table.n_replicates * table.n_items)
        variance = parts.sum()
        df = variance**2 / (parts**2 / table.degrees_of_freedom).sum()
        return VarianceOfMean(float(variance), float(df))


@dataclass(frozen=True)
class HarmonicT:
    """Harmonic mean of the components' degrees of freedom, weighted by their shares of the variance.

    With R replicates, I items and no more replicates than items (else the other way round),

        var(x̄) = (V_replicate + V_item)/(R I),   V_replicate = MS_replicate,   V_item = max(MS_item − MS_residual, 0),
        1/df = share_replicate/(R − 1) + share_item/(I − 1).

    Intervals lie between Satterthwaite's, too short, and those of Cochran and Cox (1957, Experimental Designs, section
    4.14), who weigh quantiles by the shares, too long; the rule itself is ours. MS_replicate, which may come out near
    zero by chance, counts as at least the 5 % point of the F distribution times MS_residual.

    Examples
    --------
    >>> from attnstats.comparison import HarmonicT, anova_interval
    >>> anova_interval([[1, 4, 6], [2, 4, 8], [1, 5, 6], [3, 5, 7], [2, 6, 7]], variance=HarmonicT())
    95 % CI [-1.79, 10.7] (crossed ANOVA, harmonic df)
    """

    label: ClassVar[str] = "crossed ANOVA, harmonic df"
    fewest_replicates: ClassVar[int] = 3

    def __call__(self, table: MeanSquares) -> VarianceOfMean:
        """Return the estimated variance of the mean of one table."""
        of_replicates, of_items, of_residual = table.degrees_of_freedom
        few, many = (table.replicate, of_replicates), (table.item, of_items)
        if of_items < of_replicates:
            few, many = many, few
        least = table.residual * fdtri(few[1], of_residual, _CHANCE)
        values = np.array([max(few[0], least), max(many[0] - table.residual, 0.0)])
        total = values.sum()
        df = total / (values / [few[1], many[1]]).sum()
        return VarianceOfMean(float(total / (table.n_replicates * table.n_items)), float(df))
