"""Scores of tokens as callers give them: of one model or several, padded or ragged, against the tokens of the marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from attnstats._column import shown
from attnstats._conversion import read
from attnstats._validation import FloatArray, as_mask, check_finite
from attnstats.datasets import HumanMarks
from attnstats.exceptions import InvalidInputError

#: Of one model: an array, or a row for each text.
Scores: TypeAlias = ArrayLike | Sequence[ArrayLike] | Sequence[Sequence[ArrayLike]]

_SHAPES = "shape (n_texts, n_tokens) or (n_models, n_texts, n_tokens), or be lists of rows of different length"


def as_scores(scores: Scores, marks: HumanMarks, mask: ArrayLike | None) -> list[list[FloatArray]]:
    """Return the scores of each model, of each text, shape (n_tokens,)."""
    lengths = list(map(len, marks.tokens))
    if mask is None and isinstance(scores, list | tuple):
        models = _rows_of_lists(scores)
    else:
        models = _rows_of_array(scores, mask)
    if not models:
        raise InvalidInputError(f"scores: must have {_SHAPES}; got no model")
    for rows in models:
        if len(rows) != len(lengths):
            raise InvalidInputError(
                f"scores: must have a row for each of the {len(lengths)} texts of the marks; got {len(rows)}"
            )
        for text, (row, length) in enumerate(zip(rows, lengths, strict=True)):
            if row.shape != (length,):
                said = "in the mask" if mask is not None else "in all; pass mask= if some are padding"
                short = (
                    row.ndim == 1 and row.size and all(each.size <= n for each, n in zip(rows, lengths, strict=True))
                )
                remedy = ". If the model cut texts off, pass marks.truncated(lengths), tokens of each that it read"
                raise InvalidInputError(
                    f"scores: must have one for each token; text {text} has {length} tokens in the marks, and got"
                    f" {row.size} scores {said}{remedy if short else ''}"
                )
            check_finite(row, "scores", remedy=f"It is in text {text}. Pass mask= if it stands at padding")
    return models


def _rows_of_array(scores: Any, mask: ArrayLike | None) -> list[list[FloatArray]]:
    given = read(scores, "scores")
    if given.array.ndim not in (2, 3):
        raise InvalidInputError(f"scores: must have {_SHAPES}; got shape {given.array.shape}")
    array = given.floats("scores", by_column=False)
    if array.ndim == 2:
        array = array[np.newaxis]
    inside = as_mask(mask, array.shape[1:])
    return [[row[real] for row, real in zip(of_model, inside, strict=True)] for of_model in array]


def _rows_of_lists(scores: Sequence[Any]) -> list[list[FloatArray]]:
    depth = _depth(scores)
    if depth not in (2, 3):
        raise InvalidInputError(f"scores: must have {_SHAPES}; got {shown(scores)}")
    models = scores if depth == 3 else [scores]
    return [[_row(row) for row in of_model] for of_model in models]


def _row(values: ArrayLike) -> FloatArray:
    given = read(values, "scores")
    if given.array.ndim != 1:
        raise InvalidInputError(f"scores: must have a vector for each text; got shape {given.array.shape} for one")
    return given.floats("scores")


def _depth(values: Any) -> int:
    """Return how many dimensions nested lists have, by their first entries."""
    if isinstance(values, list | tuple):
        return 1 + (_depth(values[0]) if values else 0)
    dimensions = getattr(values, "ndim", None)
    if isinstance(dimensions, int):
        return dimensions
    return int(hasattr(values, "__len__") and not isinstance(values, str))


def check_tokens(tokens: Sequence[Sequence[str]] | None, marks: HumanMarks) -> None:
    """Raise unless tokens, if they are given, are those of the marks."""
    if tokens is None:
        return
    if isinstance(tokens, str) or not hasattr(tokens, "__len__") or not hasattr(tokens, "__iter__"):
        raise InvalidInputError(f"tokens: must be a sequence of tokens for each text; got {shown(tokens)}")
    rows = [tuple(each) if hasattr(each, "__iter__") else (each,) for each in tokens]
    if len(rows) != len(marks):
        raise InvalidInputError(f"tokens: must be those of {len(marks)} texts; got {len(rows)}")
    for text, (row, own) in enumerate(zip(rows, marks.tokens, strict=True)):
        if row != own:
            ends = min(len(row), len(own))
            place = next((at for at in range(ends) if row[at] != own[at]), ends)
            raise InvalidInputError(
                f"tokens: must be those of the marks; got {shown(row[place : place + 1])} for {own[place : place + 1]}"
                f" at {place} in text {text}. Pass marks.retokenized(), with the function that makes tokens of a word"
            )
