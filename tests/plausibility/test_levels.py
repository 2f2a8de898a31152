"""The ceiling of people and the level of chance, against pairs and drawn rationales."""

from itertools import combinations, permutations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from attnstats.datasets import HumanMarks
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.plausibility import (
    Above,
    AveragePrecision,
    EachAnnotator,
    IntersectionF1,
    LeaveOneOut,
    Majority,
    OneAnnotator,
    RandomSpans,
    RandomTokens,
    RankCorrelation,
    TokenF1,
    Union,
    crowd_ceiling,
    human_ceiling,
    plausibility,
    random_rationale,
)
from tests.plausibility.conftest import make_marks

MEASURES = [AveragePrecision(), TokenF1(), IntersectionF1(), RankCorrelation()]


def test_the_ceiling_is_the_mean_over_the_other_annotators(marks):
    found = human_ceiling(marks, TokenF1()).values[0]
    for text, of in enumerate(marks.marks):
        for own in range(3):
            others = [f1_score(of[other], of[own]) for other in range(3) if other != own]
            assert found[text, own] == pytest.approx(np.mean(others))


def test_the_ceiling_against_the_others_together(marks):
    found = human_ceiling(marks, TokenF1(), against=Union())
    for text, of in enumerate(marks.marks):
        others = [f1_score(np.delete(of, own, axis=0).any(axis=0), of[own]) for own in range(3)]
        np.testing.assert_allclose(found.values[0, text], others)
    assert found.against == LeaveOneOut(Union())
    again = human_ceiling(marks, TokenF1(), against=LeaveOneOut(Union()))
    np.testing.assert_array_equal(found.values, again.values)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_model_that_marks_as_one_annotator_does_is_measured_as_that_annotator(marks, measure):
    """Each annotator's marks as scores, against the others, in the place of a model."""
    found = human_ceiling(marks, measure).values[0]
    for own in range(3):
        rows = [of[own].astype(float) for of in marks.marks]
        against = None if measure.takes_counts else EachAnnotator()
        others = HumanMarks(
            "made", marks.tokens, marks.labels, [np.delete(of, own, axis=0) for of in marks.marks], ["no", "yes"]
        )
        model = plausibility(rows, others, measure.of_sets(), against=against)
        np.testing.assert_allclose(model.by_text[0], found[:, own])


def test_texts_with_one_annotator_have_no_ceiling():
    marks = HumanMarks("made", [list("ab")] * 2, [0, 1], [[[1, 0]], [[1, 0], [1, 1]]], ["no", "yes"])
    np.testing.assert_allclose(human_ceiling(marks, TokenF1()).by_text, [[np.nan, 2 / 3]])
    with pytest.raises(TooFewSamplesError, match="number of annotators: must be at least 2; got 1"):
        human_ceiling(make_marks(3, 1))


@pytest.mark.parametrize("measure", MEASURES)
def test_the_crowd_is_a_model_whose_scores_count_the_others(marks, measure):
    found = crowd_ceiling(marks, measure, rng=0)
    for own in range(3):
        alone = HumanMarks("made", marks.tokens, marks.labels, [of[own] for of in marks.marks], ["no", "yes"])
        counts = [np.delete(of, own, axis=0).sum(axis=0) for of in marks.marks]
        model = plausibility(counts, alone, measure, against=EachAnnotator(), rng=0)
        if measure != IntersectionF1():  # which draws one of tied tokens
            np.testing.assert_allclose(model.by_text[0], found.values[0, :, own])
        assert model.mean == pytest.approx(np.nanmean(found.values[0, :, own]), abs=0.2)
    assert found.against == EachAnnotator()


def test_texts_with_one_annotator_have_no_crowd():
    marks = HumanMarks("made", [list("ab")] * 2, [0, 1], [[[1, 0]], [[1, 0], [1, 1]]], ["no", "yes"])
    np.testing.assert_allclose(crowd_ceiling(marks, TokenF1()).by_text, [[np.nan, (1 / 2 + 1) / 2]])
    with pytest.raises(TooFewSamplesError, match="number of annotators: must be at least 2; got 1"):
        crowd_ceiling(make_marks(3, 1))


