import math

import numpy as np
import pytest
from scipy.stats import t, ttest_ind, ttest_rel

from attnstats.comparison import HarmonicT, independent_anova_test, paired_anova_test
from attnstats.missing import CompleteCases
from attnstats.scores import Block, CrossedAnova, IndependentCrossedAnova

pytestmark = pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")

RNG = np.random.default_rng(3)


def table(n_units, n_items, mean=0.0):
    """Effects of units, of items and of both."""
    units, items = RNG.normal(0, 0.8, (n_units, 1)), RNG.normal(0, 1, n_items)
    return mean + units + items + RNG.normal(0, 0.5, (n_units, n_items))


def blocks(*arrays):
    return tuple(map(Block, arrays))


def ends(interval):
    return interval.low, interval.high


def mean_squares(values):
    """Of units, items and the rest, one sum of squares after the other."""
    n, m = values.shape
    mean = sum(map(sum, values)) / (n * m)
    of_units = m * sum((sum(row) / m - mean) ** 2 for row in values) / (n - 1)
    of_items = n * sum((sum(column) / n - mean) ** 2 for column in values.T) / (m - 1)
    rest = sum((values[i, j] - values[i].mean() - values[:, j].mean() + mean) ** 2 for i in range(n) for j in range(m))
    return of_units, of_items, rest / ((n - 1) * (m - 1))


def test_one_table_of_differences_is_a_two_way_analysis_of_variance():
    a, b = table(5, 12, 0.5), table(5, 12)
    found = CrossedAnova("run", item="question").difference(blocks(a), blocks(b))
    of_units, of_items, rest = mean_squares(a - b)
    variance = (of_units + of_items - rest) / (5 * 12)
    assert found.effect == pytest.approx((a - b).mean())
    assert found.error_with(1, 1)[0] == pytest.approx(math.sqrt(variance))
    assert found.parts.variances == pytest.approx(((of_units - rest) / 12, (of_items - rest) / 5, rest))
    assert (found.parts.n_units, found.parts.n_items) == (5, 12)
    assert sum(found.parts.shares) == pytest.approx(1)
    shares = np.array([(of_units - rest) / 60, (of_items - rest) / 60, rest / 60]) / variance
    assert found.parts.shares == pytest.approx(tuple(shares))


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("missing", [0, 7])
@pytest.mark.parametrize("n_items", [(9,), (9, 4, 6)])
def test_paired_units_are_the_paired_anova_test(shared, missing, n_items):
    a, b = ([table(5, n, mean) for n in n_items] for mean in (0.6, 0))
    for each in a:
        each.flat[RNG.choice(each.size, missing, replace=False)] = np.nan
    found = CrossedAnova("run", shared, "question").difference(blocks(*a), blocks(*b))
    expected = paired_anova_test(
        tuple(a),
        tuple(b),
        variance=HarmonicT(),
        shared_replicates=shared,
        minimum_replicates=2,
        missing=CompleteCases(),
    )
    assert found.effect == pytest.approx(expected.effect)
    assert found.pvalue == pytest.approx(expected.pvalue)
    assert ends(found.interval(0.9)) == pytest.approx(ends(expected.interval(0.9)))
    assert found.n == expected.n == (5 if shared or len(n_items) == 1 else 15)
    assert found.above(-0.2) + found.below(-0.2) == pytest.approx(1)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("missing", [0, 7])
@pytest.mark.parametrize("n_items", [(9,), (9, 4, 6)])
def test_own_units_on_common_items_are_the_independent_anova_test(shared, missing, n_items):
    a, b = ([table(units, n, mean) for n in n_items] for units, mean in ((5, 0.6), (4, 0)))
    for each in a:
        each.flat[RNG.choice(each.size, missing, replace=False)] = np.nan
    found = IndependentCrossedAnova("run", shared, "question").difference(blocks(*a), blocks(*b))
    expected = independent_anova_test(
        tuple(a),
        tuple(b),
        variance=HarmonicT(),
        shared_replicates=shared,
        minimum_replicates=2,
        missing=CompleteCases(),
    )
    assert found.effect == pytest.approx(expected.effect)
    assert found.pvalue == pytest.approx(expected.pvalue)
    assert ends(found.interval(0.9)) == pytest.approx(ends(expected.interval(0.9)))
    assert found.n == expected.n


