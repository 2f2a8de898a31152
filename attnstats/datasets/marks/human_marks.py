"""Texts with the tokens that each of several people marked, checked when they are made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._column import shown
from attnstats._conversion import as_places
from attnstats._validation import BoolArray, IntArray, check_count, check_flag, check_member, check_text
from attnstats.datasets.marks._checks import (
    as_codes,
    as_counts,
    as_marks,
    as_tokens,
    as_words,
    check_number_of_texts,
    rows_of,
)
from attnstats.datasets.marks.marked_text import MarkedText
from attnstats.datasets.texts._splitting import build_dataset
from attnstats.datasets.texts.text_dataset import SPLITS, DatasetCard
from attnstats.datasets.texts.tokenization import tokenize
from attnstats.exceptions import DatasetError, InvalidInputError
from attnstats.results import counted


@dataclass(frozen=True, eq=False, repr=False)
class HumanMarks:
    """Texts, their classes, and the tokens that people marked as telling of the class.

    Parameters
    ----------
    name : str
        Name of the data set.
    tokens : tuple of tuples of str, length n_texts
        The tokens of each text, at least one.
    labels : ndarray of int64, shape (n_texts,)
        Class codes, 0 to ``len(class_names) - 1``.
    marks : tuple of ndarrays of bool, each of shape (n_annotators, n_tokens)
        True, or 1, where an annotator marked the token. A vector is one annotator, and the number of annotators may
        differ by text.
    class_names : tuple of str
        Name of each class code.
    splits : ndarray of str, shape (n_texts,), optional
        ``"train"``, ``"validation"`` or ``"test"``, where the data set has them.
    annotator_labels : tuple of ndarrays of int64, each of shape (n_annotators,), optional
        The class that each annotator saw in the text.
    ids : tuple of str, optional
        What each text is called in the files.
    same_annotators : bool
        Whether annotator a is the same person in every text. Where a crowd was asked this is not so: row a is then just
        one of those who read the text, and others have read the next.
    licence, citation : str
        Licence, and the publication to cite.
    notes : tuple of str
        What was odd in the files, a phrase each.
    marks_cut : ndarray of int64, shape (n_texts,), optional
        How many marks of each text, of all its annotators, `truncated` cut off; None where no text was cut.

    Raises
    ------
    InvalidInputError
        If lengths disagree, marks are not all true or false, or a label or split is not one of the known ones.
    TooFewSamplesError
        If there is no text, or one without a token or an annotator.

    Examples
    --------
    >>> from attnstats.datasets import HumanMarks
    >>> tokens = [["a", "very", "good", "film"], ["dull", "film"]]
    >>> marks = HumanMarks("toy", tokens, [1, 0], [[[0, 1, 1, 0], [0, 0, 1, 0]], [[1, 0], [1, 0]]], ["bad", "good"])
    >>> marks
    HumanMarks('toy', 2 texts, 2 annotators, 44 % of tokens marked, classes bad, good)
    >>> marks.marks[0].sum(axis=0).tolist()
    [0, 1, 2, 0]
    """

    name: str
    tokens: tuple[tuple[str, ...], ...]
    labels: IntArray
    marks: tuple[BoolArray, ...]
    class_names: tuple[str, ...]
    splits: NDArray[np.str_] | None = None
    annotator_labels: tuple[IntArray, ...] | None = None
    ids: tuple[str, ...] | None = None
    same_annotators: bool = False
    licence: str = "not stated"
    citation: str = "not stated"
    notes: tuple[str, ...] = ()
    marks_cut: IntArray | None = None

    def __post_init__(self) -> None:
        for parameter in ("name", "licence", "citation"):
            check_text(getattr(self, parameter), parameter)
        check_flag(self.same_annotators, "same_annotators")
        tokens = as_tokens(self.tokens)
        n_texts = len(tokens)
        class_names = as_words(self.class_names, "class_names")
        labels = as_codes(self.labels, "labels", len(class_names))
        check_number_of_texts(len(labels), n_texts, "labels")
        checked = {
            "tokens": tokens,
            "labels": labels,
            "marks": as_marks(self.marks, list(map(len, tokens))),
            "class_names": class_names,
            "notes": as_words(self.notes, "notes"),
        }
        if self.splits is not None:
            splits = as_words(self.splits, "splits")
            check_number_of_texts(len(splits), n_texts, "splits")
            for split in splits:
                check_member(split, "splits", SPLITS)
            checked["splits"] = np.array(splits, dtype=np.str_)
        if self.ids is not None:
            checked["ids"] = as_words(self.ids, "ids")
            check_number_of_texts(len(self.ids), n_texts, "ids")
        if self.marks_cut is not None:
            checked["marks_cut"] = as_counts(self.marks_cut, "marks_cut", n_texts)
        if self.annotator_labels is not None:
            rows = rows_of(self.annotator_labels, "annotator_labels")
            check_number_of_texts(len(rows), n_texts, "annotator_labels")
            codes = [as_codes(each, f"annotator_labels[{i}]", len(class_names)) for i, each in enumerate(rows)]
            checked["annotator_labels"] = tuple(codes)
        for parameter, value in checked.items():
            object.__setattr__(self, parameter, value)
        for place, (marked, classes) in enumerate(zip(self.marks, self.annotator_labels or (), strict=False)):
            if len(marked) != len(classes):
                raise InvalidInputError(
                    f"annotator_labels[{place}]: must have one class for each of {len(marked)} annotators; got"
                    f" {len(classes)}"
                )

    @property
    def n_annotators(self) -> int:
        """The largest number of annotators of a text."""
        return max(map(len, self.marks))

    @property
    def share(self) -> float:
        """Share of the tokens of a text that an annotator marked, the mean over texts and annotators."""
        return float(np.mean([each.mean() for each in self.marks]))

    @property
    def agreed(self) -> BoolArray:
        """Whether every annotator saw the class of the label, shape (n_texts,)."""
        if self.annotator_labels is None:
            raise InvalidInputError("annotator_labels: must be given to know who agreed; got None")
        pairs = zip(self.annotator_labels, self.labels, strict=True)
        return np.array([(seen == label).all() for seen, label in pairs], dtype=np.bool_)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of tokens and marks, in their order."""
        digest = hashlib.sha256()
        for words, marked in zip(self.tokens, self.marks, strict=True):
            digest.update(repr((words, marked.shape)).encode("utf-8", "backslashreplace") + marked.tobytes())
        return digest.hexdigest()

    def take(self, texts: ArrayLike) -> Self:
        """Return some of the texts: their positions, or which of them as booleans.

        The test texts of an encoded data set are ``marks.take(encoded.test.index)``.

        Raises
        ------
        InvalidInputError, TooFewSamplesError
            If there is no such text, or none is taken.
        """
        places = as_places(texts, len(self), "texts")
        rows = places.tolist()
        return replace(
            self,
            tokens=tuple(self.tokens[row] for row in rows),
            labels=self.labels[places],
            marks=tuple(self.marks[row] for row in rows),
            splits=None if self.splits is None else self.splits[places],
            annotator_labels=None if self.annotator_labels is None else tuple(self.annotator_labels[r] for r in rows),
            ids=None if self.ids is None else tuple(self.ids[row] for row in rows),
            marks_cut=None if self.marks_cut is None else self.marks_cut[places],
        )

    def truncated(self, max_length: ArrayLike) -> Self:
        """Return the first tokens of each text, as a model reads them; some may lose all their marks.

        Parameters
        ----------
        max_length : int, or array_like of int, shape (n_texts,)
            How many tokens are kept: of every text, as `encode_dataset` cuts them, or of each, as the tokenizer of a
            transformer does: ``trace.mask.sum(axis=1)``.

        Returns
        -------
        HumanMarks
            With the number of marks that each text lost in `marks_cut`, which print and results tell.

        Raises
        ------
        InvalidInputError
            If a length is no whole number of at least 1, or there is not one for each text.

        Examples
        --------
        >>> from attnstats.datasets import HumanMarks
        >>> tokens = [["a", "very", "good", "film"], ["dull", "film"]]
        >>> marks = HumanMarks("toy", tokens, [1, 0], [[[0, 1, 1, 0], [0, 0, 1, 0]], [[1, 0]]], ["bad", "good"])
        >>> marks.truncated(2).marks_cut.tolist()
        [2, 0]
        >>> marks.truncated(2)
        HumanMarks('toy', 2 texts, 2 annotators, 38 % of tokens marked, classes bad, good; 2 marks of 1 text cut off)
        """
        if np.ndim(max_length) == 0:
            lengths = [check_count(max_length, "max_length")] * len(self)
        else:
            lengths = as_counts(max_length, "max_length", len(self), minimum=1).tolist()
        pairs = list(zip(self.marks, lengths, strict=True))
        lost = np.array([each[:, length:].sum() for each, length in pairs], dtype=np.int64)
        cut = any(each.shape[1] > length for each, length in pairs)
        before = np.zeros(len(self), dtype=np.int64) if self.marks_cut is None else self.marks_cut
        return replace(
            self,
            tokens=tuple(each[:length] for each, length in zip(self.tokens, lengths, strict=True)),
            marks=tuple(each[:, :length] for each, length in pairs),
            marks_cut=before + lost if cut else self.marks_cut,
        )

    def retokenized(self, split: Callable[[str], Sequence[str]] = tokenize) -> Self:
        """Return the texts in the tokens of a model, each with the marks of the word that it is a part of.

        Parameters
        ----------
        split : callable
            Takes a token and returns its parts, none for one that the model does not see, such as punctuation; by
            default `tokenize`, which the models of this package use. A tokeniser of words alone is enough: it never
            sees two tokens at once.

        Raises
        ------
        InvalidInputError
            If nothing is left of a text, or the parts are no texts.

        Examples
        --------
        >>> from attnstats.datasets import HumanMarks
        >>> HumanMarks("toy", [["Well-made,", "-", "truly!"]], [0], [[1, 0, 0]], ["good"]).retokenized().tokens
        (('well', 'made', 'truly', '!'),)
        """
        if not callable(split):
            raise InvalidInputError(f"split: must be a function of a token; got {shown(split)}")
        tokens, marks = [], []
        for place, (words, marked) in enumerate(zip(self.tokens, self.marks, strict=True)):
            parts = [as_words(split(word), "split: the parts of a token") for word in words]
            if not any(parts):
                raise InvalidInputError(f"split: must leave something of every text; got nothing of text {place}")
            tokens.append(tuple(part for each in parts for part in each))
            marks.append(np.repeat(marked, list(map(len, parts)), axis=1))
        return replace(self, tokens=tuple(tokens), marks=tuple(marks))

    def to_dataset(self, *, split_seed: int = 0) -> MarkedText:
        """Return the texts, in the same order, for the training and analysis of the package's models.

        A text is its tokens joined by blanks: those of `retokenized`, so that a model sees the tokens that the marks
        are for. Texts without splits are split as by `local_file`.

        Raises
        ------
        DatasetError
            If two texts are the same, a token would be split further, or a split would be empty.
        InvalidInputError
            If `split_seed` is not an integer of at least 0.
        """
        texts = [" ".join(each) for each in self.tokens]
        for place, (text, tokens) in enumerate(zip(texts, self.tokens, strict=True)):
            if tuple(tokenize(text)) != tokens:
                raise DatasetError(
                    f"{self.name}: must hold tokens as tokenize gives them, but text {place} does not; call"
                    " retokenized() first"
                )
        card = DatasetCard(self.name, "Texts with human marks", self.class_names, None, self.licence, self.citation, "")
        splits = None if self.splits is None else self.splits.tolist()
        if n_copies := len(texts) - len(set(texts)):  # which would be left out, and the others be in other places
            raise DatasetError(f"{self.name}: must not hold a text twice; got {n_copies} copies")
        found = build_dataset(card, texts, self.labels.tolist(), splits=splits, split_seed=split_seed)
        return MarkedText(**{each.name: getattr(found, each.name) for each in fields(found)}, marks=self)

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        sizes = f"{counted(len(self), 'text')}, {counted(self.n_annotators, 'annotator')}"
        shares = f"{100 * self.share:.0f} % of tokens marked, classes {', '.join(self.class_names)}"
        cut = told_cut(self.marks_cut)
        return f"{type(self).__name__}({self.name!r}, {sizes}, {shares}{f'; {cut}' if cut else ''})"


def told_cut(marks_cut: IntArray | None) -> str:
    """Return in words how many marks of how many texts were cut off, nothing where none was."""
    if marks_cut is None or not marks_cut.any():
        return ""
    return f"{counted(int(marks_cut.sum()), 'mark')} of {counted(int((marks_cut > 0).sum()), 'text')} cut off"
