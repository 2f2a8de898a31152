import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t

from attnstats.comparison import clustered_test
from attnstats.scores import Block, ClusterRobust

pytestmark = pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")

RNG = np.random.default_rng(1)


def scores(clusters, mean=0.0):
    return Block(mean + RNG.normal(size=clusters.max() + 1)[clusters] + RNG.normal(size=len(clusters)), clusters)


def ends(interval):
    return interval.low, interval.high


def test_clusters_of_one_size_are_the_cluster_robust_regression_of_statsmodels():
    texts = np.repeat(np.arange(9), 4)
    a, b = scores(texts, 0.5), scores(texts)
    found = ClusterRobust("text").difference((a,), (b,))
    fit = sm.OLS(a.values - b.values, np.ones(36)).fit(cov_type="cluster", cov_kwds={"groups": texts}, use_t=True)
    # Its correction (n − 1)/(n − 1) G/(G − 1) is that of CR2 where the clusters are of one size.
    assert found.effect == pytest.approx(fit.params[0])
    assert found.error_with(1, 1)[0] == pytest.approx(fit.bse[0])
    assert found.pvalue == pytest.approx(fit.pvalues[0])
    assert ends(found.interval(0.9)) == pytest.approx(tuple(fit.conf_int(0.1)[0]))
    assert found.n == 9


@pytest.mark.parametrize("gap", [False, True])
def test_clusters_of_any_size_are_the_clustered_test(gap):
    texts = np.repeat(np.arange(9), [1, 5, 2, 8, 3, 3, 6, 2, 4])
    a, b = scores(texts, 0.5), scores(texts)
    if gap:
        a.values[[1, 20]] = np.nan
    kept = ~np.isnan(a.values)
    found = ClusterRobust("text").difference((a,), (b,))
    expected = clustered_test(a.values[kept], b.values[kept], clusters=texts[kept])
    assert found.pvalue == pytest.approx(expected.pvalue)
    assert ends(found.interval(0.95)) == pytest.approx(ends(expected.interval(0.95)))
    assert found.n == 9


def test_own_clusters_and_data_sets_are_sums_of_independent_means():
    texts = [np.repeat(np.arange(7), size) for size in (3, [1, 4, 2, 2, 6, 5, 3])]
    a, b = ([scores(each, mean) for each in texts] for mean in (0.4, 0.0))

    def alone(values, clusters):
        result = clustered_test(values, clusters=clusters, minimum_replicates=2)
        error = result.effect / result.statistic
        width = (result.interval(0.95).high - result.interval(0.95).low) / 2 / error
        df = next(n / 100 for n in range(100, 3_000) if t.ppf(0.975, n / 100) <= width)
        return result.effect, error**2, df

    own = ClusterRobust("text", own_examples=True).difference(tuple(a), tuple(b))
    signed = [(sign, *alone(each.values, each.clusters)) for sign, side in ((1, a), (-1, b)) for each in side]
    variance = sum(error / 4 for _, _, error, _ in signed)
    df = variance**2 / sum((error / 4) ** 2 / df for _, _, error, df in signed)
    assert own.effect == pytest.approx(sum(sign * effect / 2 for sign, effect, _, _ in signed))
    assert own.pvalue == pytest.approx(2 * t.sf(abs(own.effect) / math.sqrt(variance), df), rel=0.01)
    assert own.n == 28

    paired = ClusterRobust("text").difference(tuple(a), tuple(b))
    halves = [alone(x.values - y.values, x.clusters) for x, y in zip(a, b, strict=True)]
    assert paired.effect == pytest.approx(sum(effect / 2 for effect, _, _ in halves))
    assert paired.error_with(1, 1)[0] == pytest.approx(math.sqrt(sum(error / 4 for _, error, _ in halves)))
    assert paired.n == 14


def test_what_does_not_vary_is_not_tested():
    texts = np.repeat(np.arange(4), 3)
    found = ClusterRobust("text").difference((Block(np.ones(12), texts),), (Block(np.zeros(12), texts),))
    assert (found.effect, found.n, found.interval(0.95)) == (1, 4, None)
    assert "the difference is 1 in every text" in found.note
