"""Average precision against its definition over all orders of tied tokens, and scikit-learn."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from attnstats.plausibility import AveragePrecision


def of(scores, marks):
    return AveragePrecision().values(np.array([scores], float), np.array([marks], float), np.zeros(len(scores)))[0]


def of_order(marks):
    """By the definition, of marks in descending order of score."""
    places = np.flatnonzero(marks)
    return np.mean([(rank + 1) / (place + 1) for rank, place in enumerate(places)])


def of_all_orders(scores, marks):
    """The mean over all orders that agree with the scores."""
    orders = permutations(range(len(scores)))
    found = [
        of_order(np.array(marks)[list(order)])
        for order in orders
        if (np.diff(np.array(scores)[list(order)]) <= 0).all()
    ]
    return np.mean(found)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6))
def test_ties_are_averaged_over_all_orders(tokens):
    scores, marks = zip(*tokens, strict=True)
    if any(marks):
        assert of(scores, marks) == pytest.approx(of_all_orders(scores, marks))
    else:
        assert np.isnan(of(scores, marks))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_it_is_that_of_scikit_learn_without_ties(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    scores, marks = rng.normal(size=n), rng.random(n) < 0.3
    marks[rng.integers(n)] = True
    assert of(scores, marks) == pytest.approx(average_precision_score(marks, scores))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(0, 10_000))
def test_the_mean_over_random_orders(n, seed):
    marks = np.random.default_rng(seed).random(n) < 0.5
    marks[0] = True
    found = np.mean([of_order(np.array(order)) for order in permutations(marks)])
    assert AveragePrecision().expected(n, np.array([marks.sum()]))[0] == pytest.approx(found)


@pytest.mark.parametrize(("n", "n_marked"), [(1, 1), (7, 2), (50, 10), (50, 50)])
def test_constant_scores_are_worth_what_a_random_order_is(n, n_marked):
    assert of(np.ones(n), np.arange(n) < n_marked) == pytest.approx(
        AveragePrecision().expected(n, np.array([n_marked]))[0]
    )


def test_chance_tends_to_the_share_of_marked_tokens_in_long_texts():
    (found,) = AveragePrecision().expected(100_000, np.array([20_000]))
    assert 0.2 < found < 0.2002


def test_several_rows_of_scores_meet_the_reference_of_their_row():
    rng = np.random.default_rng(0)
    scores, marks = rng.integers(0, 4, size=(20, 9)).astype(float), (rng.random((20, 9)) < 0.4).astype(float)
    one_by_one = [of(*each) for each in zip(scores, marks, strict=True)]
    np.testing.assert_allclose(AveragePrecision().values(scores, marks, np.zeros(9)), one_by_one)
    alone = [of(scores[0], each) for each in marks]
    np.testing.assert_allclose(AveragePrecision().values(scores[:1], marks, np.zeros(9)), alone)


def test_a_set_of_tokens_is_scores_of_two_values():
    assert AveragePrecision().of_sets() == AveragePrecision()
