import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.stats import t, ttest_1samp

from attnstats.comparison import clustered_equivalence_test, clustered_test
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.missing import CompleteCases

RNG = np.random.default_rng(0)
SIZES = (1, 3, 8, 2, 5, 12, 4, 6, 1)
CLUSTERS = np.repeat(np.arange(len(SIZES)), SIZES)
VALUES = RNG.normal(0.4, 0.5, size=len(SIZES))[CLUSTERS] + RNG.normal(size=len(CLUSTERS))


def dense(values, clusters):
    """Mean, standard error and degrees of freedom as Bell and McCaffrey have them, with the whole hat matrix."""
    n = len(values)
    ones = np.ones((n, 1))
    hat = ones @ ones.T / n
    residuals = values - values.mean()
    meat, columns = 0.0, []
    for cluster in np.unique(clusters):
        rows = clusters == cluster
        adjustment = np.linalg.inv(np.real(sqrtm(np.eye(rows.sum()) - hat[np.ix_(rows, rows)])))
        meat += float(np.sum(adjustment @ residuals[rows]) ** 2)
        columns.append((np.eye(n) - hat)[:, rows] @ adjustment @ ones[rows] / n)
    eigenvalues = np.linalg.eigvalsh(np.hstack(columns).T @ np.hstack(columns))
    return values.mean(), np.sqrt(meat) / n, eigenvalues.sum() ** 2 / (eigenvalues**2).sum()


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_it_is_the_dense_computation(alternative):
    mean, error, df = dense(VALUES, CLUSTERS)
    result = clustered_test(VALUES, clusters=CLUSTERS, alternative=alternative)
    assert result.effect == pytest.approx(mean)
    assert result.statistic == pytest.approx(mean / error)
    assert f"df = {df:.3g}" in result.test
    sides = {"two-sided": 2 * t.sf(abs(mean / error), df), "greater": t.sf(mean / error, df)}
    assert result.pvalue == pytest.approx(sides.get(alternative, t.cdf(mean / error, df)))
    half = t.ppf(0.95, df) * error
    interval = result.interval(0.9)
    assert (interval.low, interval.high) == pytest.approx((mean - half, mean + half))
    assert result.n == len(SIZES)


def test_clusters_of_one_size_are_the_t_test_of_their_means():
    values = VALUES[:40].reshape(10, 4)
    result = clustered_test(values.ravel(), clusters=np.repeat(np.arange(10), 4))
    expected = ttest_1samp(values.mean(axis=1), 0)
    assert (result.statistic, result.pvalue) == pytest.approx((expected.statistic, expected.pvalue))


def test_names_and_order_of_clusters_do_not_matter():
    order = RNG.permutation(len(VALUES))
    names = np.array([f"document {each}" for each in CLUSTERS])
    result = clustered_test(VALUES[order], clusters=names[order])
    assert result.pvalue == pytest.approx(clustered_test(VALUES, clusters=CLUSTERS).pvalue)


def test_pairs_are_their_differences_and_incomplete_ones_are_left_out():
    other = RNG.normal(size=len(VALUES))
    pair = clustered_test(VALUES, other, clusters=CLUSTERS)
    assert pair == clustered_test(VALUES - other, clusters=CLUSTERS)
    holes, names = other.copy(), CLUSTERS.astype(object)
    holes[5], names[7] = np.nan, None
    kept = np.delete(np.arange(len(VALUES)), [5, 7])
    found = clustered_test(VALUES, holes, clusters=names, missing=CompleteCases())
    assert found.n_missing == 2
    assert found.pvalue == clustered_test(VALUES[kept], other[kept], clusters=CLUSTERS[kept]).pvalue
    with pytest.raises(NonFiniteError, match="clusters"):
        clustered_test(VALUES, other, clusters=names)


@pytest.mark.parametrize("margin", [0.5, 0.8, 1.1, (-0.2, 0.7), (-3.0, 1.0)])
def test_equivalence_is_the_larger_of_two_one_sided_tests(margin):
    low, high = margin if isinstance(margin, tuple) else (-margin, margin)
    result = clustered_equivalence_test(VALUES, clusters=CLUSTERS, margin=margin)
    above = clustered_test(VALUES, low, clusters=CLUSTERS, alternative="greater")
    below = clustered_test(VALUES, high, clusters=CLUSTERS, alternative="less")
    assert result.pvalue == pytest.approx(max(above.pvalue, below.pvalue))
    interval = result.confidence_interval
    assert (result.pvalue < 0.05) == (low < interval.low and interval.high < high)


def test_what_has_no_clusters_is_refused():
    with pytest.raises(InvalidInputError, match="clusters: must have one label for each of 42 values; got 41"):
        clustered_test(VALUES, clusters=CLUSTERS[:-1])
    with pytest.raises(TooFewSamplesError, match="number of documents: must be at least 8; got 2"):
        clustered_test(VALUES, clusters=CLUSTERS > 4, replication_unit="document")
    values = np.tile([1.0, 2.0, 3.0], 10)
    with pytest.raises(ConstantInputError, match="must differ between clusters; got the same mean in all"):
        clustered_test(values, clusters=np.repeat(np.arange(10), 3))


@pytest.mark.parametrize("ragged", [[[1.0], [2.0, 3.0]] * 8, [[1.0, 2.0]] * 7 + [3.0]])
def test_rows_that_differ_in_length_are_refused(ragged):
    with pytest.raises(InvalidInputError, match="b: must be a rectangular array of real numbers"):
        clustered_test(np.arange(16.0), ragged, clusters=np.arange(16) // 2)
