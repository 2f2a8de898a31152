"""Average precision: the area under the curve of precision and recall of scores against marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numba import njit

from attnstats._validation import FloatArray, IntArray
from attnstats.plausibility.measures._rows import writable


@dataclass(frozen=True)
class AveragePrecision:
    """Average precision (AUPRC): the mean, over the marked tokens, of the precision at their place in the order.

    With the tokens in descending order of score, AP = (1/m) Σ_i y_i P_i, where m tokens are marked, y_i is 1 for those,
    and P_i is the share of marked tokens among the first i. Between tokens of equal score it is the mean over all
    orders of these, in closed form (McSherry and Najork 2008), so constant scores are worth exactly what a random order
    is, by `expected`: with H_n = Σ 1/i of n tokens,

        E AP = (1/n) [H_n + (m − 1)(n − H_n)/(n − 1)],

    which exceeds the share of marked tokens m/n, and tends to it in long texts (Bestgen 2015). Scikit-learn's
    ``average_precision_score`` is the same without ties; with ties it takes a group of equal scores as one threshold,
    which gives constant scores m/n. ERASER's own code has a trapezoidal area beside it.

    Undefined, NaN, for a text without a mark.

    References
    ----------
    McSherry and Najork (2008), Computing information retrieval performance measures efficiently in the presence of tied
    scores, ECIR, 414-421. Bestgen (2015), Exact expected average precision of the random baseline for system
    evaluation, Prague Bulletin of Mathematical Linguistics 103, 131-138.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.plausibility import AveragePrecision
    >>> AveragePrecision().expected(50, np.array([10])).round(4)
    array([0.2571])
    """

    label: ClassVar[str] = "average precision"
    takes_counts: ClassVar[bool] = False
    sees_neighbours: ClassVar[bool] = False

    def values(self, scores: FloatArray, references: FloatArray, noise: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return the average precision against each reference, shape (n,)."""
        return np.asarray(_average_precision(writable(scores), writable(references)))

    def expected(self, n_tokens: int, n_marked: IntArray) -> FloatArray:
        """Return the mean over random orders, shape of `n_marked`; NaN without a mark."""
        harmonic = float((1 / np.arange(1, n_tokens + 1)).sum())
        others = (n_marked - 1) * (n_tokens - harmonic) / max(n_tokens - 1, 1)
        return np.where(n_marked > 0, (harmonic + others) / n_tokens, np.nan)

    def of_sets(self) -> Self:
        """Return itself: a set is two groups of equal scores."""
        return self


@njit(cache=True)
def _average_precision(scores: FloatArray, references: FloatArray) -> FloatArray:
    n, n_tokens = references.shape
    values = np.full(n, np.nan)
    order = np.argsort(-scores[0])
    for row in range(n):
        of = scores[min(row, len(scores) - 1)]
        if row and len(scores) > 1:
            order = np.argsort(-of)
        n_marked = references[row].sum()
        if n_marked == 0:
            continue
        total, before, start = 0.0, 0.0, 0
        while start < n_tokens:
            end, marked = start, 0.0
            while end < n_tokens and of[order[end]] == of[order[start]]:
                marked += references[row, order[end]]
                end += 1
            tied = end - start
            # A token of the group is marked with probability marked/tied; given that, each one before it in the group
            # with probability (marked − 1)/(tied − 1).
            if marked > 0:
                rest = (marked - 1) / (tied - 1) if tied > 1 else 0.0
                for place in range(tied):
                    total += marked / tied * (before + 1 + place * rest) / (start + place + 1)
            before += marked
            start = end
        values[row] = total / n_marked
    return values
