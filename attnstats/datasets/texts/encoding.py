"""Padded matrices of token ids, with a vocabulary from the training split alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import BoolArray, IntArray, check_count, check_member, check_object
from attnstats.datasets.texts.text_dataset import SPLITS, TextDataset
from attnstats.datasets.texts.tokenization import PADDING, UNKNOWN, Vocabulary, tokenize
from attnstats.exceptions import DatasetError, InvalidInputError


@dataclass(frozen=True)
class SplitCounts:
    """Numbers of texts and tokens of one split that were kept, shortened and left out.

    Parameters
    ----------
    texts, tokens : int
        Texts and tokens kept.
    truncated : int
        Kept texts of which only the first tokens are kept.
    empty, duplicates, conflicts : int
        Texts left out because they hold no token, or as copies of others (see `TextDataset`).
    unknown_tokens : int
        Kept tokens that are not in the vocabulary.

    Examples
    --------
    >>> SplitCounts(texts=2, tokens=8, truncated=0, empty=1, duplicates=0, conflicts=0, unknown_tokens=2).unknown_rate
    0.25
    """

    texts: int
    tokens: int
    truncated: int
    empty: int
    duplicates: int
    conflicts: int
    unknown_tokens: int

    @property
    def unknown_rate(self) -> float:
        """Share of kept tokens that are not in the vocabulary."""
        return self.unknown_tokens / self.tokens


@dataclass(frozen=True, eq=False)
class EncodedSplit:
    """One split as matrices, padded on the right.

    Parameters
    ----------
    token_ids : ndarray of int32, shape (n, width)
        0 is padding, 1 is an unknown word.
    mask : ndarray of bool, shape (n, width)
        True at tokens.
    labels : ndarray of int64, shape (n,)
        Class codes.
    tokens : tuple of tuples of str
        The tokens of each text, unknown words included.
    index : ndarray of int64, shape (n,)
        Position of each text in `TextDataset.texts`.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> split = encode_dataset(planted(50, length=4)).train
    >>> split.token_ids.shape, split.lengths[:3].tolist()
    ((40, 4), [4, 4, 4])
    """

    token_ids: NDArray[np.int32] = field(repr=False)
    mask: BoolArray = field(repr=False)
    labels: IntArray = field(repr=False)
    tokens: tuple[tuple[str, ...], ...] = field(repr=False)
    index: IntArray = field(repr=False)

    @property
    def lengths(self) -> IntArray:
        """Number of tokens in each text, shape (n,)."""
        return np.asarray(self.mask.sum(axis=1, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class EncodedDataset:
    """A data set as matrices of token ids.

    Parameters
    ----------
    name, class_names, licence, citation
        As in `TextDataset`.
    train, validation, test : EncodedSplit
        The splits; their matrices have the width of the longest kept text.
    vocabulary : Vocabulary
        Words of the training split.
    counts : mapping of str to SplitCounts
        Kept and left-out texts of each split.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> encoded = encode_dataset(planted(50, length=4), max_length=3)
    >>> encoded.width, encoded.counts["test"].truncated, len(encoded.fingerprint)
    (3, 6, 64)
    """

    name: str
    train: EncodedSplit
    validation: EncodedSplit
    test: EncodedSplit
    vocabulary: Vocabulary = field(repr=False)
    class_names: tuple[str, ...]
    counts: Mapping[str, SplitCounts]
    licence: str = field(repr=False)
    citation: str = field(repr=False)

    @property
    def width(self) -> int:
        """Number of columns of the matrices."""
        return int(self.train.token_ids.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of ids, labels, words and class names: equal for equal content on any machine."""
        digest = hashlib.sha256(repr((self.class_names, self.vocabulary.words)).encode())
        for split in (self.train, self.validation, self.test):
            digest.update(repr(split.token_ids.shape).encode())
            digest.update(np.ascontiguousarray(split.token_ids, dtype="<i4").tobytes())
            digest.update(np.ascontiguousarray(split.labels, dtype="<i8").tobytes())
        return digest.hexdigest()


