from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from attnstats.comparison import (
    BenjaminiHochberg,
    BenjaminiYekutieli,
    Bonferroni,
    Hochberg,
    Holm,
    Hommel,
    adjust_families,
    adjust_pvalues,
)
from attnstats.exceptions import (
    FrameError,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
    UnreliableEstimateWarning,
)
from attnstats.frame import Row, to_frame
from attnstats.missing import CompleteCases

STATSMODELS = {
    Holm(): "holm",
    Hochberg(): "simes-hochberg",
    Hommel(): "hommel",
    Bonferroni(): "bonferroni",
    BenjaminiHochberg(): "fdr_bh",
    BenjaminiYekutieli(): "fdr_by",
}
families = st.lists(st.floats(1e-12, 1) | st.sampled_from([0.01, 0.02]), min_size=1, max_size=12)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)  # statsmodels collects garbage in each call
@given(pvalues=families)
def test_holm_equals_statsmodels(pvalues):
    expected = multipletests(pvalues, method="holm")[1]
    assert adjust_pvalues(pvalues) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("method", "name"), [(BenjaminiHochberg(), "bh"), (BenjaminiYekutieli(), "by")])
@settings(max_examples=20, deadline=None)
@given(pvalues=families)
def test_false_discovery_rates_equal_scipy(method, name, pvalues):
    assert adjust_pvalues(pvalues, method) == pytest.approx(false_discovery_control(pvalues, method=name), rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(pvalues=families)
def test_hochberg_rejects_from_the_largest_pvalue_that_is_small_enough(pvalues):
    adjusted = adjust_pvalues(pvalues, Hochberg())
    for p, found in zip(pvalues, adjusted, strict=True):
        steps = [(1 + sum(other > each for other in pvalues)) * each for each in pvalues if each >= p]
        assert found == pytest.approx(min(1.0, *steps), rel=1e-12)
    assert (adjusted <= adjust_pvalues(pvalues) * (1 + 1e-12)).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=6))
def test_holm_is_the_closed_bonferroni_test(pvalues):
    # By definition: the adjusted p is the largest Bonferroni p of the intersections that hold the hypothesis.
    n = len(pvalues)
    subsets = [subset for size in range(1, n + 1) for subset in combinations(range(n), size)]
    bonferroni = {subset: min(1.0, len(subset) * min(pvalues[i] for i in subset)) for subset in subsets}
    expected = [max(value for subset, value in bonferroni.items() if i in subset) for i in range(n)]
    assert adjust_pvalues(pvalues) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=6))
def test_hommel_is_the_closed_simes_test(pvalues):
    n = len(pvalues)
    subsets = [subset for size in range(1, n + 1) for subset in combinations(range(n), size)]
    simes = {
        subset: min(len(subset) * p / rank for rank, p in enumerate(sorted(pvalues[i] for i in subset), start=1))
        for subset in subsets
    }
    expected = [max(value for subset, value in simes.items() if i in subset) for i in range(n)]
    adjusted = adjust_pvalues(pvalues, Hommel())
    assert adjusted == pytest.approx(expected, rel=1e-12)
    assert (adjusted <= adjust_pvalues(pvalues, Hochberg()) * (1 + 1e-12)).all()


@given(pvalues=families)
def test_bonferroni_multiplies_by_the_size_of_the_family(pvalues):
    adjusted = adjust_pvalues(pvalues, Bonferroni())
    assert adjusted.tolist() == [min(1.0, len(pvalues) * each) for each in pvalues]
    assert (adjusted >= adjust_pvalues(pvalues)).all()
    assert Bonferroni().combine(np.sort(pvalues)) == pytest.approx(len(pvalues) * min(pvalues))