def test_own_units_and_own_items_are_two_means():
    a, b = table(5, 9, 0.6), table(4, 7)
    analysis = IndependentCrossedAnova("run", item="question", own_items=True)
    found = analysis.difference(blocks(a), blocks(b))
    parts = [(analysis.mean(blocks(each)).interval(0.95), analysis.mean(blocks(each)).df) for each in (a, b)]
    variances = [((each.high - each.low) / 2 / t.ppf(0.975, df)) ** 2 for each, df in parts]
    df = sum(variances) ** 2 / sum(each**2 / of for each, (_, of) in zip(variances, parts, strict=True))
    assert found.effect == pytest.approx(a.mean() - b.mean())
    assert found.error_with(1, 1)[0] == pytest.approx(math.sqrt(sum(variances)))
    assert found.pvalue == pytest.approx(2 * t.sf(abs(found.effect) / math.sqrt(sum(variances)), df))


def test_items_without_variance_leave_the_t_test_of_units():
    units = RNG.normal(size=(2, 6, 1))
    a, b = units + np.zeros(8)
    paired, own = ttest_rel(*units[..., 0]), ttest_ind(*units[..., 0], equal_var=False)
    found = CrossedAnova("run").difference(blocks(a), blocks(b))
    assert found.error_with(1, 1)[0] == pytest.approx(abs(found.effect / paired.statistic))
    found = IndependentCrossedAnova("run").difference(blocks(a), blocks(b))
    assert found.error_with(1, 1)[0] == pytest.approx(abs(found.effect / own.statistic))


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("analysis", [CrossedAnova, IndependentCrossedAnova])
def test_a_data_set_without_variance_adds_no_error(analysis, shared):
    # All models solve one of two data sets: the difference is half that in the other, and so is its error.
    a, b, solved = table(5, 9, 0.6), table(5, 9), np.ones((5, 4))
    alone = analysis("run", shared).difference(blocks(a), blocks(b))
    found = analysis("run", shared).difference(blocks(a, solved), blocks(b, solved))
    assert found.effect == pytest.approx(alone.effect / 2)
    assert found.pvalue == pytest.approx(alone.pvalue)
    assert ends(found.interval(0.95)) == pytest.approx(tuple(np.array(ends(alone.interval(0.95))) / 2))
    assert found.n == (alone.n if shared else alone.n * 2)
    mean, part = analysis("run", shared).mean(blocks(a, solved)), analysis("run", shared).mean(blocks(a))
    assert mean.effect == pytest.approx((part.effect + 1) / 2)


@pytest.mark.parametrize("analysis", [CrossedAnova("run"), IndependentCrossedAnova("run")])
def test_what_varies_nowhere_is_not_tested(analysis):
    found = analysis.difference(blocks(np.ones((4, 6)), np.ones((4, 2))), blocks(np.zeros((4, 6)), np.zeros((4, 2))))
    assert found.effect == 1
    assert found.interval(0.95) is None
    assert math.isnan(found.pvalue)
    unequal = analysis.difference(blocks(np.ones((4, 6)), np.ones((4, 2))), blocks(np.zeros((4, 6)), np.ones((4, 2))))
    assert unequal.effect == pytest.approx(0.5)  # data sets weigh the same, whatever their items


def test_more_units_or_items_shrink_their_own_part():
    found = CrossedAnova("run").difference(blocks(table(6, 10, 0.5)), blocks(table(6, 10)))
    parts = found.parts
    for units, items in ((2.0, 1.0), (1.0, 5.0), (3.0, 4.0)):
        error, _ = found.error_with(units, items)
        expected = parts.unit / units + parts.item / items + parts.residual / (units * items)
        assert error == pytest.approx(math.sqrt(expected))
