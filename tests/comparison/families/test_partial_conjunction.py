from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import Bonferroni, Fisher, Simes, Stouffer, partial_conjunction_test
from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError, UnreliableEstimateWarning

METHODS = [Bonferroni(), Simes(), Fisher(), Stouffer()]
families = st.lists(st.floats(1e-9, 0.999), min_size=1, max_size=7)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25, deadline=None)
@given(pvalues=families)
def test_it_is_the_largest_global_p_over_subsets(method, pvalues):
    # By definition: fewer than k effects exist if some n - k + 1 nulls are all true; the p-value is the largest of the
    # global p-values of all such subsets, which is that of the largest p-values.
    n = len(pvalues)
    expected, floor = [], 0.0
    for k in range(1, n + 1):
        worst = max(method.combine(np.sort(subset)) for subset in combinations(pvalues, n - k + 1))
        floor = max(floor, min(1.0, worst))
        expected.append(floor)
    assert partial_conjunction_test(pvalues, method).pvalues == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("method", "name"), [(Fisher(), "fisher"), (Stouffer(), "stouffer")])
def test_the_global_null_is_scipys(method, name):
    pvalues = [0.02, 0.3, 0.04, 0.6]
    expected = stats.combine_pvalues(pvalues, name).pvalue
    assert partial_conjunction_test(pvalues, method).pvalue(1) == pytest.approx(expected)


@pytest.mark.parametrize("method", METHODS)
def test_all_of_them_is_the_largest(method):
    assert partial_conjunction_test([0.02, 0.3, 0.04], method).pvalue(3) == pytest.approx(0.3)
    assert partial_conjunction_test([0.02], method).pvalues == pytest.approx((0.02,))


@pytest.mark.parametrize("method", METHODS)
def test_the_lower_bound_holds(method):
    # Two of five effects exist and are certain, the null p-values are uniform: the bound exceeds 2 in at most 5 % of
    # 2,000 draws, standard error 0.005.
    rng = np.random.default_rng(0)
    bounds = np.array(
        [partial_conjunction_test([1e-9, 1e-8, *rng.uniform(size=3)], method).lower_bound() for _ in range(2_000)]
    )
    assert (bounds >= 2).mean() > 0.85  # Stouffer's sum is diluted by the large p-values
    assert (bounds > 2).mean() == pytest.approx(0.05, abs=0.02)


def test_it_speaks():
    found = partial_conjunction_test([0.001, 0.004, 0.012, 0.2])
    assert (found.lower_bound(), found.lower_bound(0.99), found.lower_bound(0.999)) == (3, 1, 0)
    assert "at least 3 of 4 data sets" in found.summary()
    nothing = partial_conjunction_test([0.5, 0.6], replication_unit="encoder")
    assert nothing.summary() == "the effect holds in at least 0 of 2 encoders with 95 % confidence (Bonferroni)"


def test_tiny_pvalues_do_not_underflow():
    for method in METHODS:
        assert partial_conjunction_test([1e-300] * 5, method).pvalue(1) > 0


@pytest.mark.parametrize("method", METHODS)
def test_a_pvalue_of_zero_is_taken_for_the_smallest_float(method):
    smallest = np.finfo(float).tiny
    with pytest.warns(UnreliableEstimateWarning, match="got 0 in 1 of 3"):
        found = partial_conjunction_test([0.0, 0.02, 0.5], method)
    assert found == partial_conjunction_test([smallest, 0.02, 0.5], method)


def test_bad_input_is_refused_by_name():
    with pytest.raises(InvalidInputError, match="method: must be Bonferroni"):
        partial_conjunction_test([0.1, 0.5], Fisher)
    with pytest.raises(InvalidInputError, match=r"pvalues: must be from 0 to 1; got 1\.5"):
        partial_conjunction_test([0.1, 1.5])
    with pytest.raises(NonFiniteError, match="pvalues"):
        partial_conjunction_test([np.nan])
    with pytest.raises(TooFewSamplesError, match="number of p-values"):
        partial_conjunction_test([])
    for k in (0, 3, 1.0):
        with pytest.raises(InvalidInputError, match="k: must be an integer from 1 to 2"):
            partial_conjunction_test([0.1, 0.2]).pvalue(k)
