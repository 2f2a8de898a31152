"""Token F1 against scikit-learn, and ties against all choices among them."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from attnstats.exceptions import InvalidInputError
from attnstats.plausibility import Above, AsManyAsMarked, TokenF1, TopShare


def of(scores, marks, rationale=None):
    rationale = rationale or AsManyAsMarked()
    return TokenF1(rationale).values(np.array([scores], float), np.array([marks], float), np.zeros(len(scores)))[0]


def top(scores, k):
    """Every set of k tokens that no token outside exceeds."""
    scores = np.array(scores)
    for chosen in combinations(range(len(scores)), k):
        inside = np.isin(np.arange(len(scores)), chosen)
        if k in (0, len(scores)) or scores[inside].min() >= scores[~inside].max():
            yield inside


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=8),
    st.sampled_from([None, 0.1, 0.4, 0.9]),
)
def test_ties_are_averaged_over_all_choices(tokens, share):
    scores, marks = zip(*tokens, strict=True)
    rationale = AsManyAsMarked() if share is None else TopShare(share)
    k = sum(marks) if share is None else max(1, round(share * len(marks)))
    if any(marks):
        assert of(scores, marks, rationale) == pytest.approx(
            np.mean([f1_score(marks, each) for each in top(scores, k)])
        )
    else:
        assert np.isnan(of(scores, marks, rationale))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_a_set_of_tokens_is_taken_as_it_is(seed):
    rng = np.random.default_rng(seed)
    marks, chosen = rng.random((2, 12)) < 0.4
    if marks.any():
        assert of(chosen, marks, Above(0.5)) == pytest.approx(f1_score(marks, chosen, zero_division=0.0))
    assert TokenF1().of_sets() == TokenF1(Above(0.5))


@pytest.mark.parametrize("rationale", [AsManyAsMarked(), TopShare(0.5)])
@pytest.mark.parametrize("n_marked", [1, 2, 5])
def test_the_mean_over_random_orders(rationale, n_marked):
    marks = np.arange(5) < n_marked
    found = np.mean([of(order, marks, rationale) for order in permutations(range(5))])
    assert TokenF1(rationale).expected(5, np.array([n_marked]))[0] == pytest.approx(found)
    assert np.isnan(TokenF1(rationale).expected(5, np.array([0]))[0])
    assert TokenF1(Above(0.5)).expected(5, np.array([n_marked])) is None


def test_several_rows_of_scores_meet_the_reference_of_their_row():
    rng = np.random.default_rng(0)
    scores, marks = rng.integers(0, 4, size=(20, 9)).astype(float), (rng.random((20, 9)) < 0.4).astype(float)
    one_by_one = [of(*each) for each in zip(scores, marks, strict=True)]
    np.testing.assert_allclose(TokenF1().values(scores, marks, np.zeros(9)), one_by_one)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: TokenF1("top"), "rationale: must be an object such as AsManyAsMarked"),
        (lambda: TopShare(1.0), "share: must lie strictly between 0 and 1; got 1.0"),
        (lambda: Above(np.nan), "value: must be a finite number; got nan"),
    ],
)
def test_what_is_no_rationale(make, said):
    with pytest.raises(InvalidInputError, match=said):
        make()
