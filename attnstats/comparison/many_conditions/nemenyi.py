"""Nemenyi's test of all pairs of conditions by their mean ranks, and the critical difference."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import studentized_range

from attnstats._validation import check_fraction
from attnstats.comparison.many_conditions.friedman import block_ranks
from attnstats.missing import CompleteCases
from attnstats.results import check_unit, counted, left_out


@dataclass(frozen=True, slots=True)
class CriticalDifference:
    """Mean ranks of conditions over blocks, and how far apart two of them must be to differ.

    Parameters
    ----------
    mean_ranks : tuple of float
        Mean over blocks of each condition's rank; 1 is the best.
    critical_difference : float
        Two mean ranks further apart than this differ, all pairs taken together.
    alpha : float
        Family-wise error rate of all pairs.
    pvalues : tuple of tuple of float
        Adjusted p-value of every pair; 1 on the diagonal.
    n_blocks, n_missing, replication_unit : int, int, str
        Blocks, those left out as incomplete, and what one is.

    Examples
    --------
    >>> from attnstats.comparison import CriticalDifference
    >>> found = CriticalDifference((1.2, 2.1, 2.7), 1.0, 0.05, ((1, 0.1, 0.01), (0.1, 1, 0.4), (0.01, 0.4, 1)), 11)
    >>> found.groups
    ((0, 1), (1, 2))
    """

    mean_ranks: tuple[float, ...]
    critical_difference: float
    alpha: float
    pvalues: tuple[tuple[float, ...], ...]
    n_blocks: int
    n_missing: int = 0
    replication_unit: str = "block"

    def __post_init__(self) -> None:
        check_unit(self.replication_unit)

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Largest sets without a shown difference, best first: the bars of a critical-difference diagram."""
        order = sorted(range(len(self.mean_ranks)), key=self.mean_ranks.__getitem__)
        found: list[tuple[int, ...]] = []
        last = -1  # place in `order` where the bar before ended
        for start, condition in enumerate(order):
            limit = self.mean_ranks[condition] + self.critical_difference
            end = max(place for place, other in enumerate(order) if self.mean_ranks[other] <= limit)
            if end > last and end > start:
                found.append(tuple(order[start : end + 1]))
            last = max(last, end)
        return tuple(found)

    def summary(self) -> str:
        """Return the result in one line, as for a paper."""
        ranks = ", ".join(f"{rank:.3g}" for rank in self.mean_ranks)
        return (
            f"mean ranks {ranks}, critical difference {self.critical_difference:.3g} at alpha = {self.alpha:g}, "
            f"n = {counted(self.n_blocks, self.replication_unit)}{left_out(self.n_missing)}, Nemenyi test"
        )

    __repr__ = summary


def nemenyi_test(
    values: ArrayLike, *, alpha: float = 0.05, replication_unit: str = "block", missing: CompleteCases | None = None
) -> CriticalDifference:
    """Compare all pairs of conditions by their mean ranks over blocks.

    Two of k conditions differ over n blocks if their mean ranks are further apart than q sqrt(k (k + 1)/(12 n)), q the
    upper alpha quantile of the studentized range of k normal values: conservative for few blocks and under ties.
    Whether a pair differs depends on which other conditions are there (Benavoli, Corani and Mangili 2016);
    `compare_with_best` and `simultaneous_rank_intervals` compare means.

    Parameters
    ----------
    values : array_like, shape (n_conditions, n_blocks)
        One value per condition and block, higher being better.
    alpha : float
        Family-wise error rate of all pairs.
    replication_unit, missing
        As in `friedman_test`.

    Returns
    -------
    CriticalDifference
        Mean ranks, critical difference, adjusted p-values, and the groups within which no difference is shown.

    Raises
    ------
    InvalidInputError, TooFewSamplesError
        If the shape is another, or alpha not between 0 and 1; with fewer than two conditions or blocks.

    References
    ----------
    Nemenyi (1963), Distribution-free multiple comparisons, PhD thesis, Princeton. Demšar (2006), Journal of Machine
    Learning Research 7, 1-30, section 3.2.2. Benavoli, Corani and Mangili (2016), same journal 17, 1-10.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import nemenyi_test
    >>> nemenyi_test(np.random.default_rng(0).normal([[0.8], [0.75], [0.5]], 0.05, size=(3, 12)))
    mean ranks 1.08, 1.92, 3, critical difference 0.957 at alpha = 0.05, n = 12 blocks, Nemenyi test
    """
    check_fraction(alpha, "alpha")
    ranks, n_missing = block_ranks(values, missing, replication_unit)
    n, k = ranks.shape
    means = k + 1 - ranks.mean(axis=0)
    scale = np.sqrt(k * (k + 1) / (12 * n))
    gaps = np.abs(np.subtract.outer(means, means)) / scale
    pvalues = np.clip(studentized_range.sf(gaps, k, np.inf), sys.float_info.min, 1.0)  # the tail underflows
    np.fill_diagonal(pvalues, 1.0)
    return CriticalDifference(
        mean_ranks=tuple(means.tolist()),
        critical_difference=float(studentized_range.isf(alpha, k, np.inf) * scale),
        alpha=float(alpha),
        pvalues=tuple(tuple(row) for row in pvalues.tolist()),
        n_blocks=n,
        replication_unit=replication_unit,
        n_missing=n_missing,
    )
