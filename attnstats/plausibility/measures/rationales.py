"""Which tokens of a text are the rationale that scores give: the highest ones, and how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from attnstats._validation import FloatArray, IntArray, check_fraction, check_number


@dataclass(frozen=True)
class AsManyAsMarked:
    """As many tokens as the annotator marked in this text: precision, recall and F1 are then one number.

    Examples
    --------
    >>> from attnstats.plausibility import AsManyAsMarked, TokenF1
    >>> TokenF1(AsManyAsMarked()) == TokenF1()
    True
    """

    def sizes(self, scores: FloatArray, n_marked: IntArray) -> IntArray:  # noqa: ARG002
        """Return the number of tokens for each reference, shape (n,)."""
        return n_marked


@dataclass(frozen=True)
class TopShare:
    """A share of the tokens of each text, rounded, at least one: DeYoung et al. (2020) take the mean over a data set.

    Parameters
    ----------
    share : float
        In (0, 1), such as `HumanMarks.share`.

    Examples
    --------
    >>> from attnstats.plausibility import TokenF1, TopShare
    >>> TokenF1(TopShare(0.2))
    TokenF1(rationale=TopShare(share=0.2))
    """

    share: float

    def __post_init__(self) -> None:
        check_fraction(self.share, "share")

    def sizes(self, scores: FloatArray, n_marked: IntArray) -> IntArray:
        """Return the number of tokens for each reference, shape (n,)."""
        return np.full(len(n_marked), max(1, round(self.share * scores.shape[1])), dtype=np.int64)


@dataclass(frozen=True)
class Above:
    """The tokens whose score is above a number: for scores of 0 and 1, which are a rationale already, ``Above(0.5)``.

    Parameters
    ----------
    value : float
        The number.

    Examples
    --------
    >>> from attnstats.plausibility import Above, TokenF1
    >>> TokenF1(Above(0.5))
    TokenF1(rationale=Above(value=0.5))
    """

    value: float

    def __post_init__(self) -> None:
        check_number(self.value, "value")

    def sizes(self, scores: FloatArray, n_marked: IntArray) -> IntArray:
        """Return the number of tokens for each reference, shape (n,)."""
        return np.broadcast_to((scores > self.value).sum(axis=1), n_marked.shape).astype(np.int64)


#: How many of the highest scores are the rationale.
Rationale: TypeAlias = AsManyAsMarked | TopShare | Above
