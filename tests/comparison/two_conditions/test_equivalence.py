import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

from attnstats.comparison import equivalence_test, noninferiority_test
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.missing import CompleteCases


@pytest.mark.parametrize("margin", [0.2, 0.5, 2.0])
def test_tost_equals_statsmodels(margin):
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.1, 1, size=(2, 12))
    expected, lower, upper = ttost_paired(a, b, -margin, margin)
    result = equivalence_test(a, b, margin=margin)
    assert result.pvalue == pytest.approx(expected, rel=1e-10)
    statistic = lower[0] if abs(lower[0]) < abs(upper[0]) else upper[0]
    assert result.statistic == pytest.approx(statistic, rel=1e-10)
    assert result.alternative == "equivalence"
    assert result.confidence_interval.level == pytest.approx(0.9)


#: Two groups of unequal size and spread.
FEW = [2.14, -2.46, 0.52, -0.47, -0.35, -0.12, -1.92, -0.13, -0.77, 3.42, 0.33, -0.25]
FEWER = [-0.56, -1.34, -2.11, -0.78, 0.96, -0.48, 1.92, -0.4, 0.05]


@pytest.mark.parametrize("margin", [(-1.5, 1.5), (-2.0, 1.0), (-0.5, 3.0), (0.1, 0.4)])
def test_two_groups_and_uneven_margins_equal_statsmodels(margin):
    expected, lower, upper = ttost_ind(FEW, FEWER, *margin, usevar="unequal")
    result = equivalence_test(FEW, FEWER, margin=margin, paired=False)
    assert result.pvalue == pytest.approx(expected, rel=1e-10)
    assert result.statistic == pytest.approx(min(lower[0], upper[0], key=abs), rel=1e-10)
    assert (result.n, result.effect_name) == (21, "difference of means")
    expected, lower, upper = ttost_paired(np.array(FEW[:9]), np.array(FEWER), *margin)
    result = equivalence_test(FEW[:9], FEWER, margin=margin)
    assert result.pvalue == pytest.approx(expected, rel=1e-10)
    assert result.statistic == pytest.approx(min(lower[0], upper[0], key=abs), rel=1e-10)


def test_two_groups_by_the_closed_form():
    # Welch (1947): t = (mean difference - end)/se, se² = s_a²/n_a + s_b²/n_b, on Satterthwaite's degrees of freedom.
    parts = [np.var(group, ddof=1) / len(group) for group in (FEW, FEWER)]
    error, difference = np.sqrt(sum(parts)), np.mean(FEW) - np.mean(FEWER)
    df = sum(parts) ** 2 / (parts[0] ** 2 / 11 + parts[1] ** 2 / 8)
    result = equivalence_test(FEW, FEWER, margin=(-2, 3), paired=False)
    above, below = stats.t.sf((difference + 2) / error, df), stats.t.cdf((difference - 3) / error, df)
    assert result.pvalue == pytest.approx(max(above, below), rel=1e-12)
    interval = stats.ttest_ind(FEW, FEWER, equal_var=False).confidence_interval(0.9)
    assert (result.confidence_interval.low, result.confidence_interval.high) == pytest.approx(tuple(interval))
    one_sided = stats.ttest_ind(np.array(FEW) + 1.2, FEWER, equal_var=False, alternative="greater")
    result = noninferiority_test(FEW, FEWER, margin=1.2, paired=False)
    assert (result.pvalue, result.statistic) == pytest.approx((one_sided.pvalue, one_sided.statistic), rel=1e-10)
    assert "Welch" in result.test


def test_a_group_without_spread_beside_one_with():
    result = equivalence_test(FEW, np.zeros(8), margin=2, paired=False)
    alone = equivalence_test(FEW, margin=2)
    assert (result.pvalue, result.effect) == pytest.approx((alone.pvalue, alone.effect), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(-1, 1), st.floats(0.01, 3), st.booleans())
def test_decision_over_an_uneven_margin_is_that_of_the_interval(seed, low, width, paired):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(0.1, 1, size=9), rng.normal(0, 2, size=9 if paired else 14)
    result = equivalence_test(a, b, margin=(low, low + width), paired=paired)
    interval = result.confidence_interval
    assert (result.pvalue < 0.05) == (low < interval.low and interval.high < low + width)
    swapped = equivalence_test(b, a, margin=(-low - width, -low), paired=paired)
    assert swapped.pvalue == pytest.approx(result.pvalue, rel=1e-9)


