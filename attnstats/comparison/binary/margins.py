"""Equivalence and non-inferiority of two proportions, paired or independent: one-sided score tests."""

from __future__ import annotations

import sys
from functools import partial

from numpy.typing import ArrayLike
from scipy.special import ndtr

from attnstats._validation import check_flag, check_positive
from attnstats.comparison._arguments import check_equivalence_level
from attnstats.comparison.binary._counts import Counts, PairedCounts, count_pairs, count_samples
from attnstats.comparison.binary.difference_intervals import (
    MiettinenNurminen,
    Tango,
    difference_interval,
    score_statistic,
)
from attnstats.comparison.replication import MINIMUM_REPLICATES
from attnstats.comparison.two_conditions.equivalence import Margin, check_margin
from attnstats.missing import CompleteCases
from attnstats.results import SignificanceResult


def proportions_equivalence_test(
    a: ArrayLike,
    b: ArrayLike,
    *,
    margin: Margin,
    paired: bool = True,
    alpha: float = 0.05,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether the difference of two proportions lies within a margin, ± one number or between two (TOST).

    `equivalence_test` for scores 0 or 1. Two one-sided score tests must both reject: Tango's of pairs, Miettinen and
    Nurminen's of two independent groups. p < alpha exactly when the score interval of level 1 − 2 alpha lies inside the
    margin.

    Parameters
    ----------
    a, b : array_like, shape (n,), or (n_a,) and (n_b,)
        Scores 0 or 1, or truth values, of the two conditions.
    margin : float, or tuple of two floats
        Smallest difference of proportions that would matter, below 1 (0.01 is one percentage point), declared before
        looking; with ``(low, high)``, `low` on one side and `high` on the other.
    paired : bool
        Whether element i of a and of b belong to one unit. False for two groups without a common one.
    alpha : float
        Level of the test; the interval has level 1 − 2 alpha.
    minimum_replicates, replication_unit, missing
        As in `mcnemar_test`; with ``paired=False`` as in `independent_proportions_test`.

    Returns
    -------
    SignificanceResult
        The statistic is the z that is nearer to the null; the alternative is ``"equivalence"``.

    Raises
    ------
    InvalidInputError
        If the margin is not above 0 and below 1, or its low end not below its high one; as `mcnemar_test`.
    TooFewSamplesError
        With fewer than `minimum_replicates` pairs, or in a group.

    References
    ----------
    Tango (1998), Statistics in Medicine 17, 891-908. Farrington and Manning (1990), Statistics in Medicine 9,
    1447-1454.

    Examples
    --------
    >>> from attnstats.comparison import proportions_equivalence_test
    >>> before, after = [1] * 90 + [0] * 10, [1] * 88 + [0] * 12
    >>> proportions_equivalence_test(before, after, margin=0.1, replication_unit="question")
    difference of proportions = 0.02, 90 % CI [-0.00687, 0.0586], p = .004, n = 100 questions, two one-sided Tango score
    tests (TOST)
    """
    low, high = check_margin(margin, largest=1.0)
    counts, n_missing = _counted(a, b, paired, alpha, minimum_replicates, replication_unit, missing)
    above, below = score_statistic(counts, low), score_statistic(counts, high)
    pvalue = max(float(ndtr(-above)), float(ndtr(below)))
    tested = min(above, below, key=abs), pvalue, "equivalence"
    return _result("two one-sided {} tests (TOST)", counts, *tested, alpha, replication_unit, n_missing)


def proportions_noninferiority_test(
    a: ArrayLike,
    b: ArrayLike,
    *,
    margin: float,
    paired: bool = True,
    alpha: float = 0.05,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether the proportion of ones in condition a is at most a margin below that in condition b.

    `noninferiority_test` for scores 0 or 1, of which more ones are better: the one-sided score test of a difference of
    −margin, Tango's of pairs or Miettinen and Nurminen's of two independent groups. p < alpha exactly when the low end
    of the interval of level 1 − 2 alpha is above −margin.

    Parameters
    ----------
    a, b, paired, alpha, minimum_replicates, replication_unit, missing
        As in `proportions_equivalence_test`, with the same errors and references.
    margin : float
        Largest loss that would not matter, a difference of proportions between 0 and 1, declared before looking.

    Returns
    -------
    SignificanceResult
        The statistic is z against −margin; the alternative is ``"greater"``.

    Examples
    --------
    >>> from attnstats.comparison import proportions_noninferiority_test
    >>> heated, chemical = [1] * 43 + [0], [1] * 44  # Tango 1998, disinfection of contact lenses
    >>> proportions_noninferiority_test(heated, chemical, margin=0.1, replication_unit="patient")
    difference of proportions = -0.0227, 90 % CI [-0.0957, 0.0365], p = .044, n = 44 patients, one-sided Tango score
    test of non-inferiority
    """
    check_positive(margin, "margin")
    low, _ = check_margin(margin, largest=1.0)
    counts, n_missing = _counted(a, b, paired, alpha, minimum_replicates, replication_unit, missing)
    z = score_statistic(counts, low)
    tested = z, float(ndtr(-z)), "greater"
    return _result("one-sided {} test of non-inferiority", counts, *tested, alpha, replication_unit, n_missing)


def _counted(
    a: ArrayLike,
    b: ArrayLike,
    paired: bool,
    alpha: float,
    minimum_replicates: int,
    replication_unit: str,
    missing: CompleteCases | None,
) -> tuple[Counts, int]:
    check_equivalence_level(alpha)
    count = count_pairs if check_flag(paired, "paired") else count_samples
    return count(a, b, minimum_replicates, replication_unit, missing)


def _result(
    test: str,
    counts: Counts,
    statistic: float,
    pvalue: float,
    alternative: str,
    alpha: float,
    replication_unit: str,
    n_missing: int,
) -> SignificanceResult:
    method = Tango() if isinstance(counts, PairedCounts) else MiettinenNurminen()
    return SignificanceResult(
        test=test.format(method.label),
        statistic=statistic,
        pvalue=max(pvalue, sys.float_info.min),
        alternative=alternative,
        effect_name="difference of proportions",
        effect=counts.difference,
        n=counts.n,
        replication_unit=replication_unit,
        confidence_interval=difference_interval(counts, method, 1 - 2 * alpha),
        n_missing=n_missing,
        _interval=partial(difference_interval, counts, method),
    )
