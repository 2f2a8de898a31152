"""Tables with missing cells, data sets with replicates in common, and items that are fixed."""

from functools import partial

import numpy as np
import pytest
from scipy import stats

from attnstats.comparison import (
    FixedItems,
    HarmonicT,
    Satterthwaite,
    anova_equivalence_test,
    anova_interval,
    anova_test,
    paired_test,
    variance_components,
)
from attnstats.comparison.crossed.crossed_mean import crossed_mean
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.missing import CompleteCases

RULES = [HarmonicT(), Satterthwaite(), FixedItems()]
LEAVE_OUT = {"missing": CompleteCases()}


def draw(seed, n_replicates=8, n_items=30, share=0.0):
    rng = np.random.default_rng(seed)
    table = 0.3 * rng.normal(size=(n_replicates, 1)) + 0.5 * rng.normal(size=n_items)
    table = table + rng.normal(size=(n_replicates, n_items))
    table[rng.random(table.shape) < share] = np.nan
    return table


@pytest.mark.parametrize("rule", RULES)
def test_a_complete_table_is_as_without_the_policy(rule):
    for values in (draw(0), np.stack([draw(1), draw(2)]), (draw(3), draw(4, 9, 20))):
        assert anova_test(values, variance=rule, **LEAVE_OUT) == anova_test(values, variance=rule)


@pytest.mark.parametrize("rule", RULES)
def test_the_least_squares_mean_is_tested(rule):
    table = draw(5, share=0.2)
    rows, columns = np.nonzero(~np.isnan(table))
    design = np.c_[np.eye(8)[rows], np.eye(30)[columns]]
    effects = np.linalg.lstsq(design, table[rows, columns], rcond=None)[0]
    result = anova_test(table, variance=rule, **LEAVE_OUT)
    assert result.effect == pytest.approx(effects[:8].mean() + effects[8:].mean())
    assert result.n_missing == np.isnan(table).sum()
    assert (result.n, "left out as incomplete" in result.summary()) == (8, True)
    interval = anova_interval(table, variance=rule, **LEAVE_OUT)
    assert (interval.low, interval.high, interval.n_missing) == (
        result.confidence_interval.low,
        result.confidence_interval.high,
        result.n_missing,
    )


def test_the_error_is_that_of_the_components():
    table = draw(6, share=0.15)
    found = variance_components(table, **LEAVE_OUT)
    assert min(found.replicate, found.item) > 0
    mean = crossed_mean({"values": table}, HarmonicT(), "replicate", "item", missing=CompleteCases())
    assert mean.unit.restore(mean.error) == pytest.approx(found.error, rel=0.01)  # but for a residual not taken off
    assert 7 < mean.df < 30


@pytest.mark.parametrize("rule", RULES)
def test_a_fit_that_is_exact_gives_back_what_is_missing(rule):
    replicates, items = np.random.default_rng(7).normal(size=8), np.random.default_rng(8).normal(size=30)
    complete = replicates[:, np.newaxis] + items
    table = complete.copy()
    table[np.random.default_rng(9).random(table.shape) < 0.3] = np.nan
    found, expected = (anova_test(each, variance=rule, **LEAVE_OUT) for each in (table, complete))
    assert found.effect == pytest.approx(expected.effect, rel=1e-9)
    assert found.statistic == pytest.approx(expected.statistic, rel=0.05)  # replicates of fewer cells weigh less


def test_nothing_is_left_of_a_replicate_or_an_item():
    table = draw(10, 10)
    table[4] = table[:, 7] = np.nan
    found = anova_test(table, **LEAVE_OUT)
    expected = anova_test(np.delete(np.delete(table, 4, axis=0), 7, axis=1))
    assert (found.n, found.pvalue, found.effect) == (9, expected.pvalue, expected.effect)
    assert found.n_missing == 30 + 10 - 1


def test_a_cell_that_is_missing_in_one_stratum_is_left_out():
    strata = np.stack([draw(11), draw(12)])
    averaged = strata.mean(axis=0)
    strata[1, 2, 3] = averaged[2, 3] = np.nan
    found, expected = anova_test(strata, **LEAVE_OUT), anova_test(averaged, **LEAVE_OUT)
    assert (found.pvalue, found.n_missing) == (expected.pvalue, 1)


@pytest.mark.parametrize("share", [0.0, 0.15])
def test_the_factors_play_the_same_part(share):
    table = draw(13, share=share)
    found, swapped = anova_interval(table, **LEAVE_OUT), anova_interval(table.T, **LEAVE_OUT)
    assert (swapped.low, swapped.high) == pytest.approx((found.low, found.high))


def test_tables_that_cannot_be_fitted_are_refused_by_name():
    table = draw(14)
    table[:3, 10:] = np.nan
    table[3:, :10] = np.nan
    with pytest.raises(
        InvalidInputError, match=r"must connect all seeds by texts .* got 3 of 8 seeds that share no text"
    ):
        anova_test(table, replication_unit="seed", crossed_unit="text", **LEAVE_OUT)
    spanning = np.full((8, 3), np.nan)
    spanning[0], spanning[:, 0] = draw(15)[0, :3], draw(15)[:, 0]
    with pytest.raises(TooFewSamplesError, match=r"at least 11 cells for 8 replicates and 3 items.*; got 10"):
        anova_test(spanning, **LEAVE_OUT)
    assert anova_test(spanning, variance=FixedItems(), **LEAVE_OUT).n == 8
    with pytest.raises(TooFewSamplesError, match="number of replicates: must be at least 2; got 0"):
        anova_test(np.full((8, 30), np.nan), **LEAVE_OUT)
    with pytest.raises(NonFiniteError, match="Infinite values do not count as missing"):
        anova_test(np.where(np.eye(8, 30) > 0, np.inf, draw(16)), **LEAVE_OUT)
    with pytest.raises(NonFiniteError, match="CompleteCases"):
        anova_test(draw(17, share=0.1))
    with pytest.raises(ConstantInputError, match="values: must vary over replicates; got the same mean for each"):
        anova_test(np.tile(np.arange(5.0), (8, 1)), variance=FixedItems())


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_shared_replicates_of_one_data_set_are_its_replicates(share):
    table = draw(18, share=share)
    for rule in RULES:
        plain = anova_test(table, variance=rule, **LEAVE_OUT)
        assert anova_test((table,), variance=rule, shared_replicates=True, **LEAVE_OUT) == plain


