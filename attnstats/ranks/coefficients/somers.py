"""Somers' d."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, RNGLike
from attnstats.missing import CompleteCases
from attnstats.ranks.coefficients._kendall_s import OrdinalAssociation, kendall_s_test
from attnstats.ranks.coefficients.contingency_table import ContingencyTable
from attnstats.ranks.intervals._rank_interval import RankInterval
from attnstats.resampling import Permutation
from attnstats.results import SignificanceResult


def somers_d(
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
    """Test the association of a dependent y with an independent x by Somers' d of y given x.

    d is S, the concordant minus the discordant pairs, divided by the pairs untied in x. Swap the arguments for d of x
    given y.

    Parameters
    ----------
    x : array_like, shape (n_samples,), or ContingencyTable
        The independent variable; at least 3 samples. Or a table of both, with the independent variable in its rows.
    y : array_like, shape (n_samples,)
        The dependent variable; not given with a table.
    alternative, exact, null, missing, rng
        As in `kendall`: the p-value is that of S.
    interval : ScoreInterval, JackknifeInterval, or a bootstrap method such as BCa, optional
        How the interval is made; `ScoreInterval` by default.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are d; `test` names the null distribution used.

    Raises
    ------
    InvalidInputError, NonFiniteError, TooFewSamplesError, ConstantInputError
        As `kendall`.

    References
    ----------
    R. H. Somers, American Sociological Review 27 (1962) 799-811.

    Examples
    --------
    >>> from attnstats.ranks import somers_d
    >>> somers_d([0, 0, 0, 0, 1, 1, 1, 1], [1, 2, 2, 3, 2, 3, 3, 4])
    d(y|x) = 0.625, 95 % CI [-0.222, 0.9], p = .286, n = 8 pairs, Somers' d (exact)
    """
    return kendall_s_test(x, y, SOMERS_D, "Somers' d", alternative, exact, null, interval, missing, rng)


def _given_x(counts: FloatArray, pairs: int) -> tuple[float, FloatArray, float]:  # noqa: ARG001
    score, in_x, _, _ = counts
    return score / in_x, np.array([1 / in_x, -score / in_x**2, 0, 0]), 1.0


SOMERS_D = OrdinalAssociation("d(y|x)", _given_x)
