"""IOU F1 against sets of tokens, as the benchmark defines it."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import InvalidInputError
from attnstats.plausibility import Above, IntersectionF1


def of(chosen, marks, threshold=0.5):
    measure = IntersectionF1(threshold, Above(0.5))
    return measure.values(np.array([chosen], float), np.array([marks], float), np.zeros(len(marks)))[0]


def spans(tokens):
    """The runs of True, as sets of places."""
    runs = groupby(enumerate(tokens), key=lambda each: bool(each[1]))
    return [{place for place, _ in run} for inside, run in runs if inside]


def by_sets(chosen, marks, threshold):
    """Precision and recall of spans that match, from intersections and unions of sets."""
    mine, theirs = spans(chosen), spans(marks)
    if not theirs:
        return np.nan

    def share(some, others):
        matched = [any(len(one & other) / len(one | other) >= threshold for other in others) for one in some]
        return np.mean(matched) if some else 0.0

    precision, recall = share(mine, theirs), share(theirs, mine)
    return 2 * precision * recall / (precision + recall) if precision else 0.0


def as_the_benchmark(chosen, marks, threshold):
    """Matches of the rationale's spans, counted for precision and for recall."""
    mine, theirs = spans(chosen), spans(marks)
    best = [max((len(one & other) / len(one | other) for other in theirs), default=0.0) for one in mine]
    matches = sum(each >= threshold for each in best)
    return 2 * matches / (len(mine) + len(theirs)) if matches else 0.0


TOKENS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=25)


@settings(max_examples=40, deadline=None)
@given(TOKENS, st.sampled_from([0.1, 0.25, 0.5, 0.51, 0.75, 1.0]))
def test_it_is_the_definition_by_sets(tokens, threshold):
    chosen, marks = zip(*tokens, strict=True)
    assert of(chosen, marks, threshold) == pytest.approx(by_sets(chosen, marks, threshold), nan_ok=True)
    if threshold > 0.5 and any(marks):
        assert of(chosen, marks, threshold) == pytest.approx(as_the_benchmark(chosen, marks, threshold))


def test_by_hand():
    # Spans 0-1 and 4 against 0-2 and 5: the first share two of three tokens.
    assert of([1, 1, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1]) == pytest.approx(0.5)
    assert of([1, 0], [1, 1]) == 1.0  # one of two tokens is half of the union
    assert of([1, 0], [1, 1], 0.6) == 0.0


def test_scores_give_the_highest_tokens_and_ties_are_drawn():
    marks = np.array([[0, 1, 1, 0, 0, 0]], float)
    rng = np.random.default_rng(0)
    assert IntersectionF1().values(np.array([[0.1, 0.9, 0.8, 0, 0, 0]]), marks, rng.random(6))[0] == 1.0
    tied = np.array([[0.0, 1, 0, 0, 0, 0]])
    found = [IntersectionF1(1.0).values(tied, marks, rng.random(6))[0] for _ in range(2000)]
    assert set(found) == {0.0, 1.0}
    assert np.mean(found) == pytest.approx(1 / 5, abs=4 * np.sqrt(0.16 / 2000))  # token 2 is one of five


def test_several_rows_of_scores_meet_the_reference_of_their_row():
    rng = np.random.default_rng(0)
    chosen, marks = (rng.random((2, 30, 12)) < 0.4).astype(float)
    found = IntersectionF1().of_sets().values(chosen, marks, np.zeros(12))
    np.testing.assert_allclose(found, [by_sets(*each, 0.5) for each in zip(chosen, marks, strict=True)])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0.0,), "threshold: must be a finite number above 0; got 0.0"),
        ((1.5,), "threshold: must lie between 0 and 1; got 1.5"),
        ((0.5, 3), "rationale: must be an object such as"),
    ],
)
def test_what_it_does_not_take(arguments, said):
    with pytest.raises(InvalidInputError, match=said):
        IntersectionF1(*arguments)
