import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import hedges_g, hedges_g_independent, probability_of_superiority
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError


def correction(df):
    return math.gamma(df / 2) / (math.sqrt(df / 2) * math.gamma((df - 1) / 2))


def test_paired_g_by_hand():
    # differences 1, 2, 3: mean 2, standard deviation 1, J(2) = 1/Γ(1/2) = 0.5642
    assert hedges_g([2.0, 4.0, 6.0], [1.0, 2.0, 3.0]) == pytest.approx(2 / math.sqrt(math.pi))


def test_paired_g_is_t_over_root_n_times_the_correction():
    a, b = np.random.default_rng(0).normal(size=(2, 9))
    expected = correction(8) * stats.ttest_rel(a, b).statistic / 3
    assert hedges_g(a, b) == pytest.approx(expected)
    assert hedges_g(a - b) == pytest.approx(expected)


def test_strata_pool_the_variance_within():
    values, strata = [1.0, 3.0, 11.0, 13.0], ["a", "a", "b", "b"]
    assert hedges_g(values, strata=strata) == pytest.approx(correction(2) * 7 / math.sqrt(2))


def test_independent_g_is_the_two_sample_t():
    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 1, size=7), rng.normal(size=12)
    expected = correction(17) * stats.ttest_ind(a, b).statistic * math.sqrt(1 / 7 + 1 / 12)
    assert hedges_g_independent(a, b) == pytest.approx(expected)


def test_g_is_unbiased():
    # True standardised effect 1; without J the mean is 1.126. The variance of g is about 0.3, so the mean of 4000 has
    # standard error 0.009; four of them.
    samples = np.random.default_rng(0).normal(1, 1, size=(4_000, 8))
    assert np.mean([hedges_g(sample) for sample in samples]) == pytest.approx(1, abs=0.035)


def test_superiority_is_mann_whitneys_u():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 6, size=9), rng.integers(0, 5, size=7)
    assert probability_of_superiority(a, b) == pytest.approx(stats.mannwhitneyu(a, b).statistic / 63)


def test_superiority_compares_within_strata():
    assert probability_of_superiority([1, 2, 11, 12], [0, 0, 20, 20], strata=[0, 0, 1, 1]) == 0.5
    assert probability_of_superiority([1, 2, 11, 12], [0, 0, 10, 10], strata=[0, 0, 1, 1]) == 1.0
    with pytest.raises(InvalidInputError, match="same length"):
        probability_of_superiority([1, 2], [1, 2, 3], strata=[0, 0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(-5, 5))
def test_invariances(seed, factor, shift):
    a, b = np.random.default_rng(seed).normal(size=(2, 8))
    for effect in (hedges_g, hedges_g_independent):
        assert effect(factor * a + shift, factor * b + shift) == pytest.approx(effect(a, b), rel=1e-6)
        assert effect(b, a) == pytest.approx(-effect(a, b))
    assert probability_of_superiority(a, b) + probability_of_superiority(b, a) == pytest.approx(1)
    assert probability_of_superiority(np.exp(a), np.exp(b)) == probability_of_superiority(a, b)


def test_bad_input_is_refused():
    with pytest.raises(ConstantInputError, match="must vary"):
        hedges_g([1.0, 1.0, 1.0])
    with pytest.raises(TooFewSamplesError, match="degrees of freedom"):
        hedges_g([1.0, 2.0])
    with pytest.raises(TooFewSamplesError, match="values in b"):
        hedges_g_independent([1.0, 2.0, 3.0], [])
    with pytest.raises(TooFewSamplesError, match="values in a"):
        probability_of_superiority([], [1.0])
