"""Is the mean over replicates and items, both drawn from a population, above a number, or negligible?"""

from __future__ import annotations

from numpy.typing import ArrayLike

from attnstats._renamed import former_parameters
from attnstats._validation import ALTERNATIVES, check_fraction, check_member, check_number
from attnstats.comparison._arguments import check_equivalence_level
from attnstats.comparison.crossed.crossed_mean import crossed_mean
from attnstats.comparison.crossed.mean_squares import HarmonicT, VarianceRule
from attnstats.comparison.replication import MINIMUM_REPLICATES, ReplicateMean
from attnstats.comparison.two_conditions.equivalence import Margin, check_margin, two_one_sided
from attnstats.missing import CompleteCases
from attnstats.results import SignificanceResult, plural


@former_parameters(minimum_seeds="minimum_replicates")
def anova_test(
    values: ArrayLike | tuple[ArrayLike, ...],
    null_value: float = 0.0,
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
    """Test whether the mean over crossed replicates and items is a given number, for other replicates and other items.

    The t test that goes with `anova_interval`: p < alpha exactly when the number lies outside the interval of level 1 −
    alpha. A test of the means of the replicates (`paired_test`) is for the same items alone (Clark 1973, J. Verbal
    Learn. Verbal Behav. 12, 335-359).

    Parameters
    ----------
    values, variance, shared_replicates, confidence_level, replication_unit, crossed_unit, missing
        As in `anova_interval`.
    null_value : float
        Mean under the null hypothesis, in the unit of the values.
    alternative : {'two-sided', 'less', 'greater'}
        Side of the null value on which the mean lies under the alternative hypothesis.
    minimum_replicates : int
        Fewest replicates accepted in a data set, at least 2; fewer than 8 give a `FewReplicatesWarning`.

    Returns
    -------
    SignificanceResult
        ``statistic`` is t; ``n`` counts replicates over all strata, those that are shared once.

    Raises
    ------
    TooFewSamplesError
        With fewer replicates than `minimum_replicates`, or fewer than two items.
    InvalidInputError, NonFiniteError, ConstantInputError
        As `anova_interval`.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import anova_test
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(0.3, 0.1, size=(8, 1)) + rng.normal(0, 0.4, size=60) + rng.normal(size=(8, 60))
    >>> anova_test(values, replication_unit="reader", crossed_unit="case")
    mean = 0.333, 95 % CI [0.183, 0.483], p < .001, n = 8 readers, t test over readers and cases (df = 15.7)
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    check_number(null_value, "null_value")
    mean = crossed_mean(
        {"values": values},
        variance,
        replication_unit,
        crossed_unit,
        minimum_replicates,
        shared_replicates=shared_replicates,
        missing=missing,
    )
    null = mean.unit.divide_one(null_value, "null_value")
    level = check_fraction(confidence_level, "confidence_level")
    tested = mean.statistic(null), mean.pvalue(null, alternative)
    return mean.result(over_factors("t test", mean, variance, crossed_unit), "mean", alternative, *tested, level)


@former_parameters(minimum_seeds="minimum_replicates")
def anova_equivalence_test(
    values: ArrayLike | tuple[ArrayLike, ...],
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
    """Test whether the mean over crossed replicates and items lies within a margin, ± one number or between two (TOST).

    `equivalence_test` (Schuirmann 1987, see there) for other replicates and other items: the larger of the p-values of
    the two one-sided tests, below alpha exactly when the interval of level 1 − 2 alpha lies inside the margin.

    Parameters
    ----------
    values, variance, shared_replicates, minimum_replicates, replication_unit, crossed_unit, missing
        As in `anova_test`, with the same errors.
    margin : float, or tuple of two floats
        Smallest mean that would matter, or the two ``(low, high)`` outside of which it would, in the unit of the
        values, declared before looking.
    alpha : float
        Level of the test; the interval has level 1 − 2 alpha.

    Returns
    -------
    SignificanceResult
        The statistic is the t that is nearer to the null; the alternative is ``"equivalence"``.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import anova_equivalence_test
    >>> rng = np.random.default_rng(0)
    >>> anova_equivalence_test(rng.normal(0, 0.1, size=(8, 1)) + rng.normal(size=(8, 60)), margin=0.25)
    mean = 0.00345, 90 % CI [-0.0887, 0.0956], p < .001, n = 8 replicates, two one-sided t tests (TOST) over replicates
    and items (df = 8.29)
    """
    ends = check_margin(margin)
    check_equivalence_level(alpha)
    mean = crossed_mean(
        {"values": values},
        variance,
        replication_unit,
        crossed_unit,
        minimum_replicates,
        shared_replicates=shared_replicates,
        missing=missing,
    )
    label = over_factors("two one-sided t tests (TOST)", mean, variance, crossed_unit)
    return mean.result(label, "mean", "equivalence", *two_one_sided(mean, ends), 1 - 2 * alpha)


def over_factors(test: str, mean: ReplicateMean, variance: VarianceRule, crossed_unit: str) -> str:
    """Return the name of a test of a mean, with what it is for."""
    items = f"{variance.over_items} {plural(crossed_unit)}"
    return f"{test} over {plural(mean.replication_unit)} {items} (df = {mean.df:.3g})"
