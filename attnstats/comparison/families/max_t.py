"""Step-down corrections by the joint null distribution of a family (Westfall and Young)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from attnstats._validation import FloatArray
from attnstats.exceptions import InvalidInputError
from attnstats.resampling.permutation._step_down import step_down_pvalues
from attnstats.resampling.permutation.permutation import TIE_TOLERANCE

#: Statistics that `MinP` may keep: 2 GB of floats.
MOST = 2**28


class JointCorrection(Protocol):
    """A step-down correction that needs the joint null distribution of the statistics."""

    name: str
    label: str

    def adjust(self, observed: FloatArray, null: Iterable[FloatArray]) -> tuple[FloatArray, FloatArray]:
        """Return raw and adjusted p-values of statistics (m,) among their arrangements, in blocks of shape (b, m)."""


@dataclass(frozen=True)
class MaxT:
    """Each statistic against the largest of those not yet rejected: family-wise error rate, step-down.

    With T_(1) ≥ ... ≥ T_(m), the adjusted p of the i-th is the share of arrangements in which max(T*_(i), ..., T*_(m))
    reaches T_(i), made monotone (Westfall and Young 1993, Resampling-Based Multiple Testing, algorithm 4.1). Strong
    control where the joint null of every subset is that of its own members, as for shared sign flips or labels.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import MaxT
    >>> null = np.array([[3.0, 1.0], [0.5, 2.0], [-1.0, 0.0], [0.0, -2.0]])  # the first arrangement is the observed one
    >>> MaxT().adjust(null[0], [null])
    (array([0.25, 0.5 ]), array([0.25, 0.5 ]))
    """

    name = "max_t"
    label = "max-T"

    def adjust(self, observed: FloatArray, null: Iterable[FloatArray]) -> tuple[FloatArray, FloatArray]:
        """Return raw and adjusted p-values of statistics (m,) among their arrangements, in blocks of shape (b, m).

        Large statistics are evidence against the null. The observed arrangement must be among those of the blocks.
        """
        return step_down_pvalues(observed, null)


@dataclass(frozen=True)
class MinP:
    """As `MaxT`, with each statistic replaced by its own permutation p-value, for unlike null distributions.

    It keeps the statistics of all B arrangements in memory, at most 2^28 of them; the smallest p is seldom below m/B
    (Westfall and Young 1993, algorithm 2.8; Ge, Dudoit and Speed 2003, Test 12, 1-77, box 4).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import MinP
    >>> null = np.array([[3.0, 1.0], [0.5, 2.0], [-1.0, 0.0], [0.0, -2.0]])
    >>> MinP().adjust(null[0], [null])
    (array([0.25, 0.5 ]), array([0.5, 0.5]))
    """

    name = "min_p"
    label = "min-P"

    def adjust(self, observed: FloatArray, null: Iterable[FloatArray]) -> tuple[FloatArray, FloatArray]:
        """Return raw and adjusted p-values of statistics (m,) among their arrangements, in blocks of shape (b, m).

        Large statistics are evidence against the null. The observed arrangement must be among those of the blocks.
        """
        tolerance = TIE_TOLERANCE * np.abs(observed).max()
        counts = _gather(null)
        total = len(counts)
        raw = np.empty(len(observed))
        for column in range(counts.shape[1]):  # each statistic becomes the number of arrangements that reach it
            ordered = np.sort(counts[:, column])
            raw[column] = total - np.searchsorted(ordered, observed[column] - tolerance)
            counts[:, column] = total - np.searchsorted(ordered, counts[:, column] - tolerance)
        order = np.argsort(raw, kind="stable")
        smallest = np.minimum.accumulate(counts[:, order[::-1]], axis=1)[:, ::-1]
        adjusted = np.maximum.accumulate(np.count_nonzero(smallest <= raw[order], axis=0))
        return raw / total, (adjusted / total)[np.argsort(order)]


def _gather(null: Iterable[FloatArray]) -> FloatArray:
    blocks, size = [], 0
    for block in null:
        blocks.append(block)
        size += block.size
        if size > MOST:
            raise InvalidInputError(
                f"method: must not be MinP() for more than {MOST} statistics, arrangements times hypotheses, since it"
                f" keeps them all; got more than that of {block.shape[1]} hypotheses (take MaxT(), or fewer resamples)"
            )
    return np.concatenate(blocks)
