"""Two independent groups scored 0 or 1: the score test of their proportions."""

from __future__ import annotations

import sys
from functools import partial

from numpy.typing import ArrayLike
from scipy.special import ndtr

from attnstats._validation import ALTERNATIVES, check_member, check_object
from attnstats.comparison.binary._counts import count_samples
from attnstats.comparison.binary.difference_intervals import (
    HybridScore,
    MiettinenNurminen,
    difference_interval,
    score_statistic,
)
from attnstats.comparison.replication import MINIMUM_REPLICATES
from attnstats.missing import CompleteCases
from attnstats.results import SignificanceResult


def independent_proportions_test(
    a: ArrayLike,
    b: ArrayLike,
    *,
    interval: MiettinenNurminen | HybridScore = MiettinenNurminen(),  # noqa: B008 (frozen)
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether the proportion of ones is higher in one of two independent groups.

    The score test, z² being Pearson's chi-squared times (N − 1)/N. `MiettinenNurminen` gives the differences that it
    does not reject. Units must be independent; where both conditions were scored on the same ones, take `mcnemar_test`.

    Parameters
    ----------
    a, b : array_like, shape (n_a,) and (n_b,)
        Scores 0 or 1, or truth values, of the units of two groups.
    interval : MiettinenNurminen or HybridScore
        Interval of the difference of proportions.
    alternative, confidence_level, minimum_replicates, replication_unit, missing
        As in `mcnemar_test`; `minimum_replicates` is for the smaller group, and missing values are left out of each.

    Returns
    -------
    SignificanceResult
        The statistic is z, the effect the difference of proportions; ``n`` counts both groups.

    Raises
    ------
    InvalidInputError
        If a value is neither 0 nor 1, or an option is not as above.
    NonFiniteError
        If a value is NaN or infinite, and `missing` does not leave it out.
    TooFewSamplesError
        With fewer than `minimum_replicates` in a group.

    References
    ----------
    Campbell (2007), Statistics in Medicine 26, 3661-3675 (the factor (N − 1)/N). Miettinen and Nurminen (1985),
    Statistics in Medicine 4, 213-226.

    Examples
    --------
    >>> from attnstats.comparison import independent_proportions_test
    >>> ours, theirs = [1] * 56 + [0] * 14, [1] * 48 + [0] * 32
    >>> independent_proportions_test(ours, theirs, replication_unit="question")
    difference of proportions = 0.2, 95 % CI [0.0528, 0.338], p = .008, n = 150 questions, score test of two proportions
    """
    check_object(interval, "interval", (MiettinenNurminen, HybridScore), "MiettinenNurminen() or HybridScore()")
    check_member(alternative, "alternative", ALTERNATIVES)
    counts, n_missing = count_samples(a, b, minimum_replicates, replication_unit, missing)
    z = score_statistic(counts)
    above, below = float(ndtr(-z)), float(ndtr(z))
    pvalue = {"greater": above, "less": below, "two-sided": 2 * min(above, below)}[alternative]
    return SignificanceResult(
        test="score test of two proportions",
        statistic=z,
        pvalue=max(pvalue, sys.float_info.min),
        alternative=alternative,
        effect_name="difference of proportions",
        effect=counts.difference,
        n=counts.n,
        replication_unit=replication_unit,
        confidence_interval=difference_interval(counts, interval, confidence_level),
        n_missing=n_missing,
        _interval=partial(difference_interval, counts, interval),
    )
