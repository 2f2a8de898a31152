import numpy as np
import pytest
from scipy.stats import binom, binomtest

from attnstats.comparison import HybridScore, MiettinenNurminen, mcnemar_test
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from tests.comparison.binary.tables import pairs

#: Both 1, a alone, b alone, neither. Bentur et al. 2009 and Cavo et al. 2012, as analysed by Fagerland, Lydersen and
#: Laake (2013, 2014; their R package contingencytables prints the digits of the second).
AIRWAYS, RESPONSES = (1, 1, 7, 12), (59, 6, 16, 80)


@pytest.mark.parametrize(
    ("table", "exact", "mid_p", "digits"), [(AIRWAYS, 0.0703, 0.0391, 4), (RESPONSES, 0.052479, 0.034690, 6)]
)
def test_published_pvalues(table, exact, mid_p, digits):
    assert round(mcnemar_test(*pairs(*table), mid_p=False).pvalue, digits) == exact
    assert round(mcnemar_test(*pairs(*table)).pvalue, digits) == mid_p


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
@pytest.mark.parametrize(("first", "second"), [(3, 9), (9, 3), (4, 4), (0, 5), (7, 0), (0, 0), (1, 0)])
def test_only_the_discordant_pairs_count(alternative, first, second):
    table = (6, first, second, 5)
    exact, mid = (mcnemar_test(*pairs(*table), mid_p=each, alternative=alternative) for each in (False, True))
    n = first + second
    if n:
        expected = binomtest(first, n, 0.5, alternative=alternative).pvalue
        assert exact.pvalue == pytest.approx(expected, rel=1e-12)
    else:
        assert exact.pvalue == 1
    share = 1.0 if alternative == "two-sided" and first != second else 0.5
    assert mid.pvalue == pytest.approx(
        1 if alternative == "two-sided" and first == second else exact.pvalue - (share * binom.pmf(first, n, 0.5))
    )
    assert mid.statistic == first
    assert f"({n} discordant pair{'' if n == 1 else 's'})" in mid.test


@pytest.mark.parametrize("mid_p", [True, False])
@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_the_floor_is_the_smallest_pvalue_of_so_many_discordant_pairs(mid_p, alternative):
    found = [mcnemar_test(*pairs(4, first, 6 - first, 4), mid_p=mid_p, alternative=alternative) for first in range(7)]
    assert {each.pvalue_floor for each in found} == {min(each.pvalue for each in found)}


def test_the_level_of_the_exact_test_holds_and_that_of_mid_p_on_average():
    # The distribution of pairs of equal proportions, by enumeration over the number of discordant ones.
    n, rate = 30, 0.4
    level = {True: 0.0, False: 0.0}
    for discordant in range(n + 1):
        for first in range(discordant + 1):
            weight = binom.pmf(discordant, n, rate) * binom.pmf(first, discordant, 0.5)
            if weight > 1e-12:
                for mid_p in level:
                    table = pairs(n - discordant, first, discordant - first, 0)
                    level[mid_p] += weight * (mcnemar_test(*table, mid_p=mid_p).pvalue <= 0.05)
    assert level[False] < 0.035
    assert 0.04 < level[True] < 0.05


def test_swapping_the_conditions_mirrors_the_result():
    a, b = pairs(10, 9, 3, 6)
    there, back = mcnemar_test(a, b, alternative="greater"), mcnemar_test(b, a, alternative="less")
    assert back.pvalue == pytest.approx(there.pvalue)
    assert back.effect == -there.effect
    assert back.confidence_interval.low == pytest.approx(-there.confidence_interval.high)


def test_truth_values_are_scores():
    a, b = pairs(10, 9, 3, 6)
    assert mcnemar_test(a == 1, b == 1) == mcnemar_test(a, b)


def test_what_is_no_pair_of_scores_is_refused():
    a, b = pairs(10, 9, 3, 6)
    with pytest.raises(InvalidInputError, match=r"b: must be 0 or 1 throughout; got 0\.5"):
        mcnemar_test(a, np.where(b == 1, 0.5, b))
    with pytest.raises(InvalidInputError, match="a and b: must have the same length"):
        mcnemar_test(a, b[:-1])
    with pytest.raises(TooFewSamplesError, match="number of questions: must be at least 8; got 4"):
        mcnemar_test(a[:4], b[:4], replication_unit="question")
    with pytest.raises(InvalidInputError, match="interval: must be an object such as Tango"):
        mcnemar_test(a, b, interval=MiettinenNurminen())
    with pytest.raises(InvalidInputError, match="mid_p: must be True or False; got 'yes'"):
        mcnemar_test(a, b, mid_p="yes")
    assert "Newcombe" in repr(mcnemar_test(a, b, interval=HybridScore()).interval(0.9))
