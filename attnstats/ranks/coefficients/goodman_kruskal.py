"""Goodman and Kruskal's gamma."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, RNGLike
from attnstats.missing import CompleteCases
from attnstats.ranks.coefficients._kendall_s import OrdinalAssociation, kendall_s_test
from attnstats.ranks.coefficients.contingency_table import ContingencyTable
from attnstats.ranks.intervals._rank_interval import RankInterval
from attnstats.resampling import Permutation
from attnstats.results import SignificanceResult


def goodman_kruskal_gamma(
    x: ArrayLike | ContingencyTable,
    y: ArrayLike | None = None,
    *,
    alternative: str = "two-sided",
    exact: bool | None = None,
    null: Permutation | None = None,
    interval: RankInterval | None = None,
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test the association of two variables by Goodman and Kruskal's gamma.

    Gamma is S, the concordant minus the discordant pairs, divided by their sum: pairs tied in x or in y do not count.

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Paired samples, at least 3; only their order matters. Or one `ContingencyTable` in place of both.
    alternative, exact, null, missing, rng
        As in `kendall`: the p-value is that of S.
    interval : ScoreInterval, JackknifeInterval, or a bootstrap method such as BCa, optional
        How the interval is made; `ScoreInterval` by default.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are gamma; `test` names the null distribution used.

    Raises
    ------
    InvalidInputError, NonFiniteError, TooFewSamplesError, ConstantInputError
        As `kendall`; the last also if every pair is tied in x or in y.

    References
    ----------
    L. A. Goodman and W. H. Kruskal, JASA 49 (1954) 732-764.

    Examples
    --------
    >>> from attnstats.ranks import goodman_kruskal_gamma
    >>> goodman_kruskal_gamma([1, 1, 1, 2, 2, 2, 3, 3], [1, 1, 2, 1, 2, 3, 2, 3])
    gamma = 0.733, 95 % CI [-0.0374, 0.93], p = .184, n = 8 pairs, Goodman and Kruskal's gamma (exact)
    """
    return kendall_s_test(x, y, GAMMA, "Goodman and Kruskal's gamma", alternative, exact, null, interval, missing, rng)


def _of_strict_pairs(counts: FloatArray, pairs: int) -> tuple[float, FloatArray, float]:  # noqa: ARG001
    score, _, _, in_both = counts
    if in_both == 0:
        return math.nan, np.zeros(4), 1.0
    return score / in_both, np.array([1 / in_both, 0, 0, -score / in_both**2]), 1.0


GAMMA = OrdinalAssociation("gamma", _of_strict_pairs)
