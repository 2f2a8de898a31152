"""Two conditions on the same replicates: is one higher?"""

from __future__ import annotations

from dataclasses import replace

from numpy.typing import ArrayLike

from attnstats._renamed import former_parameters
from attnstats._validation import RNGLike
from attnstats.comparison._complete import complete_pairs
from attnstats.comparison.replication import MINIMUM_REPLICATES, paired_differences, replicate_mean
from attnstats.missing import CompleteCases
from attnstats.resampling import sign_flip_test
from attnstats.results import SignificanceResult


@former_parameters(minimum_seeds="minimum_replicates")
def paired_test(
    a: ArrayLike,
    b: ArrayLike = 0.0,
    *,
    strata: ArrayLike | None = None,
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    n_resamples: int = 99_999,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test whether condition a is higher than condition b, paired by replicate.

    The effect is the mean over strata of the mean difference. The p-value comes from flipping the signs of the
    differences (`sign_flip_test`) and assumes that they are symmetric under the null; the two-sided interval from t
    over the replicates (`t_interval`) assumes a nearly normal mean. Where p is near 1 − `confidence_level` the two may
    disagree.

    Parameters
    ----------
    a : array_like, shape (n,)
        One value per replicate.
    b : array_like, shape (n,), or float
        The other condition of the same replicates and strata, in the same order; or a number.
    strata : array_like, shape (n,), optional
        Stratum of each pair, for example its centre; every stratum weighs the same.
    alternative : {'two-sided', 'less', 'greater'}
        Sign of the mean of a − b under the alternative hypothesis.
    confidence_level : float
        Level of the interval.
    n_resamples : int
        Random sign patterns; all 2^n are enumerated where they are no more than ``n_resamples + 1``.
    minimum_replicates : int
        Fewest replicates accepted in a stratum, at least 2; fewer than 8 give a `FewReplicatesWarning`.
    replication_unit : str
        What a replicate is, in the singular: ``"patient"``, ``"seed"``.
    missing : CompleteCases, optional
        How to treat missing values, pair by pair; by default they raise an error.
    rng : seed or Generator, optional
        Source of randomness; unused when exact.

    Returns
    -------
    SignificanceResult
        With its interval and the smallest attainable p-value; ``n`` counts pairs over all strata.

    Raises
    ------
    InvalidInputError
        If the shapes differ or an option is not as above.
    NonFiniteError
        If a value is NaN or infinite, and `missing` does not leave it out.
    TooFewSamplesError
        With fewer replicates than `minimum_replicates` in a stratum.
    ConstantInputError
        If no difference varies.

    Examples
    --------
    >>> from attnstats.comparison import paired_test
    >>> treated = [0.52, 0.55, 0.51, 0.56, 0.54, 0.53, 0.55, 0.52]
    >>> control = [0.50, 0.51, 0.49, 0.52, 0.53, 0.50, 0.49, 0.50]
    >>> paired_test(treated, control, alternative="greater", replication_unit="patient")
    mean difference = 0.03, 95 % CI [0.0166, 0.0434], p = .004, n = 8 patients, sign-flip permutation (exact)
    """
    (first, second, groups), n_missing = complete_pairs(missing, a, b, strata)
    remedy = "take permutation_test of attnstats.resampling with kind=Independent()"
    differences = paired_differences(first, second, remedy)
    summary = replicate_mean(differences, groups, minimum_replicates, replication_unit)
    scaled = sign_flip_test(
        differences.values,
        strata=groups,
        alternative=alternative,
        n_resamples=n_resamples,
        replication_unit=replication_unit,
        rng=rng,
    )
    result = differences.unit.restore_result(scaled, statistic=True)
    interval = summary.interval(confidence_level)
    return replace(result, confidence_interval=interval, n_missing=n_missing, _interval=summary.interval)
