"""The additive fit of a table of replicates and items, of which cells may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison.crossed.mean_squares import Part, VarianceOfMean, VarianceParts


@dataclass(frozen=True, eq=False)
class FittedLevels:
    """The levels of a factor, each averaged over all levels of the other one, and how the residual spreads them.

    With V the covariance of n levels about their mean, for a residual variance of one, `trace` is tr V and `unevenness`
    the size sqrt(tr V² − (tr V)²/(n − 1)) of what differs between levels, zero for a complete table.
    """

    means: FloatArray
    trace: float
    unevenness: float

    @classmethod
    def of(cls, means: FloatArray, trace: float, squares: float) -> FittedLevels:
        """Return levels by tr V and tr V²."""
        return cls(means, trace, float(np.sqrt(max(squares - trace**2 / (len(means) - 1), 0.0))))

    def component(self, residual: float) -> float:
        """Return the unbiased estimate of the variance of the levels, for a residual variance."""
        return float(self.means.var(ddof=1)) - residual * self.trace / (len(self.means) - 1)


@dataclass(frozen=True, eq=False)
class TwoWayFit:
    """The model x_ri = μ + A_r + B_i + E_ri by least squares.

    The mean μ + mean(A) + mean(B) is the sum of c_ri x_ri with Σ_i c_ri = 1/R and Σ_r c_ri = 1/I, so that its variance
    is σ²_A/R + σ²_B/I + σ²_E Σ c², of which `squares` is Σ c².
    """

    mean: float
    replicates: FittedLevels
    items: FittedLevels
    residual: float  # mean square; 0 without degrees of freedom
    residual_df: int
    squares: float

    @classmethod
    def of(cls, table: FloatArray) -> TwoWayFit:
        """Return the fit of an array of shape (n_replicates, n_items), NaN where missing, in one connected piece."""
        present = ~np.isnan(table)
        if present.all():
            return cls._complete(table)
        if len(table) > table.shape[1]:
            swapped = cls._incomplete(table.T, present.T)
            return replace(swapped, replicates=swapped.items, items=swapped.replicates)
        return cls._incomplete(table, present)

    @classmethod
    def _complete(cls, table: FloatArray) -> TwoWayFit:
        n_replicates, n_items = table.shape
        mean = float(table.mean())
        by_replicate, by_item = table.mean(axis=1), table.mean(axis=0)
        residuals = table - by_replicate[:, np.newaxis] - by_item + mean
        df = (n_replicates - 1) * (n_items - 1)
        return cls(
            mean,
            FittedLevels(by_replicate, (n_replicates - 1) / n_items, 0.0),
            FittedLevels(by_item, (n_items - 1) / n_replicates, 0.0),
            float((residuals**2).sum()) / df if df else 0.0,
            df,
            1 / table.size,
        )

    @classmethod
    def _incomplete(cls, table: FloatArray, present: FloatArray) -> TwoWayFit:
        """Return the fit of a table with no more rows than columns; the columns are eliminated.

        With M the table of what is present, K the counts of the columns and W = M K⁻¹, row effects a have the normal
        equations C a = M'(x − column mean), C = diag(counts) − W M', and covariance C⁻ about their mean. Those of the
        columns are their means less W'a, with covariance K⁻¹ + W' C⁻ W.
        """
        mask = present.astype(np.float64)
        n_rows, n_columns = table.shape
        counts = mask.sum(axis=0)
        centre = float(table[present].mean())
        values = np.where(present, table - centre, 0.0)
        column_means = values.sum(axis=0) / counts
        shares = mask / counts
        reduced = np.diag(mask.sum(axis=1)) - shares @ mask.T
        inverse = np.linalg.inv(reduced + 1 / n_rows) - 1 / n_rows  # its rows sum to zero
        rows = inverse @ (values.sum(axis=1) - mask @ column_means)
        columns = column_means - rows @ shares
        residuals = values - np.where(present, rows[:, np.newaxis] + columns, 0.0)
        df = int(mask.sum()) - n_rows - n_columns + 1
        projected = inverse @ shares
        own = 1 / counts
        through_rows = (shares * projected).sum(axis=0)
        sums = own + shares.sum(axis=1) @ projected  # of the rows of K⁻¹ + W' C⁻ W
        squares = (own**2 + 2 * own * through_rows).sum() + ((projected @ shares.T) ** 2).sum()
        return cls(
            centre + float(columns.mean()),
            FittedLevels.of(centre + columns.mean() + rows, float(np.trace(inverse)), float((inverse**2).sum())),
            FittedLevels.of(
                centre + columns,
                float((own + through_rows).sum() - sums.sum() / n_columns),
                float(squares - 2 * (sums @ sums) / n_columns + (sums.sum() / n_columns) ** 2),
            ),
            float((residuals**2).sum()) / df if df else 0.0,
            df,
            float(sums.sum()) / n_columns**2,
        )


def variance_parts(groups: Sequence[Sequence[TwoWayFit]], weights: FloatArray) -> VarianceParts:
    """Return the parts of the variance of a mean over data sets, or of the difference of two.

    Parameters
    ----------
    groups : sequence of sequences
        For each of one or two groups of replicates, the fits of its data sets: replicate r is the same in all data sets
        of a group, item i in both groups of a data set.
    weights : array of shape (n_datasets,)
        Of the data sets.
    """
    replicates = [_part([(fit, fit.replicates) for fit in fits], weights) for fits in groups]
    signs = np.array([1.0, -1.0])[: len(groups)]
    items = [
        _part([(fit, fit.items) for fit in fits], weight * signs)
        for weight, *fits in zip(weights, *groups, strict=True)
        if len(fits[0].items.means) > 1
    ]
    residuals = [
        VarianceOfMean(float(weight**2 * fit.residual * fit.squares), max(fit.residual_df, 1))
        for fits in groups
        for weight, fit in zip(weights, fits, strict=True)
    ]
    return VarianceParts(replicates, items, VarianceOfMean.of_sum(residuals))


def _part(fits: Sequence[tuple[TwoWayFit, FittedLevels]], weights: FloatArray) -> Part:
    """Return what the weighted sum of the levels of several fits adds to the variance of its mean.

    Their variance has tr(Σ)²/tr(Σ²) degrees of freedom, Σ = σ² I + Σ_k w_k² MS_k V_k being the covariance of the sums:
    one less than levels where the residual spreads all alike, fewer where it spreads some far more.
    """
    levels = np.sum([weight * each.means for weight, (_, each) in zip(weights, fits, strict=True)], axis=0)
    scales = weights**2 * [fit.residual for fit, _ in fits]
    trace = float(scales @ [each.trace for _, each in fits])
    uneven = float(scales @ [each.unevenness for _, each in fits])  # at most that
    n, df = len(levels), len(levels) - 1
    variance = float(levels.var(ddof=1))
    total = max(variance * df, trace)
    return Part(variance / n, trace / (n * df), df / (1 + df * (uneven / total) ** 2) if uneven else df)
