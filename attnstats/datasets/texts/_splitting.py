"""Reproducible splits, and removal of repeated texts."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from attnstats._validation import check_count
from attnstats.datasets.texts.text_dataset import SPLITS, DatasetCard, TextDataset
from attnstats.datasets.texts.tokenization import tokenize

#: Shares of each class where a data set has no test split of its own; the rest is for training.
TEST_SHARE, VALIDATION_SHARE = 0.12, 0.08
#: Share of each class of the training texts for validation, where the test split is given.
VALIDATION_SHARE_OF_TRAIN = 0.1


def build_dataset(
    card: DatasetCard,
    texts: Sequence[str],
    labels: Sequence[int],
    *,
    splits: Sequence[str] | None = None,
    split_seed: int = 0,
    max_tokens: int | None = None,
) -> TextDataset:
    """Return the data set without repeated texts, with the splits, or the validation split, that it lacks.

    Texts of more than `max_tokens` tokens are left out after the split, so that no other text moves.
    """
    check_count(split_seed, "split_seed", minimum=0)
    if max_tokens is not None:
        check_count(max_tokens, "max_tokens")
    # Texts with the same tokens are the same text: case, white space and markup do not count.
    keys = [" ".join(tokenize(text)) for text in texts]
    if splits is None:
        splits = assign_splits(keys, labels, test=TEST_SHARE, validation=VALIDATION_SHARE, split_seed=split_seed)
    elif "validation" not in splits:
        train = [index for index, split in enumerate(splits) if split == "train"]
        chosen = [keys[index] for index in train], [labels[index] for index in train]
        drawn = assign_splits(*chosen, test=0, validation=VALIDATION_SHARE_OF_TRAIN, split_seed=split_seed)
        splits = list(splits)
        for index, split in zip(train, drawn, strict=True):
            splits[index] = split
    duplicates, conflicts = repeated_texts(keys, labels, splits)
    longer = {index for index, key in enumerate(keys) if max_tokens is not None and len(key.split()) > max_tokens}
    kept = sorted(set(range(len(texts))) - duplicates - conflicts - longer)
    return TextDataset(
        name=card.name,
        texts=tuple(texts[index] for index in kept),
        labels=np.array([labels[index] for index in kept], dtype=np.int64),
        splits=np.array([splits[index] for index in kept], dtype=np.str_),
        class_names=card.classes,
        licence=card.licence,
        citation=card.citation,
        duplicates=Counter(splits[index] for index in duplicates),
        conflicts=Counter(splits[index] for index in conflicts),
    )


def assign_splits(
    keys: Sequence[str], labels: Sequence[int], *, test: float, validation: float, split_seed: int
) -> list[str]:
    """Return a split for each text, with the given shares within each class, the same for any order and machine."""
    # By the SHA-256 of the seed and the text: the first of a class go to test, the next to validation.
    members: dict[int, list[tuple[bytes, int]]] = defaultdict(list)
    for index, (key, label) in enumerate(zip(keys, labels, strict=True)):
        members[label].append((hashlib.sha256(f"{split_seed}\n{key}".encode()).digest(), index))
    splits = ["train"] * len(keys)
    for ranked in members.values():
        ranked.sort()
        n_test = int(test * len(ranked) + 0.5)
        n_validation = int(validation * len(ranked) + 0.5)
        for position, (_, index) in enumerate(ranked[: n_test + n_validation]):
            splits[index] = "test" if position < n_test else "validation"
    return splits


def repeated_texts(keys: Sequence[str], labels: Sequence[int], splits: Sequence[str]) -> tuple[set[int], set[int]]:
    """Return the positions of surplus copies of a text, and of texts whose copies differ in label, all of them.

    Of copies with one label, one in test is kept before one in validation, and that before one in train; within a
    split, the first. Texts without a token are no copies of each other.
    """
    copies: dict[str, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        if key:
            copies[key].append(index)
    duplicates: set[int] = set()
    conflicts: set[int] = set()
    for indices in copies.values():
        if len({labels[index] for index in indices}) > 1:
            conflicts.update(indices)
        elif len(indices) > 1:
            keep = max(indices, key=lambda index: (SPLITS.index(splits[index]), -index))
            duplicates.update(index for index in indices if index != keep)
    return duplicates, conflicts
