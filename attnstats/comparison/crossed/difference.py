"""Is the mean over seeds and examples, both drawn from a population, above a number, or negligible?"""

import sys

from numpy.typing import ArrayLike

from attnstats._validation import ALTERNATIVES, check_fraction, check_member, check_number
from attnstats.comparison._arguments import check_equivalence_level
from attnstats.comparison.crossed.crossed_mean import CrossedMean, crossed_mean
from attnstats.comparison.crossed.mean_squares import HarmonicT, Satterthwaite
from attnstats.comparison.seeds import MINIMUM_SEEDS, check_seeds
from attnstats.comparison.two_conditions.equivalence import Margin, check_margin
from attnstats.results import SignificanceResult


def anova_test(
    values: ArrayLike | tuple[ArrayLike, ...],
    null_value: float = 0.0,
    *,
    variance: HarmonicT | Satterthwaite = HarmonicT(),  # noqa: B008 (frozen)
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    minimum_seeds: int = MINIMUM_SEEDS,
) -> SignificanceResult:
    """Test whether the mean over crossed seeds and examples is a given number, for other seeds and other examples.

    The t test that goes with `anova_interval`: p < alpha exactly when the number lies outside the interval of level 1
    - alpha. A test of the means of the seeds (`paired_test`) speaks of the same examples alone, and an effect that only
    these examples show is none of other ones (Clark 1973).

    Parameters
    ----------
    values : array_like, shape (..., n_seeds, n_examples), or tuple of such arrays
        As in `anova_interval`. For two conditions with the same seeds and examples, their differences.
    null_value : float
        Mean under the null hypothesis, in the unit of the values.
    variance : HarmonicT or Satterthwaite
        The variance of the mean of one table, with its degrees of freedom.
    alternative : {'two-sided', 'less', 'greater'}
        Side of the null value that speaks against the null.
    confidence_level : float
        Level of the two-sided interval, in (0, 1).
    minimum_seeds : int
        Fewest seeds accepted in a data set; lower it knowingly.

    Returns
    -------
    SignificanceResult
        ``statistic`` is t; ``n`` counts models over all strata.

    Raises
    ------
    InvalidInputError
        If the values have fewer than two dimensions, or an argument breaks its rule.
    TooFewSamplesError
        With fewer seeds than `minimum_seeds`, or fewer than two examples.
    NonFiniteError
        If a value is NaN or infinite; an incomplete table is not balanced.
    ConstantInputError
        If the values do not vary.

    Warns
    -----
    FewReplicatesWarning
        With fewer than 8 seeds, where the minimum was lowered.

    References
    ----------
    H. H. Clark, Journal of Verbal Learning and Verbal Behavior 12 (1973) 335-359; the error as in `HarmonicT`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> anova_test(rng.normal(0.3, 0.1, size=(8, 1)) + rng.normal(0, 0.4, size=60) + rng.normal(size=(8, 60)))
    mean = 0.333, 95 % CI [0.183, 0.483], p < .001, n = 8 seeds, t test over seeds and examples (df = 15.7)
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    check_number(null_value, "null_value")
    mean = _checked_mean(values, variance, minimum_seeds)
    null = mean.unit.divide_one(null_value, "null_value")
    above, below = mean.tails(null)
    pvalue = {"greater": above, "less": below, "two-sided": 2 * min(above, below)}[alternative]
    level = check_fraction(confidence_level, "confidence_level")
    return _result("t test over seeds and examples", alternative, mean.statistic(null), pvalue, mean, level)


def anova_equivalence_test(
    values: ArrayLike | tuple[ArrayLike, ...],
    *,
    margin: Margin,
    variance: HarmonicT | Satterthwaite = HarmonicT(),  # noqa: B008 (frozen)
    alpha: float = 0.05,
    minimum_seeds: int = MINIMUM_SEEDS,
) -> SignificanceResult:
    """Test whether the mean over crossed seeds and examples lies within a margin, ± one number or between two (TOST).

    `equivalence_test`, for other seeds and other examples: the larger of the p-values of the two one-sided tests
    against the ends of the margin, below alpha exactly when the interval of level 1 - 2 alpha lies inside the margin.

    Parameters
    ----------
    values : array_like, shape (..., n_seeds, n_examples), or tuple of such arrays
        As in `anova_interval`. For two conditions with the same seeds and examples, their differences.
    margin : float, or tuple of two floats
        Smallest mean that would matter, or the two ``(low, high)`` outside of which it would, in the unit of the
        values, declared before looking.
    variance : HarmonicT or Satterthwaite
        The variance of the mean of one table, with its degrees of freedom.
    alpha : float
        Level of the test, below one half; the interval has level 1 - 2 alpha.
    minimum_seeds : int
        Fewest seeds accepted in a data set; lower it knowingly.

    Returns
    -------
    SignificanceResult
        The statistic is the t that is nearer to the null; the alternative is ``"equivalence"``.

    Raises
    ------
    InvalidInputError
        If the values have fewer than two dimensions, or an argument breaks its rule.
    TooFewSamplesError
        With fewer seeds than `minimum_seeds`, or fewer than two examples.
    NonFiniteError
        If a value is NaN or infinite; an incomplete table is not balanced.
    ConstantInputError
        If the values do not vary.

    Warns
    -----
    FewReplicatesWarning
        With fewer than 8 seeds, where the minimum was lowered.

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680; the error as in `HarmonicT`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> anova_equivalence_test(rng.normal(0, 0.1, size=(8, 1)) + rng.normal(size=(8, 60)), margin=0.25)
    mean = 0.00345, 90 % CI [-0.0887, 0.0956], p < .001, n = 8 seeds, two one-sided t tests (TOST) over seeds and
    examples (df = 8.29)
    """
    ends = check_margin(margin)
    check_equivalence_level(alpha)
    mean = _checked_mean(values, variance, minimum_seeds)
    low, high = (mean.unit.divide_one(end, "margin") for end in ends)
    pvalue = max(mean.tails(low)[0], mean.tails(high)[1])
    statistic = min(mean.statistic(low), mean.statistic(high), key=abs)
    test = "two one-sided t tests (TOST) over seeds and examples"
    return _result(test, "equivalence", statistic, pvalue, mean, 1 - 2 * alpha)


def _checked_mean(
    values: ArrayLike | tuple[ArrayLike, ...], variance: HarmonicT | Satterthwaite, minimum_seeds: int
) -> CrossedMean:
    mean = crossed_mean(values, variance)
    check_seeds(mean.fewest_seeds, minimum_seeds=minimum_seeds)
    return mean


def _result(
    test: str, alternative: str, statistic: float, pvalue: float, mean: CrossedMean, level: float
) -> SignificanceResult:
    return SignificanceResult(
        test=f"{test} (df = {mean.variance.degrees_of_freedom:.3g})",
        statistic=statistic,
        pvalue=max(pvalue, sys.float_info.min),
        alternative=alternative,
        effect_name="mean",
        effect=mean.effect,
        n=mean.n_models,
        replication_unit="seed",
        confidence_interval=mean.interval(level),
        _interval=mean.interval,
    )
