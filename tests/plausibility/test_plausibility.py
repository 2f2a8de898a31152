"""Agreement of scores with marks: values for each model, text and annotator, however the scores come."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score

from attnstats.comparison import anova_interval, t_interval
from attnstats.datasets import HumanMarks
from attnstats.exceptions import FewReplicatesWarning, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.plausibility import (
    Above,
    AveragePrecision,
    EachAnnotator,
    IntersectionF1,
    LeaveOneOut,
    Majority,
    MarkCounts,
    OneAnnotator,
    RankCorrelation,
    TokenF1,
    TopShare,
    Union,
    plausibility,
)
from attnstats.ranks import kendall_batch
from attnstats.trace import AttentionTrace
from tests.plausibility.conftest import make_marks, make_scores, padded

MEASURES = [AveragePrecision(), TokenF1(), TokenF1(TopShare(0.3)), IntersectionF1(), RankCorrelation()]


def test_a_value_for_each_text_and_annotator(marks):
    scores = make_scores(marks)
    found = plausibility(scores, marks).values
    expected = [
        [average_precision_score(own, row) for own in of_text] for row, of_text in zip(scores, marks.marks, strict=True)
    ]
    np.testing.assert_allclose(found[0], expected)


def test_the_number_of_annotators_is_what_ranks_are_correlated_with(marks):
    scores = make_scores(marks)
    found = plausibility(scores, marks, RankCorrelation())
    counts, mask = padded([each.sum(axis=0) for each in marks.marks])
    np.testing.assert_allclose(found.values[0, :, 0], kendall_batch(padded(scores)[0], counts, mask=mask).statistic)
    assert found.against == MarkCounts()


@pytest.mark.parametrize(
    ("against", "reference"),
    [
        (Union(), lambda marks: marks.any(axis=0)),
        (Majority(), lambda marks: marks.sum(axis=0) >= 2),
        (OneAnnotator(2), lambda marks: marks[2]),
    ],
)
def test_annotators_taken_together(marks, against, reference):
    scores = make_scores(marks)
    found = plausibility(scores, marks, against=against).values
    expected = [average_precision_score(reference(of), row) for of, row in zip(marks.marks, scores, strict=True)]
    np.testing.assert_allclose(found[0, :, 0], expected)


@pytest.mark.parametrize("measure", MEASURES)
def test_all_forms_of_scores_are_the_same(marks, measure):
    models = [make_scores(marks, seed=seed) for seed in range(3)]
    found = plausibility(models, marks, measure).values
    arrays, (_, mask) = np.stack([padded(rows)[0] for rows in models]), padded(models[0])
    one_by_one = [plausibility(rows, marks, measure).values[0] for rows in models]
    lists = [[row.tolist() for row in rows] for rows in models]
    for other in (
        plausibility(arrays, marks, measure, mask=mask).values,
        plausibility(lists, marks, measure).values,
        plausibility(tuple(map(tuple, models)), marks, measure).values,
        one_by_one,
    ):
        np.testing.assert_array_equal(found, other)


def test_attention_of_a_trace_is_scores_of_its_tokens(marks):
    attention, mask = padded([np.exp(row) / np.exp(row).sum() for row in make_scores(marks)])
    trace = AttentionTrace.from_arrays(
        attention=np.where(mask, attention, 0.0),
        hidden=np.zeros((*mask.shape, 2)),
        output=marks.labels,
        mask=mask,
        tokens=[list(each) for each in marks.tokens],
    )
    tokens = [trace.tokens(example) for example in range(trace.n_examples)]
    found = plausibility(trace.attention, marks, mask=trace.mask, tokens=tokens)
    np.testing.assert_allclose(found.values, plausibility(make_scores(marks), marks).values)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(MEASURES))
def test_only_the_order_of_the_scores_counts(seed, measure):
    marks = make_marks(4, seed=seed)
    scores = [np.round(row, 1) for row in make_scores(marks, seed=seed)]  # some are tied
    found = plausibility(scores, marks, measure, rng=0).values
    moved = plausibility([np.exp(3 * row) - 1 for row in scores], marks, measure, rng=0).values
    np.testing.assert_allclose(found, moved)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(3)), st.sampled_from(MEASURES))
def test_the_order_of_annotators_does_not_count(order, measure):
    marks = make_marks(5)
    other = HumanMarks("made", marks.tokens, marks.labels, [each[list(order)] for each in marks.marks], ["no", "yes"])
    scores = make_scores(marks)
    one, two = (plausibility(scores, each, measure, against=EachAnnotator(), rng=0) for each in (marks, other))
    np.testing.assert_array_equal(one.values[:, :, list(order)], two.values)
    np.testing.assert_allclose(one.by_text, two.by_text)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_order_of_texts_does_not_count(marks, measure):
    scores, order = make_scores(marks), np.random.default_rng(0).permutation(len(marks))
    found = plausibility([scores[place] for place in order], marks.take(order), measure).values
    np.testing.assert_allclose(found, plausibility(scores, marks, measure).values[:, order])


@pytest.mark.parametrize("measure", [AveragePrecision(), TokenF1(), IntersectionF1(), RankCorrelation()])
def test_marks_agree_with_themselves(marks, measure):
    alone = HumanMarks("made", marks.tokens, marks.labels, [each[0] for each in marks.marks], ["no", "yes"])
    scores = [each[0].astype(float) for each in marks.marks]
    assert plausibility(scores, alone, measure).mean == pytest.approx(1)


def test_each_annotator_but_one_averages_to_each_annotator(marks):
    scores = make_scores(marks)
    whole, left = (
        plausibility(scores, marks, against=each) for each in (EachAnnotator(), LeaveOneOut(EachAnnotator()))
    )
    np.testing.assert_allclose(whole.by_text, left.by_text)


def test_texts_without_a_mark_and_with_fewer_annotators_are_undefined_there():
    tokens = [list("abc")] * 3
    marks = HumanMarks("made", tokens, [0, 0, 1], [[[0, 0, 0]], [[1, 0, 0], [0, 0, 1]], [[0, 0, 1]]], ["no", "yes"])
    found = plausibility([[3, 2, 1]] * 3, marks)
    np.testing.assert_allclose(found.values, [[[np.nan, np.nan], [1, 1 / 3], [1 / 3, np.nan]]])
    np.testing.assert_allclose(found.by_text, [[np.nan, 2 / 3, 1 / 3]])
    assert found.undefined == 1
    assert found.mean == pytest.approx(1 / 2)
    assert "1 undefined" in found.summary()


def test_nothing_is_defined():
    marks = HumanMarks("made", [list("ab")], [0], [[0, 0]], ["no"])
    found = plausibility([[1, 2]], marks)
    with pytest.raises(TooFewSamplesError, match="mean: average precision must be defined for at least 1 text; got 0"):
        found.mean  # noqa: B018
    assert found.summary() == "average precision of scores against each annotator: undefined for every text"


def test_the_interval_of_several_models_is_crossed_with_texts(marks):
    found = plausibility([make_scores(marks, seed=seed) for seed in range(8)], marks)
    interval = anova_interval(found.by_text, replication_unit="model", crossed_unit="text")
    assert found.interval() == interval
    assert interval.low < found.mean < interval.high
    assert found.interval(0.5).level == 0.5
    assert "crossed ANOVA" in found.summary()
    assert "n = 8 models and 20 texts" in found.summary()


def test_the_interval_of_one_model_is_for_other_texts_alone(marks):
    found = plausibility(make_scores(marks), marks)
    assert found.interval() == t_interval(found.by_text[0], replication_unit="text")
    assert "one model, so nothing is said of other trainings" in found.summary()


def test_whether_annotators_are_the_same_is_said():
    marks = make_marks(same_annotators=True)
    assert "these annotators alone" in plausibility(make_scores(marks), marks).summary()


def test_two_models_are_too_few_and_it_is_said(marks):
    found = plausibility([make_scores(marks, seed=seed) for seed in range(2)], marks)
    with pytest.warns(FewReplicatesWarning, match="should have at least 3 models"):
        found.interval()
    assert "too few models for the interval to keep its level" in found.summary()


def test_too_few_texts_give_no_interval_and_say_so():
    marks = make_marks(3)
    found = plausibility(make_scores(marks), marks)
    with pytest.raises(TooFewSamplesError, match="number of texts: must be at least 8; got 3"):
        found.interval()
    assert "no interval (number of texts: must be at least 8" in found.summary()


def test_tokens_are_compared(marks):
    scores = make_scores(marks)
    plausibility(scores, marks, tokens=[list(each) for each in marks.tokens])
    wrong = [list(each) for each in marks.tokens]
    wrong[2][1] = "x"
    with pytest.raises(
        InvalidInputError, match=r"tokens: must be those of the marks; got \('x',\) for \('w1',\) at 1 in text 2"
    ):
        plausibility(scores, marks, tokens=wrong)
    with pytest.raises(InvalidInputError, match=r"got \(\) for \('w\d+',\) at \d+ in text 0"):
        plausibility(scores, marks, tokens=[wrong[0][:-1], *wrong[1:]])
    with pytest.raises(InvalidInputError, match="tokens: must be those of 20 texts; got 19"):
        plausibility(scores, marks, tokens=wrong[1:])
    with pytest.raises(InvalidInputError, match="tokens: must be a sequence of tokens for each text; got 'abc'"):
        plausibility(scores, marks, tokens="abc")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[:-1], "scores: must have a row for each of the 20 texts of the marks; got 19"),
        (lambda rows: [rows[0][:-1], *rows[1:]], r"scores: must have one for each token; text 0 has \d+ tokens"),
        (lambda rows: padded(rows)[0], "in all; pass mask= if some are padding"),
        (lambda _: 3.0, "scores: must have shape"),
        (lambda rows: rows[0], r"scores: must have shape .* got shape \(\d+,\)"),
        (lambda _: [], "scores: must have shape"),
        (lambda rows: [[[row] for row in rows]] * 2, "scores: must have shape"),
        (lambda rows: [rows[0][np.newaxis], *rows[1:]], "scores: must have"),
        (lambda rows: [["a"] * len(row) for row in rows], "scores: must be real numbers"),
    ],
)
def test_scores_that_do_not_fit(marks, change, said):
    with pytest.raises(InvalidInputError, match=said):
        plausibility(change(make_scores(marks)), marks)


def test_a_score_that_is_missing(marks):
    scores = make_scores(marks)
    scores[3][2] = np.nan
    with pytest.raises(NonFiniteError, match=r"scores: must be finite; .* It is in text 3"):
        plausibility(scores, marks)
    array, mask = padded(make_scores(marks))
    with pytest.raises(InvalidInputError, match="mask: must be boolean of shape"):
        plausibility(array, marks, mask=mask[:, 1:])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"measure": "auprc"}, "measure: must be an object such as AveragePrecision"),
        ({"against": "union"}, "against: must be an object such as EachAnnotator"),
        ({"against": OneAnnotator(7)}, r"against: must be one of annotators 0 to \d; got OneAnnotator\(index=7\)"),
        ({"against": MarkCounts()}, "against: must be marks of yes and no for average precision; got MarkCounts"),
        ({"against": LeaveOneOut(MarkCounts())}, "against: must be marks of yes and no"),
        ({"rng": "x"}, "rng: must be None"),
    ],
)
def test_what_it_does_not_take(marks, arguments, said):
    with pytest.raises(InvalidInputError, match=said):
        plausibility(make_scores(marks), marks, **arguments)
    with pytest.raises(InvalidInputError, match="marks: must be an object such as load_yelp_hat"):
        plausibility(make_scores(marks), marks.marks)


def test_a_rationale_of_zeros_and_ones(marks):
    chosen = [(row > 0.5).astype(float) for row in make_scores(marks)]
    found = plausibility(chosen, marks, TokenF1(Above(0.5))).values[0]
    expected = [[f1_score(own, row) for own in of] for row, of in zip(chosen, marks.marks, strict=True)]
    np.testing.assert_allclose(found, expected)


def test_marks_that_the_model_did_not_read_are_told(marks):
    lengths = np.array([max(1, len(each) - 3) for each in marks.tokens])
    short = marks.truncated(lengths)
    scores = [row[:n] for row, n in zip(make_scores(marks), lengths, strict=True)]
    found = plausibility(scores, short)
    np.testing.assert_array_equal(
        found.marks_cut, [each[:, n:].sum() for each, n in zip(marks.marks, lengths, strict=True)]
    )
    assert f"{found.marks_cut.sum()} marks of {(found.marks_cut > 0).sum()} texts cut off" in found.summary()
    with pytest.raises(InvalidInputError, match=r"If the model cut texts off, pass marks\.truncated\(lengths\)"):
        plausibility(scores, marks)
