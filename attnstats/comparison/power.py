"""How many seeds would settle it?"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import nctdtr, stdtrit

from attnstats._validation import (
    ALTERNATIVES,
    as_float_array,
    check_at_least,
    check_count,
    check_fraction,
    check_member,
)
from attnstats.comparison.seeds import check_varies, split_by_stratum
from attnstats.exceptions import InvalidInputError


def t_test_power(
    effect: float, n: int, *, alpha: float = 0.05, alternative: str = "two-sided", n_strata: int = 1
) -> float:
    """Return the power of the t test of a mean against zero.

    With n seeds in each of K strata, t has K (n − 1) degrees of freedom and noncentrality effect · sqrt(K n).
    The rejection in the wrong direction counts for a two-sided test.

    Parameters
    ----------
    effect : float
        Mean over standard deviation.
    n : int
        Seeds in each stratum, at least 2.
    alpha : float
        Level of the test.
    alternative : {'two-sided', 'less', 'greater'}
        Alternative hypothesis.
    n_strata : int
        Number of strata of equal variance.

    Returns
    -------
    float
        Probability to reject.

    References
    ----------
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, chapter 2.

    Examples
    --------
    >>> round(t_test_power(1.0, 10), 3)
    0.803
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    check_fraction(alpha, "alpha")
    if not np.isfinite(effect):
        raise InvalidInputError(f"effect: must be finite; got {effect!r}")
    df = check_count(n_strata, "n_strata") * (check_count(n, "n", minimum=2) - 1)
    shift = float(effect * np.sqrt(n * n_strata))
    tail = alpha / 2 if alternative == "two-sided" else alpha
    critical = float(stdtrit(df, 1 - tail))
    above = 1 - float(nctdtr(df, shift, critical))
    below = 1 - float(nctdtr(df, -shift, critical))
    return {"greater": above, "less": below, "two-sided": above + below}[alternative]


def seeds_needed(
    differences: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    maximum: int = 10_000,
) -> int | None:
    """Return how many seeds per stratum would give a t test the wanted power, if the effect is the one observed.

    A planning figure for an inconclusive result, not evidence: the observed effect is itself uncertain, and
    is the more exaggerated the fewer seeds it rests on.

    Parameters
    ----------
    differences : array_like, shape (n,)
        Differences observed, one per seed.
    strata : array_like, shape (n,), optional
        Stratum of each difference; the variance is pooled within strata.
    power : float
        Wanted probability to reject.
    alpha : float
        Level of the test.
    alternative : {'two-sided', 'less', 'greater'}
        Alternative hypothesis.
    maximum : int
        Largest number considered.

    Returns
    -------
    int or None
        Seeds per stratum, at least 2; None where no number up to `maximum` would do: the effect is zero, too
        small, or, for a one-sided alternative, on the other side.

    Raises
    ------
    TooFewSamplesError
        With fewer than two differences in a stratum.
    ConstantInputError
        If the differences do not vary.

    Examples
    --------
    >>> seeds_needed([0.3, -0.1, 0.4, 0.2, -0.2, 0.2, 0.1, 0.0])
    28
    """
    check_fraction(power, "power")
    check_count(maximum, "maximum", minimum=2)
    groups = split_by_stratum(as_float_array(differences, "differences", ndim=1), strata)
    check_at_least(min(len(group) for group in groups), 2, "number of differences in a stratum")
    check_varies(groups)
    df = sum(len(group) - 1 for group in groups)
    variance = sum(float(((group - group.mean()) ** 2).sum()) for group in groups) / df
    effect = float(np.mean([group.mean() for group in groups])) / float(np.sqrt(variance))

    def reaches(n: int) -> bool:
        return t_test_power(effect, n, alpha=alpha, alternative=alternative, n_strata=len(groups)) >= power

    if not reaches(maximum):
        return None
    too_few, enough = 1, 2
    while not reaches(enough):
        too_few, enough = enough, min(2 * enough, maximum)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if reaches(middle) else (middle, enough)
    return enough
