"""Weighted tau: Kendall's tau with more weight on the top of both orders."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, IntArray, RNGLike, as_generator, check_object
from attnstats.missing import CompleteCases, complete_cases
from attnstats.ranks._kernels import weighted_kendall, weighted_rows
from attnstats.ranks.batches.batch import RankAgreement, as_rows
from attnstats.ranks.coefficients._arguments import as_pair
from attnstats.ranks.intervals._estimate import RankEstimate, delete_one_variances
from attnstats.ranks.intervals.fisher_z import RankInterval, with_interval
from attnstats.resampling import Permutation, permutation_test
from attnstats.results import SignificanceResult


def weighted_tau(
    x: ArrayLike,
    y: ArrayLike,
    *,
    alternative: str = "two-sided",
    null: Permutation = Permutation(9_999),  # noqa: B008 (frozen)
    interval: RankInterval | None = None,
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test the association of two variables by Vigna's weighted tau, additive hyperbolic.

    A pair weighs 1/r_i + 1/r_j, where r = 1 is the sample with the largest value. Like tau-b it divides the weighted
    score by the geometric mean of the weighted pairs untied in x and in y. It is the mean of two values: with r by
    decreasing x, ties broken by y, and the other way around (Vigna 2015, section 4; `scipy.stats.weightedtau`).

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Paired samples, at least 3; only their order matters, and large values are the top.
    alternative : {'two-sided', 'less', 'greater'}
        Whether weighted tau differs from zero, or lies below or above it.
    null : Permutation
        Random pairings that the p-value comes from; all pairings where they are no more (up to 7 samples).
        Its null distribution is skewed: two-sided is twice the smaller one-sided p-value.
    interval : Jackknife or a bootstrap method such as BCa, optional
        How the interval is made; without one there is none. The jackknife takes time n² log n.
    missing : CompleteCases, optional
        What to do about missing values, as in `kendall`.
    rng : seed or Generator, optional
        Source of the permutations and of the bootstrap.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are weighted tau.

    Raises
    ------
    InvalidInputError
        If the lengths differ or a word is unknown.
    NonFiniteError
        If a value is NaN or infinite.
    TooFewSamplesError
        If there are fewer than 3 samples.
    ConstantInputError
        If x or y is all tied.

    References
    ----------
    S. Vigna, A weighted correlation index for rankings with ties, WWW 2015, 1166-1176.

    Examples
    --------
    >>> weighted_tau([5, 4, 3, 2, 1, 0], [5, 4, 3, 0, 1, 2], rng=0)
    weighted tau = 0.799, p = .033, n = 6 pairs, weighted tau, permutation of pairings (exact)
    """
    (x, y), n_missing = complete_cases(missing, x=x, y=y)
    x, y = as_pair(x, y, alternative, null=null)
    result = permuted_rank_test(
        x, y, PairStatistic(weighted_kendall), "weighted tau", alternative, null, interval, as_generator(rng)
    )
    return replace(result, n_missing=n_missing)


def weighted_tau_batch(
    x: ArrayLike, y: ArrayLike, *, mask: ArrayLike | None = None, missing: CompleteCases | None = None
) -> RankAgreement:
    """Vigna's weighted tau between the rows of two arrays.

    Parameters
    ----------
    x, y : array_like, shape (n_examples, n_tokens)
        The two quantities, token by token; large values are the top.
    mask : array_like of bool, shape (n_examples, n_tokens), optional
        True for a real token. What lies outside is never looked at, so it may be NaN.
    missing : CompleteCases, optional
        What to do about missing tokens inside the mask, as in `kendall_batch`.

    Returns
    -------
    RankAgreement
        Its p-values are all NaN: there is no asymptotic null.

    Raises
    ------
    InvalidInputError
        If the shapes differ.
    NonFiniteError
        If a value inside the mask is NaN or infinite.

    Examples
    --------
    >>> weighted_tau_batch([[0.5, 0.3, 0.2]], [[0.9, 0.1, 0.4]]).statistic.round(3).tolist()
    [0.545]
    """
    (first, second), inside, n_missing = as_rows(mask, missing=missing, x=x, y=y)
    statistic, tie_fraction = weighted_rows(first, second, inside)
    return RankAgreement(
        "weighted tau",
        statistic,
        np.full(len(statistic), np.nan),
        tie_fraction,
        inside.sum(axis=1),
        np.zeros(len(statistic), bool),
        n_missing,
    )


@dataclass(frozen=True)
class PairStatistic:
    """A compiled function of two vectors, to be resampled in rows and permuted in pairs.

    Parameters
    ----------
    function : callable
        Takes x and y, shape (n,) each, contiguous.
    """

    function: Callable[[FloatArray, FloatArray], float]

    def __call__(self, x: FloatArray, y: FloatArray | None = None) -> float:
        """Return the statistic of x and y, or of the columns of x, shape (n, 2)."""
        first, second = (x[:, 0], x[:, 1]) if y is None else (x, y)
        return float(self.function(np.ascontiguousarray(first), np.ascontiguousarray(second)))

    def permuted(self, x: FloatArray, y: FloatArray, orders: IntArray) -> FloatArray:
        """Return the statistic of x and ``y[order]`` for each row of `orders`, shape (n_orders, n)."""
        return np.array([self.function(x, pairing) for pairing in y[orders]])


def permuted_rank_test(
    x: FloatArray,
    y: FloatArray,
    statistic: PairStatistic,
    name: str,
    alternative: str,
    null: Permutation,
    interval: RankInterval | None,
    generator: np.random.Generator,
) -> SignificanceResult:
    """Return the permutation test of a statistic, with its interval where one is asked for."""
    check_object(null, "null", Permutation, "Permutation(n_resamples=9999)")
    test = permutation_test(x, y, statistic, alternative=alternative, n_resamples=null.n_resamples, rng=generator)
    result = replace(test, test=f"{name}, {test.test}", effect_name=name)
    if interval is None:
        return result
    rows = np.column_stack([x, y])
    estimate = RankEstimate(
        name=name,
        value=result.effect,
        scale=1.0,
        rows=rows,
        tied=False,
        statistic=statistic,
        variances=partial(delete_one_variances, statistic, rows),
    )
    return with_interval(result, interval, estimate, generator)
