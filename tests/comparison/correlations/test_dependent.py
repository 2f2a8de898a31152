import pickle
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from attnstats.comparison import (
    FisherZ,
    IndependentCorrelations,
    MengRosenthalRubin,
    NonOverlappingCorrelations,
    OverlappingCorrelations,
    Spearman,
    Steiger,
    Williams,
    Zou,
    compare_correlations,
)
from attnstats.exceptions import InvalidInputError

OVERLAPPING = OverlappingCorrelations(0.3, 0.4, 0.5, 100)
APART = NonOverlappingCorrelations(r_jk=0.3, r_hm=0.4, r_jh=0.5, r_jm=0.8, r_kh=0.6, r_km=0.7, n=100)
INDEPENDENT = IndependentCorrelations(0.4, 100, 0.5, 100)
DEFINED = [
    *product([OVERLAPPING], [Williams(), Steiger(), MengRosenthalRubin(), Zou()]),
    *product([APART], [Steiger(), Zou()]),
    *product([INDEPENDENT], [FisherZ(), Zou()]),
]

#: Normal samples drawn at random are now and then taken for heavy-tailed.
TAILS = pytest.mark.filterwarnings("ignore:samples:attnstats.exceptions.UnreliableEstimateWarning")


# Silver, Hittner and May (2006), Applied Psychological Measurement 30, 152-153: output of their program DEPCOR for
# r = .3, .4, .5, n = 100, as quoted in the tests of the R package cocor 1.1-3. Independent correlations: the worked
# example of stat-help.com, quoted there too.
@pytest.mark.parametrize(
    ("pair", "method", "statistic", "pvalue"),
    [
        (OVERLAPPING, Williams(), -1.0767, 0.2843),
        (OVERLAPPING, Steiger(), -1.0718, 0.2838),
        (OVERLAPPING, MengRosenthalRubin(), -1.0707, 0.2843),
        (APART, Steiger(), -1.0744, 0.2827),
        (INDEPENDENT, FisherZ(), -0.8751012342, 0.3815188256),
    ],
)
def test_published_programs(pair, method, statistic, pvalue):
    result = compare_correlations(pair, method)
    assert result.statistic == pytest.approx(statistic, abs=6e-5)
    assert result.pvalue == pytest.approx(pvalue, abs=6e-5)


def test_steigers_examples():
    # Steiger (1980), p. 249. Case A prints -.8913 with T2, which is Williams' t (R: psych 2.2.9,
    # r.test(n=103, r12=.4, r13=.5, r23=.1) gives t = -0.8912799, p = 0.3749185), case B -1.4045 from rounded
    # covariances (psych: r.test(n=103, r12=.5, r34=.6, r13=.8, r14=.5, r23=.5, r24=.7) gives z = -1.405).
    case_a = compare_correlations(OverlappingCorrelations(r_jk=0.4, r_jh=0.5, r_kh=0.1, n=103))
    assert (case_a.statistic, case_a.pvalue) == pytest.approx((-0.8912799, 0.3749185), abs=5e-8)
    case_b = NonOverlappingCorrelations(r_jk=0.5, r_hm=0.6, r_jh=0.8, r_jm=0.5, r_kh=0.5, r_km=0.7, n=103)
    assert compare_correlations(case_b).statistic == pytest.approx(-1.4045, abs=1e-3)


def test_the_example_of_meng_rosenthal_and_rubin():
    # Psychological Bulletin 111, p. 173: Z = 1.68, one-sided p = .047
    pair = OverlappingCorrelations(r_jk=0.63, r_jh=-0.03, r_kh=-0.19, n=15)
    result = compare_correlations(pair, MengRosenthalRubin(), alternative="greater")
    assert (round(result.statistic, 2), round(result.pvalue, 3)) == (1.68, 0.047)


@pytest.mark.parametrize(
    ("r_kh", "first", "second"),
    [(0.0, 1.62, 2.03), (0.2, 1.80, 2.20), (0.4, 2.06, 2.47), (0.6, 2.50, 2.94), (0.8, 3.50, 4.05)],
)
def test_the_table_of_may_and_hittner(r_kh, first, second):
    # May and Hittner (1997), Psychological Reports 80, 475-480: Meng's Z at n = 50 for (.5, .2) and (.7, .4)
    for r, expected in (((0.5, 0.2), first), ((0.7, 0.4), second)):
        statistic = MengRosenthalRubin().statistic(OverlappingCorrelations(*r, r_kh, 50))
        assert statistic == pytest.approx(expected, abs=0.0051)


