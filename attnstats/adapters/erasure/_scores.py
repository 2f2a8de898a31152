"""Scores of the words of texts, in the forms in which they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from attnstats._conversion import Given, read
from attnstats._distributions import as_token_scores
from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.adapters.attributions.attributions import Attributions
from attnstats.adapters.transformers._shown import Shown
from attnstats.exceptions import InvalidInputError
from attnstats.trace import Units, Words


def scores_of_units(scores: ArrayLike | Attributions | Sequence[ArrayLike], shown: Shown, units: Units) -> FloatArray:
    """Return one score for each unit of each text, shape (n_texts, n_units), or raise what is wrong with them."""
    unit = "word" if isinstance(units, Words) else "token"
    given: Any = scores
    if isinstance(given, Attributions):
        if given.tokens != shown.tokens:
            raise InvalidInputError(
                f"scores: must be of the same {unit}s as texts, {units!r}; got Attributions of others, {given.units!r}"
            )
        given = given.scores
    elif isinstance(given, list | tuple):
        rows = [read(row, f"scores[{text}]") for text, row in enumerate(given)]
        if len({row.shape for row in rows}) > 1:
            given = _padded(rows, shown, unit)
    return as_token_scores(given, shown.mask, "scores", f"a score for each {unit} of each text, shape")


def ranks_with_ties_at_random(scores: FloatArray, mask: BoolArray, rng: np.random.Generator) -> IntArray:
    """Return the rank of each unit, 0 for the highest score; padding ranks last, equal scores in random order."""
    order = np.lexsort((rng.random(scores.shape), np.where(mask, -scores, np.inf)), axis=1)
    return np.argsort(order, axis=1)


def _padded(rows: Sequence[Given], shown: Shown, unit: str) -> FloatArray:
    """Return rows of unequal length one below another."""
    padded = np.zeros(shown.mask.shape)
    if len(rows) != len(padded):
        raise InvalidInputError(f"scores: must have one row for each text; got {len(rows)} for {len(padded)} texts")
    for text, (row, n) in enumerate(zip(rows, shown.counts, strict=True)):
        if row.shape != (n,) or row.array.dtype.kind not in "fiubO":
            raise InvalidInputError(
                f"scores: must have one real number for each {unit} of a text; got {row.array.dtype} {row.shape} for "
                f"text {text}, which has {n}"
            )
        padded[text, :n] = row.floats(f"scores[{text}]")
    return padded
