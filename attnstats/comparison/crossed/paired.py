"""Two conditions in the same replicates and items: is one higher, or is there no difference? Each may have its gaps."""

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


def paired_anova_test(
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
    """Test whether condition a is higher than b in replicates and items that both have, for other ones of either.

    Where no cell is missing, or the same in both, it is `anova_test` of a − b. Otherwise that would use only the cells
    which both have: one in four where each lacks half. Here the means of a and of b are fitted to all cells of each, by
    generalised least squares with the correlation of the two values of a cell (Zellner 1962, JASA 57, 348-368; where
    each lacks others, Schmidt 1977, J. Econometrics 5, 365-377), and the effects of replicates and of items on the
    difference go into its variance as in `anova_interval`.

    Parameters
    ----------
    a, b : array_like, shape (..., n_replicates, n_items), or tuples of such arrays
        One value for each replicate and item, with the same replicates and items in the same order. Leading axes are
        strata and a tuple holds data sets, as in `anova_interval`, the same in both.
    variance, shared_replicates, confidence_level, replication_unit, crossed_unit
        As in `anova_interval`.
    alternative : {'two-sided', 'less', 'greater'}
        Sign of the mean of a − b under the alternative hypothesis.
    minimum_replicates : int
        As in `anova_test`.
    missing : CompleteCases, optional
        As in `anova_interval`; a replicate or an item of which nothing is left in a or in b is left out of both.

    Returns
    -------
    SignificanceResult
        ``statistic`` is t; ``n`` counts replicates, and ``n_missing`` the missing values of a and of b.

    Raises
    ------
    InvalidInputError, TooFewSamplesError, NonFiniteError, ConstantInputError
        As `anova_test`; if a and b differ in shape.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import paired_anova_test
    >>> from attnstats.missing import CompleteCases
    >>> rng = np.random.default_rng(0)
    >>> a = 0.3 + rng.normal(0, 0.1, size=(8, 1)) + rng.normal(0, 0.4, size=60) + rng.normal(size=(8, 60))
    >>> b = rng.normal(0, 0.1, size=(8, 1)) + rng.normal(0, 0.4, size=60) + rng.normal(size=(8, 60))
    >>> a[rng.random(a.shape) < 0.3], b[rng.random(b.shape) < 0.3] = np.nan, np.nan
    >>> paired_anova_test(a, b, missing=CompleteCases(), replication_unit="rater", crossed_unit="text")
    difference of means = 0.476, 95 % CI [0.17, 0.782], p = .006, n = 8 raters, 310 left out as incomplete, paired t
    test over raters and texts (df = 9.25)
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
        paired=True,
        missing=missing,
    )
    label = over_factors("paired t test", mean, variance, crossed_unit)
    tested = mean.statistic(0.0), mean.pvalue(0.0, alternative)
    return mean.result(label, "difference of means", alternative, *tested, level)


def paired_anova_equivalence_test(
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
    """Test whether the difference of two conditions in the same replicates and items lies within a margin (TOST).

    `anova_equivalence_test` for the difference of `paired_anova_test`.

    Parameters
    ----------
    a, b, variance, shared_replicates, minimum_replicates, replication_unit, crossed_unit, missing
        As in `paired_anova_test`, with the same errors.
    margin, alpha
        As in `anova_equivalence_test`.

    Returns
    -------
    SignificanceResult
        The statistic is the t that is nearer to the null; the alternative is ``"equivalence"``.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import paired_anova_equivalence_test
    >>> from attnstats.missing import CompleteCases
    >>> a, b = np.random.default_rng(0).normal(size=(2, 8, 60))
    >>> a[0, :9], b[3, 20:] = np.nan, np.nan
    >>> paired_anova_equivalence_test(a, b, margin=0.4, missing=CompleteCases())
    difference of means = 0.0148, 90 % CI [-0.0993, 0.129], p < .001, n = 8 replicates, 49 left out as incomplete, two
    one-sided paired t tests (TOST) over replicates and items (df = 7.45)
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
        paired=True,
        missing=missing,
    )
    label = over_factors("two one-sided paired t tests (TOST)", mean, variance, crossed_unit)
    return mean.result(label, "difference of means", "equivalence", *two_one_sided(mean, ends), 1 - 2 * alpha)
