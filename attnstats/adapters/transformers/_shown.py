"""The words or tokens of texts that are shown, the same as in a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from attnstats._validation import BoolArray, IntArray
from attnstats.adapters.transformers._texts_as_arrays import texts_as_arrays
from attnstats.adapters.transformers._tokenized import TokenizedTexts
from attnstats.trace import TransformerTrace, Units


@dataclass(frozen=True, eq=False)
class Shown:
    """The units of texts.

    Parameters
    ----------
    numbers : ndarray of int, shape (n_texts, n_tokens)
        The unit that each token is a part of, -1 where it is left out.
    mask : ndarray of bool, shape (n_texts, n_units)
        Units that are no padding.
    tokens : tuple of tuple of str
        The units as strings.
    """

    numbers: IntArray
    mask: BoolArray
    tokens: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, texts: TokenizedTexts, units: Units) -> Self:
        """Return what a trace of the texts would show."""
        arrays = texts_as_arrays(texts)
        trace = TransformerTrace(arrays, (), (), (), units, {})
        numbers = units.numbers(*(np.asarray(arrays[name]) for name in ("word", "special", "mask")))
        return cls(numbers, trace.mask, trace.tokens)

    @property
    def counts(self) -> IntArray:
        """Number of units of each text."""
        return np.asarray(self.mask.sum(axis=1))
