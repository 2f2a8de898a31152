"""Kendall's tau of scores and the number of annotators that marked a token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.ranks import kendall_batch


@dataclass(frozen=True)
class RankCorrelation:
    """Kendall's tau-b of the scores of tokens and the number of annotators that marked them (`kendall_batch`).

    Zero on average for a random order. Undefined, NaN, for a text whose scores or marks are all the same. Since marks
    take few values, no order without ties reaches 1.

    References
    ----------
    Kendall (1945), The treatment of ties in ranking problems, Biometrika 33, 239-251.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.plausibility import RankCorrelation
    >>> RankCorrelation().values(np.array([[0.5, 0.2, 0.9]]), np.array([[1.0, 0.0, 2.0]]), np.zeros(3))
    array([1.])
    """

    label: ClassVar[str] = "tau-b"
    takes_counts: ClassVar[bool] = True
    sees_neighbours: ClassVar[bool] = False

    def values(self, scores: FloatArray, references: FloatArray, noise: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return tau-b against each reference, shape (n,)."""
        return kendall_batch(np.broadcast_to(scores, references.shape), references, exact=False).statistic

    def expected(self, n_tokens: int, n_marked: IntArray) -> FloatArray:
        """Return 0, the mean over random orders, shape of `n_marked`; NaN if all tokens are marked alike."""
        return np.where((n_marked > 0) & (n_marked < n_tokens), 0.0, np.nan)

    def of_sets(self) -> Self:
        """Return itself: a set is two groups of equal scores."""
        return self
