"""Simultaneous confidence intervals of the ranks of conditions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from attnstats._renamed import former_fields, former_parameters
from attnstats._validation import RNGLike, as_generator, check_count, check_fraction
from attnstats.comparison.many_conditions._simultaneous import pairwise_differences
from attnstats.comparison.replication import MINIMUM_REPLICATES
from attnstats.missing import CompleteCases
from attnstats.results import counted, left_out


@former_fields(n_seeds="n")
@dataclass(frozen=True, slots=True)
class RankIntervals:
    """The place of each condition by its mean, 1 being the highest, with simultaneous intervals.

    Parameters
    ----------
    ranks, low, high : tuple of int
        Place of the observed mean, and ends of its interval: at least ``low − 1`` conditions are better, ``k − high``
        worse.
    level : float
        Simultaneous confidence level.
    n, n_missing, replication_unit : int, int, str
        Replicates of each condition and block, those left out as incomplete, and what one is.

    Examples
    --------
    >>> from attnstats.comparison import RankIntervals
    >>> RankIntervals((1, 3, 2), (1, 2, 1), (2, 3, 2), level=0.95, n=8, replication_unit="seed")
    ranks 1 [1, 2], 3 [2, 3], 2 [1, 2] (95 % simultaneous), n = 8 seeds
    """

    ranks: tuple[int, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    level: float
    n: int
    n_missing: int = 0
    replication_unit: str = "replicate"

    def summary(self) -> str:
        """Return the result in one line, as for a paper."""
        places = (f"{rank} [{low}, {high}]" for rank, low, high in zip(self.ranks, self.low, self.high, strict=True))
        size = f"n = {counted(self.n, self.replication_unit)}{left_out(self.n_missing)}"
        return f"ranks {', '.join(places)} ({100 * self.level:g} % simultaneous), {size}"

    __repr__ = summary


@former_parameters(minimum_seeds="minimum_replicates")
def simultaneous_rank_intervals(
    values: ArrayLike,
    *,
    confidence_level: float = 0.95,
    n_resamples: int = 19_999,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> RankIntervals:
    """Return intervals that hold the ranks of all conditions at once.

    The hypotheses μ_i ≤ μ_j of all ordered pairs are tested step-down by their paired t statistics: those beyond the
    critical value of the largest are rejected, and the rest tested again (Romano and Wolf 2005, Journal of the American
    Statistical Association 100, 94-108). If N⁺ of the others are found better and N⁻ worse, the interval of a rank is
    [1 + N⁺, k − N⁻] (Mogstad, Romano, Shaikh and Wilhelm 2024, Review of Economic Studies 91, 476-518). Conditions with
    equal means share their ranks, and an interval is right if it holds any of these.

    Parameters
    ----------
    values, confidence_level, n_resamples, minimum_replicates, replication_unit, missing, rng
        As in `compare_with_best`, with the same errors; one critical value for each step.

    Returns
    -------
    RankIntervals
        In the order of the conditions.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import simultaneous_rank_intervals
    >>> values = np.random.default_rng(0).normal([[0.34], [0.25], [0.33]], 0.02, size=(3, 8))
    >>> simultaneous_rank_intervals(values, replication_unit="seed", rng=0)
    ranks 1 [1, 2], 3 [3, 3], 2 [1, 2] (95 % simultaneous), n = 8 seeds
    """
    level = check_fraction(confidence_level, "confidence_level")
    check_count(n_resamples, "n_resamples", minimum=1_000)
    pairs = pairwise_differences(values, minimum_replicates, replication_unit, missing)
    k = len(pairs.differences)
    statistics = pairs.differences / pairs.errors
    generator = as_generator(rng)
    higher = np.zeros((k, k), dtype=bool)
    shown = ~np.eye(k, dtype=bool)
    while shown.any():
        left = ~(higher | np.eye(k, dtype=bool))
        shown = left & (statistics > pairs.critical_value(left, level, n_resamples, generator))
        higher |= shown
    order = np.argsort(-pairs.differences.sum(axis=1), kind="stable")
    return RankIntervals(
        ranks=tuple((1 + np.argsort(order)).tolist()),
        low=tuple((1 + higher.sum(axis=0)).tolist()),
        high=tuple((k - higher.sum(axis=1)).tolist()),
        level=level,
        n=pairs.n_replicates,
        replication_unit=replication_unit,
        n_missing=pairs.n_missing,
    )
