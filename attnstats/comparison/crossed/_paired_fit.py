"""The additive fit of the differences of two tables of the same replicates and items, each with gaps of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison._unit import ROUNDING
from attnstats.comparison.crossed._gaps import connected_rows, without_empty
from attnstats.comparison.crossed._two_way_fit import FittedLevels, TwoWayFit

#: Smallest residual variance of a table as a share of that of the other one, and largest correlation of the two.
_LEAST, _MOST = 1e-6, 1 - 1e-6


def paired_fit(first: FloatArray, second: FloatArray) -> TwoWayFit:
    """Return the fit of first − second, arrays of shape (n_replicates, n_items), NaN where missing.

    Each table is x_ri = μ + A_r + B_i + E_ri with effects of its own, and the residuals of a cell that both have
    correlate. Generalised least squares (Zellner 1962; where each lacks others, Schmidt 1977) use all cells of both:
    those that both have through their difference the more, the higher they correlate. Where the same cells are missing
    it is the fit of the differences.
    """
    return replace(_of_pair(first, second), n_values=sum(int((~np.isnan(table)).sum()) for table in (first, second)))


def _of_pair(first: FloatArray, second: FloatArray) -> TwoWayFit:
    if (np.isnan(first) == np.isnan(second)).all():
        return TwoWayFit.of(first - second)
    residuals = np.array([TwoWayFit.of(table).residual for table in (first, second)])
    largest = max(np.nanmax(np.abs(table)) for table in (first, second))
    if residuals.max() <= (ROUNDING * largest) ** 2:  # both tables are sums of their effects, which any weights find
        return replace(_turned(first, second, np.eye(2)), residual=0.0)
    deviations = np.sqrt(np.maximum(residuals, _LEAST * residuals.max()))
    correlation = np.clip(_residual_correlation(first, second), -_MOST, _MOST)
    return _turned(first, second, np.outer(deviations, deviations) * [[1.0, correlation], [correlation, 1.0]])


def _turned(first: FloatArray, second: FloatArray, covariance: FloatArray) -> TwoWayFit:
    """Return the fit, made with no more rows than columns."""
    df = min(_degrees_of_freedom(first), _degrees_of_freedom(second))
    if len(first) > first.shape[1]:
        swapped = _fit(np.stack([first.T, second.T]), covariance, df)
        return replace(swapped, replicates=swapped.items, items=swapped.replicates)
    return _fit(np.stack([first, second]), covariance, df)


def _residual_correlation(first: FloatArray, second: FloatArray) -> float:
    """Return the correlation of the residuals that the two leave in the cells which both have.

    Zero is taken where these cannot be fitted, since then they are few and hardly count.
    """
    absent = np.isnan(first - second)
    ((first, second),) = zip(
        *without_empty([[np.where(absent, np.nan, first)], [np.where(absent, np.nan, second)]]), strict=True
    )
    if first.size == 0 or _degrees_of_freedom(first) < 1 or not connected_rows(~np.isnan(first)).all():
        return 0.0
    of_first, of_second, of_difference = (TwoWayFit.of(table).residual for table in (first, second, first - second))
    product = of_first * of_second
    return 0.0 if product == 0 else (of_first + of_second - of_difference) / (2 * np.sqrt(product))


def _degrees_of_freedom(table: FloatArray) -> int:
    return int((~np.isnan(table)).sum()) - sum(table.shape) + 1


def _fit(tables: FloatArray, covariance: FloatArray, df: int) -> TwoWayFit:
    """Return the fit of two tables, array of shape (2, n_rows, n_columns) with no more rows than columns.

    With the precision P_ri of the values of a cell, zero where one is missing, and K_i = Σ_r P_ri, the columns are
    eliminated: the effects a of the rows in both tables have the normal equations C a = g with C = diag(Σ_i P_ri) − Σ_i
    P_ri K_i⁻¹ P_si and g_r = Σ_i P_ri (x_ri − K_i⁻¹ Σ_s P_si x_si); those of the columns are K_i⁻¹ Σ_r P_ri (x_ri −
    a_r). All covariances are those for a variance of one of the residual of the difference of two values of a cell.
    """
    sign = np.array([1.0, -1.0])
    variance = float(sign @ covariance @ sign)
    present = ~np.isnan(tables)
    _, n_rows, n_columns = tables.shape
    centres = np.array([table[~np.isnan(table)].mean() for table in tables])
    values = np.where(present, tables - centres[:, np.newaxis, np.newaxis], 0.0)

    precisions = np.zeros((2, 2, n_rows, n_columns))
    both = present.all(axis=0)
    precisions[:, :, both] = np.linalg.inv(covariance)[:, :, np.newaxis]
    for table in range(2):
        precisions[table, table, present[table] & ~both] = 1 / covariance[table, table]
    precisions *= variance

    (first, joint), (_, second) = precisions.sum(axis=2)
    determinants = first * second - joint**2
    inverses = np.array([[second, -joint], [-joint, first]]) / determinants
    weighted = np.einsum("cdri,dri->cri", precisions, values)
    columns = np.einsum("cdi,di->ci", inverses, weighted.sum(axis=1))
    shares = np.einsum("ceri,edi->cdri", precisions, inverses)
    reduced = np.zeros((2, n_rows, 2, n_rows))
    reduced[:, np.arange(n_rows), :, np.arange(n_rows)] = np.moveaxis(precisions.sum(axis=-1), -1, 0)
    reduced -= np.tensordot(shares, precisions, axes=([1, 3], [0, 3]))
    right = (weighted - np.einsum("cdri,di->cri", precisions, columns)).sum(axis=-1)

    constant = np.kron(np.eye(2), np.full((n_rows, n_rows), 1 / n_rows))  # what the equations leave open
    inverse = np.linalg.inv(reduced.reshape(2 * n_rows, -1) + constant) - constant
    rows = (inverse @ right.ravel()).reshape(2, n_rows)
    columns -= np.einsum("dcri,dr->ci", shares, rows)

    of_rows = np.einsum("c,crds,d->rs", sign, inverse.reshape(2, n_rows, 2, n_rows), sign)
    own = np.einsum("c,cdi,d->i", sign, inverses, sign)
    through_rows = np.einsum("cdri,d->cri", shares, sign).reshape(2 * n_rows, n_columns)
    whole = through_rows.sum(axis=1)
    variances = own + (through_rows * (inverse @ through_rows)).sum(axis=0)
    of_mean = float(own.sum() + whole @ inverse @ whole)
    levels = sign @ (centres[:, np.newaxis] + columns)
    mean = float(levels.mean())
    return TwoWayFit(
        mean,
        FittedLevels(mean + sign @ rows, float(np.trace(of_rows)), of_rows),
        FittedLevels(levels, float(variances.sum() - of_mean / n_columns)),
        variance,
        df,
        of_mean / n_columns**2,
        int(present.sum()),
    )
