"""What is shown of a text: its words or its tokens, with the special tokens or without."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from attnstats._validation import BoolArray, FloatArray, IntArray, RealArray, check_flag


class Units(ABC):
    """Which tokens belong together, and which are left out."""

    @abstractmethod
    def numbers(self, word: IntArray, special: BoolArray, mask: BoolArray) -> IntArray:
        """Return the unit of each token, ascending in each text from 0, -1 where it is left out.

        Parameters
        ----------
        word : ndarray of int, shape (n_examples, n_tokens)
            Number of the word that each token is a part of; -1 at special tokens and padding.
        special, mask : ndarray of bool, shape (n_examples, n_tokens)
            Tokens that the tokenizer added; tokens that are no padding.
        """


@dataclass(frozen=True)
class Words(Units):
    """Words between blanks: weights of their tokens add, states are averaged.

    Words are the same for every tokenizer, so that models with different ones can be compared, and with what humans
    marked.

    Parameters
    ----------
    special : bool
        Whether special tokens stand among the words; else their weight is left out, and the rest divided by its sum.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.trace import Words
    >>> word, special = np.array([[-1, 0, 0, 1, -1]]), np.array([[True, False, False, False, True]])
    >>> Words().numbers(word, special, np.full((1, 5), True))
    array([[-1,  0,  0,  1, -1]])
    """

    special: bool = False

    def __post_init__(self) -> None:
        check_flag(self.special, "special")

    def numbers(self, word: IntArray, special: BoolArray, mask: BoolArray) -> IntArray:
        """Return the word of each token; each special token is one of its own."""
        real = mask & (self.special | ~special)
        new = np.ones(word.shape, dtype=bool)
        new[:, 1:] = (word[:, 1:] != word[:, :-1]) | special[:, 1:] | special[:, :-1]
        return _numbered(new & real, real)


@dataclass(frozen=True)
class Tokens(Units):
    """Tokens as the model sees them.

    Parameters
    ----------
    special : bool
        Whether special tokens are shown; else their weight is left out, and the rest divided by its sum.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.trace import Tokens
    >>> word, special = np.array([[-1, 0, 0, 1, -1]]), np.array([[True, False, False, False, True]])
    >>> Tokens(special=True).numbers(word, special, np.full((1, 5), True))
    array([[0, 1, 2, 3, 4]])
    """

    special: bool = False

    def __post_init__(self) -> None:
        check_flag(self.special, "special")

    def numbers(self, word: IntArray, special: BoolArray, mask: BoolArray) -> IntArray:  # noqa: ARG002
        """Return the place of each token among those shown."""
        real = mask & (self.special | ~special)
        return _numbered(real, real)


def _numbered(first: BoolArray, real: BoolArray) -> IntArray:
    """Return ascending numbers that grow where a unit begins."""
    return np.where(real, np.cumsum(first, axis=1) - 1, -1)


def added(weights: RealArray, units: IntArray, n_units: int) -> FloatArray:
    """Return the sum of the weights of each unit, shape (n_examples, n_units)."""
    rows, columns = np.nonzero(units >= 0)
    flat = rows * n_units + units[rows, columns]
    sums = np.bincount(flat, weights[rows, columns], minlength=len(units) * n_units)
    return np.asarray(sums, dtype=np.float64).reshape(len(units), n_units)


def averaged(states: RealArray, units: IntArray, n_units: int) -> RealArray:
    """Return the mean state of each unit in single precision, shape (n_examples, n_units, dim), zero where none is."""
    rows, columns = np.nonzero(units >= 0)
    flat = rows * n_units + units[rows, columns]
    starts = np.flatnonzero(np.diff(flat, prepend=-1))  # tokens of a unit stand side by side
    parts = np.diff(starts, append=len(flat))
    result = np.zeros((len(units) * n_units, states.shape[2]), dtype=np.float32)
    values = np.asarray(states[rows, columns], dtype=np.float32)
    result[flat[starts]] = np.add.reduceat(values, starts, axis=0) / parts[:, np.newaxis]
    return result.reshape(len(units), n_units, -1)
