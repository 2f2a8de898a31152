"""Two conditions scored 0 or 1 on the same units: McNemar's test."""

from __future__ import annotations

import sys
from functools import partial

from numpy.typing import ArrayLike
from scipy.stats import binom

from attnstats._validation import ALTERNATIVES, check_flag, check_member, check_object
from attnstats.comparison.binary._counts import count_pairs
from attnstats.comparison.binary.difference_intervals import HybridScore, Tango, difference_interval
from attnstats.comparison.replication import MINIMUM_REPLICATES
from attnstats.missing import CompleteCases
from attnstats.results import SignificanceResult


def mcnemar_test(
    a: ArrayLike,
    b: ArrayLike,
    *,
    mid_p: bool = True,
    interval: Tango | HybridScore = Tango(),  # noqa: B008 (frozen)
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether condition a has more ones than condition b, both scored 0 or 1 on the same units.

    Only the discordant pairs count: under the null each is as likely to favour a as b, so that the number which favour
    a is binomial with probability ½. The result is about these two conditions as they stand: where they are two trained
    models, one run of each, it says nothing of other runs. Pairs must be independent; for clusters of them take
    `clustered_test`.

    Parameters
    ----------
    a, b : array_like, shape (n,)
        Scores 0 or 1 of the two conditions, or truth values, element i of both being of one unit.
    mid_p : bool
        Whether to count half of the probability of what was observed. That keeps the level closely without a guarantee.
        False gives the exact test, which never exceeds it, and finds less.
    interval : Tango or HybridScore
        Interval of the difference of proportions.
    alternative : {'two-sided', 'less', 'greater'}
        Sign of the difference a − b under the alternative hypothesis.
    confidence_level : float
        Level of the interval.
    minimum_replicates : int
        Fewest pairs accepted, at least 2; fewer than 8 give a `FewReplicatesWarning`.
    replication_unit : str
        What a pair belongs to, in the singular: ``"patient"``, ``"question"``.
    missing : CompleteCases, optional
        How to treat missing values, pair by pair; by default they raise an error.

    Returns
    -------
    SignificanceResult
        The statistic is the number of pairs that are 1 in a alone, the effect the difference of proportions; with the
        smallest p-value that so many discordant pairs could give, 1 where there is none (two-sided).

    Raises
    ------
    InvalidInputError
        If a value is neither 0 nor 1, the lengths differ, or an option is not as above.
    NonFiniteError
        If a value is NaN or infinite, and `missing` does not leave it out.
    TooFewSamplesError
        With fewer pairs than `minimum_replicates`.

    References
    ----------
    McNemar (1947), Psychometrika 12, 153-157. Fagerland, Lydersen and Laake (2013), BMC Medical Research Methodology
    13, 91 (the mid-p-value).

    Examples
    --------
    >>> from attnstats.comparison import mcnemar_test
    >>> before, after = [1, 1, *[0] * 19], [1, 0, *[1] * 7, *[0] * 12]
    >>> mcnemar_test(before, after, replication_unit="patient")
    difference of proportions = -0.286, 95 % CI [-0.517, -0.026], p = .039, n = 21 patients, McNemar mid-p (8 discordant
    pairs)
    """
    check_flag(mid_p, "mid_p")
    check_object(interval, "interval", (Tango, HybridScore), "Tango() or HybridScore()")
    check_member(alternative, "alternative", ALTERNATIVES)
    counts, n_missing = count_pairs(a, b, minimum_replicates, replication_unit, missing)
    discordant = counts.first + counts.second
    kind = "McNemar mid-p" if mid_p else "McNemar exact"
    extreme = discordant if alternative == "greater" else 0
    return SignificanceResult(
        test=f"{kind} ({discordant} discordant pair{'' if discordant == 1 else 's'})",
        statistic=float(counts.first),
        pvalue=mcnemar_pvalue(counts.first, discordant, alternative, mid_p=mid_p),
        alternative=alternative,
        effect_name="difference of proportions",
        effect=counts.difference,
        n=counts.n,
        replication_unit=replication_unit,
        pvalue_floor=mcnemar_pvalue(extreme, discordant, alternative, mid_p=mid_p),
        confidence_interval=difference_interval(counts, interval, confidence_level),
        n_missing=n_missing,
        _interval=partial(difference_interval, counts, interval),
    )


def mcnemar_pvalue(favourable: int, discordant: int, alternative: str, *, mid_p: bool) -> float:
    """Return the p-value of a number of discordant pairs that favour the first condition."""
    half = 0.5 * binom.pmf(favourable, discordant, 0.5) if mid_p else 0.0
    below = float(binom.cdf(favourable, discordant, 0.5) - half)
    above = float(binom.sf(favourable - 1, discordant, 0.5) - half)
    pvalue = {"greater": above, "less": below, "two-sided": 2 * min(above, below)}[alternative]
    return min(max(pvalue, sys.float_info.min), 1.0)
