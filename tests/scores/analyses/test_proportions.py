import math
from itertools import product

import numpy as np
import pytest
from scipy.stats import binom, norm, ttest_ind
from statsmodels.stats.contingency_tables import mcnemar

from attnstats.comparison import MiettinenNurminen, independent_proportions_test, proportions_equivalence_test
from attnstats.scores import Binary, Block, IndependentProportions, PairedProportions

#: Pairs that are 1 in both, in the first alone, in the second alone, in neither.
TABLES = [(20, 12, 2, 16), (59, 6, 16, 80), (1, 1, 7, 12), (5, 0, 0, 5), (0, 9, 0, 0), (3, 4, 4, 3)]


def pairs(both, first, second, neither):
    """Scores of two conditions, in no order."""
    a = np.repeat([1.0, 1, 0, 0], (both, first, second, neither))
    b = np.repeat([1.0, 0, 1, 0], (both, first, second, neither))
    order = np.random.default_rng(0).permutation(len(a))
    return (Block(a[order]),), (Block(b[order]),)


def sample(ones, n):
    return (Block(np.repeat([1.0, 0.0], [ones, n - ones])),)


def ends(interval):
    return interval.low, interval.high


@pytest.mark.parametrize("table", TABLES)
def test_pairs_are_mcnemars_mid_p_test(table):
    found = PairedProportions("item").difference(*pairs(*table))
    both, first, second, neither = table
    exact = mcnemar([[both, first], [second, neither]], exact=True).pvalue
    expected = 1.0 if first + second == 0 else min(1.0, exact - binom.pmf(first, first + second, 0.5))
    assert found.effect == pytest.approx((first - second) / sum(table))
    assert found.pvalue == pytest.approx(expected if first != second else 1.0)
    assert found.n == sum(table)
    assert found.above(0) == pytest.approx(
        binom.sf(first - 1, first + second, 0.5) - binom.pmf(first, first + second, 0.5) / 2
    )
    assert found.test == f"McNemar's mid-p test ({first + second} that differ)"


@pytest.mark.parametrize("margin", [0.1, 0.4])
@pytest.mark.parametrize("table", TABLES[:3])
def test_margins_of_pairs_are_the_equivalence_test(table, margin):
    a, b = pairs(*table)
    found = PairedProportions("item").difference(a, b)
    expected = proportions_equivalence_test(a[0].values, b[0].values, margin=margin, paired=True)
    assert max(found.above(-margin), found.below(margin)) == pytest.approx(expected.pvalue)


@pytest.mark.parametrize(("ones_a", "ones_b"), list(product((1, 6, 11), (2, 7, 13))))
def test_own_units_are_the_pooled_test_and_its_score_interval(ones_a, ones_b):
    a, b = sample(ones_a, 12), sample(ones_b, 14)
    found, pooled = IndependentProportions("item").difference(a, b), (ones_a + ones_b) / 26
    error = math.sqrt(pooled * (1 - pooled) * (1 / 12 + 1 / 14) * 26 / 25)
    assert found.effect == pytest.approx(ones_a / 12 - ones_b / 14)
    assert found.pvalue == pytest.approx(2 * norm.sf(abs(found.effect) / error))
    assert found.above(0) == pytest.approx(norm.sf(found.effect / error))
    whole = independent_proportions_test(a[0].values, b[0].values, interval=MiettinenNurminen())
    assert ends(found.interval(0.9)) == ends(whole.interval(0.9))
    expected = proportions_equivalence_test(a[0].values, b[0].values, margin=0.3, paired=False)
    assert max(found.above(-0.3), found.below(0.3)) == pytest.approx(expected.pvalue)
    assert found.n == 26


@pytest.mark.parametrize("kind", [Binary(0, 100), Binary(-1, 1), Binary(2, 3)])
def test_any_two_values_are_a_scale(kind):
    width = kind.high - kind.low
    (a,), (b,) = pairs(*TABLES[0])
    scaled = [(Block(kind.low + width * each.values),) for each in (a, b)]
    for analysis in (PairedProportions, IndependentProportions):
        plain = analysis("item").difference((a,), (b,))
        found = analysis("item", kind=kind).difference(*scaled)
        assert found.effect == pytest.approx(width * plain.effect)
        assert found.pvalue == pytest.approx(plain.pvalue)
        assert found.below(0.3 * width) == pytest.approx(plain.below(0.3))
        assert ends(found.interval(0.95)) == pytest.approx(tuple(width * np.array(ends(plain.interval(0.95)))))
        assert found.error_with(2, 1)[0] == pytest.approx(width * plain.error_with(2, 1)[0])
        mean = analysis("item", kind=kind).mean(scaled[0])
        assert mean.effect == pytest.approx(kind.low + width * a.values.mean())


def test_the_error_of_a_proportion_is_binomial():
    mean = PairedProportions("item").mean(sample(9, 12))
    half = norm.ppf(0.975) * math.sqrt(0.75 * 0.25 / 12)
    assert ends(mean.interval(0.95)) == pytest.approx((0.75 - half, 0.75 + half))
    assert math.isinf(mean.df)


def test_units_that_one_condition_lacks_are_no_pairs():
    (a,), (b,) = pairs(*TABLES[0])
    gaps = Block(np.concatenate([a.values, [1.0, np.nan]])), Block(np.concatenate([b.values, [np.nan, 0.0]]))
    found, whole = (PairedProportions("item").difference((x,), (y,)) for x, y in (gaps, (a, b)))
    assert (found.pvalue, found.n) == (whole.pvalue, whole.n)
    independent = IndependentProportions("item").difference(*((each,) for each in gaps))
    assert independent.n == 102
    assert independent.effect == pytest.approx(33 / 51 - 22 / 51)


@pytest.mark.parametrize("paired", [True, False])
def test_several_data_sets_are_a_stratified_t_test(paired):
    tables = TABLES[:3]
    a, b = (tuple(pairs(*table)[place][0] for table in tables) for place in (0, 1))
    found = (PairedProportions if paired else IndependentProportions)("item").difference(a, b)
    variance = 0.0
    for x, y in zip(a, b, strict=True):
        if paired:
            variance += (x.values - y.values).var(ddof=1) / len(x.values) / 9
        else:
            welch = ttest_ind(x.values, y.values, equal_var=False)
            variance += ((x.values.mean() - y.values.mean()) / welch.statistic) ** 2 / 9
    effects = [(first - second) / sum((both, first, second, neither)) for both, first, second, neither in tables]
    assert found.effect == pytest.approx(sum(effects) / 3)
    assert found.error_with(1, 1)[0] == pytest.approx(math.sqrt(variance))
    assert "stratified" in found.test
