"""Token F1: the harmonic mean of precision and recall of a rationale's tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from numba import njit

from attnstats._validation import FloatArray, IntArray, check_object
from attnstats.plausibility.measures._rows import writable
from attnstats.plausibility.measures.rationales import Above, AsManyAsMarked, Rationale, TopShare


@dataclass(frozen=True)
class TokenF1:
    """F1 of the tokens of a rationale: 2 o/(k + m), where o of its k tokens are among the m marked ones.

    Where the score of its last token is tied with others outside, it is the mean over all choices among these, in
    closed form: the overlap o is hypergeometric. So is that of a random rationale, whose mean F1 is 2 k m/(n (k + m))
    in a text of n tokens.

    Undefined, NaN, for a text without a mark; 0 for a rationale without a token.

    Parameters
    ----------
    rationale : AsManyAsMarked, TopShare or Above
        How many of the highest scores are the rationale.

    References
    ----------
    DeYoung et al. (2020), ERASER: a benchmark to evaluate rationalized NLP models, ACL, 4443-4458, section 4.1.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.plausibility import TokenF1
    >>> TokenF1().expected(50, np.array([10]))
    array([0.2])
    """

    label: ClassVar[str] = "token F1"
    takes_counts: ClassVar[bool] = False
    sees_neighbours: ClassVar[bool] = False
    rationale: Rationale = AsManyAsMarked()  # noqa: RUF009 (frozen)

    def __post_init__(self) -> None:
        check_rationale(self.rationale)

    def values(self, scores: FloatArray, references: FloatArray, noise: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return F1 against each reference, shape (n,)."""
        n_marked = references.sum(axis=1).astype(np.int64)
        sizes = self.rationale.sizes(scores, n_marked)
        return _f1(np.asarray(_overlaps(writable(scores), writable(references), sizes)), sizes, n_marked)

    def expected(self, n_tokens: int, n_marked: IntArray) -> FloatArray | None:
        """Return the mean over random orders, shape of `n_marked`; NaN without a mark, None for `Above`."""
        if isinstance(self.rationale, Above):
            return None
        sizes = self.rationale.sizes(np.zeros((1, n_tokens)), n_marked)
        return _f1(sizes * n_marked / n_tokens, sizes, n_marked)

    def of_sets(self) -> Self:
        """Return the measure whose rationale is the set."""
        return replace(self, rationale=Above(0.5))


def check_rationale(value: object) -> None:
    """Raise unless it says which tokens are the rationale."""
    check_object(value, "rationale", (AsManyAsMarked, TopShare, Above), "AsManyAsMarked() or TopShare(0.2)")


def _f1(overlaps: FloatArray, sizes: IntArray, n_marked: IntArray) -> FloatArray:
    values = np.full(len(n_marked), np.nan)
    np.divide(2 * overlaps, sizes + n_marked, out=values, where=n_marked > 0)
    return values


@njit(cache=True)
def _overlaps(scores: FloatArray, references: FloatArray, sizes: IntArray) -> FloatArray:
    """Return the expected number of marked tokens among the highest scores, ties at the last broken at random."""
    n, n_tokens = references.shape
    overlaps = np.zeros(n)
    descending = np.sort(scores[0])[::-1]
    for row in range(n):
        of = scores[min(row, len(scores) - 1)]
        if row and len(scores) > 1:
            descending = np.sort(of)[::-1]
        size = min(sizes[row], n_tokens)
        if size == 0:
            continue
        last = descending[size - 1]
        sure, tied, marked_sure, marked_tied = 0, 0, 0.0, 0.0
        for token in range(n_tokens):
            if of[token] > last:
                sure += 1
                marked_sure += references[row, token]
            elif of[token] == last:
                tied += 1
                marked_tied += references[row, token]
        overlaps[row] = marked_sure + marked_tied * (size - sure) / tied
    return overlaps
