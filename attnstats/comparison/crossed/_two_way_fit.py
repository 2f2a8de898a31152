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

    `covariance` is that of the levels about their mean for a residual variance of one, and `trace` its trace; None
    where it is the same for all of them, or there are too many to form it.
    """

    means: FloatArray
    trace: float
    covariance: FloatArray | None = None

    def spread(self) -> FloatArray:
        """Return the covariance, an even one of the same trace where there is none."""
        n = len(self.means)
        return (np.eye(n) - 1 / n) * self.trace / (n - 1) if self.covariance is None else self.covariance


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
    n_values: int

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
            FittedLevels(by_replicate, (n_replicates - 1) / n_items),
            FittedLevels(by_item, (n_items - 1) / n_replicates),
            float((residuals**2).sum()) / df if df else 0.0,
            df,
            1 / table.size,
            table.size,
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
        variances = 1 / counts + (shares * projected).sum(axis=0)
        of_mean = (1 / counts).sum() + shares.sum(axis=1) @ projected.sum(axis=1)
        return cls(
            centre + float(columns.mean()),
            FittedLevels(centre + columns.mean() + rows, float(np.trace(inverse)), inverse),
            FittedLevels(centre + columns, float(variances.sum() - of_mean / n_columns)),
            float((residuals**2).sum()) / df if df else 0.0,
            df,
            float(of_mean) / n_columns**2,
            int(mask.sum()),
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
    """Return what the weighted sum m of the levels of several fits adds to the variance of its mean.

    With G = Σ_k w_k² MS_k V_k the covariance that the residual gives n levels about their mean, levels are weighted by
    H ∝ G⁻, tr H = n − 1: the variance m'Hm/(n − 1) of the levels has the expectation σ² + tr(HG)/(n − 1). For one table
    that is Henderson's method III (1953), its mean square being the one that a fit of the other factor alone leaves.
    """
    levels = np.sum([weight * each.means for weight, (_, each) in zip(weights, fits, strict=True)], axis=0)
    scales = weights**2 * [fit.residual for fit, _ in fits]
    n, df = len(levels), len(levels) - 1
    trace = float(scales @ [each.trace for _, each in fits])
    if trace == 0 or all(each.covariance is None for _, each in fits):
        return Part(float(levels.var(ddof=1)) / n, trace / (n * df), df)
    spread = np.tensordot(scales, [each.spread() for _, each in fits], axes=1)
    scale = trace / df
    precision = np.linalg.inv(spread + scale / n) - 1 / (n * scale)  # the inverse among levels that sum to zero
    precision *= df / np.trace(precision)
    value, residual = float(levels @ precision @ levels) / df, float((precision * spread).sum()) / df
    total = precision @ (max(value - residual, 0.0) * (np.eye(n) - 1 / n) + spread)
    return Part(value / n, residual / n, float(np.trace(total) ** 2 / (total * total.T).sum()))