def encode_dataset(
    dataset: TextDataset,
    *,
    max_length: int = 40,
    min_count: int = 2,
    max_vocabulary: int = 20_000,
    max_texts: Mapping[str, int] | None = None,
) -> EncodedDataset:
    """Tokenise a data set and turn it into padded matrices of token ids.

    Texts without a token are left out. The vocabulary is counted on the kept tokens of the training split alone.

    Parameters
    ----------
    dataset : TextDataset
        Labelled texts.
    max_length : int
        Number of tokens kept of a text, from its beginning.
    min_count, max_vocabulary : int
        Least occurrences of a word of the vocabulary in the training split, and the largest number of such words.
    max_texts : mapping of str to int, optional
        Largest number of texts of each split, at least 2; of a larger split a fixed random part is kept.

    Raises
    ------
    InvalidInputError
        If a parameter is no integer, or too small.
    DatasetError
        If a split has no text with a token in it.

    Examples
    --------
    >>> from attnstats.datasets import planted
    >>> encode_dataset(planted(100, length=6)).train.token_ids.shape
    (80, 6)
    """
    check_object(dataset, "dataset", TextDataset, "planted() or load_dataset('imdb')")
    check_count(max_length, "max_length")
    check_count(min_count, "min_count")
    check_count(max_vocabulary, "max_vocabulary")
    if not isinstance(max_texts, Mapping | None):
        raise InvalidInputError(f"max_texts: must be None or a mapping of splits to numbers; got {max_texts!r}")
    limits = dict(max_texts or {})
    for split, limit in limits.items():
        check_member(split, "max_texts", SPLITS)
        check_count(limit, f"max_texts[{split!r}]", minimum=2)
    # One string object per word, to save memory: a corpus may hold millions of tokens.
    words: dict[str, str] = {}
    tokenized = [[words.setdefault(token, token) for token in tokenize(text)] for text in dataset.texts]
    holds_token = np.array([bool(tokens) for tokens in tokenized])
    full = {split: np.flatnonzero((dataset.splits == split) & holds_token).tolist() for split in SPLITS}
    if empty := [split for split in SPLITS if not full[split]]:
        raise DatasetError(f"{dataset.name}: each split must hold a text with a token; got none in {', '.join(empty)}")
    kept = {split: _part(indices, limits.get(split)) for split, indices in full.items()}
    vocabulary = Vocabulary.from_tokens(
        (tokenized[index][:max_length] for index in kept["train"]), min_count=min_count, max_vocabulary=max_vocabulary
    )
    width = min(max_length, max(len(tokenized[index]) for split in SPLITS for index in kept[split]))
    splits = {split: _encode_split(dataset, tokenized, kept[split], vocabulary, width) for split in SPLITS}
    counts = {
        split: SplitCounts(
            texts=len(encoded),
            tokens=int(encoded.mask.sum()),
            truncated=sum(len(tokenized[index]) > max_length for index in kept[split]),
            empty=dataset.sizes[split] - len(full[split]),
            duplicates=dataset.duplicates[split],
            conflicts=dataset.conflicts[split],
            unknown_tokens=int((encoded.token_ids == UNKNOWN).sum()),
        )
        for split, encoded in splits.items()
    }
    return EncodedDataset(
        name=dataset.name,
        **splits,
        vocabulary=vocabulary,
        class_names=dataset.class_names,
        counts=counts,
        licence=dataset.licence,
        citation=dataset.citation,
    )


def _part(indices: list[int], limit: int | None) -> list[int]:
    """Return `limit` of the indices, in their order, drawn with a fixed seed."""
    if limit is None or limit >= len(indices):
        return indices
    drawn = np.random.default_rng(0).choice(len(indices), size=limit, replace=False)
    return [indices[place] for place in sorted(drawn.tolist())]


def _encode_split(
    dataset: TextDataset, tokenized: list[list[str]], kept: list[int], vocabulary: Vocabulary, width: int
) -> EncodedSplit:
    token_ids = np.full((len(kept), width), PADDING, dtype=np.int32)
    tokens = tuple(tuple(tokenized[index][:width]) for index in kept)
    for row, words in zip(token_ids, tokens, strict=True):
        row[: len(words)] = vocabulary.ids(words)
    index = np.array(kept, dtype=np.int64)
    return EncodedSplit(token_ids, token_ids != PADDING, dataset.labels[index], tokens, index)
