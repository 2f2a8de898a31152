import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from attnstats.comparison import equivalence_test, noninferiority_test
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError


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
    with pytest.raises(TooFewSamplesError, match="seeds"):
        equivalence_test(values[:5], margin=1)
    with pytest.raises(ConstantInputError, match="must vary"):
        equivalence_test(np.zeros(8), margin=1)
