import numpy as np
import pytest
from scipy.stats import f

from attnstats.comparison import five_by_two_cv_test
from attnstats.exceptions import ConstantInputError, InvalidInputError

A, B = np.random.default_rng(1).normal(0.8, 0.03, size=(2, 5, 2))


def alpaydin(a, b):
    """Equations 2 and 5 of Alpaydin (1999), one repetition after the other."""
    numerator = denominator = 0.0
    for i in range(5):
        p_1, p_2 = a[i, 0] - b[i, 0], a[i, 1] - b[i, 1]
        mean = (p_1 + p_2) / 2
        numerator += p_1**2 + p_2**2
        denominator += 2 * ((p_1 - mean) ** 2 + (p_2 - mean) ** 2)
    return numerator / denominator


def test_the_statistic_is_alpaydins():
    result = five_by_two_cv_test(A, B)
    assert result.statistic == pytest.approx(alpaydin(A, B))
    assert result.pvalue == pytest.approx(f.sf(alpaydin(A, B), 10, 5))
    assert result.effect == pytest.approx((A - B).mean())
    assert result.n == 10


@pytest.mark.parametrize(("statistic", "pvalue"), [(4.735, 0.05), (1.053, 0.509)])
def test_printed_pvalues(statistic, pvalue):
    # The 5 % point of F with 10 and 5 degrees of freedom in Alpaydin's paper is 4.74; the second pair is printed in the
    # documentation of mlxtend. Differences c + 1 and c − 1 have F = c² + 1 over 2, for each fold's square of 1.
    c = np.sqrt(2 * statistic - 1)
    result = five_by_two_cv_test(np.tile([c + 1, c - 1], (5, 1)))
    assert result.statistic == pytest.approx(statistic)
    assert round(result.pvalue, 3) == pvalue


def test_the_order_of_folds_and_repetitions_does_not_matter():
    result = five_by_two_cv_test(A, B)
    assert five_by_two_cv_test(A[::-1, ::-1], B[::-1, ::-1]).pvalue == pytest.approx(result.pvalue)
    assert five_by_two_cv_test(B, A).pvalue == pytest.approx(result.pvalue)
    assert five_by_two_cv_test(A - B).pvalue == pytest.approx(result.pvalue)


def test_it_is_for_five_repetitions_of_two_folds():
    with pytest.raises(InvalidInputError, match=r"a: must have shape \(5, 2\), .*; got \(10,\)"):
        five_by_two_cv_test(A.ravel(), B.ravel())
    with pytest.raises(InvalidInputError, match=r"b: must be a number or have the shape of a, \(5, 2\); got \(2, 5\)"):
        five_by_two_cv_test(A, B.T)
    with pytest.raises(ConstantInputError, match="a - b: must differ between the two folds of some repetition"):
        five_by_two_cv_test(A, A + np.arange(5)[:, np.newaxis])
    with pytest.raises(InvalidInputError, match="has no interval"):
        five_by_two_cv_test(A, B).interval()
