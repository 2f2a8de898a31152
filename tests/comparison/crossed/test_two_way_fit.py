"""The fit of a table with missing cells beside least squares by its design matrix, and its parts of variance."""

import numpy as np
import pytest

from attnstats.comparison.crossed._two_way_fit import TwoWayFit, variance_parts

SHAPES = [(4, 9), (9, 4), (3, 3), (6, 20), (20, 6), (2, 5)]


def table_with_gaps(shape, seed, share=0.25):
    """Return a table with one cell at least in each row and column, connected by its first row and column."""
    rng = np.random.default_rng(seed)
    table = 3 + rng.normal(size=(shape[0], 1)) + rng.normal(size=shape[1]) + rng.normal(size=shape)
    absent = rng.random(shape) < share
    absent[0] = absent[:, 0] = False
    absent[-1, -1] = True
    table[absent] = np.nan
    return table


def by_least_squares(table):
    """Return the effects, their covariance, the weights of cells in the mean, and residuals, from the design matrix."""
    n_rows, n_columns = table.shape
    row, column = np.nonzero(~np.isnan(table))
    design = np.zeros((len(row), n_rows + n_columns))
    design[np.arange(len(row)), row] = design[np.arange(len(row)), n_rows + column] = 1
    y = table[row, column]
    effects = np.linalg.lstsq(design, y, rcond=None)[0]
    to_effects = np.linalg.pinv(design)
    of_mean = np.r_[np.full(n_rows, 1 / n_rows), np.full(n_columns, 1 / n_columns)]
    weights = np.zeros(table.shape)
    weights[row, column] = of_mean @ to_effects
    residual = ((y - design @ effects) ** 2).sum() / (len(y) - n_rows - n_columns + 1)
    return effects, to_effects @ to_effects.T, weights, residual


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(5))
def test_is_least_squares(shape, seed):
    table = table_with_gaps(shape, seed)
    fit = TwoWayFit.of(table)
    effects, covariance, weights, residual = by_least_squares(table)
    assert weights.sum(axis=1) == pytest.approx(np.full(shape[0], 1 / shape[0]))
    assert weights.sum(axis=0) == pytest.approx(np.full(shape[1], 1 / shape[1]))
    assert fit.mean == pytest.approx(np.nansum(weights * table))
    assert fit.squares == pytest.approx((weights**2).sum())
    assert fit.residual == pytest.approx(residual)
    rows, columns = effects[: shape[0]], effects[shape[0] :]
    for levels, own, other, block in (
        (fit.replicates, rows, columns, covariance[: shape[0], : shape[0]]),
        (fit.items, columns, rows, covariance[shape[0] :, shape[0] :]),
    ):
        assert levels.means == pytest.approx(own + other.mean())
        n = len(own)
        centring = np.eye(n) - 1 / n
        centred = centring @ block @ centring
        assert levels.trace == pytest.approx(np.trace(centred))
        if levels.covariance is not None:
            assert levels.covariance == pytest.approx(centred)
    few = fit.replicates if shape[0] <= shape[1] else fit.items
    assert few.covariance is not None


@pytest.mark.parametrize("seed", range(3))
def test_replicates_by_hendersons_third_method(seed):
    """What the fit of items alone leaves, less what the fit of both leaves, is the sum of squares of replicates."""
    table = table_with_gaps((4, 11), seed)
    fit = TwoWayFit.of(table)
    n = int((~np.isnan(table)).sum())
    left = np.nansum((table - np.nanmean(table, axis=0)) ** 2)
    mean_square = (left - fit.residual * fit.residual_df) / 3
    component = (mean_square - fit.residual) / ((n - 11) / 3)
    (part,) = variance_parts([[fit]], np.ones(1)).replicates
    assert 4 * (part.value - part.residual) == pytest.approx(component)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_complete_table_is_the_limit(shape):
    table = np.random.default_rng(0).normal(size=shape)
    plain, general = TwoWayFit.of(table), TwoWayFit._incomplete(table, np.ones(shape, dtype=bool))
    for name in ("mean", "residual", "residual_df", "squares"):
        assert getattr(general, name) == pytest.approx(getattr(plain, name))
    for one, other in ((plain.replicates, general.replicates), (plain.items, general.items)):
        assert other.means == pytest.approx(one.means)
        assert other.trace == pytest.approx(one.trace)
        assert other.spread() == pytest.approx(one.spread(), abs=1e-12)


def test_a_swapped_table_swaps_the_factors():
    table = table_with_gaps((5, 12), 0)
    fit, swapped = TwoWayFit.of(table), TwoWayFit.of(table.T)
    assert swapped.mean == pytest.approx(fit.mean)
    assert swapped.items.means == pytest.approx(fit.replicates.means)
    assert swapped.replicates.trace == pytest.approx(fit.items.trace)


@pytest.mark.parametrize("two_groups", [False, True])
def test_the_parts_are_right_on_average(two_groups):
    """Over many draws of shared replicates on two data sets the parts have the variance of the mean for their sum."""
    rng = np.random.default_rng(3)
    shapes, weights, signs = [(4, 6), (4, 9)], np.array([0.7, 0.3]), [1.0, -1.0] if two_groups else [1.0]
    absent = [[rng.random(shape) < 0.2 for shape in shapes] for _ in signs]
    for mask in (mask for group in absent for mask in group):
        mask[0] = mask[:, 0] = False
    n, means, totals, residuals = 1500, [], [], []
    for _ in range(n):
        in_common = [rng.normal(0, 2, size=shape[1]) for shape in shapes]
        groups = []
        for masks in absent:
            replicates = rng.normal(0, 0.5, size=(4, 1))
            tables = [
                replicates + common + rng.normal(0, 0.8, size=shape[1]) * two_groups + rng.normal(size=shape)
                for shape, common in zip(shapes, in_common, strict=True)
            ]
            groups.append(
                [TwoWayFit.of(np.where(mask, np.nan, each)) for each, mask in zip(tables, masks, strict=True)]
            )
        parts = variance_parts(groups, weights)
        means.append(sum(sign * weights @ [fit.mean for fit in fits] for sign, fits in zip(signs, groups, strict=True)))
        residuals.append(parts.residual.value)
        of_factors = (*parts.replicates, *parts.items)
        totals.append(parts.residual.value + sum(part.value - part.residual for part in of_factors))
    assert len(parts.replicates) == len(signs)
    assert len(parts.items) == 2
    error = np.std(totals) / np.sqrt(n) + np.sqrt(2 / n) * np.var(means)
    assert np.mean(totals) == pytest.approx(np.var(means), abs=4 * error)
    weighted = [weight**2 * fit.squares for fits in groups for weight, fit in zip(weights, fits, strict=True)]
    assert np.mean(residuals) == pytest.approx(sum(weighted), abs=4 * np.std(residuals) / np.sqrt(n))


def test_a_replicate_of_few_items_weighs_little_in_the_variance():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(5, 400))
    table[-1, 20:] = np.nan
    parts = variance_parts([[TwoWayFit.of(table)]], np.ones(1))
    (part,) = parts.replicates
    assert part.residual < 0.4 * parts.residual.value  # of the mean's, most is that of the last replicate, and known
    assert part.degrees_of_freedom == pytest.approx(4, abs=0.2)
    assert parts.whole(parts.replicates).degrees_of_freedom > 8
    spread = table + 10 * rng.normal(size=(5, 1))  # what the last says of the spread of replicates is hardly heard
    (part,) = variance_parts([[TwoWayFit.of(spread)]], np.ones(1)).replicates
    assert 3 < part.degrees_of_freedom < 3.5
