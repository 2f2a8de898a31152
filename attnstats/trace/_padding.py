"""Padding that the mask counts among the real tokens, as far as arrays show it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import BoolArray, FloatArray, IntArray, RealArray
from attnstats.exceptions import UnreliableEstimateWarning
from attnstats.results import counted

#: What tokenizers call the tokens that fill up a text, in lower case.
_NAMES = ("[pad]", "<pad>", "<|pad|>", "<pad_token>", "<blank>")
#: Fewest texts whose zeros can hardly stand at one side by chance.
_FEWEST = 8


def warn_of_padding(
    weights: FloatArray, states: RealArray, real: BoolArray, codes: IntArray | None, strings: NDArray[np.str_] | None
) -> None:
    """Warn where real tokens at the end or the beginning of texts look like padding; everything after would take part.

    Weights and mask have shape (n_texts, n_tokens); codes are the places of the tokens in strings, or both are None.
    """
    for remark in _remarks(weights, states, real, codes, strings):
        warnings.warn(
            f"mask: counts as real what looks like padding: {remark}; if it is, pass mask= with False there",
            UnreliableEstimateWarning,
            stacklevel=3,
        )
        return


def _remarks(
    weights: FloatArray, states: RealArray, real: BoolArray, codes: IntArray | None, strings: NDArray[np.str_] | None
) -> Iterator[str]:
    if codes is not None and strings is not None:
        named = np.isin(np.char.lower(strings), _NAMES)
        padding = real & named[codes] & (codes >= 0)
        if (at_an_end := _at_an_end(padding, real)).any():
            text, token = np.argwhere(at_an_end)[0]
            yield f"{_texts(at_an_end)} with the token {str(strings[codes[text, token]])!r}"
    if real.all():
        zeros = np.asarray(weights == 0)
        if _like_padding(zeros):
            yield f"{_texts(zeros)} with weights that are exactly zero"
        if not states[:, [0, -1]].any(axis=2).all() and _like_padding(blank := np.asarray(~states.any(axis=2))):
            yield f"{_texts(blank)} with states that are zero throughout"


def _like_padding(zeros: BoolArray) -> bool:
    """Return whether zeros stand at one side of many texts and nowhere else, of some more than of others.

    Those of sparse attention, or of weights too small for their precision, stand anywhere.
    """
    at_one_side = any((each == zeros).all() for each in (_run(zeros), _run(zeros[:, ::-1])[:, ::-1]))
    return at_one_side and int(zeros.any(axis=1).sum()) >= _FEWEST and int(np.ptp(zeros.sum(axis=1))) > 0


def _texts(places: BoolArray) -> str:
    n = int(places.any(axis=1).sum())
    return f"{counted(n, 'text')} {'begins or ends' if n == 1 else 'begin or end'}"


def _run(flags: BoolArray) -> BoolArray:
    """Return which flags stand before the first that is False."""
    return np.asarray(np.logical_and.accumulate(flags, axis=1))


def _at_an_end(flags: BoolArray, real: BoolArray) -> BoolArray:
    """Return which flags are in a run at the beginning or the end of the real tokens."""
    either = flags | ~real
    return np.asarray(flags & (_run(either) | _run(either[:, ::-1])[:, ::-1]))
