"""Intervals of many pairs from the same parts of the sample, and p-values from the same permutations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import InvalidInputError
from attnstats.information.columns._pairs import Columns, Pair
from attnstats.information.intervals.terms import TermsInterval
from attnstats.resampling import SubsampleInterval
from attnstats.resampling.permutation._step_down import step_down_pvalues
from attnstats.results import ConfidenceInterval


def check_interval(interval: object) -> None:
    """Raise unless `interval` is None or makes an interval from parts of the sample or from local terms."""
    # The protocol is also met by the class itself.
    if isinstance(interval, type) or not isinstance(interval, SubsampleInterval | TermsInterval | None):
        raise InvalidInputError(
            "interval: must be a SubsampleInterval, such as HalfSampling(), or a TermsInterval, such as"
            f" NeighborJackknife(); got {interval!r}"
        )


def intervals_of(
    columns: Columns,
    pairs: Sequence[Pair],
    values: FloatArray,
    interval: SubsampleInterval | TermsInterval,
    confidence_level: float,
    seed: int,
) -> list[ConfidenceInterval]:
    """Return the interval of each pair; all pairs are estimated on the same parts of the sample."""
    n, found = len(columns.variables[0]), []
    estimates: dict[bytes, FloatArray] = {}

    def on_part(rows: IntArray, place: int) -> float:
        key = sha256(rows.tobytes()).digest()
        if key not in estimates:
            estimates[key] = columns.taken(rows).estimates(pairs)
        return float(estimates[key][place])

    for place, pair in enumerate(pairs):
        with columns.named(pair):
            if isinstance(interval, TermsInterval):
                estimator, (i, j) = columns.ordered(pair)
                x, y = columns.variables[i], columns.variables[j]
                local = estimator.local_terms(x, y, rng=0)
                found.append(
                    interval.from_terms(estimator, local, x, y, groups=None, confidence_level=confidence_level)
                )
                continue

            def estimate(rows: IntArray, place: int = place) -> float:
                return on_part(rows, place)

            found.append(
                interval.interval(estimate, float(values[place]), n, confidence_level=confidence_level, rng=seed)
            )
    return found


class NullResult(NamedTuple):
    """The mean of each pair under the null, its own p-value, and that adjusted for all pairs; shape (n_pairs,)."""

    floor: FloatArray
    pvalue: FloatArray
    adjusted: FloatArray


def against_null(values: FloatArray, null: Iterable[FloatArray]) -> NullResult:
    """Compare the estimates of pairs with those under each arrangement, every one of shape (n_pairs,).

    For the adjusted p-values each pair is measured in its deviations from its mean over all arrangements, the observed
    one among them, so that pairs of different kinds weigh the same.
    """
    every = np.vstack([values, *null])
    deviation = every.std(axis=0)
    scores = (every - every.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    return NullResult(every[1:].mean(axis=0), *step_down_pvalues(scores[0], [scores]))
