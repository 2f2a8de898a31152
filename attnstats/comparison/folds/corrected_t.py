"""Two conditions on the folds of a cross-validation: the corrected resampled t tests."""

from __future__ import annotations

import math
from dataclasses import replace

from numpy.typing import ArrayLike

from attnstats._validation import ALTERNATIVES, as_number, check_fraction, check_member, check_positive
from attnstats.comparison._arguments import check_equivalence_level
from attnstats.comparison._complete import complete_pairs
from attnstats.comparison.replication import MINIMUM_REPLICATES, ReplicateMean, paired_differences, replicate_mean
from attnstats.comparison.two_conditions.equivalence import Margin, check_margin, two_one_sided
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.results import SignificanceResult, plural


def corrected_resampled_t_test(
    a: ArrayLike,
    b: ArrayLike = 0.0,
    *,
    n_train: float,
    n_test: float,
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "fold",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether condition a scores higher than condition b over the folds of a cross-validation.

    The folds share most of their training data, so their scores are correlated and the t test that takes them for
    independent (`paired_test` and `t_interval` over folds) rejects far too often; it is not offered here. With s² the
    variance of J differences, the variance of their mean is taken to be

        (1/J + n_test/n_train) s²,

    on J − 1 degrees of freedom. The J scores are those of one cross-validation, of a repeated one, or of random splits.
    The answer is for other data of the same size from the same source and the training runs on them. It keeps its level
    after one cross-validation, and rejects somewhat too often after a repeated one.

    Parameters
    ----------
    a : array_like, shape (n,)
        One score per fold; all folds of all repetitions, one after the other.
    b : array_like, shape (n,), or float
        The other condition on the same folds, in the same order; or a number.
    n_train, n_test : float
        Units that a fold trains on and tests on, on average: n(k − 1)/k and n/k in k-fold cross-validation of n units.
        Only their ratio counts.
    alternative : {'two-sided', 'less', 'greater'}
        Sign of the mean of a − b under the alternative hypothesis.
    confidence_level : float
        Level of the interval.
    minimum_replicates : int
        Fewest folds accepted, at least 2; fewer than 8 give a `FewReplicatesWarning`.
    replication_unit : str
        What a score belongs to, in the singular.
    missing : CompleteCases, optional
        How to treat missing values, fold by fold; by default they raise an error.

    Returns
    -------
    SignificanceResult
        The statistic is t; ``n`` counts the folds, which are no independent units.

    Raises
    ------
    InvalidInputError
        If the shapes differ, an option is not as above, or `n_test` is 0, which would be the naive t test.
    NonFiniteError
        If a value is NaN or infinite, and `missing` does not leave it out.
    TooFewSamplesError
        With fewer folds than `minimum_replicates`.
    ConstantInputError
        If no difference varies.

    References
    ----------
    Nadeau and Bengio (2003), Machine Learning 52, 239-281. Bouckaert and Frank (2004), Advances in Knowledge Discovery
    and Data Mining, 3-12 (repeated cross-validation).

    Examples
    --------
    >>> from attnstats.comparison import corrected_resampled_t_test
    >>> forest = [0.81, 0.84, 0.79, 0.86, 0.82, 0.80, 0.85, 0.83, 0.78, 0.84]
    >>> linear = [0.78, 0.83, 0.78, 0.82, 0.80, 0.80, 0.81, 0.82, 0.77, 0.80]
    >>> corrected_resampled_t_test(forest, linear, n_train=180, n_test=20)
    mean difference = 0.021, 95 % CI [0.00516, 0.0368], p = .015, n = 10 folds, corrected resampled t test
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    level = check_fraction(confidence_level, "confidence_level")
    mean = _corrected_mean(a, b, n_train, n_test, minimum_replicates, replication_unit, missing)
    tested = mean.statistic(0.0), mean.pvalue(0.0, alternative)
    return mean.result("corrected resampled t test", "mean difference", alternative, *tested, level)


def corrected_resampled_equivalence_test(
    a: ArrayLike,
    b: ArrayLike = 0.0,
    *,
    n_train: float,
    n_test: float,
    margin: Margin,
    alpha: float = 0.05,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "fold",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether the mean difference over the folds of a cross-validation lies within a margin (TOST).

    `equivalence_test` (Schuirmann 1987, see there) with the variance of `corrected_resampled_t_test`: the larger of the
    p-values of the two one-sided tests, below alpha exactly when the interval of level 1 − 2 alpha lies inside the
    margin.

    Parameters
    ----------
    a, b, n_train, n_test, minimum_replicates, replication_unit, missing
        As in `corrected_resampled_t_test`, with the same errors.
    margin : float, or tuple of two floats
        Smallest difference that would matter, or the two ``(low, high)`` outside of which it would, in the unit of the
        scores, declared before looking.
    alpha : float
        Level of the test; the interval has level 1 − 2 alpha.

    Returns
    -------
    SignificanceResult
        The statistic is the t that is nearer to the null; the alternative is ``"equivalence"``.

    Examples
    --------
    >>> from attnstats.comparison import corrected_resampled_equivalence_test
    >>> forest = [0.81, 0.84, 0.79, 0.86, 0.82, 0.80, 0.85, 0.83, 0.78, 0.84]
    >>> linear = [0.80, 0.83, 0.80, 0.85, 0.82, 0.81, 0.84, 0.83, 0.79, 0.84]
    >>> corrected_resampled_equivalence_test(forest, linear, n_train=180, n_test=20, margin=0.02)
    mean difference = 0.001, 90 % CI [-0.00637, 0.00837], p < .001, n = 10 folds, two one-sided corrected resampled t
    tests (TOST)
    """
    ends = check_margin(margin)
    check_equivalence_level(alpha)
    mean = _corrected_mean(a, b, n_train, n_test, minimum_replicates, replication_unit, missing)
    test = "two one-sided corrected resampled t tests (TOST)"
    return mean.result(test, "mean difference", "equivalence", *two_one_sided(mean, ends), 1 - 2 * alpha)


def _corrected_mean(
    a: ArrayLike,
    b: ArrayLike,
    n_train: float,
    n_test: float,
    minimum_replicates: int,
    replication_unit: str,
    missing: CompleteCases | None,
) -> ReplicateMean:
    """Return the mean difference over folds, with its corrected error."""
    if as_number(n_test) == 0:
        raise InvalidInputError(
            f"n_test: must be above 0; got {n_test!r}, which would be the naive t test over folds: it takes them for"
            " independent and rejects too often"
        )
    ratio = check_positive(n_test, "n_test") / check_positive(n_train, "n_train")
    (first, second, _), n_missing = complete_pairs(missing, a, b)
    differences = paired_differences(first, second, "take equivalence_test with paired=False")
    naive = replicate_mean(differences, None, minimum_replicates, replication_unit)
    return replace(
        naive,
        error=naive.error * math.sqrt(1 + naive.n * ratio),
        method=f"corrected resampled t over {plural(replication_unit)}",
        n_missing=n_missing,
    )
