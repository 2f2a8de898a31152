"""IOU F1: spans of a rationale that match spans of marked tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from numba import njit

from attnstats._validation import BoolArray, FloatArray, IntArray, check_between, check_positive
from attnstats.plausibility.measures.rationales import Above, AsManyAsMarked, Rationale
from attnstats.plausibility.measures.token_f1 import check_rationale


@dataclass(frozen=True)
class IntersectionF1:
    """F1 of the spans of a rationale, of which one matches a marked span if they share enough of their union (IOU F1).

    Spans are runs of tokens. Two match if the number of tokens in both is at least `threshold` of that in either.
    Precision is the share of the rationale's spans that match a marked span, recall the share of the marked spans that
    match one of the rationale's, and F1 their harmonic mean (DeYoung et al. 2020, section 4.1). Above a threshold of
    one half matches are pairs, so both count the same ones; the benchmark's code takes those of the rationale for both.

    Where the score of the rationale's last token is tied with others outside, one choice among these is drawn.

    Undefined, NaN, for a text without a mark; 0 for a rationale without a token.

    Parameters
    ----------
    threshold : float
        Least share of the union, above 0 and at most 1.
    rationale : AsManyAsMarked, TopShare or Above
        How many of the highest scores are the rationale.

    References
    ----------
    DeYoung et al. (2020), ERASER: a benchmark to evaluate rationalized NLP models, ACL, 4443-4458, section 4.1.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.plausibility import IntersectionF1
    >>> scores, marks = np.array([[0.1, 0.8, 0.9, 0.2, 0.7]]), np.array([[0.0, 1.0, 1.0, 1.0, 0.0]])
    >>> IntersectionF1().values(scores, marks, np.zeros(5)).round(3)  # spans 1-2 and 4 against 1-3
    array([0.667])
    """

    label: ClassVar[str] = "IOU F1"
    takes_counts: ClassVar[bool] = False
    sees_neighbours: ClassVar[bool] = True
    threshold: float = 0.5
    rationale: Rationale = AsManyAsMarked()  # noqa: RUF009 (frozen)

    def __post_init__(self) -> None:
        check_positive(self.threshold, "threshold")
        check_between(self.threshold, "threshold", 0, 1)
        check_rationale(self.rationale)

    def values(self, scores: FloatArray, references: FloatArray, noise: FloatArray) -> FloatArray:
        """Return F1 of spans against each reference, shape (n,)."""
        sizes = self.rationale.sizes(scores, references.sum(axis=1).astype(np.int64))
        order = np.lexsort((np.broadcast_to(noise, scores.shape), -scores), axis=-1)
        places = np.argsort(order, axis=-1)
        return np.asarray(_span_f1(places, sizes, references > 0, float(self.threshold)))

    def expected(self, n_tokens: int, n_marked: IntArray) -> None:
        """Return None: no formula is known."""

    def of_sets(self) -> Self:
        """Return the measure whose rationale is the set."""
        return replace(self, rationale=Above(0.5))


@njit(cache=True)
def _span_f1(places: IntArray, sizes: IntArray, references: BoolArray, threshold: float) -> FloatArray:
    """Return F1 of the runs of tokens in the first places against those of marked ones."""
    n, n_tokens = references.shape
    values = np.full(n, np.nan)
    starts = np.empty((2, n_tokens), dtype=np.int64)
    ends = np.empty((2, n_tokens), dtype=np.int64)
    for row in range(n):
        place = places[min(row, len(places) - 1)]
        counts = np.zeros(2, dtype=np.int64)
        for side in range(2):
            inside = False
            for token in range(n_tokens):
                chosen = place[token] < sizes[row] if side == 0 else references[row, token]
                if chosen and not inside:
                    starts[side, counts[side]] = token
                if not chosen and inside:
                    ends[side, counts[side]] = token
                    counts[side] += 1
                inside = chosen
            if inside:
                ends[side, counts[side]] = n_tokens
                counts[side] += 1
        if counts[1] == 0:
            continue
        matched = np.zeros((2, n_tokens), dtype=np.bool_)
        first, second = 0, 0
        while first < counts[0] and second < counts[1]:
            shared = min(ends[0, first], ends[1, second]) - max(starts[0, first], starts[1, second])
            if shared > 0:
                union = max(ends[0, first], ends[1, second]) - min(starts[0, first], starts[1, second])
                if shared >= threshold * union:
                    matched[0, first] = True
                    matched[1, second] = True
            if ends[0, first] <= ends[1, second]:
                first += 1
            else:
                second += 1
        values[row] = 0.0
        if matched.any():
            precision = matched[0].sum() / counts[0]
            recall = matched[1].sum() / counts[1]
            values[row] = 2 * precision * recall / (precision + recall)
    return values
