"""Marks checked when they are made, and taken, cut and split further with their tokens."""

import numpy as np
import pytest

from attnstats.datasets import HumanMarks, encode_dataset, tokenize
from attnstats.exceptions import DatasetError, InvalidInputError, NonFiniteError, TooFewSamplesError

TOKENS = [["A", "well-made", "film!"], ["so", "dull"], ["I", "liked", "it", "."]]
MARKS = [[[0, 1, 1], [0, 1, 0]], [[0, 1]], [[0, 1, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0]]]


def marks(**given):
    return HumanMarks(
        **{"name": "toy", "tokens": TOKENS, "labels": [1, 0, 1], "marks": MARKS, "class_names": ["no", "yes"], **given}
    )


def test_what_is_given_is_kept_as_arrays():
    found = marks(splits=["train", "test", "test"], annotator_labels=[[1, 1], [0], [1, 0, 1]], ids=["a", "b", "c"])
    assert found.tokens == tuple(map(tuple, TOKENS))
    assert [each.tolist() for each in found.marks] == [np.array(each, bool).tolist() for each in MARKS]
    assert {each.dtype for each in found.marks} == {np.dtype(bool)}
    assert found.agreed.tolist() == [True, True, False]
    assert (len(found), found.n_annotators) == (3, 3)
    assert found.share == pytest.approx(np.mean([3 / 6, 1 / 2, 5 / 12]))
    assert repr(found) == "HumanMarks('toy', 3 texts, 3 annotators, 47 % of tokens marked, classes no, yes)"


@pytest.mark.parametrize("kind", [np.array, lambda each: np.array(each, bool), lambda each: np.array(each, float)])
def test_marks_are_true_or_false_or_one_or_zero(kind):
    found = marks(marks=[kind(each) for each in MARKS])
    assert all((one == other).all() for one, other in zip(found.marks, marks().marks, strict=True))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"marks": MARKS[:2]}, "marks: must have one entry for each of 3 texts; got 2"),
        ({"marks": [[[0, 1]], *MARKS[1:]]}, r"marks\[0\]: must have shape \(n_annotators, 3\), .*; got \(1, 2\)"),
        ({"marks": [[[0, 1, 2]], *MARKS[1:]]}, r"marks\[0\]: must be True or False, or 1 or 0"),
        ({"marks": [[["a", "b", "c"]], *MARKS[1:]]}, r"marks\[0\]: must be True or False"),
        ({"marks": [[[0, 1, 1], [0, 1]], *MARKS[1:]]}, r"marks\[0\]: must be a rectangular array"),
        ({"marks": 3}, "marks: must be a sequence with one entry for each; got 3"),
        ({"labels": [1, 0]}, "labels: must have one entry for each of 3 texts; got 2"),
        ({"labels": [1, 0, 2]}, "labels: must lie between 0 and 1; got 0 to 2"),
        (
            {"labels": ["yes", "no", "yes"]},
            r"labels: must be class codes.*; of names pass \[class_names\.index\(each\) for each in labels\]",
        ),
        ({"labels": [1, 0.5, 1]}, "labels: must be class codes"),
        ({"tokens": "abc"}, "tokens: must be a sequence with one entry for each; got 'abc'"),
        ({"tokens": ["a b", *TOKENS[1:]]}, r"tokens\[0\]: .* got 'a b'; split a text into its tokens first"),
        ({"tokens": [["a", 3], *TOKENS[1:]]}, r"tokens\[0\]: must hold texts; got 3"),
        ({"splits": ["train", "dev", "test"]}, "splits: must be one of train, validation, test; got 'dev'"),
        ({"splits": ["train"]}, "splits: must have one entry for each of 3 texts; got 1"),
        ({"annotator_labels": [[1], [0], [1, 1, 1]]}, r"annotator_labels\[0\]: must have one class for each of 2"),
        ({"annotator_labels": [[1, 1]]}, "annotator_labels: must have one entry for each of 3 texts; got 1"),
        ({"ids": ["a"]}, "ids: must have one entry for each of 3 texts; got 1"),
        ({"same_annotators": 1}, "same_annotators: must be True or False; got 1"),
        ({"name": 3}, "name: must be a text; got 3"),
    ],
)
def test_what_does_not_fit(given, said):
    with pytest.raises(InvalidInputError, match=said):
        marks(**given)


def test_what_is_empty_or_missing():
    with pytest.raises(TooFewSamplesError, match=r"number of texts in tokens: must be at least 1; got 0"):
        marks(tokens=[], labels=[], marks=[])
    with pytest.raises(TooFewSamplesError, match=r"number of tokens in tokens\[1\]: must be at least 1; got 0"):
        marks(tokens=[TOKENS[0], [], TOKENS[2]])
    with pytest.raises(TooFewSamplesError, match=r"number of annotators in marks\[1\]: must be at least 1; got 0"):
        marks(marks=[MARKS[0], np.zeros((0, 2)), MARKS[2]])
    with pytest.raises(NonFiniteError, match=r"marks\[1\]: must have no missing values"):
        marks(marks=[MARKS[0], [[np.nan, 1]], MARKS[2]])
    with pytest.raises(InvalidInputError, match="annotator_labels: must be given to know who agreed; got None"):
        marks().agreed  # noqa: B018


