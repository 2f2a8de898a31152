"""What `HumanMarks` checks: tokens, marks and classes, each by text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from attnstats._column import shown
from attnstats._conversion import read
from attnstats._validation import BoolArray, IntArray, check_at_least, check_present
from attnstats.exceptions import InvalidInputError


def rows_of(values: Iterable[Any], name: str) -> list[Any]:
    """Return what there is for each text."""
    sized = hasattr(values, "__len__") and hasattr(values, "__iter__")
    if isinstance(values, str | bytes | bytearray | dict | set) or not sized or getattr(values, "ndim", 1) == 0:
        split = "; split a text into its tokens first" if isinstance(values, str) and "[" in name else ""
        raise InvalidInputError(f"{name}: must be a sequence with one entry for each; got {shown(values)}{split}")
    return list(values)


def as_words(values: Iterable[Any], name: str) -> tuple[str, ...]:
    """Return a sequence of texts."""
    words = tuple(map(str, values)) if isinstance(values, np.ndarray) else tuple(rows_of(values, name))
    for word in words:
        if not isinstance(word, str):
            raise InvalidInputError(f"{name}: must hold texts; got {shown(word)}")
    return words


def as_tokens(values: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return the tokens of each text, of which none is empty."""
    tokens = tuple(as_words(each, f"tokens[{place}]") for place, each in enumerate(rows_of(values, "tokens")))
    check_at_least(len(tokens), 1, "number of texts in tokens")
    for place, each in enumerate(tokens):
        check_at_least(len(each), 1, f"number of tokens in tokens[{place}]")
    return tokens


def as_marks(values: Sequence[ArrayLike], lengths: Sequence[int]) -> tuple[BoolArray, ...]:
    """Return the marks of each text, shape (n_annotators, n_tokens), for texts of these lengths."""
    rows = rows_of(values, "marks")
    check_number_of_texts(len(rows), len(lengths), "marks")
    return tuple(
        marks_of_text(each, f"marks[{place}]", length)
        for place, (each, length) in enumerate(zip(rows, lengths, strict=True))
    )


def marks_of_text(values: ArrayLike, name: str, n_tokens: int) -> BoolArray:
    """Return the marks of one text, shape (n_annotators, n_tokens); of one annotator they may have one axis."""
    column = read(values, name).whole()
    check_present(column.absent.ravel(), name)
    array = column.values[np.newaxis] if column.values.ndim == 1 else column.values
    if array.ndim != 2 or array.shape[1] != n_tokens:
        raise InvalidInputError(
            f"{name}: must have shape (n_annotators, {n_tokens}), a mark for each token; got {column.values.shape}"
        )
    check_at_least(len(array), 1, f"number of annotators in {name}")
    if array.dtype.kind != "b":
        known = array.dtype.kind in "iuf" and bool(np.isin(array, (0, 1)).all())
        if not known:
            raise InvalidInputError(f"{name}: must be True or False, or 1 or 0; got {shown(array.ravel()[0])}")
    return np.ascontiguousarray(array, dtype=np.bool_)


def as_codes(values: ArrayLike, name: str, n_classes: int) -> IntArray:
    """Return class codes as they are given, shape (n,)."""
    column = read(values, name).whole()
    check_present(column.absent.ravel(), name)
    array = column.values
    if array.ndim != 1 or array.dtype.kind not in "biuf" or (array != np.floor(array)).any():
        words = array.ndim == 1 and array.dtype.kind not in "biuf"
        remedy = f"; of names pass [class_names.index(each) for each in {name}]" if words else ""
        raise InvalidInputError(
            f"{name}: must be class codes, whole numbers of shape (n,); got {shown(values)}{remedy}"
        )
    if array.size and not (array.min() >= 0 and array.max() < n_classes):
        raise InvalidInputError(f"{name}: must lie between 0 and {n_classes - 1}; got {array.min()} to {array.max()}")
    return array.astype(np.int64)


def as_counts(values: ArrayLike, name: str, n_texts: int, minimum: int = 0) -> IntArray:
    """Return a whole number for each text."""
    column = read(values, name).whole()
    check_present(column.absent.ravel(), name)
    array = column.values
    whole = array.dtype.kind in "iu" and array.shape == (n_texts,)
    if not whole or array.min() < minimum:
        raise InvalidInputError(
            f"{name}: must be whole numbers of at least {minimum}, one for each of {n_texts} texts; got {shown(values)}"
        )
    return array.astype(np.int64)


def check_number_of_texts(found: int, n_texts: int, name: str) -> None:
    """Raise unless there is one entry for each text."""
    if found != n_texts:
        raise InvalidInputError(f"{name}: must have one entry for each of {n_texts} texts; got {found}")
