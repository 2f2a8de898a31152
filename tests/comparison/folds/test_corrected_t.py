import numpy as np
import pytest
from scipy.stats import t, ttest_rel
from sklearn.datasets import make_moons
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.svm import SVC

from attnstats.comparison import corrected_resampled_equivalence_test, corrected_resampled_t_test
from attnstats.exceptions import FewReplicatesWarning, InvalidInputError, TooFewSamplesError

A, B = np.random.default_rng(0).normal(0.8, 0.03, size=(2, 10))


@pytest.mark.slow
def test_the_example_of_scikit_learn():
    # "Statistical comparison of models using grid search" in its documentation prints 0.750 and 0.227 for the corrected
    # test, right-tailed, and 2.611 for the uncorrected one.
    x, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    best, second = (
        cross_val_score(SVC(random_state=0, kernel=kernel), x, y, scoring="roc_auc", cv=folds)
        for kernel in ("rbf", "linear")
    )
    result = corrected_resampled_t_test(best, second, n_train=90, n_test=10, alternative="greater")
    assert (round(result.statistic, 3), round(result.pvalue, 3)) == (0.750, 0.227)
    assert round(ttest_rel(best, second).statistic, 3) == 2.611
    assert result.n == 100


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_the_variance_grows_by_the_ratio_of_the_sizes(alternative):
    naive = ttest_rel(A, B, alternative=alternative)
    result = corrected_resampled_t_test(A, B, n_train=40, n_test=20, alternative=alternative)
    assert result.statistic == pytest.approx(naive.statistic / np.sqrt(1 + 10 * 20 / 40))
    sides = {"two-sided": 2 * t.sf(abs(result.statistic), 9), "greater": t.sf(result.statistic, 9)}
    assert result.pvalue == pytest.approx(sides.get(alternative, t.cdf(result.statistic, 9)))
    middle, half = (A - B).mean(), t.ppf(0.95, 9) * (A - B).std(ddof=1) * np.sqrt(1 / 10 + 0.5)
    interval = result.interval(0.9)
    assert (interval.low, interval.high) == pytest.approx((middle - half, middle + half))


def test_only_the_ratio_of_the_sizes_counts():
    share = corrected_resampled_t_test(A, B, n_train=0.9, n_test=0.1)
    assert corrected_resampled_t_test(A, B, n_train=450, n_test=50).pvalue == pytest.approx(share.pvalue)


@pytest.mark.parametrize("margin", [0.01, 0.05, (-0.02, 0.2)])
def test_equivalence_is_the_larger_of_two_one_sided_tests(margin):
    low, high = margin if isinstance(margin, tuple) else (-margin, margin)
    sizes = {"n_train": 90, "n_test": 10}
    result = corrected_resampled_equivalence_test(A, B, margin=margin, **sizes)
    above = corrected_resampled_t_test(A - B, low, alternative="greater", **sizes)
    below = corrected_resampled_t_test(A - B, high, alternative="less", **sizes)
    assert result.pvalue == pytest.approx(max(above.pvalue, below.pvalue))
    interval = result.confidence_interval
    assert (result.pvalue < 0.05) == (low < interval.low and interval.high < high)


def test_the_naive_test_is_refused_by_name():
    for nothing in (0, 0.0):
        with pytest.raises(InvalidInputError, match=r"n_test: must be above 0; got 0.*naive t test over folds"):
            corrected_resampled_t_test(A, B, n_train=90, n_test=nothing)
        with pytest.raises(InvalidInputError, match="naive t test over folds"):
            corrected_resampled_equivalence_test(A, B, n_train=90, n_test=nothing, margin=0.1)


def test_what_is_no_cross_validation_is_refused():
    with pytest.raises(InvalidInputError, match="n_train: must be a finite number above 0; got -1"):
        corrected_resampled_t_test(A, B, n_train=-1, n_test=10)
    with pytest.raises(InvalidInputError, match="n_test: must be a finite number above 0; got '10'"):
        corrected_resampled_t_test(A, B, n_train=90, n_test="10")
    with pytest.raises(TooFewSamplesError, match="number of folds: must be at least 8; got 5"):
        corrected_resampled_t_test(A[:5], B[:5], n_train=80, n_test=20)
    with pytest.warns(FewReplicatesWarning, match="number of splits"):
        corrected_resampled_t_test(A[:5], B[:5], n_train=80, n_test=20, minimum_replicates=5, replication_unit="split")
