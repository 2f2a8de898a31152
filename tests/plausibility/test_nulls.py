"""Random places of marks: every arrangement with the same probability."""

from collections import Counter
from itertools import groupby, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from attnstats.plausibility import RandomSpans, RandomTokens


def runs(marked):
    return sorted(len(list(run)) for inside, run in groupby(marked) if inside)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 99))
def test_runs_stay_whole_and_apart(marked, seed):
    marked = np.array(marked)
    for order in RandomSpans().orders(marked, 5, np.random.default_rng(seed)):
        assert sorted(order) == list(range(len(marked)))
        assert runs(marked[order]) == runs(marked)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 99))
def test_the_number_of_tokens_stays(marked, seed):
    marked = np.array(marked)
    for order in RandomTokens().orders(marked, 5, np.random.default_rng(seed)):
        assert sorted(order) == list(range(len(marked)))
        assert marked[order].sum() == marked.sum()


@pytest.mark.parametrize("marked", [[1, 1, 0, 1, 0, 0, 0], [1, 0, 1, 0, 1, 0, 0], [0, 1, 1, 1, 0, 0, 1]])
def test_every_arrangement_of_runs_is_as_likely(marked):
    marked = np.array(marked, bool)
    possible = {each for each in permutations(marked.tolist()) if runs(each) == runs(marked)}
    orders = RandomSpans().orders(marked, 4000, np.random.default_rng(1))
    found = Counter(map(tuple, marked[orders].tolist()))
    assert set(found) == possible
    assert chisquare(list(found.values())).pvalue > 0.001


def test_what_several_annotators_have_in_common_moves_with_the_run():
    marks = np.array([[1, 1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, 0, 0]], bool)
    for order in RandomSpans().orders(marks.any(axis=0), 50, np.random.default_rng(0)):
        assert (marks[:, order].sum(axis=0) == 2).sum() == 1
        assert runs(marks[0, order]) == [1, 2]
