"""Which conditions may be best, and the ranks that each may have, from the tests of all pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.comparison._unit import ROUNDING
from attnstats.scores.analyses.contrast import Contrast


@dataclass(frozen=True, slots=True)
class Placing:
    """The place of a condition among all.

    Parameters
    ----------
    condition : str
        Its name.
    rank : int
        Place of its mean difference from all others, 1 being the best; equal ones have equal ranks.
    low, high : int
        The ranks that it may have, at the confidence level for all conditions at once.
    may_be_best : bool
        Whether it is in the set that holds the best condition with this confidence.

    Examples
    --------
    >>> from attnstats.scores import Placing
    >>> Placing("ours", 1, 1, 2, may_be_best=True)
    ours: rank 1 [1, 2], may be best
    """

    condition: str
    rank: int
    low: int
    high: int
    may_be_best: bool

    def summary(self) -> str:
        """Return the place in one line."""
        best = "may be best" if self.may_be_best else "not best"
        return f"{self.condition}: rank {self.rank} [{self.low}, {self.high}], {best}"

    __repr__ = summary


def placings(
    conditions: Sequence[str],
    means: Sequence[float],
    pairs: Mapping[tuple[int, int], Contrast],
    level: float,
    *,
    lower_is_better: bool,
) -> tuple[Placing, ...]:
    """Return the place of each condition.

    A condition is not best if another is better by a two-sided test at level alpha/(k − 1), so that of two conditions
    the set says what their test does: of the best one, that is said with probability alpha at most (Hsu 1984, Annals of
    Statistics 12, 1136-1144, with Bonferroni's inequality for his joint quantile, so that any valid tests of pairs will
    do). Its rank lies within 1 + the number of conditions shown to be better and k −
    the number shown to be worse, by Holm's method over all ordered pairs (Mogstad, Romano, Shaikh and Wilhelm 2024,
    Review of Economic Studies 91, 476-518).
    """
    k, alpha = len(conditions), 1 - level
    above = _pvalues(k, pairs, lower_is_better=lower_is_better)
    better = _holm(above, alpha)
    differences = _differences(k, pairs)
    ranks = _ranks(-differences if lower_is_better else differences, np.asarray(means))
    return tuple(
        Placing(
            name,
            int(ranks[i]),
            1 + int(better[:, i].sum()),
            k - int(better[i].sum()),
            may_be_best=bool(2 * above[:, i].min() > alpha / (k - 1)),
        )
        for i, name in enumerate(conditions)
    )


def _differences(k: int, pairs: Mapping[tuple[int, int], Contrast]) -> FloatArray:
    """Return the difference of each condition (row) from each other: where units are missing, not that of means."""
    differences = np.zeros((k, k))
    for (i, j), contrast in pairs.items():
        differences[i, j], differences[j, i] = contrast.effect, -contrast.effect
    return differences


def _ranks(differences: FloatArray, means: FloatArray, rounding: float = 0.0) -> IntArray:
    """Return ranks by mean difference from all others, the highest first; equal ones share theirs.

    What is equal up to rounding may be so because another condition is very far away: these are ranked among
    themselves, if they differ by more than the rounding of their own means.
    """
    scores = differences.mean(axis=1)
    order = np.argsort(-scores)
    apart = -np.diff(scores[order]) > max(rounding, ROUNDING * float(np.abs(scores).max()))
    ranks = np.ones(len(scores), dtype=np.int64)
    if apart.any():
        for group in np.split(order, np.flatnonzero(apart) + 1):
            within = _ranks(
                differences[np.ix_(group, group)], means[group], ROUNDING * float(np.abs(means[group]).max())
            )
            ranks[group] = within + int((scores > scores[group].max()).sum())
    return ranks


def _pvalues(k: int, pairs: Mapping[tuple[int, int], Contrast], *, lower_is_better: bool) -> FloatArray:
    """Return the one-sided p-value of each condition (row) being better than each other; 1 where there is none."""
    above = np.ones((k, k))
    for (i, j), contrast in pairs.items():
        above[i, j], above[j, i] = contrast.above(0.0), contrast.below(0.0)
    return np.nan_to_num(above.T if lower_is_better else above, nan=1.0)


def _holm(pvalues: FloatArray, alpha: float) -> BoolArray:
    """Return which of the p-values off the diagonal Holm's method rejects."""
    off = ~np.eye(len(pvalues), dtype=np.bool_)
    tested = np.sort(pvalues[off])
    fails = tested > alpha / np.arange(len(tested), 0, -1)
    least_kept = tested[int(fails.argmax())] if fails.any() else np.inf
    return off & (pvalues < least_kept)
