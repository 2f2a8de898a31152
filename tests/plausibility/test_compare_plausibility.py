"""Comparisons of explanations, models, people and chance are those of the tables that they are made of."""

import numpy as np
import pytest

from attnstats.comparison import anova_test, independent_anova_test, paired_test
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.missing import CompleteCases
from attnstats.plausibility import (
    EachAnnotator,
    LeaveOneOut,
    Majority,
    MarkCounts,
    RankCorrelation,
    TokenF1,
    compare_plausibility,
    human_ceiling,
    plausibility,
    random_rationale,
)
from tests.plausibility.conftest import make_marks, make_scores

UNITS = {"replication_unit": "model", "crossed_unit": "text"}


def models(marks, n, strength=1.0, first=1, **arguments):
    scores = [make_scores(marks, strength=strength, seed=first + seed) for seed in range(n)]
    return plausibility(scores, marks, **arguments)


def same(found, expected):
    assert (found.effect, found.pvalue, found.n) == (expected.effect, expected.pvalue, expected.n)
    assert found.interval() == expected.interval()


def test_two_explanations_of_the_same_models(marks):
    a, b = models(marks, 8, 3.0), models(marks, 8, 0.5, first=20)
    found = compare_plausibility(a, b)
    same(found, anova_test(a.by_text - b.by_text, **UNITS))
    assert found.effect_name == "difference of average precision"
    assert found.effect == pytest.approx(a.mean - b.mean)


def test_models_of_their_own(marks):
    a, b = models(marks, 8, 3.0), models(marks, 9, 0.5, first=20)
    same(compare_plausibility(a, b, paired_models=False), independent_anova_test(a.by_text, b.by_text, **UNITS))
    with pytest.raises(InvalidInputError, match="must have the same models to be paired; got 8 and 9"):
        compare_plausibility(a, b)


@pytest.mark.parametrize("level", [human_ceiling, random_rationale])
def test_models_and_what_needs_none(marks, level):
    a, b = models(marks, 8), level(marks)
    same(compare_plausibility(a, b), anova_test(a.by_text - b.by_text, **UNITS))
    back = compare_plausibility(b, a, alternative="less")
    assert back.effect == pytest.approx(-compare_plausibility(a, b).effect)
    assert back.pvalue == pytest.approx(compare_plausibility(a, b, alternative="greater").pvalue)


def test_single_models_say_nothing_of_other_trainings(marks):
    a, b = models(marks, 1, 3.0), models(marks, 1, first=9)
    found = compare_plausibility(a, b, rng=0)
    same(found, paired_test(a.by_text[0], b.by_text[0], replication_unit="text", rng=0))
    assert "nothing is said of other trainings than this one" in found.test
    assert "trainings" in compare_plausibility(a, human_ceiling(marks), rng=0).test


def test_people_and_chance_have_no_trainings(marks):
    found = compare_plausibility(human_ceiling(marks), random_rationale(marks), rng=0)
    assert "trainings" not in found.test
    assert found.replication_unit == "text"


def test_texts_that_are_undefined_are_left_out_and_counted():
    marks = make_marks(20, 1)
    marks.marks[0][:] = False
    a = models(marks, 8)
    found = compare_plausibility(a, random_rationale(marks))
    rest = a.by_text[:, 1:] - random_rationale(marks).by_text[:, 1:]
    assert found.effect == pytest.approx(anova_test(rest, **UNITS).effect)
    assert found.n_missing == 8
    single = compare_plausibility(models(marks, 1), random_rationale(marks), rng=0)
    difference = models(marks, 1).by_text[0] - random_rationale(marks).by_text[0]
    same(single, paired_test(difference, replication_unit="text", missing=CompleteCases(), rng=0))


def test_like_is_compared_with_like(marks):
    whole = plausibility(make_scores(marks), marks, TokenF1(), against=Majority())
    ceiling = human_ceiling(marks, TokenF1(), against=Majority())
    with pytest.raises(InvalidInputError, match="a and b: must be against the same; got Majority"):
        compare_plausibility(whole, ceiling)
    left = plausibility(make_scores(marks), marks, TokenF1(), against=LeaveOneOut(Majority()))
    compare_plausibility(left, ceiling, rng=0)
    counts = plausibility(make_scores(marks), marks, RankCorrelation(), against=LeaveOneOut(MarkCounts()))
    compare_plausibility(counts, human_ceiling(marks, RankCorrelation()), rng=0)
    each = plausibility(make_scores(marks), marks, against=EachAnnotator())
    compare_plausibility(each, human_ceiling(marks), rng=0)


def test_what_cannot_be_compared(marks):
    a = models(marks, 8)
    with pytest.raises(InvalidInputError, match="a and b: must have the same measure; got AveragePrecision"):
        compare_plausibility(a, random_rationale(marks, TokenF1()))
    with pytest.raises(
        InvalidInputError, match="a and b: must be of the same texts and marks; got 20 of 'made' and 9 of"
    ):
        compare_plausibility(a, random_rationale(make_marks(9)))
    with pytest.raises(InvalidInputError, match="a and b: must be of the same texts and marks"):
        compare_plausibility(a, random_rationale(make_marks(seed=9)))
    with pytest.raises(InvalidInputError, match="must both have several models, or both one; got 8 and 1"):
        compare_plausibility(a, models(marks, 1))
    with pytest.raises(InvalidInputError, match="b: must be an object such as plausibility"):
        compare_plausibility(a, 0.3)
    with pytest.raises(TooFewSamplesError, match="number of models: must be at least 8; got 3"):
        compare_plausibility(models(marks, 3), random_rationale(marks))
    with pytest.raises(ConstantInputError, match="a and b: must differ by amounts that vary"):
        compare_plausibility(a, a)


def test_the_level_over_models_and_texts():
    """Scores that know nothing of the marks exceed chance no more often than they should."""
    rejected = 0
    for seed in range(200):
        marks = make_marks(10, 2, seed=seed)
        a = models(marks, 8, strength=0.0, first=1000 + 8 * seed)
        rejected += compare_plausibility(a, random_rationale(marks)).pvalue < 0.05
    assert rejected / 200 == pytest.approx(0.05, abs=3.5 * np.sqrt(0.05 * 0.95 / 200))
