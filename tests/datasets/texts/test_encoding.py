import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.datasets import TextDataset, encode_dataset, planted
from attnstats.exceptions import DatasetError, InvalidInputError


def make(train, validation=("one two",), test=("two three",), **more):
    texts = (*train, *validation, *test)
    splits = ["train"] * len(train) + ["validation"] * len(validation) + ["test"] * len(test)
    labels = np.arange(len(texts)) % 2
    return TextDataset("toy", texts, labels, np.array(splits), ("even", "odd"), "CC0", "none", **more)


def test_hand_computed_matrices_and_counts():
    dataset = make(
        train=("One two two", "...", "two three one one", "odd"),
        validation=("two NEW one",),
        test=("", "new word"),
        duplicates={"train": 5},
        conflicts={"test": 1},
    )
    encoded = encode_dataset(dataset, max_length=3, min_count=2)
    # Kept training tokens: one x 2, two x 3, three x 1, odd x 1 (the second "one" of "two three one one" is cut).
    assert encoded.vocabulary.words == ("two", "one")
    np.testing.assert_array_equal(encoded.train.token_ids, [[3, 2, 2], [2, 1, 3], [1, 0, 0]])
    np.testing.assert_array_equal(encoded.train.mask, [[1, 1, 1], [1, 1, 1], [1, 0, 0]])
    np.testing.assert_array_equal(encoded.train.labels, [0, 0, 1])
    np.testing.assert_array_equal(encoded.train.index, [0, 2, 3])
    np.testing.assert_array_equal(encoded.train.lengths, [3, 3, 1])
    assert encoded.train.tokens == (("one", "two", "two"), ("two", "three", "one"), ("odd",))
    np.testing.assert_array_equal(encoded.validation.token_ids, [[2, 1, 3]])
    np.testing.assert_array_equal(encoded.test.token_ids, [[1, 1, 0]])
    assert encoded.test.tokens == (("new", "word"),)
    train = encoded.counts["train"]
    assert (train.texts, train.tokens, train.truncated, train.empty) == (3, 7, 1, 1)
    assert (train.duplicates, train.conflicts, train.unknown_tokens) == (5, 0, 2)
    assert train.unknown_rate == pytest.approx(2 / 7)
    assert (encoded.counts["test"].empty, encoded.counts["test"].conflicts) == (1, 1)
    assert encoded.train.token_ids.dtype == np.int32
    assert encoded.train.mask.dtype == np.bool_
    assert encoded.train.labels.dtype == np.int64


def test_width_is_that_of_the_longest_kept_text_in_any_split():
    dataset = make(train=("a b", "c"), validation=("a",), test=("a b c d",))
    assert encode_dataset(dataset, max_length=10).width == 4
    assert encode_dataset(dataset, max_length=3).width == 3
    encoded = encode_dataset(dataset)
    assert encoded.train.token_ids.shape[1] == encoded.test.token_ids.shape[1]


words = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6).map(" ".join)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(words, min_size=2, max_size=6),
    st.lists(words, min_size=1, max_size=4),
    st.lists(words, min_size=1, max_size=4),
)
def test_no_other_split_enters_the_vocabulary(train, test, other):
    encoded = encode_dataset(make(train, test=test), min_count=1)
    again = encode_dataset(make(train, validation=other, test=other), min_count=1)
    assert encoded.vocabulary == again.vocabulary
    assert set(encoded.vocabulary.words) == {word for text in train for word in text.split()}


@settings(max_examples=30, deadline=None)
@given(st.lists(words, min_size=2, max_size=6), st.integers(1, 4))
def test_ids_stand_for_tokens(train, max_length):
    encoded = encode_dataset(make(train), max_length=max_length, min_count=1)
    for ids, mask, tokens in zip(encoded.train.token_ids, encoded.train.mask, encoded.train.tokens, strict=True):
        assert [encoded.vocabulary.words[code - 2] for code in ids[mask]] == list(tokens)
        assert not ids[~mask].any()


def test_fingerprint_follows_content_alone():
    dataset = make(("a b", "b a", "c"))
    fingerprint = encode_dataset(dataset).fingerprint
    assert encode_dataset(dataset).fingerprint == fingerprint
    # Pinned, so that it is known to be the same on another machine and in another version.
    assert fingerprint == "0d8818e5c8ab29eaf127a15bfb1d47a723d964d101c3f2a69895cafc99c1ece9"
    assert encode_dataset(make(("a b", "b a", "a"))).fingerprint != fingerprint
    assert encode_dataset(dataset, min_count=1).fingerprint != fingerprint
    flipped = TextDataset("toy", dataset.texts, 1 - dataset.labels, dataset.splits, dataset.class_names, "CC0", "none")
    assert encode_dataset(flipped).fingerprint != fingerprint


def test_pickled_data_set_is_the_same():
    encoded = encode_dataset(planted(40))
    again = pickle.loads(pickle.dumps(encoded))
    assert again.fingerprint == encoded.fingerprint
    assert again.counts == encoded.counts
    assert again.test.tokens == encoded.test.tokens


def test_split_without_a_token_is_an_error():
    with pytest.raises(DatasetError, match=r"toy: .* got none in test"):
        encode_dataset(make(("a", "b"), test=("...", "")))


@pytest.mark.parametrize("parameter", ["max_length", "min_count", "max_vocabulary"])
@pytest.mark.parametrize("value", [0, -1, 2.5, True, "3"])
def test_bad_parameter_is_named(parameter, value):
    with pytest.raises(InvalidInputError, match=f"{parameter}: must be an integer"):
        encode_dataset(make(("a", "b")), **{parameter: value})


def test_repr_shows_no_data():
    assert len(repr(encode_dataset(planted(200)))) < 900


def test_max_texts_keeps_a_fixed_part_of_a_split_and_learns_the_vocabulary_from_it():
    text = planted(400, length=5, n_fillers=3000)
    whole = encode_dataset(text, min_count=1)
    part = encode_dataset(text, min_count=1, max_texts={"train": 60, "test": 1000})
    again = encode_dataset(text, min_count=1, max_texts={"train": 60})
    assert (len(part.train), len(part.test)) == (60, len(whole.test))
    assert set(part.train.index) < set(whole.train.index)
    assert part.fingerprint == again.fingerprint
    assert set(part.vocabulary.words) == {token for tokens in part.train.tokens for token in tokens}
    assert part.counts["train"].empty == 0


@pytest.mark.parametrize("limits", [{"train": 1}, {"train": 2.5}, {"dev": 10}])
def test_max_texts_is_checked(limits):
    with pytest.raises(InvalidInputError, match="max_texts"):
        encode_dataset(planted(50), max_texts=limits)
