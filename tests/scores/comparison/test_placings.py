from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from attnstats.scores import Block, PairedT
from attnstats.scores.comparison.placings import placings


def placed(scores, *, level=0.95, lower_is_better=False):
    """The places of conditions, a row each, of units in the columns."""
    blocks = [(Block(row),) for row in scores]
    pairs = {(i, j): PairedT("run").difference(blocks[i], blocks[j]) for i, j in combinations(range(len(scores)), 2)}
    names = [f"m{i}" for i in range(len(scores))]
    means = [float(np.mean(row)) for row in scores]
    return placings(names, means, pairs, level, lower_is_better=lower_is_better)


def by_brute_force(scores, alpha):
    """Ranks that each condition may have, and whether it may be best, from one-sided t tests of scipy."""
    k = len(scores)
    p = {
        (i, j): ttest_rel(scores[i], scores[j], alternative="greater").pvalue
        for i in range(k)
        for j in range(k)
        if i != j
    }
    rejected = dict.fromkeys(p, False)
    for step, pair in enumerate(sorted(p, key=p.get)):
        if p[pair] > alpha / (len(p) - step):
            break
        rejected[pair] = True
    for i in range(k):
        better = sum(rejected[j, i] for j in range(k) if j != i)
        worse = sum(rejected[i, j] for j in range(k) if j != i)
        yield 1 + better, k - worse, all(2 * p[j, i] > alpha / (k - 1) for j in range(k) if j != i)


@pytest.mark.parametrize("lower_is_better", [False, True])
@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    k=st.integers(2, 5),
    spread=st.sampled_from([0.0, 0.5, 3.0]),
    level=st.sampled_from([0.5, 0.9, 0.95]),
)
def test_places_are_those_of_all_one_sided_tests(lower_is_better, seed, k, spread, level):
    rng = np.random.default_rng(seed)
    scores = rng.normal(spread * rng.normal(size=(k, 1)), 1, size=(k, 6))
    sign = -1 if lower_is_better else 1
    found = placed(sign * scores, level=level, lower_is_better=lower_is_better)
    expected = list(by_brute_force(scores, 1 - level))
    assert [(each.low, each.high, each.may_be_best) for each in found] == expected
    order = np.argsort(-scores.mean(axis=1))
    assert [found[i].rank for i in order] == list(range(1, k + 1))
    assert all(each.low <= each.rank <= each.high for each in found)
    assert found[order[0]].may_be_best


def test_a_clear_order_is_found():
    scores = np.arange(4.0)[:, np.newaxis] + np.random.default_rng(0).normal(0, 0.1, size=(4, 8))
    assert [(each.rank, each.low, each.high) for each in placed(scores)] == [(4, 4, 4), (3, 3, 3), (2, 2, 2), (1, 1, 1)]
    assert [each.may_be_best for each in placed(scores)] == [False, False, False, True]
    assert placed(scores)[3].summary() == "m3: rank 1 [1, 1], may be best"


def test_a_difference_without_a_test_shows_nothing():
    units = np.random.default_rng(0).normal(size=6)
    found = placed(np.stack([units, units + 1]))
    assert [(each.rank, each.low, each.high, each.may_be_best) for each in found] == [(2, 1, 2, True), (1, 1, 2, True)]


def test_equal_means_are_ranked_in_the_order_of_the_conditions():
    values = np.random.default_rng(0).normal(size=(2, 6))
    values -= values.mean(axis=1, keepdims=True)
    assert [each.may_be_best for each in placed(values)] == [True, True]


def test_ranks_go_with_the_differences_where_units_are_missing():
    """b is the higher by its mean, which holds a run that a does not have; a is higher in every run of both."""
    ours = Block(np.array([1.0, 1.1, 1.3, 2.0, np.nan]))
    theirs = Block(np.array([0.8, 0.95, 1.1, np.nan, 9.0]))
    contrast = PairedT("run").difference((ours,), (theirs,))
    first, second = placings(["a", "b"], [0.5, 0.5], {(0, 1): contrast}, 0.95, lower_is_better=False)
    assert (first.rank, second.rank) == (1, 2)


@pytest.mark.parametrize("lower_is_better", [False, True])
def test_a_condition_that_is_far_away_hides_no_rank_of_the_others(lower_is_better):
    # One loss of 1e15: beside it, the differences of all others from the mean over all are lost in rounding.
    rng = np.random.default_rng(0)
    sign = 1 if lower_is_better else -1
    one, two, four = sign * (np.array([[0.2], [0.6], [0.9]]) + 0.01 * rng.normal(size=(3, 8)))
    found = placed([one, two, four, two, sign * np.array([0.5] * 7 + [1e15])], lower_is_better=lower_is_better)
    assert [(each.rank, each.low) for each in found] == [(1, 1), (2, 2), (4, 4), (2, 2), (5, 1)]
    assert all(each.low <= each.rank <= each.high for each in found)