def test_r_reference():
    # R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm") gives 0.05 0.08 0.09 0.09 0.09, "BH" and "hochberg" give 0.05
    # five times
    pvalues = [0.01, 0.02, 0.03, 0.04, 0.05]
    assert adjust_pvalues(pvalues) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert adjust_pvalues(pvalues, BenjaminiHochberg()) == pytest.approx([0.05] * 5)
    assert adjust_pvalues(pvalues, Hochberg()) == pytest.approx([0.05] * 5)


@pytest.mark.parametrize("method", STATSMODELS)
def test_a_family_of_one_keeps_its_pvalue(method):
    assert adjust_pvalues([0.03], method).tolist() == [0.03]


@pytest.mark.parametrize(
    ("pvalues", "error"),
    [
        ([1.01], InvalidInputError),
        ([-0.1], InvalidInputError),
        ([np.nan], NonFiniteError),
        ([], TooFewSamplesError),
        ([[0.1]], InvalidInputError),
    ],
)
def test_what_is_no_pvalue_is_refused(pvalues, error):
    with pytest.raises(error, match="values"):
        adjust_pvalues(pvalues)


@pytest.mark.slow
@pytest.mark.parametrize("method", STATSMODELS)
def test_a_pvalue_of_zero_is_taken_for_the_smallest_float_with_a_warning(method):
    smallest = np.finfo(float).tiny
    with pytest.warns(UnreliableEstimateWarning, match=r"pvalues: should be above 0; got 0 in 1 of 3, .* 2\.2e-308"):
        adjusted = adjust_pvalues([0.0, 0.02, 0.03], method)
    expected = multipletests([smallest, 0.02, 0.03], method=STATSMODELS[method])[1]
    assert adjusted == pytest.approx(expected, rel=1e-12, abs=0)
    assert (adjusted > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("method", STATSMODELS)
@pytest.mark.parametrize("gap", [np.nan, None])
def test_a_test_that_could_not_be_made_is_no_member_of_the_family(method, gap):
    # As R's p.adjust has it: NA stays NA, and the n of the correction counts the others.
    adjusted = adjust_pvalues([0.01, gap, 0.03, 0.2], method, missing=CompleteCases())
    assert adjusted[[0, 2, 3]] == pytest.approx(multipletests([0.01, 0.03, 0.2], method=STATSMODELS[method])[1])
    assert np.isnan(adjusted[1])
    with pytest.raises(NonFiniteError, match=r"pvalues: must be finite; got 1 NaN .* missing=CompleteCases\(\)"):
        adjust_pvalues([0.01, gap, 0.03, 0.2], method)


def test_a_family_needs_a_test_that_was_made():
    with pytest.raises(TooFewSamplesError, match="complete"):
        adjust_pvalues([np.nan, np.nan], missing=CompleteCases())
    with pytest.raises(InvalidInputError, match="missing: must be None or CompleteCases"):
        adjust_pvalues([0.1, np.nan], missing="drop")
    with pytest.raises(InvalidInputError, match=r"method: must be Holm\(\), .*; got 'holm'"):
        adjust_pvalues([0.1], "holm")


def test_families_of_a_frame_are_adjusted_apart():
    declared = [
        ("a", "i", 0.01),
        ("a", "i", 0.02),
        ("a", "ii", 0.03),
        ("b", "i", 0.04),
        ("a", "i", None),
        ("a", None, 0.5),
    ]
    frame = to_frame(
        [Row(quantity="contrast", study=study, family=family, pvalue=pvalue) for study, family, pvalue in declared]
    )
    adjusted = adjust_families(frame, Hochberg())
    assert adjusted["pvalue_adjusted"].tolist()[:4] == [0.02, 0.02, 0.03, 0.04]
    assert adjusted["pvalue_adjusted"].isna().tolist() == [False] * 4 + [True] * 2
    assert adjusted["correction"].tolist()[:4] == ["hochberg"] * 4
    assert frame["correction"].isna().all()
    with pytest.raises(FrameError, match="frame: must hold p-values with a family"):
        adjust_families(frame[4:])
