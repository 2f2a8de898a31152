import numpy as np
import pytest
from scipy.stats import chi2_contingency

from attnstats.comparison import HybridScore, MiettinenNurminen, Tango, independent_proportions_test
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from tests.comparison.binary.tables import sample


@pytest.mark.parametrize(("a", "b"), [((56, 70), (48, 80)), ((9, 10), (3, 12)), ((1, 30), (0, 9)), ((8, 8), (5, 9))])
def test_z_squared_is_pearsons_chi_squared_less_one_nth(a, b):
    result = independent_proportions_test(sample(*a), sample(*b))
    table = [[ones, n - ones] for ones, n in (a, b)]
    n = a[1] + b[1]
    expected = chi2_contingency(table, correction=False).statistic * (n - 1) / n
    assert result.statistic**2 == pytest.approx(expected)
    assert np.sign(result.statistic) == np.sign(result.effect)
    assert result.n == n
    one_sided = independent_proportions_test(sample(*a), sample(*b), alternative="greater").pvalue
    assert result.pvalue == pytest.approx(2 * min(one_sided, 1 - one_sided))


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_score_interval_holds_zero_unless_the_test_rejects(level):
    for ones_a, ones_b in np.ndindex(9, 11):
        result = independent_proportions_test(sample(ones_a, 8), sample(ones_b, 10))
        assert (0 in result.interval(level)) == (result.pvalue > 1 - level)


def test_alike_constants_do_not_differ():
    result = independent_proportions_test(np.ones(9), np.ones(12))
    assert (result.statistic, result.pvalue) == (0.0, 1.0)


def test_what_is_no_sample_of_scores_is_refused():
    a, b = sample(5, 10), sample(7, 9)
    with pytest.raises(InvalidInputError, match=r"a: must be 0 or 1 throughout; got 2\.0"):
        independent_proportions_test(2 * a, b)
    with pytest.raises(TooFewSamplesError, match="number of patients in the smaller group: must be at least 8; got 5"):
        independent_proportions_test(a, b[:5], replication_unit="patient")
    with pytest.raises(InvalidInputError, match="interval: must be an object such as MiettinenNurminen"):
        independent_proportions_test(a, b, interval=Tango())
    assert independent_proportions_test(a, b, interval=HybridScore()) != independent_proportions_test(
        a, b, interval=MiettinenNurminen()
    )
