"""Equivalence tests of a correlation, or of the difference of two, by two one-sided tests."""

from __future__ import annotations

from attnstats.comparison._arguments import check_equivalence_level, check_object
from attnstats.comparison.correlations.coefficients import Correlation, CorrelationPair, upper_tail
from attnstats.comparison.two_conditions.equivalence import Margin, check_margin
from attnstats.results import SignificanceResult


def correlation_equivalence_test(
    correlation: Correlation | CorrelationPair, *, margin: Margin, alpha: float = 0.05, replication_unit: str = "sample"
) -> SignificanceResult:
    """Test whether a correlation, or the difference of two, lies within a margin, ± one number or between two (TOST).

    Two one-sided tests of ρ, or ρ_1 − ρ_2, must both reject: the p-value is the larger of theirs, and p < alpha exactly
    when the interval of level 1 − 2 alpha lies inside the margin. It is Fisher's for one correlation, so that the
    deviates are (artanh r ± artanh margin)/se, and Zou's for two. Pearson's coefficient assumes normal variables: take
    Spearman's where tails may be heavy.

    Parameters
    ----------
    correlation : Correlation, IndependentCorrelations, OverlappingCorrelations or NonOverlappingCorrelations
        What is claimed to be negligible.
    margin : float, or tuple of two floats
        Smallest correlation, or difference, that would matter, or the two ``(low, high)`` outside of which it would,
        declared before looking: less than 1 in size, or than 2 for a difference.
    alpha, replication_unit
        As in `equivalence_test` and `compare_correlations`.

    Returns
    -------
    SignificanceResult
        The statistic is the normal deviate that is nearer to the null; the alternative is ``"equivalence"``.

    Raises
    ------
    InvalidInputError
        If the margin or alpha is out of range.

    References
    ----------
    Goertzen and Cribbie (2010), British Journal of Mathematical and Statistical Psychology 63, 527-537 (one). Counsell
    and Cribbie (2015), same journal 68, 292-309 (two). Zou (2007), Psychological Methods 12, 399-413.

    Examples
    --------
    >>> from attnstats.comparison import Correlation, correlation_equivalence_test
    >>> correlation_equivalence_test(Correlation(0.02, 300), margin=0.15)
    r = 0.02, 90 % CI [-0.0753, 0.115], p = .012, n = 300 samples, two one-sided tests by Fisher z (TOST)
    """
    two = isinstance(correlation, CorrelationPair)
    check_object(correlation, "correlation", "deviate", "a Correlation, or a pair of them")
    low, high = check_margin(margin, largest=2 if two else 1)
    check_equivalence_level(alpha)
    above, below = correlation.deviate(low), correlation.deviate(high)
    symbol = correlation.coefficient.symbol
    return SignificanceResult(
        test=f"two one-sided tests by {'Zou intervals' if two else 'Fisher z'} (TOST)",
        statistic=min(above, below, key=abs),
        pvalue=max(upper_tail(above), upper_tail(-below)),
        alternative="equivalence",
        effect_name=f"difference of {symbol}" if two else symbol,
        effect=correlation.effect,
        n=correlation.n_samples,
        replication_unit=replication_unit,
        confidence_interval=correlation.interval(1 - 2 * alpha),
        _interval=correlation.interval,
    )
