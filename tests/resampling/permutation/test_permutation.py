import math

import joblib
import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.resampling import Independent, Pairings, Permutation, WelchT, permutation_pvalue, permutation_test

ALTERNATIVES = ("two-sided", "less", "greater")


def difference(x, y):
    return float(np.mean(x) - np.mean(y))


def correlation(x, y):
    return float(np.corrcoef(x, y)[0, 1])


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_exact_two_sample_test_equals_scipy(alternative):
    x, y = [3.1, 2.7, 4.4, 3.9], [1.2, 2.7, 3.0, 2.2, 1.9]
    ours = permutation_test(x, y, difference, kind=Independent(), alternative=alternative)
    theirs = scipy.stats.permutation_test(
        (x, y), lambda a, b: np.mean(a) - np.mean(b), alternative=alternative, n_resamples=np.inf
    )
    assert ours.pvalue == pytest.approx(theirs.pvalue, abs=1e-12)
    assert ours.test == "two-sample permutation (exact)"
    assert ours.pvalue_floor == pytest.approx((2 if alternative == "two-sided" else 1) / math.comb(9, 4))


def test_welchs_t_is_that_of_scipy():
    x, y = [3.1, 2.7, 4.4, 3.9], [1.2, 2.7, 3.0, 2.2, 1.9]
    theirs = scipy.stats.ttest_ind(x, y, equal_var=False, method=scipy.stats.PermutationMethod(n_resamples=np.inf))
    ours = permutation_test(x, y, WelchT(), kind=Independent())
    assert (ours.statistic, ours.pvalue) == pytest.approx((theirs.statistic, theirs.pvalue))


def test_welchs_t_of_constants_raises():
    with pytest.raises(ConstantInputError, match="x and y: must vary within one of the samples"):
        permutation_test([1, 1], [2, 2], WelchT(), kind=Independent())


@pytest.mark.slow
def test_the_spread_of_the_smaller_sample_rejects_welchs_t_less():
    """Rates of 400 draws: the bare difference rejects .16 (Monte Carlo error .018), t .075 (.013)."""
    rng = np.random.default_rng(0)
    options = {"kind": Independent(), "n_resamples": 99}
    rejected = np.zeros(2)
    for _ in range(400):
        x, y = rng.normal(size=30), 3 * rng.normal(size=10)
        rejected += [permutation_test(x, y, each, rng=rng, **options).pvalue <= 0.05 for each in (difference, WelchT())]
    bare, studentized = rejected / 400
    assert bare > 0.1
    assert studentized < 0.6 * bare


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_exact_pairings_equal_scipy(alternative):
    x, y = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.1, 1.0, 3.3, 3.9, 4.0, 6.6]
    ours = permutation_test(x, y, correlation, alternative=alternative)
    theirs = scipy.stats.permutation_test(
        (x,), lambda a: correlation(a, y), permutation_type="pairings", alternative=alternative, n_resamples=np.inf
    )
    assert ours.pvalue == pytest.approx(theirs.pvalue, abs=1e-12)
    assert (ours.n, ours.replication_unit, ours.test) == (6, "pair", "permutation of pairings (exact)")


@pytest.mark.parametrize("kind", [Independent(), Pairings()])
def test_random_permutations_approach_the_enumeration(kind):
    rng = np.random.default_rng(8)
    x = rng.normal(size=7)
    y = x + rng.normal(1.0, 2.0, size=7)
    statistic = difference if isinstance(kind, Independent) else correlation
    exact = permutation_test(x, y, statistic, kind=kind, n_resamples=6_000)
    drawn = permutation_test(x, y, statistic, kind=kind, n_resamples=3_000, rng=0)
    assert exact.test.endswith("(exact)")
    assert drawn.test.endswith("(3000 resamples)")
    # Twice a binomial share over 3000 draws: standard error at most 0.018; four of them.
    assert drawn.pvalue == pytest.approx(exact.pvalue, abs=0.072)
    assert drawn.pvalue_floor == 2 / 3001


def test_same_seed_same_numbers_for_any_number_of_workers():
    x, y = np.random.default_rng(0).normal(size=(2, 12))
    options = {"n_resamples": 600, "rng": 5}
    one = permutation_test(x, y, correlation, **options)
    with joblib.parallel_config(backend="threading"):
        assert one == permutation_test(x, y, correlation, n_jobs=2, **options)
    assert one.pvalue != permutation_test(x, y, correlation, n_resamples=600, rng=6).pvalue


def test_pvalue_formula():
    null = np.array([0.0, 1.0, 2.0, 3.0])
    assert permutation_pvalue(3.0, null, alternative="greater") == 2 / 5
    assert permutation_pvalue(3.0, null, alternative="greater", exact=True) == 1 / 4
    assert permutation_pvalue(3.0, null, alternative="less") == 1.0
    assert permutation_pvalue(3.0, null) == 4 / 5
    assert permutation_pvalue(9.0, null) == 2 / 5
    assert permutation_pvalue(1.5, null) == 1.0


def test_equal_up_to_rounding_counts_as_reached():
    observed = 0.1 + 0.2
    assert permutation_pvalue(observed, [0.3, 0.3, 0.0, 0.0], alternative="greater", exact=True) == 0.5
    assert permutation_pvalue(0.3, [observed] * 4, alternative="less", exact=True) == 1.0


def test_observed_outside_a_full_enumeration_is_refused():
    with pytest.raises(InvalidInputError, match="must hold the observed arrangement"):
        permutation_pvalue(5.0, [1.0, 2.0], alternative="greater", exact=True)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30), st.floats(-10, 10))
def test_pvalue_is_a_probability_and_never_zero(null, observed):
    for alternative in ALTERNATIVES:
        assert 1 / (len(null) + 1) <= permutation_pvalue(observed, null, alternative=alternative) <= 1
    less = permutation_pvalue(observed, null, alternative="less")
    assert less == permutation_pvalue(-observed, -np.array(null), alternative="greater")


def test_permutation_holds_its_floor():
    assert Permutation().n_resamples == 199
    assert Permutation(99).floor == 0.01
    with pytest.raises(InvalidInputError, match="n_resamples"):
        Permutation(0)


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "message"),
    [
        ([1, 2, 3], [1, 2], {"kind": Pairings()}, InvalidInputError, "same length"),
        ([1, 2], [[1], [2]], {"kind": Independent()}, InvalidInputError, "shape of x"),
        ([1], [1, 2], {"kind": Independent()}, TooFewSamplesError, "units in x"),
        ([1, np.nan], [1, 2], {}, NonFiniteError, "x: must be finite"),
        ([1, 2], [1, 2], {"alternative": "both"}, InvalidInputError, "alternative"),
        ([1, 2], [1, 2], {"n_resamples": 0}, InvalidInputError, "n_resamples"),
    ],
)
def test_bad_input_is_refused_by_name(x, y, options, error, message):
    with pytest.raises(error, match=message):
        permutation_test(x, y, difference, **options)


def test_undefined_statistic_is_refused():
    with pytest.raises(NonFiniteError, match="null"):
        permutation_test([1, 2, 3], [4, 5, 6], lambda *_: math.nan)
