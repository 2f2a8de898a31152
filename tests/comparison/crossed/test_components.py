"""Variance components: by the mean squares, by their expectations over simulated tables, and what they plan."""

import numpy as np
import pytest

from attnstats.comparison import VarianceComponents, anova_interval, variance_components
from attnstats.comparison.crossed.mean_squares import MeanSquares
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.missing import CompleteCases


def draw(rng, n_replicates, n_items, replicate=0.5, item=0.8):
    table = replicate * rng.normal(size=(n_replicates, 1)) + item * rng.normal(size=n_items)
    return table + rng.normal(size=(n_replicates, n_items))


def test_by_the_mean_squares():
    table = draw(np.random.default_rng(6), 6, 20, 1.0)
    found, squares = variance_components(table), MeanSquares.of(table)
    assert found.residual == pytest.approx(squares.residual)
    assert found.replicate == pytest.approx((squares.replicate - squares.residual) / 20)
    assert found.item == pytest.approx((squares.item - squares.residual) / 6)
    assert (found.n_replicates, found.n_items, found.n_values) == (6, 20, 120)
    total = found.replicate + found.item + found.residual
    assert found.replicate_correlation == pytest.approx(found.replicate / total)
    assert found.item_correlation == pytest.approx(found.item / total)
    variance = (squares.replicate + squares.item - squares.residual) / 120
    assert found.error == pytest.approx(np.sqrt(variance))
    assert found.error_with(6, 20) == pytest.approx(found.error)
    assert found.design_effect == pytest.approx(variance / (total / 120))
    assert found.shares == pytest.approx(
        (found.replicate / 6 / variance, found.item / 20 / variance, found.residual / 120 / variance)
    )


def test_the_error_is_that_of_the_interval():
    table = draw(np.random.default_rng(1), 8, 30)
    interval, found = anova_interval(table, confidence_level=0.5), variance_components(table)
    assert 0.6 < (interval.high - interval.low) / 2 / found.error < 0.8  # the quartile of t


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_unbiased_though_below_zero(share):
    rng = np.random.default_rng(2)
    absent = rng.random((5, 12)) < share
    absent[0] = absent[:, 0] = False
    found = []
    for _ in range(1000):
        table = draw(rng, 5, 12, 0.1, 0.5)
        table[absent] = np.nan
        each = variance_components(table, missing=CompleteCases())
        found.append([each.replicate, each.item, each.residual])
    errors = np.std(found, axis=0) / np.sqrt(1000)
    assert (np.abs(np.mean(found, axis=0) - [0.01, 0.25, 1.0]) < 4 * errors).all()
    assert np.min(found, axis=0)[0] < 0


def test_the_error_of_other_numbers_is_that_of_other_tables():
    rng = np.random.default_rng(3)
    means = [draw(rng, 4, 50).mean() for _ in range(4000)]
    found = VarianceComponents(0.25, 0.64, 1.0, 8, 30, 240, 1 / 240)
    assert found.error_with(n_replicates=4, n_items=50) == pytest.approx(np.std(means), rel=0.05)


def test_components_below_zero_add_nothing_to_the_mean():
    found = VarianceComponents(-0.1, 0.2, 1.0, 8, 10, 80, 1 / 80)
    assert found.shares[0] == 0
    assert found.error == pytest.approx(np.sqrt(0.2 / 10 + 1 / 80))
    assert found.replicate_correlation < 0


def test_in_words():
    table = draw(np.random.default_rng(4), 8, 30)
    table[2, 3] = np.nan
    found = variance_components(table, replication_unit="seed", crossed_unit="example", missing=CompleteCases())
    assert found.n_missing == 1
    assert "n = 8 seeds and 30 examples, 1 left out as incomplete" in found.summary()
    assert repr(found) == found.summary()


def test_bad_input():
    table = draw(np.random.default_rng(5), 8, 30)
    with pytest.raises(InvalidInputError, match="values: must be the array of one data set; got a tuple of 2"):
        variance_components((table, table))
    table[0, 0] = np.nan
    with pytest.raises(NonFiniteError, match="CompleteCases"):
        variance_components(table)
    found = variance_components(table, missing=CompleteCases())
    with pytest.raises(InvalidInputError, match="n_items: must be an integer of at least 1; got 0"):
        found.error_with(8, 0)