def test_some_of_the_texts():
    found = marks(splits=["train", "test", "test"], annotator_labels=[[1, 1], [0], [1, 0, 1]], ids=["a", "b", "c"])
    for rows in ([2, 0], np.array([2, 0])):
        part = found.take(rows)
        assert (part.ids, part.tokens, part.labels.tolist()) == (("c", "a"), (found.tokens[2], found.tokens[0]), [1, 1])
        assert part.splits.tolist() == ["test", "train"]
        assert part.annotator_labels[0].tolist() == [1, 0, 1]
    assert found.take(found.splits == "test").ids == ("b", "c")
    for rows, said in (
        ([3], "texts: must lie between 0 and 2; got 3 to 3"),
        ("a", "texts: must be positions"),
        ([0.5], "texts"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            found.take(rows)
    with pytest.raises(TooFewSamplesError, match="number of texts taken: must be at least 1; got 0"):
        found.take(found.splits == "validation")


def test_the_first_tokens():
    found = marks().truncated(2)
    assert found.tokens == (("A", "well-made"), ("so", "dull"), ("I", "liked"))
    assert found.marks[0].tolist() == [[False, True], [False, True]]


def test_parts_of_words_have_the_marks_of_the_word():
    found = marks().retokenized()
    assert found.tokens == (("a", "well", "made", "film", "!"), ("so", "dull"), ("i", "liked", "it"))
    assert found.marks[0].astype(int).tolist() == [[0, 1, 1, 1, 1], [0, 1, 1, 0, 0]]
    assert [tuple(tokenize(" ".join(each))) for each in found.tokens] == list(found.tokens)
    letters = marks().retokenized(list)
    assert letters.marks[1].astype(int).tolist() == [[0, 0, 1, 1, 1, 1]]
    with pytest.raises(InvalidInputError, match="split: must be a function of a token; got 3"):
        marks().retokenized(3)
    with pytest.raises(InvalidInputError, match="split: must leave something of every text; got nothing of text 0"):
        marks().retokenized(lambda _: [])


def test_the_texts_as_a_dataset_keep_their_order():
    rng = np.random.default_rng(0)
    tokens = [[f"w{number}" for number in rng.integers(0, 50, size=8)] for _ in range(60)]
    many = HumanMarks("toy", tokens, np.arange(60) % 2, rng.random((60, 2, 8)) < 0.3, ["no", "yes"])
    dataset = many.to_dataset(split_seed=3)
    assert dataset.texts == tuple(map(" ".join, tokens))
    assert dataset.labels.tolist() == many.labels.tolist()
    encoded = encode_dataset(dataset, max_length=6)
    test = many.take(encoded.test.index).truncated(6)
    assert test.tokens == encoded.test.tokens
    own = HumanMarks("toy", tokens, many.labels, many.marks, ["no", "yes"], splits=["train", "validation", "test"] * 20)
    assert own.to_dataset().splits.tolist() == ["train", "validation", "test"] * 20


def test_what_makes_no_dataset():
    with pytest.raises(DatasetError, match=r"toy: must hold tokens as tokenize gives them, but text 0 does not"):
        marks().to_dataset()
    twice = HumanMarks("toy", [["a", "b"], ["c"]] * 30, [0, 1] * 30, [[[1, 0]], [[1]]] * 30, ["no", "yes"])
    with pytest.raises(DatasetError, match="toy: must not hold a text twice; got 58 copies"):
        twice.to_dataset()


def test_the_marks_that_each_text_lost_are_counted_and_told():
    whole = marks()
    found = whole.truncated([1, 2, 9])
    assert [len(each) for each in found.tokens] == [1, 2, len(whole.tokens[2])]
    expected = [int(own.sum() - kept.sum()) for own, kept in zip(whole.marks, found.marks, strict=True)]
    assert found.marks_cut.tolist() == expected
    assert expected[0] > 0
    n_texts = sum(each > 0 for each in expected)
    assert repr(found).endswith(f"; {sum(expected)} marks of {n_texts} text{'s' * (n_texts > 1)} cut off)")
    assert found.take([0]).marks_cut.tolist() == expected[:1]
    again = found.truncated(1)
    assert (again.marks_cut + [each.sum() for each in again.marks] == [each.sum() for each in whole.marks]).all()
    assert whole.truncated(9).marks_cut is None
    assert "cut off" not in repr(whole.truncated(9))
    for lengths in ([1, 2], [1.5, 2, 2], [0, 1, 1], "abc"):
        with pytest.raises(InvalidInputError, match="max_length: must be"):
            whole.truncated(lengths)
    with pytest.raises(InvalidInputError, match="marks_cut: must be whole numbers of at least 0, one for each of 1"):
        HumanMarks("toy", [["a"]], [0], [[1]], ["no"], marks_cut=[-1])