def test_what_a_ceiling_does_not_take(marks):
    with pytest.raises(InvalidInputError, match="against: must be of several annotators for a ceiling"):
        human_ceiling(marks, against=OneAnnotator(0))
    with pytest.raises(InvalidInputError, match="marks: must be an object such as load_yelp_hat"):
        human_ceiling(3)


def test_random_tokens_by_enumeration():
    marked = np.array([1, 0, 1, 1, 0])
    marks = HumanMarks("made", [list("abcde")], [0], [marked], ["one"])
    orders = list(permutations(range(5)))
    sets = [np.isin(np.arange(5), chosen) for chosen in combinations(range(5), 3)]
    assert random_rationale(marks).mean == pytest.approx(
        np.mean([average_precision_score(marked, order) for order in orders])
    )
    assert random_rationale(marks, TokenF1()).mean == pytest.approx(np.mean([f1_score(marked, each) for each in sets]))
    assert random_rationale(marks, RankCorrelation()).mean == 0
    drawn = random_rationale(marks, IntersectionF1(), n_draws=4000, rng=0).mean
    exact = np.mean(
        [IntersectionF1().values(np.array([o], float), marked[np.newaxis] * 1.0, np.zeros(5)) for o in orders]
    )
    assert drawn == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("measure", MEASURES)
def test_random_spans_by_enumeration(measure):
    marked = np.array([1, 1, 0, 0, 0, 1])
    marks = HumanMarks("made", [list("abcdef")], [0], [marked], ["one"])
    # Runs of two and of one, not touching, as places of the two.
    arrangements = [[1, 1, 0, 1, 0, 0], [1, 1, 0, 0, 1, 0], [1, 1, 0, 0, 0, 1], [0, 1, 1, 0, 1, 0], [0, 1, 1, 0, 0, 1]]
    arrangements += [[0, 0, 1, 1, 0, 1]]
    every = np.array(arrangements + [each[::-1] for each in arrangements], float)
    of_sets = measure.of_sets()
    exact = of_sets.values(every, np.broadcast_to(marked * 1.0, every.shape), np.zeros(6)).mean()
    assert random_rationale(marks, measure, null=RandomSpans(), n_draws=4000, rng=0).mean == pytest.approx(
        exact, abs=0.03
    )


def test_chance_has_the_axes_of_the_reference(marks):
    assert random_rationale(marks).values.shape == (1, 20, 3)
    found = random_rationale(marks, against=Majority(), null=RandomSpans(), n_draws=5, rng=0)
    assert found.values.shape == (1, 20, 1)
    assert found.source == "random spans"


def test_equal_seeds_draw_the_same(marks):
    one, two = (random_rationale(marks, IntersectionF1(), n_draws=5, rng=3).values for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_a_text_without_a_mark_has_no_level_of_chance():
    marks = HumanMarks("made", [list("ab")] * 2, [0, 1], [[0, 0], [1, 0]], ["no", "yes"])
    for null in (RandomTokens(), RandomSpans()):
        found = random_rationale(marks, TokenF1(), null=null, n_draws=50, rng=0).by_text
        assert np.isnan(found[0, 0])
        assert found[0, 1] == pytest.approx(0.5, abs=0.3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"null": "tokens"}, "null: must be an object such as RandomTokens"),
        ({"n_draws": 0}, "n_draws: must be an integer of at least 1; got 0"),
        ({"measure": TokenF1(Above(0.2))}, "measure: must take a number of tokens without scores"),
    ],
)
def test_what_chance_does_not_take(marks, arguments, said):
    with pytest.raises(InvalidInputError, match=said):
        random_rationale(marks, **arguments)
