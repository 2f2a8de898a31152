from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.datasets import DatasetCard
from attnstats.datasets.texts._splitting import assign_splits, build_dataset, repeated_texts
from attnstats.exceptions import InvalidInputError

CARD = DatasetCard("toy", "Toy texts", ("no", "yes"), None, "CC0", "none", "typed")


def distinct(n):
    return [f"text number {i}" for i in range(n)], [i % 2 for i in range(n)]


def test_shares_hold_within_each_class():
    texts, _ = distinct(300)
    labels = [0] * 200 + [1] * 100
    splits = assign_splits(texts, labels, test=0.12, validation=0.08, split_seed=0)
    counts = Counter(zip(labels, splits, strict=True))
    assert counts == {
        (0, "train"): 160, (0, "validation"): 16, (0, "test"): 24,
        (1, "train"): 80, (1, "validation"): 8, (1, "test"): 12,
    }  # fmt: skip


def test_split_is_pinned():
    # Must never change: published numbers depend on it.
    splits = assign_splits([f"t{i}" for i in range(12)], [0] * 12, test=0.25, validation=0.25, split_seed=0)
    assert [i for i, split in enumerate(splits) if split == "test"] == [1, 2, 10]
    assert [i for i, split in enumerate(splits) if split == "validation"] == [3, 7, 11]


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(random):
    texts, labels = distinct(40)
    where = dict(zip(texts, assign_splits(texts, labels, test=0.2, validation=0.1, split_seed=1), strict=True))
    order = list(range(40))
    random.shuffle(order)
    shuffled = [texts[i] for i in order]
    again = assign_splits(shuffled, [labels[i] for i in order], test=0.2, validation=0.1, split_seed=1)
    assert dict(zip(shuffled, again, strict=True)) == where


def test_another_seed_draws_another_split():
    texts, labels = distinct(200)
    first, second = (assign_splits(texts, labels, test=0.12, validation=0.08, split_seed=seed) for seed in (0, 1))
    overlap = sum(a == b == "test" for a, b in zip(first, second, strict=True))
    # 24 test texts each; by chance 24 * 0.12 = 2.9 are in both.
    assert first.count("test") == second.count("test") == 24
    assert overlap < 12


def brute_force_repeated(keys, labels, splits):
    order = {"test": 0, "validation": 1, "train": 2}
    duplicates, conflicts = set(), set()
    for i, key in enumerate(keys):
        same = [j for j, other in enumerate(keys) if key and other == key]
        if any(labels[j] != labels[i] for j in same):
            conflicts.add(i)
        elif any((order[splits[j]], j) < (order[splits[i]], i) for j in same):
            duplicates.add(i)
    return duplicates, conflicts


rows = st.tuples(
    st.sampled_from(["", "a", "b", "c"]), st.integers(0, 1), st.sampled_from(["train", "validation", "test"])
)


@settings(max_examples=100, deadline=None)
@given(st.lists(rows, max_size=12))
def test_repeated_texts_equal_the_definition(table):
    keys, labels, splits = [list(column) for column in zip(*table, strict=True)] if table else ([], [], [])
    assert repeated_texts(keys, labels, splits) == brute_force_repeated(keys, labels, splits)


def test_built_data_set_holds_each_text_once_and_counts_the_rest():
    texts, labels = distinct(100)
    texts += ["Text  number 0<br />", "TEXT NUMBER 1", "text number 2"]  # copies of 0, 1; 2 with the other label
    labels += [0, 1, 1]
    dataset = build_dataset(CARD, texts, labels)
    assert len(dataset) == 100 - 1
    assert sum(dataset.duplicates.values()) == 2
    assert sum(dataset.conflicts.values()) == 2
    assert "text number 2" not in dataset.texts


def test_copy_in_the_official_test_split_is_kept():
    texts, labels = distinct(40)
    splits = ["train"] * 30 + ["test"] * 10
    dataset = build_dataset(CARD, [*texts, texts[35]], [*labels, labels[35]], splits=[*splits, "train"])
    assert dataset.sizes["test"] == 10
    assert [dataset.texts[i] for i in range(len(dataset)) if dataset.splits[i] == "test"] == texts[30:]
    assert sum(dataset.duplicates.values()) == 1
    assert dataset.duplicates["test"] == 0
    # a tenth of each class of the 31 training texts (15 and 16) validates
    assert dataset.sizes["validation"] == 4


def test_given_validation_split_is_left_as_it_is():
    texts, labels = distinct(12)
    splits = (["train"] * 4 + ["validation"] * 4) + ["test"] * 4
    assert build_dataset(CARD, texts, labels, splits=splits).splits.tolist() == splits


@pytest.mark.parametrize("seed", [-1, 1.5, "0"])
def test_bad_seed_is_named(seed):
    texts, labels = distinct(100)
    with pytest.raises(InvalidInputError, match="split_seed: must be an integer of at least 0"):
        build_dataset(CARD, texts, labels, split_seed=seed)


def test_longer_texts_are_left_out_and_no_other_moves():
    texts, labels = distinct(100)
    longer = [f"{text} and more words" if index % 3 == 0 else text for index, text in enumerate(texts)]
    whole, cut = build_dataset(CARD, longer, labels), build_dataset(CARD, longer, labels, max_tokens=3)
    places = dict(zip(whole.texts, whole.splits, strict=True))
    assert cut.texts == tuple(text for index, text in enumerate(longer) if index % 3)
    assert cut.splits.tolist() == [places[text] for text in cut.texts]
    assert build_dataset(CARD, longer, labels, max_tokens=6).texts == whole.texts
    with pytest.raises(InvalidInputError, match="max_tokens: must be an integer of at least 1; got 0"):
        build_dataset(CARD, texts, labels, max_tokens=0)
