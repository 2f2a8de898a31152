"""Two groups of replicates on the same items: Welch, the formula by hand, missing cells, and the level."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from attnstats.comparison import (
    FixedItems,
    HarmonicT,
    Satterthwaite,
    anova_test,
    independent_anova_equivalence_test,
    independent_anova_test,
)
from attnstats.exceptions import FewReplicatesWarning, InvalidInputError, TooFewSamplesError
from attnstats.missing import CompleteCases


def draw(seed, n_a=8, n_b=10, n_items=30, difference=0.0):
    rng = np.random.default_rng(seed)
    items = 5 + rng.normal(size=n_items)
    return [
        items
        + shift
        + 0.3 * rng.normal(size=n_items)
        + 0.2 * rng.normal(size=(n, 1))
        + (1 + shift) * rng.normal(size=(n, n_items))
        for n, shift in ((n_a, difference), (n_b, 0.0))
    ]


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_on_fixed_items_it_is_welch(alternative):
    a, b = draw(0, difference=0.2)
    result = independent_anova_test(a, b, variance=FixedItems(), alternative=alternative)
    expected = stats.ttest_ind(a.mean(axis=1), b.mean(axis=1), equal_var=False, alternative=alternative)
    assert (result.statistic, result.pvalue) == pytest.approx((expected.statistic, expected.pvalue))
    one_item = independent_anova_test(a[:, :1], b[:, :1], variance=FixedItems(), alternative=alternative)
    expected = stats.ttest_ind(a[:, 0], b[:, 0], equal_var=False, alternative=alternative)
    assert (one_item.statistic, one_item.pvalue) == pytest.approx((expected.statistic, expected.pvalue))


def by_hand(a, b):
    """Return the parts of the variance: of replicates of a and b, of items with the residual, of the residual alone."""
    squares = []
    for table in (a, b):
        residuals = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
        squares.append((residuals**2).sum() / ((len(table) - 1) * (table.shape[1] - 1)) / table.size)
    replicates = [table.mean(axis=1).var(ddof=1) / len(table) for table in (a, b)]
    items = (a.mean(axis=0) - b.mean(axis=0)).var(ddof=1) / a.shape[1]
    return np.array(replicates), items, np.array(squares)


def test_the_variance_by_hand():
    a, b = draw(1)
    (of_a, of_b), items, residuals = by_hand(a, b)
    result = independent_anova_test(a, b)
    variance = of_a + of_b + items - residuals.sum()
    assert items > residuals.sum()
    assert result.effect == pytest.approx(a.mean() - b.mean())
    assert result.statistic == pytest.approx(result.effect / np.sqrt(variance))
    welch = (of_a + of_b) ** 2 / (of_a**2 / 9 + of_b**2 / 11) - 2
    df = variance / ((of_a + of_b) / welch + (items - residuals.sum()) / 29)
    assert result.pvalue == pytest.approx(2 * stats.t.sf(abs(result.statistic), df))
    satterthwaite = independent_anova_test(a, b, variance=Satterthwaite())
    residual = residuals.sum() ** 2 / (residuals**2 / [7 * 29, 9 * 29]).sum()
    assert of_a > residuals[0]
    assert of_b > residuals[1]
    shares = np.array([of_a, of_b, items, -residuals.sum()])
    df = variance**2 / (shares**2 / [7, 9, 29, residual]).sum()
    assert satterthwaite.pvalue == pytest.approx(2 * stats.t.sf(abs(result.statistic), df))


def test_few_items_are_the_whole_part():
    a, b = draw(2, 12, 15, n_items=4)
    (of_a, of_b), items, residuals = by_hand(a, b)
    result = independent_anova_test(a, b)
    components = np.maximum([of_a - residuals[0], of_b - residuals[1]], 0)
    assert items > residuals.sum()  # else the bound would be put on it
    assert result.statistic == pytest.approx(result.effect / np.sqrt(items + components.sum()))


def test_what_items_have_in_common_cancels():
    a, b = draw(3)
    common = 100 * np.random.default_rng(0).normal(size=30)
    plain, moved = independent_anova_test(a, b), independent_anova_test(a + common, b + common)
    assert moved.pvalue == pytest.approx(plain.pvalue)
    assert moved.effect == pytest.approx(plain.effect)


def test_swapping_the_conditions_turns_the_sign():
    a, b = draw(4)
    one, other = independent_anova_test(a, b), independent_anova_test(b, a)
    assert (other.effect, other.statistic) == pytest.approx((-one.effect, -one.statistic))
    assert other.pvalue == pytest.approx(one.pvalue)


def test_equivalence_is_an_interval_inside_the_margin():
    for seed in range(20):
        a, b = draw(seed)
        interval = independent_anova_test(a, b).interval(0.9)
        result = independent_anova_equivalence_test(a, b, margin=0.4)
        assert result.confidence_interval == interval
        assert (result.pvalue < 0.05) == (interval.low > -0.4 and interval.high < 0.4)


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")
@pytest.mark.parametrize("shared", [False, True])
def test_data_sets(shared):
    pairs = [draw(seed, 5, 6, 40) for seed in (5, 6)]
    a, b = zip(*pairs, strict=True)
    result = independent_anova_test(a, b, shared_replicates=shared, minimum_replicates=5)
    effects = [first.mean() - second.mean() for first, second in pairs]
    assert result.effect == pytest.approx(np.mean(effects))
    assert result.n == (11 if shared else 22)
    parts = [by_hand(*pair) for pair in pairs]
    of_items = sum(max(items - residuals.sum(), 0) for _, items, residuals in parts) / 4
    of_replicates = sum(replicates.sum() for replicates, _, _ in parts) / 4
    if shared:  # the means of a replicate over the data sets
        of_replicates = sum(
            np.mean([table.mean(axis=1) for table in tables], axis=0).var(ddof=1) / len(tables[0]) for tables in (a, b)
        )
    assert result.statistic == pytest.approx(result.effect / np.sqrt(of_replicates + of_items))


def test_an_item_missing_in_one_condition_is_left_out_of_both():
    a, b = draw(7)
    a[:, 3] = np.nan
    b[:, 8] = np.nan
    found = independent_anova_test(a, b, missing=CompleteCases())
    kept = np.delete(np.arange(30), [3, 8])
    expected = independent_anova_test(a[:, kept], b[:, kept])
    assert (found.pvalue, found.effect) == pytest.approx((expected.pvalue, expected.effect), rel=1e-12)
    assert found.n_missing == 2 * 18
    b[2] = np.nan  # and a replicate
    assert independent_anova_test(a, b, missing=CompleteCases()).n == 17


def test_scattered_cells_leave_the_difference_of_the_fits():
    a, b = draw(8)
    complete = independent_anova_test(a, b)
    rng = np.random.default_rng(0)
    for table in (a, b):
        table[rng.random(table.shape) < 0.1] = np.nan
    found = independent_anova_test(a, b, missing=CompleteCases())
    assert found.n_missing == np.isnan(a).sum() + np.isnan(b).sum()
    assert found.effect == pytest.approx(complete.effect, abs=0.1)
    assert found.pvalue == pytest.approx(complete.pvalue, abs=0.2)


def test_keeps_its_level():
    """Of 400 tables with effects of both factors and a tenth of the cells missing, some 5 % are rejected."""
    rejected = 0
    for seed in range(400):
        a, b = draw(1000 + seed, 8, 8, 40)
        rng = np.random.default_rng(seed)
        for table in (a, b):
            table[rng.random(table.shape) < 0.1] = np.nan
        rejected += independent_anova_test(a, b, missing=CompleteCases()).pvalue <= 0.05
    assert 400 * 0.05 - 4 * np.sqrt(19) < rejected < 400 * 0.05 + 4 * np.sqrt(19)


def test_pairing_matters():
    """Replicates in common make differences of replicates smaller, which the test of independent ones cannot use."""
    rng = np.random.default_rng(1)
    seeds = rng.normal(size=(8, 1))
    a, b = (seeds + shift + 0.2 * rng.normal(size=(8, 30)) for shift in (0.1, 0.0))
    assert anova_test(a - b).pvalue < 0.05 < independent_anova_test(a, b).pvalue


@pytest.mark.parametrize(
    ("a", "b", "options", "error", "message"),
    [
        (np.ones((8, 5)), np.ones((8, 6)), {}, InvalidInputError, r"a and b: must have the same items .*\(8, 5\)"),
        (np.ones((2, 8, 5)), np.ones((8, 5)), {}, InvalidInputError, "a and b: must have the same items and condit"),
        ((np.ones((8, 5)),), (np.ones((8, 5)),) * 2, {}, InvalidInputError, "a and b: must hold the same data sets"),
        (np.eye(8), np.eye(8)[:7], {}, TooFewSamplesError, "replicates in the smallest group: must be at least 8"),
        (np.eye(8), np.eye(8), {"shared_replicates": 1}, InvalidInputError, "shared_replicates: must be True or False"),
        (
            (np.eye(8), np.eye(9)),
            (np.eye(8), np.eye(9)),
            {"shared_replicates": True},
            InvalidInputError,
            "must hold the same replicates in every data set with shared_replicates=True; got 8, 9",
        ),
    ],
)
def test_bad_input_is_refused_by_name(a, b, options, error, message):
    with pytest.raises(error, match=message):
        independent_anova_test(a, b, **options)


def test_few_replicates_warn():
    a, b = draw(9, 5, 8)
    with pytest.warns(FewReplicatesWarning, match="in the smallest group: should be at least 8"):
        independent_anova_test(a, b, variance=HarmonicT(), minimum_replicates=5)


def test_intervals_narrow_with_more_replicates():
    widths = []
    for n in (8, 30, 100):
        interval = independent_anova_test(*draw(10, n, n)).interval(0.95)
        widths.append(interval.high - interval.low)
    assert all(later < earlier for earlier, later in pairwise(widths))
