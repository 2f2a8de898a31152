"""Two conditions with replicates of their own on the same items: is one higher, or is there no difference?"""

from __future__ import annotations

from numpy.typing import ArrayLike

from attnstats._validation import ALTERNATIVES, check_fraction, check_member
from attnstats.comparison._arguments import check_equivalence_level
from attnstats.comparison.crossed.crossed_mean import crossed_mean
from attnstats.comparison.crossed.difference import over_factors
from attnstats.comparison.crossed.mean_squares import HarmonicT, VarianceRule
from attnstats.comparison.replication import MINIMUM_REPLICATES
from attnstats.comparison.two_conditions.equivalence import Margin, check_margin, two_one_sided
from attnstats.missing import CompleteCases
from attnstats.results import SignificanceResult


def independent_anova_test(
    a: ArrayLike | tuple[ArrayLike, ...],
    b: ArrayLike | tuple[ArrayLike, ...],
    *,
    variance: VarianceRule = HarmonicT(),  # noqa: B008 (frozen)
    shared_replicates: bool = False,
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    crossed_unit: str = "item",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether condition a is higher than b, for other replicates, of which each has its own, and other items.

    As `anova_test`, with the replicates of a and of b drawn independently, such as training runs that share no seed.
    With d_i the difference of the means of item i,

        var(ā − b̄) = s²_a/R_a + s²_b/R_b + max(s²_d − MS_a/R_a − MS_b/R_b, 0)/I,

    where s²_a and s²_b are the variances of the means of replicates, which hold what the residual adds, and the mean
    squares of the two residuals are taken from the variance of d. The first two have the degrees of freedom of Welch
    (1947, Biometrika 34, 28-35), and `variance` joins them with I − 1 as for one table. An item's effect in common
    cancels.

    Parameters
    ----------
    a, b : array_like, shape (..., n_replicates_a or n_replicates_b, n_items), or tuples of such arrays
        One value for each replicate and item, with the same items in the same order. Leading axes are strata and a
        tuple holds data sets, as in `anova_interval`, the same in both.
    variance : HarmonicT, Satterthwaite or FixedItems
        As in `anova_interval`; with the third Welch's t test of the means of the replicates.
    shared_replicates : bool
        Whether replicate r of a is the same in every data set, and replicate r of b too.
    alternative : {'two-sided', 'less', 'greater'}
        Sign of the mean of a − b under the alternative hypothesis.
    confidence_level, replication_unit, crossed_unit
        As in `anova_interval`.
    minimum_replicates : int
        Fewest replicates accepted in a and in b, at least 2; fewer than 8 give a `FewReplicatesWarning`.
    missing : CompleteCases, optional
        As in `anova_interval`; an item of which nothing is left in a or in b is left out of both.

    Returns
    -------
    SignificanceResult
        ``statistic`` is t; ``n`` counts the replicates of both conditions.

    Raises
    ------
    InvalidInputError, TooFewSamplesError, NonFiniteError, ConstantInputError
        As `anova_test`; if a and b differ in their data sets, strata or number of items.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import independent_anova_test
    >>> rng = np.random.default_rng(0)
    >>> items = rng.normal(size=50)
    >>> a = 0.3 + items + rng.normal(0, 0.1, size=(8, 1)) + rng.normal(size=(8, 50))
    >>> b = items + rng.normal(0, 0.1, size=(10, 1)) + rng.normal(size=(10, 50))
    >>> independent_anova_test(a, b, replication_unit="seed", crossed_unit="example")
    difference of means = 0.358, 95 % CI [0.166, 0.549], p = .001, n = 18 seeds, t test of independent groups over seeds
    and examples (df = 17)
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    level = check_fraction(confidence_level, "confidence_level")
    mean = crossed_mean(
        {"a": a, "b": b},
        variance,
        replication_unit,
        crossed_unit,
        minimum_replicates,
        shared_replicates=shared_replicates,
        missing=missing,
    )
    label = over_factors("t test of independent groups", mean, variance, crossed_unit)
    tested = mean.statistic(0.0), mean.pvalue(0.0, alternative)
    return mean.result(label, "difference of means", alternative, *tested, level)


def independent_anova_equivalence_test(
    a: ArrayLike | tuple[ArrayLike, ...],
    b: ArrayLike | tuple[ArrayLike, ...],
    *,
    margin: Margin,
    variance: VarianceRule = HarmonicT(),  # noqa: B008 (frozen)
    shared_replicates: bool = False,
    alpha: float = 0.05,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    crossed_unit: str = "item",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether the difference of two conditions with replicates of their own lies within a margin (TOST).

    `anova_equivalence_test` for the difference of `independent_anova_test`.

    Parameters
    ----------
    a, b, variance, shared_replicates, minimum_replicates, replication_unit, crossed_unit, missing
        As in `independent_anova_test`, with the same errors.
    margin, alpha
        As in `anova_equivalence_test`.

    Returns
    -------
    SignificanceResult
        The statistic is the t that is nearer to the null; the alternative is ``"equivalence"``.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import independent_anova_equivalence_test
    >>> rng = np.random.default_rng(0)
    >>> items = rng.normal(size=50)
    >>> a, b = (items + rng.normal(0, 0.1, size=(8, 1)) + rng.normal(size=(8, 50)) for _ in range(2))
    >>> independent_anova_equivalence_test(a, b, margin=0.4)
    difference of means = 0.0182, 90 % CI [-0.14, 0.176], p < .001, n = 16 replicates, two one-sided t tests of
    independent groups (TOST) over replicates and items (df = 15.7)
    """
    ends = check_margin(margin)
    check_equivalence_level(alpha)
    mean = crossed_mean(
        {"a": a, "b": b},
        variance,
        replication_unit,
        crossed_unit,
        minimum_replicates,
        shared_replicates=shared_replicates,
        missing=missing,
    )
    label = over_factors("two one-sided t tests of independent groups (TOST)", mean, variance, crossed_unit)
    return mean.result(label, "difference of means", "equivalence", *two_one_sided(mean, ends), 1 - 2 * alpha)