def test_a_symmetric_pair_is_the_single_number():
    assert equivalence_test(FEW, margin=(-0.5, 0.5)) == equivalence_test(FEW, margin=0.5)


def test_missing_values_are_left_out_where_that_is_asked_for():
    a, b = [*FEW, np.nan, 1.0], [*FEW[::-1], 2.0, None]
    result = equivalence_test(a, b, margin=1, missing=CompleteCases())
    assert (result.n, result.n_missing) == (12, 2)
    assert result.pvalue == equivalence_test(FEW, FEW[::-1], margin=1).pvalue
    groups = equivalence_test(a, b, margin=1, paired=False, missing=CompleteCases())
    assert (groups.n, groups.n_missing) == (26, 2)
    assert groups.pvalue == equivalence_test([*FEW, 1.0], [*FEW[::-1], 2.0], margin=1, paired=False).pvalue
    with pytest.raises(NonFiniteError, match="CompleteCases"):
        equivalence_test(a, b, margin=1)


@pytest.mark.parametrize(
    "margin", [(1, 1), (2, 1), (0, np.inf), (np.nan, 1), (1, 2, 3), (), ("a", "b"), "ab", None, 1j]
)
def test_what_is_no_margin_is_refused(margin):
    with pytest.raises(
        InvalidInputError, match=r"margin: must be a finite number above 0, or two .low, high. with low below"
    ):
        equivalence_test(FEW, margin=margin)


def test_groups_are_not_stratified_and_pairs_need_one_length():
    with pytest.raises(InvalidInputError, match="strata: must be None with paired=False"):
        equivalence_test(FEW, FEWER, margin=1, paired=False, strata=[0] * 12)
    with pytest.raises(InvalidInputError, match=r"b: must be a number or have the shape of a.*paired=False"):
        equivalence_test(FEW, FEWER, margin=1)
    with pytest.raises(ConstantInputError, match="must vary"):
        equivalence_test([1.0] * 8, [2.0] * 9, margin=1, paired=False)
    with pytest.raises(TooFewSamplesError, match="number of replicates"):
        noninferiority_test(FEW, FEWER[:4], margin=1, paired=False)


@pytest.mark.parametrize("margin", [0.1, 1.0])
def test_noninferiority_equals_scipys_one_sided_t(margin):
    a, b = np.random.default_rng(1).normal(size=(2, 9))
    expected = stats.ttest_1samp(a - b, -margin, alternative="greater")
    result = noninferiority_test(a, b, margin=margin)
    assert (result.pvalue, result.statistic) == pytest.approx((expected.pvalue, expected.statistic), rel=1e-10)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.05, 3), st.sampled_from([0.01, 0.05, 0.1]), st.booleans())
def test_decision_is_that_of_the_interval(seed, margin, alpha, stratified):
    values = np.random.default_rng(seed).normal(0.1, 1, size=16)
    strata = np.repeat([0, 1], 8) if stratified else None
    result = equivalence_test(values, margin=margin, alpha=alpha, strata=strata)
    interval = result.confidence_interval
    assert (result.pvalue < alpha) == (-margin < interval.low and interval.high < margin)
    result = noninferiority_test(values, margin=margin, alpha=alpha, strata=strata)
    assert (result.pvalue < alpha) == (-margin < result.confidence_interval.low)
    assert result.interval(0.5).high < interval.high


@pytest.mark.parametrize("number", [np.float32(0.5), np.float16(0.5), np.int8(1)])
def test_a_margin_of_any_type_of_number_is_that_number(number):
    small = np.array(FEWER) * 1e-60
    found = noninferiority_test(small, 0.0, margin=number)
    assert found.statistic == noninferiority_test(small, 0.0, margin=float(number)).statistic


def test_equivalence_is_symmetric():
    a, b = np.random.default_rng(2).normal(size=(2, 9))
    assert equivalence_test(a, b, margin=1).pvalue == pytest.approx(equivalence_test(b, a, margin=1).pvalue)


def test_bad_input_is_refused_by_name():
    values = np.arange(8.0)
    for margin in (0.0, -1.0, np.inf):
        with pytest.raises(InvalidInputError, match="margin"):
            equivalence_test(values, margin=margin)
    with pytest.raises(InvalidInputError, match="alpha"):
        noninferiority_test(values, margin=1, alpha=0.6)
    with pytest.raises(TooFewSamplesError, match="number of replicates"):
        equivalence_test(values[:5], margin=1)
    with pytest.raises(ConstantInputError, match="must vary"):
        equivalence_test(np.zeros(8), margin=1)
