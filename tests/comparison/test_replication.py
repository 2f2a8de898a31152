import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import (
    MINIMUM_REPLICATES,
    anova_interaction_test,
    anova_test,
    check_replicates,
    equivalence_test,
    independent_family_test,
    stochastic_order_test,
    t_interval,
)
from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_interval_equals_scipy(level):
    values = np.random.default_rng(0).normal(size=9)
    interval = t_interval(values, confidence_level=level)
    expected = stats.ttest_1samp(values, 0).confidence_interval(level)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), rel=1e-12)
    assert interval.method == "t over replicates"


def test_two_strata_are_welchs_interval():
    # (mean_a + mean_b)/2 is half the Welch difference of a and -b, with the same Satterthwaite degrees of freedom.
    rng = np.random.default_rng(1)
    a, b = rng.normal(1, 1, size=8), rng.normal(2, 4, size=11)
    interval = t_interval(np.concatenate([a, b]), strata=["a"] * 8 + ["b"] * 11)
    welch = stats.ttest_ind(a, -b, equal_var=False).confidence_interval(0.95)
    assert (interval.low, interval.high) == pytest.approx((welch.low / 2, welch.high / 2), rel=1e-12)
    assert interval.method == "stratified t over replicates"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(-10, 10), st.floats(0.01, 10))
def test_interval_follows_shift_and_scale_and_ignores_order(seed, shift, factor):
    rng = np.random.default_rng(seed)
    values, strata = rng.normal(size=20), np.repeat([0, 1], 10)
    plain = t_interval(values, strata=strata)
    moved = t_interval(shift + factor * values, strata=strata)
    assert (moved.low, moved.high) == pytest.approx((shift + factor * plain.low, shift + factor * plain.high), abs=1e-9)
    order = rng.permutation(20)
    shuffled = t_interval(values[order], strata=strata[order])
    assert (shuffled.low, shuffled.high) == pytest.approx((plain.low, plain.high), abs=1e-12)


def test_fewer_than_eight_seeds_are_refused_unless_the_caller_knows():
    assert MINIMUM_REPLICATES == 8
    check_replicates(8)
    with pytest.raises(TooFewSamplesError, match="number of replicates: must be at least 8; got 7"):
        check_replicates(7)
    with pytest.warns(FewReplicatesWarning, match="got 5"):
        check_replicates(5, minimum_replicates=5)
    with pytest.raises(TooFewSamplesError, match="at least 10"):
        check_replicates(9, minimum_replicates=10)
    with pytest.raises(InvalidInputError, match="minimum_replicates"):
        check_replicates(8, minimum_replicates=1)


def test_seeds_are_counted_within_strata():
    with pytest.raises(TooFewSamplesError, match="got 4"):
        t_interval(np.arange(12.0), strata=[0] * 8 + [1] * 4)


@pytest.mark.parametrize(
    ("values", "options", "error", "message"),
    [
        ([1.0] * 8, {}, ConstantInputError, "must vary"),
        ([0.1 + 0.2] * 4 + [0.3] * 4, {}, ConstantInputError, "must vary"),
        ([np.nan] + [1.0] * 8, {}, NonFiniteError, "values: must be finite"),
        (np.ones((8, 2)), {}, InvalidInputError, "dimension"),
        (np.arange(8.0), {"strata": [1, 2]}, InvalidInputError, "same length"),
        (np.arange(8.0), {"confidence_level": 0}, InvalidInputError, "confidence_level"),
    ],
)
def test_bad_input_is_refused_by_name(values, options, error, message):
    with pytest.raises(error, match=message):
        t_interval(values, **options)


@pytest.mark.parametrize(
    ("n", "minimum", "message"),
    [
        (7, 8, "got 7, too few for p-values and intervals to hold (pass minimum_replicates=7 to go on all the same)"),
        (8, 9, "got 8 (pass minimum_replicates=8 to go on all the same)"),
        (1, 8, "got 1, too few for p-values and intervals to hold"),
    ],
)
def test_a_refusal_says_why_and_what_to_pass(n, minimum, message):
    with pytest.raises(TooFewSamplesError) as caught:
        check_replicates(n, minimum_replicates=minimum, replication_unit="patient")
    assert str(caught.value) == f"number of patients: must be at least {minimum}; {message}"


TABLE = np.random.default_rng(0).normal(size=(2, 2, 9, 5))


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (lambda unit: t_interval(np.arange(7.0), strata=[0] * 4 + [1] * 3, replication_unit=unit), "stratum"),
        (lambda unit: anova_test((TABLE[0, 0], TABLE[0, 0, :3]), replication_unit=unit), "data set"),
        (lambda unit: anova_interaction_test((TABLE, TABLE[:, :, :3]), replication_unit=unit), "data set"),
        (lambda unit: equivalence_test(range(9), [2, 1, 3], paired=False, margin=1, replication_unit=unit), "group"),
        (lambda unit: stochastic_order_test(range(9), [2, 1, 3], replication_unit=unit), "group"),
        (lambda unit: independent_family_test(TABLE[0, 0], TABLE[0, 0, :3], replication_unit=unit), "group"),
    ],
)
def test_a_refusal_says_where_replicates_are_too_few(call, place):
    smallest = "smaller" if place == "group" else "smallest"
    with pytest.raises(TooFewSamplesError, match=f"number of patients in the {smallest} {place}: .* got 3"):
        call("patient")