def test_shared_replicates_by_hand():
    replicates = np.random.default_rng(19).normal(size=(8, 1))
    tables = [draw(20) + replicates, draw(21, 8, 50) + replicates, draw(22, 8, 12) + replicates]
    by_replicate = np.mean([table.mean(axis=1) for table in tables], axis=0)
    of_items, dfs = [], []
    for table in tables:
        residuals = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
        square = (residuals**2).sum() / (7 * (table.shape[1] - 1))
        of_items.append(max(table.mean(axis=0).var(ddof=1) - square / 8, 0) / table.shape[1] / 9)
        dfs.append(table.shape[1] - 1)
    of_items = np.array(of_items)
    of_replicates = by_replicate.var(ddof=1) / 8
    variance = of_replicates + of_items.sum()
    df = variance / (of_replicates / 7 + (of_items**2 / dfs).sum() / of_items.sum())
    result = anova_test(tuple(tables), shared_replicates=True)
    assert result.effect == pytest.approx(by_replicate.mean())
    assert result.statistic == pytest.approx(by_replicate.mean() / np.sqrt(variance))
    assert result.pvalue == pytest.approx(2 * stats.t.sf(abs(result.statistic), df))
    assert result.n == 8
    assert anova_test(tuple(tables)).n == 24
    fixed = anova_test(tuple(tables), variance=FixedItems(), shared_replicates=True)
    expected = stats.ttest_1samp(by_replicate, 0.0)
    assert (fixed.statistic, fixed.pvalue) == pytest.approx((expected.statistic, expected.pvalue))


def test_a_replicate_that_one_data_set_lacks_is_left_out_of_the_mean():
    tables = [draw(23, 10), draw(24, 10, 20)]
    tables[1][6] = np.nan
    found = anova_test(tuple(tables), shared_replicates=True, **LEAVE_OUT)
    expected = anova_test(tuple(np.delete(table, 6, axis=0) for table in tables), shared_replicates=True)
    assert (found.n, found.effect, found.pvalue) == (9, expected.effect, expected.pvalue)
    assert found.n_missing == 30 + 20
    alone = anova_test(tuple(tables), **LEAVE_OUT)
    assert (alone.n, alone.n_missing) == (19, 20)
    with pytest.raises(InvalidInputError, match="must hold the same replicates in every data set"):
        anova_test((draw(0), draw(0, 9)), shared_replicates=True)


def test_shared_replicates_widen_the_interval_that_they_have_in_common():
    replicates = np.random.default_rng(25).normal(size=(8, 1))
    tables = tuple(replicates + draw(seed) for seed in range(5))
    apart, together = anova_interval(tables), anova_interval(tables, shared_replicates=True)
    assert together.high - together.low > 1.8 * (apart.high - apart.low)


def test_fixed_items_are_student():
    table = draw(26)
    result, expected = anova_test(table, 0.2, variance=FixedItems()), stats.ttest_1samp(table.mean(axis=1), 0.2)
    assert (result.statistic, result.pvalue) == pytest.approx((expected.statistic, expected.pvalue))
    assert result.test == "t test over replicates on these items (df = 7)"
    one_item = anova_test(table[:, :1], variance=FixedItems())
    expected = paired_test(table[:, 0])
    assert (one_item.interval(0.9).low, one_item.interval(0.9).high) == pytest.approx(
        (expected.interval(0.9).low, expected.interval(0.9).high)
    )
    assert anova_equivalence_test(table, margin=1.0, variance=FixedItems()).effect == result.effect
    with pytest.raises(TooFewSamplesError, match="number of items: must be at least 2; got 1"):
        anova_test(table[:, :1])


def rejections(variance, draw_one, n=400):
    """Return how many of n tables without an effect are rejected at 5 %."""
    test = partial(anova_test, variance=variance, shared_replicates=True, **LEAVE_OUT)
    return sum(test(draw_one(np.random.default_rng(seed))).pvalue <= 0.05 for seed in range(n))


def runs_on_data_sets(rng):
    """Ten runs on five data sets with effects of their own, of which a tenth of the cells is missing."""
    table = rng.normal(size=(10, 5)) + 0.5 * rng.normal(size=(10, 1)) + [-1, -0.5, 0, 0.5, 1]
    table[rng.random(table.shape) < 0.1] = np.nan
    return table


def replicates_and_items(rng):
    """Two data sets of eight replicates in common, of which a tenth of the cells is missing."""
    replicates = 0.3 * rng.normal(size=(8, 1))
    tables = [replicates + 0.7 * rng.normal(size=40) + rng.normal(size=(8, 40)) for _ in range(2)]
    for table in tables:
        table[rng.random(table.shape) < 0.1] = np.nan
    return tuple(tables)


@pytest.mark.parametrize(
    ("variance", "draw_one"), [(FixedItems(), runs_on_data_sets), (HarmonicT(), replicates_and_items)]
)
def test_the_level_is_kept(variance, draw_one):
    assert 20 - 4 * np.sqrt(19) < rejections(variance, draw_one) < 20 + 4 * np.sqrt(19)
