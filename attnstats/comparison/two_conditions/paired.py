"""Two conditions on the same seeds: is one higher?"""

from dataclasses import replace

from numpy.typing import ArrayLike

from attnstats._validation import RNGLike
from attnstats.comparison._complete import complete_pairs
from attnstats.comparison.seeds import MINIMUM_SEEDS, paired_differences, seed_mean
from attnstats.missing import CompleteCases
from attnstats.resampling import sign_flip_test
from attnstats.results import SignificanceResult


def paired_test(
    a: ArrayLike,
    b: ArrayLike = 0.0,
    *,
    strata: ArrayLike | None = None,
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    n_resamples: int = 99_999,
    minimum_seeds: int = MINIMUM_SEEDS,
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test whether condition a is higher than condition b, paired by seed.

    The effect is the mean over strata of the mean difference. The p-value comes from flipping the signs of
    the differences (`sign_flip_test`), the two-sided interval from t over the seeds (`t_interval`): the first
    asks for symmetric differences under the null, the second for a nearly normal mean. Near the border the
    two may disagree.

    Parameters
    ----------
    a : array_like, shape (n,)
        One value per trained model.
    b : array_like, shape (n,), or float
        The other condition of the same seeds and strata, in the same order; or a number to compare each value
        with.
    strata : array_like, shape (n,), optional
        Stratum of each pair, for example data set and encoder; every stratum weighs the same.
    alternative : {'two-sided', 'less', 'greater'}
        Sign of a − b that speaks against the null.
    confidence_level : float
        Level of the interval.
    n_resamples : int
        Random sign patterns; all 2^n are enumerated where they are no more than ``n_resamples + 1``.
    minimum_seeds : int
        Fewest seeds accepted in a stratum; lower it knowingly.
    missing : CompleteCases, optional
        How to treat missing values, pair by pair; by default they raise an error.
    rng : seed or Generator, optional
        Source of randomness; unused when exact.

    Returns
    -------
    SignificanceResult
        With its interval and the smallest p-value that was attainable; ``n`` counts pairs over all strata.

    Raises
    ------
    TooFewSamplesError
        With fewer seeds than `minimum_seeds` in a stratum.
    ConstantInputError
        If no difference varies: identical conditions are to be verified, not tested.

    Warns
    -----
    FewReplicatesWarning
        With fewer than 8 seeds, where the minimum was lowered.

    Examples
    --------
    >>> additive = [0.52, 0.55, 0.51, 0.56, 0.54, 0.53, 0.55, 0.52]
    >>> scaled_dot = [0.50, 0.51, 0.49, 0.52, 0.53, 0.50, 0.49, 0.50]
    >>> paired_test(additive, scaled_dot, alternative="greater")
    mean difference = 0.03, 95 % CI [0.0166, 0.0434], p = .004, n = 8 seeds, sign-flip permutation (exact)
    """
    (first, second, groups), n_missing = complete_pairs(missing, a, b, strata)
    differences = paired_differences(first, second)
    summary = seed_mean(differences, groups, minimum_seeds=minimum_seeds)
    scaled = sign_flip_test(
        differences.values, strata=groups, alternative=alternative, n_resamples=n_resamples, rng=rng
    )
    result = differences.unit.restore_result(scaled, statistic=True)
    interval = summary.interval(confidence_level)
    return replace(result, confidence_interval=interval, n_missing=n_missing, _interval=summary.interval)
