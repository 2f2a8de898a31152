"""The variance of a mean over crossed replicates and items, from the mean squares of its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, TypeAlias

import numpy as np
from scipy.special import fdtri, stdtrit

from attnstats._validation import FloatArray

#: Probability with which the mean square of replicates that do not differ falls below the bound put on it.
_CHANCE = 0.05
#: Makes the squares of the variances that a sum consists of unbiased: of V with f degrees of freedom, V² f/(f + 2).
_CORRECTION = 2.0


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

    @property
    def parts(self) -> VarianceParts:
        """The parts of the variance of the mean of the table."""
        of_replicates, of_items, of_residual = self.degrees_of_freedom
        residual = self.residual / (self.n_replicates * self.n_items)
        replicate, item = (each / (self.n_replicates * self.n_items) for each in (self.replicate, self.item))
        return VarianceParts(
            [Part(replicate, residual, of_replicates)],
            [Part(item, residual, of_items)],
            VarianceOfMean(residual, of_residual),
        )


class VarianceOfMean(NamedTuple):
    """The estimated variance of a mean, in squared units of the values, and its degrees of freedom."""

    value: float
    degrees_of_freedom: float

    def margin(self, confidence_level: float) -> float:
        """Return half the width of the t interval of the mean."""
        return float(np.sqrt(self.value) * stdtrit(self.degrees_of_freedom, (1 + confidence_level) / 2))

    @classmethod
    def of_sum(cls, parts: Sequence[VarianceOfMean], weights: FloatArray | None = None) -> VarianceOfMean:
        """Return that of a weighted sum of independent means (Satterthwaite 1946, equation 17)."""
        values = np.array([part.value for part in parts])
        if weights is not None:
            values = weights**2 * values
        squares = float((values**2 / [part.degrees_of_freedom for part in parts]).sum())
        if squares == 0:
            return cls(0.0, min(part.degrees_of_freedom for part in parts))
        return cls(float(values.sum()), float(values.sum() ** 2 / squares))


class Part(NamedTuple):
    """What one factor adds to the variance of a mean, with what the residual adds where that factor is averaged."""

    value: float  # both together
    residual: float  # the second alone
    degrees_of_freedom: float

    @property
    def component(self) -> VarianceOfMean:
        """What the factor adds of itself, not below zero."""
        return VarianceOfMean(max(self.value - self.residual, 0.0), self.degrees_of_freedom)


class VarianceParts(NamedTuple):
    """The variance of a mean: parts of replicates and of items, independent of one another, and of the residual."""

    replicates: list[Part]
    items: list[Part]
    residual: VarianceOfMean

    def whole(self, parts: list[Part], correction: float = 0.0) -> VarianceOfMean:
        """Return the variance of one factor with the residual.

        Where cells are missing, the residual may add more to the mean than to the levels of the factor, which is known
        from its own degrees of freedom; where it would add less, that is not taken off. Sums of parts V have (Σ V)²/(Σ
        V²/(f + c)) − c degrees of freedom: Satterthwaite's with a correction c of zero.
        """
        summed = [VarianceOfMean(part.value, part.degrees_of_freedom + correction) for part in parts]
        value, df = VarianceOfMean.of_sum(summed)
        df -= correction
        rest = max(self.residual.value - sum(part.residual for part in parts), 0.0)
        if rest > 0:
            df = (value + rest) / (value / df + rest / self.residual.degrees_of_freedom)
        return VarianceOfMean(value + rest, df)


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
    fewest_items: ClassVar[int] = 2
    over_items: ClassVar[str] = "and"

    def __call__(self, parts: VarianceParts) -> VarianceOfMean:
        """Return the estimated variance of a mean."""
        kept = [part for part in (*parts.replicates, *parts.items) if part.value > part.residual]
        rest = parts.residual.value - sum(part.residual for part in kept)
        shares = [VarianceOfMean(part.value, part.degrees_of_freedom) for part in kept]
        return VarianceOfMean.of_sum([*shares, VarianceOfMean(rest, parts.residual.degrees_of_freedom)])


@dataclass(frozen=True)
class HarmonicT:
    """Harmonic mean of the components' degrees of freedom, weighted by their shares of the variance.

    With R replicates, I items and no more replicates than items (else the other way round),

        var(x̄) = (V_replicate + V_item)/(R I),   V_replicate = MS_replicate,   V_item = max(MS_item − MS_residual, 0),
        1/df = share_replicate/(R − 1) + share_item/(I − 1).

    Intervals lie between Satterthwaite's, too short, and those of Cochran and Cox (1957, Experimental Designs, section
    4.14), who weigh quantiles by the shares, too long; the rule itself is ours. MS_replicate, which may come out near
    zero by chance, counts as at least the 5 % point of the F distribution times MS_residual. Where V_replicate is a sum
    of two, those of independent conditions, its degrees of freedom are (Σ V)²/(Σ V²/(f + 2)) − 2 (Welch 1947): with
    Satterthwaite's three replicates reject .03 of true nulls.

    Examples
    --------
    >>> from attnstats.comparison import HarmonicT, anova_interval
    >>> anova_interval([[1, 4, 6], [2, 4, 8], [1, 5, 6], [3, 5, 7], [2, 6, 7]], variance=HarmonicT())
    95 % CI [-1.79, 10.7] (crossed ANOVA, harmonic df)
    """

    label: ClassVar[str] = "crossed ANOVA, harmonic df"
    fewest_replicates: ClassVar[int] = 3
    fewest_items: ClassVar[int] = 2
    over_items: ClassVar[str] = "and"

    def __call__(self, parts: VarianceParts) -> VarianceOfMean:
        """Return the estimated variance of a mean."""
        few, many = parts.replicates, parts.items
        if min(part.degrees_of_freedom for part in many) < min(part.degrees_of_freedom for part in few):
            few, many = many, few
        whole, residual = parts.whole(few, _CORRECTION), parts.residual
        least = residual.value * fdtri(whole.degrees_of_freedom, residual.degrees_of_freedom, _CHANCE)
        component = VarianceOfMean.of_sum([part.component for part in many])
        values = np.array([max(whole.value, least), component.value])
        total = values.sum()
        df = total / (values / [whole.degrees_of_freedom, component.degrees_of_freedom]).sum()
        return VarianceOfMean(float(total), float(df))


@dataclass(frozen=True)
class FixedItems:
    """These items alone: the variance over replicates of their means, on R − 1 degrees of freedom.

    For a few data sets or tasks as items, which another experiment would have too. With a complete table it is the t
    test over the means of the replicates (Welch's for two groups of replicates); where cells are missing, the mean of a
    replicate is the one fitted to all items.

    Examples
    --------
    >>> from attnstats.comparison import FixedItems, anova_interval
    >>> anova_interval([[1, 4, 6], [2, 4, 8], [1, 5, 6], [3, 5, 7], [2, 6, 7]], variance=FixedItems())
    95 % CI [3.71, 5.22] (crossed ANOVA, fixed items)
    """

    label: ClassVar[str] = "crossed ANOVA, fixed items"
    fewest_replicates: ClassVar[int] = 2
    fewest_items: ClassVar[int] = 1
    over_items: ClassVar[str] = "on these"

    def __call__(self, parts: VarianceParts) -> VarianceOfMean:
        """Return the estimated variance of a mean."""
        return parts.whole(parts.replicates)


#: The rules for the variance of a mean.
VarianceRule: TypeAlias = HarmonicT | Satterthwaite | FixedItems
