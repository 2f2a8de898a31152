import itertools

import numpy as np
import pytest
from scipy import stats

from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.ranks import kendall_w
from attnstats.resampling import Permutation

TIED = [[1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 5, 5, 7], [1, 3, 2, 5, 4, 7, 6], [1, 1, 3, 3, 6, 5, 7]]


def test_statistic_is_that_of_r():
    # R 4.2.2: friedman.test(R)$statistic / (4 * 6) with the rows of R as blocks: 0.8880090498
    assert kendall_w(TIED).statistic == pytest.approx(0.8880090498, abs=1e-10)


def test_mean_of_spearman_over_pairs_of_judges():
    ratings = np.random.default_rng(0).normal(size=(5, 9))
    rho = [stats.spearmanr(a, b).statistic for a, b in itertools.combinations(ratings, 2)]
    assert (5 * kendall_w(ratings).statistic - 1) / 4 == pytest.approx(np.mean(rho))


@pytest.mark.parametrize(
    "ratings", [[[1, 2, 3, 4], [1, 3, 2, 4], [2, 1, 4, 3]], [[1, 1, 2, 3], [1, 2, 2, 2], [3, 1, 2, 3]]]
)
def test_exact_pvalue_is_that_of_all_orders(ratings):
    found = [
        kendall_w([ratings[0], second, third], exact=False, null=Permutation(1), rng=0).statistic
        for second in itertools.permutations(ratings[1])
        for third in itertools.permutations(ratings[2])
    ]
    result = kendall_w(ratings)
    assert "exact" in result.test
    assert result.pvalue == pytest.approx((np.array(found) >= result.statistic - 1e-9).mean())
    assert result.pvalue_floor == pytest.approx((np.array(found) >= max(found) - 1e-9).mean())


def test_f_approximation_and_permutations_are_near_each_other():
    rng = np.random.default_rng(1)
    ratings = rng.normal(size=12) * 0.5 + rng.normal(size=(6, 12))
    approximate, permuted = kendall_w(ratings), kendall_w(ratings, null=Permutation(4999), rng=2)
    assert "F approximation" in approximate.test
    assert permuted.pvalue == pytest.approx(approximate.pvalue, rel=0.5, abs=0.01)
    assert permuted == kendall_w(ratings, null=Permutation(4999), rng=2)


def test_full_agreement_of_long_lists_has_its_exact_pvalue():
    result = kendall_w([range(10)] * 3)
    assert result.statistic == 1
    assert result.pvalue == pytest.approx(1 / 3628800**2)


def test_free_of_transforms_and_of_the_order_of_judges_and_items():
    ratings = np.random.default_rng(3).integers(0, 5, (4, 6)).astype(float)
    other = np.exp(ratings[[2, 0, 3, 1]][:, [5, 3, 1, 0, 2, 4]])
    assert kendall_w(other).statistic == pytest.approx(kendall_w(ratings).statistic)
    assert kendall_w(other).pvalue == pytest.approx(kendall_w(ratings).pvalue)


def test_bad_input_is_named():
    with pytest.raises(ConstantInputError, match="judge 1 gives 2 throughout"):
        kendall_w([[1, 2, 3], [2, 2, 2]])
    with pytest.raises(TooFewSamplesError, match="number of judges: must be at least 2; got 1"):
        kendall_w([[1, 2, 3]])
    with pytest.raises(TooFewSamplesError, match="number of items: must be at least 3; got 2"):
        kendall_w([[1, 2], [1, 2]])
    with pytest.raises(NonFiniteError, match="ratings: must be finite"):
        kendall_w([[1, 2, np.nan], [1, 2, 3]])
    with pytest.raises(InvalidInputError, match="exact: must be False or None with so many orders"):
        kendall_w(np.random.default_rng(0).normal(size=(9, 9)), exact=True)
    with pytest.raises(InvalidInputError, match="null: must be None or Permutation"):
        kendall_w([[1, 2, 3], [1, 2, 3]], null=9)
