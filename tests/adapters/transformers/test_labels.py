"""Labels are numbers or names of the model's classes, and are looked at before anything runs."""

import numpy as np
import pytest

from attnstats.adapters import (
    GradientTimesInput,
    ZeroedOutput,
    attribute_transformer,
    intervene_transformer,
    trace_transformer,
)
from attnstats.exceptions import InvalidInputError

NAMES = {0: "negative", 1: "neutral", 2: "positive"}
GIVEN = [0, 2, 1, 0, 0, 2]


@pytest.fixture(scope="module")
def model(build, word_pieces):
    return build("bert", word_pieces, id2label=NAMES, label2id={name: number for number, name in NAMES.items()})


@pytest.fixture
def idle(model, monkeypatch):
    """The model, which must not run."""

    def run(*_, **__):
        raise AssertionError("the model ran before labels were looked at")

    monkeypatch.setattr(model, "forward", run)
    return model


@pytest.mark.parametrize(
    "given",
    [[NAMES[each] for each in GIVEN], np.array([NAMES[each] for each in GIVEN], dtype=object), np.float64(GIVEN)],
)
def test_labels_may_be_names_or_whole_numbers(given, model, word_pieces, texts, tmp_path):
    trace = trace_transformer(model, word_pieces, texts, given, out=tmp_path / "trace")
    np.testing.assert_array_equal(trace.label, GIVEN)


def test_a_series_of_names_is_taken(model, word_pieces, texts, tmp_path):
    series = pytest.importorskip("polars").Series([NAMES[each] for each in GIVEN])
    trace = trace_transformer(model, word_pieces, texts, series, out=tmp_path / "trace")
    np.testing.assert_array_equal(trace.label, GIVEN)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([0, 1, 2, 3, 0, 0], "must be classes of BertFor.*, 0 to 2; got 3 for text 3; there are 'negative', 'neutral'"),
        ([0, 1, -100, 0, 0, 0], "must be classes of BertFor.*, 0 to 2; got -100 for text 2"),
        (
            ["positiv", *["neutral"] * 5],
            "names of the model's classes; got 'positiv' for text 0; near it are 'positive'",
        ),
        (["x", *["neutral"] * 5], "got 'x' for text 0; there are 'negative', 'neutral', 'positive'"),
        ([0, 1], "must be one for each text; got 2 for 6 texts"),
        (["neutral"], "must be one for each text; got 1 for 6 texts"),
        (np.eye(3)[GIVEN], r"got shape \(6, 3\); of columns of 0 and 1 .* pass labels\.argmax"),
        ([0.5] * 6, "must be integer classes"),
        ([0, "neutral", 0, 0, 0, 0], "labels: "),
        ([None, 0, 0, 0, 0, 0], "labels: "),
        (3, "must be integer classes"),
    ],
)
def test_labels_that_the_model_cannot_give_are_found_before_it_runs(wrong, message, idle, word_pieces, texts, tmp_path):
    with pytest.raises(InvalidInputError, match=f"labels: .*{message.removeprefix('labels: ')}"):
        trace_transformer(idle, word_pieces, texts, wrong, out=tmp_path / "trace")
    with pytest.raises(InvalidInputError, match=f"labels: .*{message.removeprefix('labels: ')}"):
        intervene_transformer(idle, word_pieces, texts, ZeroedOutput(), labels=wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_target_is_a_class_by_number_or_name(model, word_pieces, texts):
    def of(target):
        return attribute_transformer(model, word_pieces, texts, GradientTimesInput(), target=target)

    names = [NAMES[number] for number in (0, 1, 2, 0, 1, 2)]
    np.testing.assert_array_equal(of(names).scores, of([0, 1, 2, 0, 1, 2]).scores)
    np.testing.assert_array_equal(of(NAMES[1]).scores, of(1).scores)
    with pytest.raises(InvalidInputError, match=r"^target: .*got 'no such'; there are "):
        of("no such")
    with pytest.raises(InvalidInputError, match=r"^target: .*got 'no such' for text 5; there are "):
        of([*names[:5], "no such"])


def test_labels_of_a_language_model_are_its_answers(build, byte_level, texts, tmp_path):
    model, answers = build("gpt2", byte_level, kind="AutoModelForCausalLM"), ["a", "b"]
    given = ["a", "b", "b", "a", "a", "a"]
    trace = trace_transformer(model, byte_level, texts, given, out=tmp_path / "trace", answers=answers)
    np.testing.assert_array_equal(trace.label, [0, 1, 1, 0, 0, 0])
    for wrong, message in (
        (["a", "c", *given[2:]], "got 'c' for text 1; there are 'a', 'b'"),
        ([2] * 6, "0 to 1; got 2"),
    ):
        with pytest.raises(InvalidInputError, match=f"labels: .*{message}"):
            trace_transformer(model, byte_level, texts, wrong, out=tmp_path / "other", answers=answers)
