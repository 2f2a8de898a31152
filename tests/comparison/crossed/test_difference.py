"""The tests of a mean over seeds and examples: R, Student, and the interval that they go with."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import (
    HarmonicT,
    Satterthwaite,
    anova_equivalence_test,
    anova_interaction_test,
    anova_interval,
    anova_test,
    equivalence_test,
)
from attnstats.exceptions import FewReplicatesWarning, InvalidInputError, TooFewSamplesError


def draw(seed=0, *shape):
    rng = np.random.default_rng(seed)
    n_seeds, n_examples = shape or (8, 30)
    return 0.2 * rng.normal(size=(n_seeds, 1)) + 0.4 * rng.normal(size=n_examples) + rng.normal(size=shape or (8, 30))


def test_agrees_with_lmertest():
    # R 4.2.2, lmerTest 3.1-3: summary(lmer(y ~ 1 + (1|s) + (1|e))) of the table of test_anova.py gives 3.429166667,
    # standard error 0.3037092283, df 7.629870744; its optimiser stops at a relative error of some 1e-5.
    table = [
        [3.1, 2.4, 4.0, 3.3, 2.9, 3.8],
        [3.9, 3.0, 4.4, 4.1, 3.2, 4.6],
        [2.8, 2.6, 3.5, 3.1, 2.2, 3.9],
        [3.6, 2.7, 4.5, 3.2, 3.3, 4.2],
    ]
    with pytest.warns(FewReplicatesWarning, match="should be at least 8 for intervals and p-values to hold; got 4"):
        result = anova_test(table, 2.5, variance=Satterthwaite(), minimum_replicates=4)
    t = (3.429166667 - 2.5) / 0.3037092283
    assert result.statistic == pytest.approx(t, rel=1e-4)
    assert result.pvalue == pytest.approx(2 * stats.t.sf(t, 7.629870744), rel=1e-3)
    assert result.test == "t test over replicates and items (df = 7.63)"


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_of_seeds_alone_it_is_student_s(alternative):
    means = np.random.default_rng(1).normal(0.4, 1, size=9)
    table = np.repeat(means[:, np.newaxis], 5, axis=1)
    result = anova_test(table, 0.1, alternative=alternative)
    expected = stats.ttest_1samp(means, 0.1, alternative=alternative)
    assert (result.statistic, result.pvalue) == pytest.approx((expected.statistic, expected.pvalue))
    equivalence, of_seeds = anova_equivalence_test(table, margin=0.9), equivalence_test(means, margin=0.9)
    assert (equivalence.statistic, equivalence.pvalue) == pytest.approx((of_seeds.statistic, of_seeds.pvalue))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-1, 1), st.sampled_from([HarmonicT(), Satterthwaite()]))
def test_the_interval_of_one_minus_p_ends_at_the_null_value(seed, null_value, variance):
    tables = (draw(seed), draw(seed + 1, 9, 12))
    result = anova_test(tables, null_value, variance=variance)
    if result.pvalue > 1e-9:
        interval = anova_interval(tables, variance=variance, confidence_level=1 - result.pvalue)
        assert min(abs(interval.low - null_value), abs(interval.high - null_value)) < 1e-6
    less, greater = (
        anova_test(tables, null_value, variance=variance, alternative=each) for each in ("less", "greater")
    )
    assert less.pvalue + greater.pvalue == pytest.approx(1)
    assert result.pvalue == pytest.approx(2 * min(less.pvalue, greater.pvalue))
    assert np.sign(result.statistic) == np.sign(result.effect - null_value)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 1), st.sampled_from([0.01, 0.05, 0.1]))
def test_equivalence_is_an_interval_inside_the_margin(seed, margin, alpha):
    table = 0.3 * draw(seed)
    result = anova_equivalence_test(table, margin=margin, alpha=alpha)
    interval = anova_interval(table, confidence_level=1 - 2 * alpha)
    assert result.confidence_interval == interval
    assert (result.pvalue < alpha) == (-margin < interval.low and interval.high < margin)


def test_models_are_counted_over_strata_and_data_sets():
    strata, other = np.stack([draw(0), draw(1)]), draw(2, 10, 20)
    assert anova_test(strata).n == 16
    both = anova_test((strata, other))
    assert (both.n, both.replication_unit) == (26, "replicate")
    assert both.effect == pytest.approx((2 * strata.mean() + other.mean()) / 3)


def test_far_tails_are_not_zero():
    result = anova_test(1e6 + draw(0, 60, 200))
    assert 0 < result.pvalue < 1e-200
    assert repr(result).startswith("mean = 1e+06, 95 % CI [")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: anova_test(draw(), np.nan), "null_value: must be a finite number; got nan"),
        (lambda: anova_test(draw(), alternative="above"), "alternative: must be one of"),
        (lambda: anova_test(draw(), confidence_level=1.0), "confidence_level: must lie strictly between 0 and 1"),
        (lambda: anova_equivalence_test(draw(), margin=0.0), "margin: must be a finite number above 0"),
        (lambda: anova_equivalence_test(draw(), margin=1.0, alpha=0.5), r"alpha: must be below 0\.5; got 0\.5"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(InvalidInputError, match=message):
        call()


def test_few_seeds_are_refused():
    with pytest.raises(
        TooFewSamplesError, match="number of replicates in the smallest data set: must be at least 8; got 7"
    ):
        anova_test((draw(), draw(1)[:7]))


@pytest.mark.parametrize(
    "function", [anova_test, partial(anova_equivalence_test, margin=1.0), anova_interval, anova_interaction_test]
)
def test_the_two_factors_have_two_names(function):
    values = np.random.default_rng(0).normal(size=(2, 2, 8, 5))
    with pytest.raises(InvalidInputError, match="crossed_unit: must differ from replication_unit; got 'patient' for"):
        function(values, replication_unit="patient", crossed_unit="patient")
