"""The test against random places: exact arrangements, its level, and what it refuses."""

from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from attnstats.datasets import HumanMarks
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.plausibility import (
    AveragePrecision,
    IntersectionF1,
    RandomSpans,
    RandomTokens,
    RankCorrelation,
    TokenF1,
    plausibility,
    plausibility_test,
    random_rationale,
)
from tests.plausibility.conftest import make_marks, make_scores

MEASURES = [AveragePrecision(), TokenF1(), IntersectionF1(), RankCorrelation()]


def test_the_pvalue_is_that_of_all_permutations_within_the_text():
    marked, scores = np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.2, 0.5, 0.1, 0.3])
    marks = HumanMarks("made", [list("abcde")], [0], [marked], ["one"])
    found = plausibility_test(scores[np.newaxis], marks, n_resamples=4999, rng=0)
    observed = average_precision_score(marked, scores)
    every = [average_precision_score(np.array(order), scores) for order in permutations(marked)]
    assert found.statistic == pytest.approx(observed)
    assert found.effect == pytest.approx(observed - np.mean(every), abs=0.02)
    assert found.pvalue == pytest.approx(np.mean(np.array(every) >= observed - 1e-12), abs=0.03)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("null", [RandomTokens(), RandomSpans()])
def test_scores_that_know_the_marks_are_told_from_chance(marks, measure, null):
    found = plausibility_test(make_scores(marks, strength=4.0), marks, measure, null=null, n_resamples=99, rng=0)
    assert found.pvalue == found.pvalue_floor == 0.01
    assert found.effect > 0
    assert found.n == 20
    other = plausibility_test(make_scores(marks, strength=-4.0), marks, measure, null=null, n_resamples=99, rng=0)
    assert other.pvalue > 0.9


@pytest.mark.parametrize("measure", MEASURES)
def test_its_mean_is_the_level_of_chance(marks, measure):
    """Of random tokens, whatever the scores, and the mean of the statistic over models."""
    scores = [make_scores(marks, seed=seed) for seed in range(2)]
    found = plausibility_test(scores, marks, measure, n_resamples=400, rng=0)
    assert found.statistic == pytest.approx(plausibility(scores, marks, measure).mean)
    level = random_rationale(marks, measure, n_draws=400, rng=0).mean
    assert found.statistic - found.effect == pytest.approx(level, abs=0.015)


def phrases_and_smooth_scores(seed):
    """Marks in runs of five at random places, and scores that are means over five neighbours."""
    rng = np.random.default_rng(seed)
    pattern = np.arange(40) % 13 < 5
    marked = [pattern[RandomSpans().orders(pattern, 1, rng)[0]] for _ in range(8)]
    scores = np.array([np.convolve(rng.normal(size=44), np.ones(5), "valid") for _ in range(8)])
    return HumanMarks("made", [list(map(str, range(40)))] * 8, [0] * 8, marked, ["one"]), scores


@pytest.mark.slow
def test_smooth_scores_need_the_null_of_spans():
    pvalues = {RandomTokens(): [], RandomSpans(): []}
    for seed in range(300):
        marks, scores = phrases_and_smooth_scores(seed)
        for null, found in pvalues.items():
            found.append(plausibility_test(scores, marks, null=null, n_resamples=99, rng=seed).pvalue)
    tokens, spans = (np.mean(np.array(found) <= 0.05) for found in pvalues.values())
    assert spans == pytest.approx(0.05, abs=3.5 * np.sqrt(0.05 * 0.95 / 300))
    assert tokens > 0.1


def test_texts_without_a_mark_are_left_out():
    marks = make_marks(20, 1)
    marks.marks[0][:] = False
    found = plausibility_test(make_scores(marks), marks, n_resamples=19, rng=0)
    assert (found.n, found.n_missing) == (19, 1)
    for each in marks.marks:
        each[:] = False
    with pytest.raises(TooFewSamplesError, match="must be defined for at least 1 text; got 0 of 20"):
        plausibility_test(make_scores(marks), marks)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"null": "spans"}, "null: must be an object such as RandomTokens"),
        ({"alternative": "more"}, "alternative: must be one of"),
        ({"n_resamples": 0}, "n_resamples: must be an integer of at least 1; got 0"),
        ({"measure": AveragePrecision}, "measure: must be an object such as AveragePrecision"),
    ],
)
def test_what_it_does_not_take(marks, arguments, said):
    with pytest.raises(InvalidInputError, match=said):
        plausibility_test(make_scores(marks), marks, **arguments)
