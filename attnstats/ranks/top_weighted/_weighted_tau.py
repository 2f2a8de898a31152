"""Vigna's weighted tau: Kendall's tau with more weight at the top of both orders."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, RNGLike
from attnstats.missing import CompleteCases
from attnstats.ranks._kernels import ordered, ordered_rows
from attnstats.ranks._partner_kernels import weighted_counts, weighted_rows
from attnstats.ranks.batches._rows import as_rows
from attnstats.ranks.batches.rank_agreement import RankAgreement
from attnstats.ranks.intervals._rank_interval import RankInterval
from attnstats.ranks.top_weighted._permutation import PairStatistic, permuted_rank_test
from attnstats.resampling import Permutation
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

    A pair i, j has weight 1/r_i + 1/r_j, where rank 1 is the largest value. Weighted S is divided by the geometric mean
    of the weighted pairs untied in x and in y, as in tau-b, and averaged over ranking by x, ties broken by y, and the
    other way round (Vigna 2015, section 4; `scipy.stats.weightedtau`).

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Paired samples, at least 3; only their order matters, and large values are the top.
    alternative : {'two-sided', 'less', 'greater'}
        Whether weighted tau differs from zero, or lies below or above it. Its null distribution is skewed: the
        two-sided p-value is twice the smaller one-sided one.
    null : Permutation
        Random permutations for the p-value; all permutations where they are fewer (up to 7 samples).
    interval : JackknifeInterval or a bootstrap method such as BCa, optional
        How the interval is made; none by default. The jackknife takes time n² log n.
    missing, rng
        As in `kendall`.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are weighted tau.

    Raises
    ------
    InvalidInputError, NonFiniteError, TooFewSamplesError, ConstantInputError
        As `kendall`.

    References
    ----------
    S. Vigna, A weighted correlation index for rankings with ties, WWW 2015, 1166-1176.

    Examples
    --------
    >>> from attnstats.ranks import weighted_tau
    >>> weighted_tau([5, 4, 3, 2, 1, 0], [5, 4, 3, 0, 1, 2], rng=0)
    weighted tau = 0.799, p = .033, n = 6 pairs, weighted tau, permutation of pairings (exact)
    """
    statistic = PairStatistic(_tau)
    return permuted_rank_test(x, y, statistic, "weighted tau", alternative, null, interval, missing, rng)


def _tau(x: FloatArray, y: FloatArray) -> float:
    return float(weighted_counts(*ordered(x, y))[0])


def weighted_tau_batch(
    x: ArrayLike, y: ArrayLike, *, mask: ArrayLike | None = None, missing: CompleteCases | None = None
) -> RankAgreement:
    """Return Vigna's weighted tau between the rows of two arrays.

    Parameters
    ----------
    x, y : array_like, shape (n_examples, n_tokens)
        The two quantities of each token; large values are the top.
    mask, missing
        As in `kendall_batch`.

    Returns
    -------
    RankAgreement
        Without p-values (all NaN): weighted tau has no asymptotic null distribution.

    Raises
    ------
    InvalidInputError, NonFiniteError
        As `kendall_batch`.

    Examples
    --------
    >>> from attnstats.ranks import weighted_tau_batch
    >>> weighted_tau_batch([[0.5, 0.3, 0.2]], [[0.9, 0.1, 0.4]]).statistic.round(3).tolist()
    [0.545]
    """
    (first, second), inside, n_missing = as_rows(mask, missing=missing, x=x, y=y)
    n_used = np.count_nonzero(inside, axis=1)
    statistic, tie_fraction = weighted_rows(*ordered_rows(first, second, inside), n_used)
    undefined, exact = np.full(len(statistic), np.nan), np.zeros(len(statistic), bool)
    return RankAgreement("weighted tau", statistic, undefined, tie_fraction, n_used, exact, n_missing)
