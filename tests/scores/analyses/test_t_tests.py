import math

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp, ttest_ind, ttest_rel
from statsmodels.stats.power import TTestPower

from attnstats.resampling import sign_flip_test
from attnstats.scores import Block, PairedT, WelchT

RNG = np.random.default_rng(0)
#: Two conditions of 7 units, and two of 6 and 9.
FIRST, SECOND = RNG.normal([[0.3], [0.0]], 1, size=(2, 7))
SMALL, LARGE = RNG.normal(0.5, 1, size=6), RNG.normal(0, 3, size=9)


def blocks(*arrays):
    return tuple(map(Block, arrays))


def ends(interval):
    return interval.low, interval.high


def test_paired_units_are_those_of_scipy():
    found, expected = PairedT("run").difference(blocks(FIRST), blocks(SECOND)), ttest_rel(FIRST, SECOND)
    assert found.effect == pytest.approx((FIRST - SECOND).mean())
    assert found.pvalue == pytest.approx(expected.pvalue)
    assert ends(found.interval(0.9)) == pytest.approx(tuple(expected.confidence_interval(0.9)))
    assert found.n == 7
    for null in (-0.4, 0.0, 0.7):
        above = ttest_1samp(FIRST - SECOND, null, alternative="greater").pvalue
        assert found.above(null) == pytest.approx(above)
        assert found.below(null) == pytest.approx(1 - above)


def test_own_units_are_welchs_test_of_scipy():
    found = WelchT("run").difference(blocks(SMALL), blocks(LARGE))
    expected = ttest_ind(SMALL, LARGE, equal_var=False)
    assert found.pvalue == pytest.approx(expected.pvalue)
    assert ends(found.interval(0.95)) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found.above(0) == pytest.approx(ttest_ind(SMALL, LARGE, equal_var=False, alternative="greater").pvalue)
    assert found.n == 15


def test_a_unit_that_one_condition_lacks_is_no_pair():
    gaps = FIRST.copy()
    gaps[2] = np.nan
    kept = np.arange(7) != 2
    found = PairedT("run").difference(blocks(gaps), blocks(SECOND))
    assert found.pvalue == pytest.approx(ttest_rel(FIRST[kept], SECOND[kept]).pvalue)
    assert found.n == 6
    assert WelchT("run").difference(blocks(gaps), blocks(LARGE)).pvalue == pytest.approx(
        ttest_ind(FIRST[kept], LARGE, equal_var=False).pvalue
    )


def test_items_of_a_unit_are_averaged():
    table = RNG.normal(size=(7, 4))
    table[3, 1] = np.nan
    found = PairedT("run").difference(blocks(table), blocks(SECOND))
    means = [np.mean([value for value in row if not math.isnan(value)]) for row in table]
    assert found.pvalue == pytest.approx(ttest_rel(means, SECOND).pvalue)


@pytest.mark.parametrize("paired", [True, False])
def test_data_sets_without_common_units_weigh_the_same(paired):
    sizes = (5, 8, 20)
    a, b = ([RNG.normal(shift, 1 + n / 9, size=n) for n in sizes] for shift in (1, 0))
    analysis = (PairedT if paired else WelchT)("run")
    found = analysis.difference(blocks(*a), blocks(*b))
    effect, variance, parts = 0.0, 0.0, []
    for x, y in zip(a, b, strict=True):
        effect += (x.mean() - y.mean()) / 3
        samples = [x - y] if paired else [x, y]
        parts += [(each.var(ddof=1) / len(each) / 9, len(each) - 1) for each in samples]
    variance = sum(part for part, _ in parts)
    df = variance**2 / sum(part**2 / n for part, n in parts)  # Satterthwaite
    half = t.ppf(0.975, df) * math.sqrt(variance)
    assert found.effect == pytest.approx(effect)
    assert found.pvalue == pytest.approx(2 * t.sf(abs(effect) / math.sqrt(variance), df))
    assert ends(found.interval(0.95)) == pytest.approx((effect - half, effect + half))
    assert found.n == (33 if paired else 66)


def test_units_that_meet_all_data_sets_are_one_sample():
    a, b = RNG.normal([[[0.4]], [[0.0]]], 1, size=(2, 3, 6)) + RNG.normal(size=6)
    found = PairedT("run", shared=True).difference(blocks(*a), blocks(*b))
    assert found.pvalue == pytest.approx(ttest_rel(a.mean(axis=0), b.mean(axis=0)).pvalue)
    assert found.n == 6
    own = WelchT("run", shared=True).difference(blocks(*a), blocks(*b))
    assert own.pvalue == pytest.approx(ttest_ind(a.mean(axis=0), b.mean(axis=0), equal_var=False).pvalue)


def test_a_data_set_without_variance_adds_no_error():
    found = PairedT("run").difference(blocks(FIRST, np.full(3, 0.9)), blocks(SECOND, np.full(3, 0.4)))
    alone = ttest_rel(FIRST, SECOND)
    low, high = (np.array(alone.confidence_interval(0.95)) + 0.5) / 2
    assert ends(found.interval(0.95)) == pytest.approx((low, high))


@pytest.mark.parametrize(("shift", "words"), [(0.0, "is 0 in every run"), (0.25, "is 0.25 in every run")])
def test_what_does_not_vary_is_not_tested(shift, words):
    found = PairedT("run").difference(blocks(FIRST + shift), blocks(FIRST))
    assert found.effect == pytest.approx(shift)
    assert np.isnan([found.pvalue, found.above(0), found.below(0), *found.error_with(1, 1)]).all()
    assert found.interval(0.95) is None
    assert words in found.note


def test_power_is_that_of_statsmodels():
    found = PairedT("run").difference(blocks(FIRST), blocks(SECOND))
    spread = (FIRST - SECOND).std(ddof=1)
    for units in (1.0, 3.0):
        expected = TTestPower().power(0.6 / spread, nobs=7 * units, alpha=0.05, df=6 * units)
        assert found.power(0.6, 0.05, units) == pytest.approx(expected, abs=1e-6)


def test_sign_flips_stand_beside():
    (beside,) = PairedT("run").beside(blocks(FIRST), blocks(SECOND), np.random.default_rng(0))
    expected = sign_flip_test(FIRST - SECOND)
    assert beside.pvalue == expected.pvalue
    assert beside.pvalue_floor == pytest.approx(2 / 2**7)
    a, b = RNG.normal(size=(2, 3, 6))
    (shared,) = PairedT("run", shared=True).beside(blocks(*a), blocks(*b), np.random.default_rng(0))
    assert shared.pvalue == sign_flip_test((a - b).mean(axis=0)).pvalue
    assert PairedT("run").beside(blocks(np.arange(201.0)), blocks(np.zeros(201)), np.random.default_rng(0)) == ()


@pytest.mark.parametrize("n_complete", [0, 1, 2])
def test_sign_flips_are_left_out_where_fewer_than_two_units_meet_all_data_sets(n_complete):
    a, b = RNG.normal(size=(2, 2, 5))
    a[0, n_complete:4], a[1, 4] = np.nan, np.nan  # the others meet one of the two data sets
    found = PairedT("run", shared=True).beside(blocks(*a), blocks(*b), np.random.default_rng(0))
    assert len(found) == (n_complete == 2)