@pytest.mark.parametrize(("pair", "method"), DEFINED)
def test_every_method_gives_a_complete_result(pair, method):
    two, less, greater = (
        compare_correlations(pair, method, alternative=word) for word in ("two-sided", "less", "greater")
    )
    assert two.pvalue == pytest.approx(2 * less.pvalue)
    assert less.pvalue + greater.pvalue == pytest.approx(1)
    assert two.effect == pytest.approx(-0.1)
    assert two.effect in two.interval(0.9)
    assert two.interval(0.9).method == "Zou"
    assert type(method).__name__[:4].lower() in two.test.lower()
    assert pickle.loads(pickle.dumps(two)).interval(0.5) == two.interval(0.5)


@TAILS
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([8, 30, 200]), st.booleans())
def test_swapping_and_reversing(seed, n, ranks):
    j, k, h, m = np.random.default_rng(seed).normal(size=(4, n))
    k, options = k + j, {"coefficient": Spearman()} if ranks else {}
    orders = {tuple(np.argsort(each)[::step]) for each in (j, k, h, m) for step in (1, -1)}
    assume(len(orders) == 8)  # two in the same order correlate perfectly by rank, which is refused
    for method in (None, Zou(), Steiger(), MengRosenthalRubin()):
        result = compare_correlations(OverlappingCorrelations.from_arrays(j, k, h, **options), method)
        swapped = compare_correlations(OverlappingCorrelations.from_arrays(j, h, k, **options), method)
        reversed_ = compare_correlations(OverlappingCorrelations.from_arrays(-j, k, h, **options), method)
        stretched = compare_correlations(OverlappingCorrelations.from_arrays(3 * j + 1, k, 2 * h, **options), method)
        for other, sign in ((swapped, -1), (reversed_, -1), (stretched, 1)):
            assert other.statistic == pytest.approx(sign * result.statistic, rel=1e-6, abs=1e-9)
            assert other.pvalue == pytest.approx(result.pvalue, rel=1e-6)
    result = compare_correlations(NonOverlappingCorrelations.from_arrays(j, k, h, m, **options))
    for others in ((k, j, h, m), (j, k, m, h)):
        again = compare_correlations(NonOverlappingCorrelations.from_arrays(*others, **options))
        assert again.pvalue == pytest.approx(result.pvalue, rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9), st.floats(-0.5, 0.9), st.integers(5, 100))
def test_zou_decides_as_its_interval(r_jk, r_jh, r_kh, n):
    if 1 - r_jk**2 - r_jh**2 - r_kh**2 + 2 * r_jk * r_jh * r_kh < 0.05:
        return
    result = compare_correlations(OverlappingCorrelations(r_jk, r_jh, r_kh, n), Zou())
    assert (result.pvalue < 0.05) == (0 not in result.confidence_interval) or result.pvalue == pytest.approx(0.05)


def test_the_default_method_suits_the_pair():
    assert "Williams" in compare_correlations(OVERLAPPING).test
    assert "Steiger" in compare_correlations(OverlappingCorrelations(0.3, 0.4, 0.5, 100, Spearman())).test
    assert "Steiger Z test of non-overlapping" in compare_correlations(APART).test
    assert "Fisher" in compare_correlations(INDEPENDENT).test


def test_no_pvalue_underflows_to_zero():
    for pair in (OverlappingCorrelations(0.9, -0.3, 0.1, 10**7), IndependentCorrelations(0.9, 10**7, -0.9, 10**7)):
        for method in (None, Zou()):
            assert compare_correlations(pair, method).pvalue > 0


@pytest.mark.parametrize(
    ("pair", "method"),
    [(APART, Williams()), (INDEPENDENT, Steiger()), (APART, MengRosenthalRubin()), (OVERLAPPING, FisherZ())],
)
def test_methods_are_refused_where_they_are_not_defined(pair, method):
    with pytest.raises(InvalidInputError, match=f"pair: must be .* for {type(method).__name__}"):
        compare_correlations(pair, method)


def test_bad_input_is_refused_by_name():
    with pytest.raises(InvalidInputError, match="Williams"):
        compare_correlations(OverlappingCorrelations(0.3, 0.4, 0.5, 100, Spearman()), Williams())
    with pytest.raises(InvalidInputError, match="alternative"):
        compare_correlations(OVERLAPPING, alternative="equal")
    with pytest.raises(InvalidInputError, match="confidence_level"):
        compare_correlations(OVERLAPPING, confidence_level=95)
