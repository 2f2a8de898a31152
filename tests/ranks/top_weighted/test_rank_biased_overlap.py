import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.ranks import rank_biased_overlap

DEPTH = 600


def summed(first, second, p):
    """RBO of two long lists from its definition, (1 − p) Σ p^(d − 1) X_d / d; what is beyond DEPTH is below 1e-13."""
    total, common, seen_first, seen_second = 0.0, 0, set(), set()
    for d, (a, b) in enumerate(zip(first, second, strict=True), start=1):
        seen_first.add(a)
        seen_second.add(b)
        common += (a in seen_second) + (b in seen_first) - (a == b)
        total += p ** (d - 1) * common / d
    return (1 - p) * total


def endless(ranking, then, name):
    """Go on with given items, then with items that are nowhere else."""
    full = [*ranking, *then]
    return full + [(name, i) for i in range(DEPTH - len(full))]


lists = st.integers(1, 6).flatmap(
    lambda n: st.tuples(st.permutations(range(8)).map(lambda order: order[:n]), st.permutations(range(8)))
)


@given(lists, st.integers(1, 8), st.sampled_from([0.3, 0.8, 0.95]))
@settings(max_examples=30, deadline=None)
def test_bounds_are_those_of_the_worst_and_best_rest(pair, length, p):
    first, second = list(pair[0]), list(pair[1])[:length]
    overlap = rank_biased_overlap(first, second, persistence=p)
    assert overlap.minimum == pytest.approx(summed(endless(first, [], "a"), endless(second, [], "b"), p), abs=1e-9)
    # At best each list goes on with what only the other has, and both with the same items after that.
    missing_first = [item for item in second if item not in first]
    missing_second = [item for item in first if item not in second]
    best = summed(endless(first, missing_first, "same"), endless(second, missing_second, "same"), p)
    assert overlap.maximum == pytest.approx(best, abs=1e-9)
    assert overlap.minimum - 1e-12 <= overlap.extrapolated <= overlap.maximum + 1e-12


def test_extrapolation_of_even_lists_is_the_printed_formula():
    """Webber (2010), equation 23: X_k/k p^k + (1 − p)/p Σ X_d/d p^d."""
    first, second, p = list("abcdefg"), list("bdaxyfz"), 0.8
    overlaps = [len(set(first[:d]) & set(second[:d])) for d in range(1, 8)]
    expected = overlaps[-1] / 7 * p**7 + (1 - p) / p * sum(x / d * p**d for d, x in enumerate(overlaps, start=1))
    assert rank_biased_overlap(first, second, persistence=p).extrapolated == pytest.approx(expected)


def test_ties_are_the_mean_over_all_ways_to_break_them():
    first, second = ["a", {"b", "c", "d"}, "e", {"f", "g"}], [{"c", "a"}, "g", "x", {"b", "d"}]
    broken = [
        rank_biased_overlap(["a", *one, "e", *two], [*three, "g", "x", *four], persistence=0.7)
        for one in itertools.permutations("bcd")
        for two in itertools.permutations("fg")
        for three in itertools.permutations("ca")
        for four in itertools.permutations("bd")
    ]
    tied = rank_biased_overlap(first, second, persistence=0.7)
    for name in ("extrapolated", "minimum", "residual"):
        assert getattr(tied, name) == pytest.approx(np.mean([getattr(each, name) for each in broken]))


def test_equal_and_disjoint_lists():
    same, apart = rank_biased_overlap(range(30), range(30)), rank_biased_overlap(range(30), range(30, 60))
    assert same.extrapolated == pytest.approx(1)
    assert same.maximum == pytest.approx(1)
    assert apart.extrapolated == 0
    assert apart.minimum == pytest.approx(0)
    assert same.residual < 0.05


def test_symmetric():
    one = rank_biased_overlap(list("abcde"), list("bxa"))
    two = rank_biased_overlap(list("bxa"), list("abcde"))
    assert one.extrapolated == pytest.approx(two.extrapolated)
    assert one.lengths == two.lengths[::-1]


def test_summary_reads_as_in_a_paper():
    assert rank_biased_overlap([1, 2], [1, 2]).summary().startswith("RBO = 1 (p = 0.9), between ")


def test_tied_items_as_a_list_within_the_list():
    # Both ways to break the tie: [1, 2, 3] agrees in full, 0.9, 0.9² ... Σ; [2, 1, 3] does not at depth 1.
    tied = rank_biased_overlap([[1, 2], 3], [1, 2, 3])
    both = [rank_biased_overlap(order, [1, 2, 3]) for order in ([1, 2, 3], [2, 1, 3])]
    for name in ("extrapolated", "minimum", "residual"):
        assert getattr(tied, name) == pytest.approx(np.mean([getattr(each, name) for each in both]), rel=1e-12)
    assert tied.extrapolated == pytest.approx(1 - (1 - 0.9) * 0.5)  # by hand: A_1 = 1/2, all other depths agree
    assert tied == rank_biased_overlap([{1, 2}, 3], [1, 2, 3])


def test_a_tuple_is_an_item():
    bigrams = [("not", "good"), ("good", "film")]
    assert rank_biased_overlap(bigrams, bigrams).extrapolated == pytest.approx(1)
    assert rank_biased_overlap(bigrams, bigrams).lengths == (2, 2)


@pytest.mark.parametrize("item", [None, float("nan"), pd.NA, pd.NaT, np.datetime64("NaT")])
def test_missing_items_are_refused(item):
    with pytest.raises(NonFiniteError, match="first: must have no missing items"):
        rank_biased_overlap([1, item], [1, 2])


@pytest.mark.parametrize("ranking", [[{"a": 1}], [np.array([1, 2])], [([1],)], [[[1, 2]]]])
def test_what_cannot_be_an_item_is_named(ranking):
    with pytest.raises(InvalidInputError, match=r"second: must hold hashable items, .* where they are tied"):
        rank_biased_overlap([1, 2], ranking)


@pytest.mark.parametrize("ranking", [{1, 2}, {"a": 1}, frozenset("ab")])
def test_what_has_no_order_is_no_ranking(ranking):
    with pytest.raises(InvalidInputError, match="first: must have an order, from the top down; got a"):
        rank_biased_overlap(ranking, [1, 2])


@pytest.mark.parametrize("ranking", [3, 2.5, b"ab", None])
def test_what_is_no_sequence_is_no_ranking(ranking):
    with pytest.raises(InvalidInputError, match="first: must be a sequence of items"):
        rank_biased_overlap(ranking, [1, 2])


def test_bad_lists_are_named():
    with pytest.raises(InvalidInputError, match="second: must not hold an item twice; got 1 again"):
        rank_biased_overlap([1, 2], [1, {2, 1}])
    with pytest.raises(TooFewSamplesError, match="number of items in first: must be at least 1; got 0"):
        rank_biased_overlap([], [1])
    with pytest.raises(InvalidInputError, match="first: must be a sequence of items; got the string 'abc'"):
        rank_biased_overlap("abc", ["a"])
    with pytest.raises(InvalidInputError, match="persistence: must lie strictly between 0 and 1; got 1"):
        rank_biased_overlap([1], [1], persistence=1)
