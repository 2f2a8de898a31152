import math
from itertools import permutations

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.resampling import Blocked, ClusterLabels, Independent, Pairings, permutation_test


def contrast(values, labels):
    return float(values[labels == 1].mean() - values[labels == 0].mean())


def product_sum(x, y):
    return float(x @ y)


def two_sided(observed, null):
    above, below = np.mean(np.array(null) >= observed - 1e-9), np.mean(np.array(null) <= observed + 1e-9)
    return min(1.0, 2 * min(above, below))


def test_ties_are_one_arrangement():
    y = np.array([0.0, 0.0, 1.0, 1.0, 1.0, 2.0])
    orders = list(Pairings().enumerate(y, y))
    assert len(orders) == Pairings().count(y, y) == math.factorial(6) // (2 * 6)
    assert len({tuple(y[order]) for order in orders}) == len(orders)
    assert {tuple(sorted(order)) for order in orders} == {tuple(range(6))}
    x = np.array([0.3, 1.2, 0.7, 2.0, 1.1, 0.4])
    null = [product_sum(x, y[list(order)]) for order in permutations(range(6))]
    result = permutation_test(x, y, product_sum)
    assert result.pvalue == pytest.approx(two_sided(product_sum(x, y), null))
    assert result.pvalue_floor == 2 / 60
    best = permutation_test(np.sort(x), y, product_sum, alternative="greater")
    assert best.pvalue == best.pvalue_floor == 1 / 60


def test_blocked_equals_the_enumeration_of_its_blocks():
    blocks = np.array(["a", "b", "a", "b", "a", "b", "b"])
    x = np.array([0.3, 1.2, 0.7, 2.0, 1.1, 0.4, 0.9])
    y = np.array([1.0, 5.0, 3.0, 4.0, 2.0, 7.0, 6.0])
    orders = (np.array(order) for order in permutations(range(7)))
    null = [product_sum(x, y[order]) for order in orders if (blocks[order] == blocks).all()]
    result = permutation_test(x, y, product_sum, kind=Blocked(blocks))
    assert len(null) == Blocked(blocks).count(x, y) == 6 * 24
    assert result.pvalue == pytest.approx(two_sided(product_sum(x, y), null))
    assert (result.test, result.n, result.replication_unit) == ("permutation within blocks (exact)", 7, "pair")
    assert result.pvalue_floor == 2 / 144


def test_one_block_is_no_block():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 6))
    blocked = permutation_test(x, y, product_sum, kind=Blocked(np.zeros(6)))
    assert blocked.pvalue == pytest.approx(permutation_test(x, y, product_sum).pvalue)


def test_cluster_labels_equal_the_enumeration_of_clusters():
    groups = np.array([0, 0, 1, 2, 2, 2, 3, 4, 4, 5])
    labels = np.array([0, 1, 0, 1, 0, 1])[groups].astype(float)
    values = np.random.default_rng(1).normal(size=10) + labels
    null = [contrast(values, np.array(order)[groups]) for order in permutations([0, 1, 0, 1, 0, 1])]
    result = permutation_test(values, labels, contrast, kind=ClusterLabels(groups))
    assert result.pvalue == pytest.approx(two_sided(contrast(values, labels), null))
    assert result.pvalue_floor == 2 / 20
    assert str(result).endswith("n = 6 clusters, permutation of cluster labels (exact)")


def test_clusters_of_one_are_pairings():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 6))
    clusters = permutation_test(x, y, product_sum, kind=ClusterLabels(np.arange(6)))
    assert clusters.pvalue == pytest.approx(permutation_test(x, y, product_sum).pvalue)


@pytest.mark.parametrize("kind", [Blocked(np.arange(12) // 4), ClusterLabels(np.arange(12) // 2)])
def test_random_arrangements_approach_the_enumeration(kind):
    rng = np.random.default_rng(3)
    labels = np.array([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1.0])
    values = labels + rng.normal(size=12)
    exact = permutation_test(values, labels, contrast, kind=kind)
    drawn = permutation_test(values, labels, contrast, kind=kind, n_resamples=kind.count(values, labels) - 2, rng=0)
    assert exact.test.endswith("(exact)")
    assert drawn.test.endswith("resamples)")
    many = np.array([contrast(*kind.apply(values, labels, kind.draw(values, labels, rng))) for _ in range(4_000)])
    every = np.array([contrast(*kind.apply(values, labels, order)) for order in kind.enumerate(values, labels)])
    for value in np.unique(every.round(9)):
        # binomial error of 4,000 at most 0.008; four of them
        assert np.mean(many <= value + 1e-6) == pytest.approx(np.mean(every <= value + 1e-6), abs=0.032)


def test_drawn_arrangements_keep_blocks_and_clusters():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 30))
    blocks = rng.integers(4, size=30)
    order = Blocked(blocks).draw(x, y, rng)
    assert (blocks[order] == blocks).all()
    assert sorted(order) == list(range(30))
    labels = np.arange(30.0) // 3
    _, drawn = ClusterLabels(labels).apply(x, labels, ClusterLabels(labels).draw(x, labels, rng))
    assert (drawn.reshape(10, 3) == drawn.reshape(10, 3)[:, :1]).all()
    assert sorted(drawn[::3]) == list(range(10))


def test_units_of_any_shape():
    x = np.random.default_rng(0).normal(size=(4, 2))
    result = permutation_test(x, x, lambda a, b: float((a * b).sum()), alternative="greater")
    assert result.pvalue == 1 / 24
    result = permutation_test(x, 5 + x, lambda a, b: float((a - b).sum()), kind=Independent(), alternative="less")
    assert result.pvalue == 1 / 70


@pytest.mark.parametrize(
    ("y", "kind", "error", "message"),
    [
        ([0, 1, 2], Pairings(), InvalidInputError, "same length"),
        ([0, 1, 0, 1], Blocked([0, 0, 1]), InvalidInputError, "same length"),
        ([0, 0, 1, 1], Blocked([0, 0, 1, 1]), InvalidInputError, "leave something to exchange"),
        ([0, 0, 1, 1], ClusterLabels([0, 1]), InvalidInputError, "same length"),
        ([0, 1, 1, 1], ClusterLabels([0, 0, 1, 1]), InvalidInputError, "same throughout a cluster"),
        ([1, 1, 1, 1], ClusterLabels([0, 0, 0, 0]), TooFewSamplesError, "number of groups"),
    ],
)
def test_bad_input_is_refused_by_name(y, kind, error, message):
    with pytest.raises(error, match=message):
        permutation_test([1.0, 2.0, 3.0, 4.0], y, contrast, kind=kind)
