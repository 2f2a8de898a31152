"""Kendall's tau: tau-a, tau-b and tau-c."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, RNGLike, check_member
from attnstats.missing import CompleteCases
from attnstats.ranks.coefficients._kendall_s import OrdinalAssociation, kendall_s_test
from attnstats.ranks.coefficients.contingency_table import ContingencyTable
from attnstats.ranks.coefficients.resampled_tau import Tau
from attnstats.ranks.intervals._rank_interval import RankInterval
from attnstats.resampling import Permutation
from attnstats.results import SignificanceResult


def kendall(
    x: ArrayLike | ContingencyTable,
    y: ArrayLike | None = None,
    *,
    variant: str = "b",
    alternative: str = "two-sided",
    exact: bool | None = None,
    null: Permutation | None = None,
    interval: RankInterval | None = None,
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test the association of two variables by Kendall's tau.

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Paired samples, at least 3; only their order matters. Or one `ContingencyTable` in place of both.
    variant : {'b', 'a', 'c'}
        What divides S, the concordant minus the discordant pairs. tau-b: the geometric mean of the pairs untied in x
        and of those untied in y. tau-a: all pairs. tau-c (Stuart 1953): n² (m − 1)/(2 m), the largest S where m is the
        smaller number of distinct values. The p-value is that of S for all three.
    alternative : {'two-sided', 'less', 'greater'}
        Whether tau differs from zero, or lies below or above it.
    exact : bool, optional
        Whether the p-value comes from the exact distribution of S given the ties, or from its normal approximation. By
        default it is exact with up to 50 samples, unless many groups of ties in both would take more than a second.
    null : Permutation, optional
        Take the p-value from random permutations instead.
    interval : ScoreInterval, JackknifeInterval, Fieller, or a bootstrap method such as BCa, optional
        How the interval is made. By default `ScoreInterval`, and `JackknifeInterval` for tau-a and tau-c with ties.
    missing : CompleteCases, optional
        Leave out incomplete samples, which `n_missing` of the result counts; by default missing values raise an error.
    rng : seed or Generator, optional
        Source of the permutations and of the bootstrap.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are tau, `test` names the null distribution, and `pvalue_floor` is the smallest p-value
        that it allows. A p-value below 2.2e-308 is reported as 2.2e-308.

    Raises
    ------
    InvalidInputError
        If the lengths differ, an option is unknown, or ``exact=True`` is asked for with more than 150 samples or with
        many groups of ties in both variables.
    NonFiniteError, TooFewSamplesError, ConstantInputError
        If a value is NaN or infinite; if there are fewer than 3 samples; if x or y is constant.

    References
    ----------
    M. G. Kendall, Rank Correlation Methods, 4th ed., Griffin 1970. W. R. Knight, JASA 61 (1966) 436-439. A. Stuart,
    Biometrika 40 (1953) 105-110.

    Examples
    --------
    >>> from attnstats.ranks import kendall
    >>> x = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    >>> y = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    >>> kendall(x, y)
    tau-b = 0.444, 95 % CI [-0.142, 0.752], p = .119, n = 9 pairs, Kendall's tau (exact)
    """
    check_member(variant, "variant", ("b", "a", "c"))
    coefficient = {"a": TAU_A, "b": TAU_B}.get(variant, _tau_c)
    return kendall_s_test(x, y, coefficient, "Kendall's tau", alternative, exact, null, interval, missing, rng)


def _of_all_pairs(counts: FloatArray, pairs: int, factor: float = 1.0) -> tuple[float, FloatArray, float]:
    score, in_x, in_y, _ = counts
    return factor * score / pairs, np.array([factor / pairs, 0, 0, 0]), factor * math.sqrt(in_x * in_y) / pairs


def _of_classes(counts: FloatArray, pairs: int, factor: float) -> tuple[float, FloatArray, float]:
    value, derivatives, _ = _of_all_pairs(counts, pairs, factor)
    _, in_x, in_y, _ = counts
    largest = factor * min(in_x, in_y) / pairs  # at most 1, which the population reaches if its classes are equal
    return value, derivatives, (largest + 1) / 2


def _of_untied_pairs(counts: FloatArray, pairs: int) -> tuple[float, FloatArray, float]:  # noqa: ARG001
    score, in_x, in_y, _ = counts
    root = math.sqrt(in_x * in_y)
    value = score / root
    return value, np.array([1 / root, -value / (2 * in_x), -value / (2 * in_y), 0]), 1.0


def _tau_c(x: FloatArray, y: FloatArray) -> OrdinalAssociation:
    """Return tau-c with the m of the samples, which is kept when they are resampled."""
    m, n = min(np.unique(x).size, np.unique(y).size), x.size
    return OrdinalAssociation("tau-c", partial(_of_classes, factor=m * (n - 1) / ((m - 1) * n)))


TAU_A = OrdinalAssociation("tau-a", _of_all_pairs, (0.437, 4))
TAU_B = OrdinalAssociation("tau-b", _of_untied_pairs, (0.437, 4), Tau())
