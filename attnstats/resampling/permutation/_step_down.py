"""Step-down p-values of a family of statistics by the largest of them in each arrangement (Westfall and Young)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from attnstats._validation import FloatArray
from attnstats.resampling.permutation.permutation import TIE_TOLERANCE


def step_down_pvalues(observed: FloatArray, null: Iterable[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Return raw and adjusted p-values of statistics (m,) among their arrangements, in blocks of shape (b, m).

    Large statistics are evidence against the null. The observed arrangement must be among those of the blocks.
    """
    order = np.argsort(-observed, kind="stable")
    reached = observed[order] - TIE_TOLERANCE * np.abs(observed).max()
    raw, joint, total = np.zeros(len(order)), np.zeros(len(order)), 0
    for block in null:
        ordered = block[:, order]
        raw += np.count_nonzero(ordered >= reached, axis=0)
        largest = np.maximum.accumulate(ordered[:, ::-1], axis=1)[:, ::-1]
        joint += np.count_nonzero(largest >= reached, axis=0)
        total += len(block)
    adjusted, places = np.maximum.accumulate(joint), np.argsort(order)
    return (raw / total)[places], (adjusted / total)[places]
