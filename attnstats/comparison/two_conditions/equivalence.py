"""Equivalence and non-inferiority of two conditions: one-sided t tests over replicates."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from attnstats._renamed import former_parameters
from attnstats._validation import as_number, check_positive
from attnstats.comparison._arguments import check_equivalence_level
from attnstats.comparison._complete import complete_pairs, complete_samples
from attnstats.comparison.replication import (
    MINIMUM_REPLICATES,
    ReplicateMean,
    check_groups,
    paired_differences,
    replicate_mean,
    weighted_mean,
)
from attnstats.comparison.two_conditions.effect_size import scaled_samples
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.results import SignificanceResult

#: Differences that do not matter: less than a number to either side, or those between two numbers.
Margin: TypeAlias = float | tuple[float, float]
#: The test and the effect of paired replicates, and of two groups.
_WORDS = {True: ("t", "mean difference"), False: ("Welch t", "difference of means")}


@former_parameters(minimum_seeds="minimum_replicates")
def equivalence_test(
    a: ArrayLike,
    b: ArrayLike = 0.0,
    *,
    margin: Margin,
    paired: bool = True,
    strata: ArrayLike | None = None,
    alpha: float = 0.05,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether a mean difference lies within a margin, ± one number or between two (TOST).

    The null hypothesis is that mean(a − b) ≤ low or ≥ high. Two one-sided t tests, of the paired differences or Welch's
    of two independent groups, must both reject: the p-value is the larger of theirs, and p < alpha exactly when the
    interval of level 1 − 2 alpha lies inside the margin. It rejects too often where the differences have a long tail
    towards the margin.

    Parameters
    ----------
    a : array_like, shape (n,)
        One value per replicate.
    b : array_like, shape (n,) or (n_b,), or float
        The other condition of the same replicates and strata; or a number, zero to ask whether the mean of `a` is
        negligible. With ``paired=False`` values of other replicates.
    margin : float, or tuple of two floats
        Smallest difference that would matter, in the unit of the values, declared before looking; with ``(low, high)``,
        `low` on one side and `high` on the other.
    paired : bool
        Whether element i of a and of b belong to one replicate. False for two groups without a common replicate, which
        may differ in number and spread.
    strata, minimum_replicates, replication_unit, missing
        As in `paired_test`; with ``paired=False`` without strata, and missing values are left out of each group.
    alpha : float
        Level of the test; the interval has level 1 − 2 alpha.

    Returns
    -------
    SignificanceResult
        The statistic is the t that is nearer to the null; the alternative is ``"equivalence"``.

    Raises
    ------
    InvalidInputError
        If the margin is not above zero, or its low end not below its high one.
    TooFewSamplesError, ConstantInputError
        With fewer than `minimum_replicates` in a stratum or group; if no difference varies.

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680. Welch (1947), Biometrika 34, 28-35.
    Gruman, Cribbie and Arpin-Cribbie (2007), Journal of Modern Applied Statistical Methods 6, 133-140 (Welch's t).

    Examples
    --------
    >>> from attnstats.comparison import equivalence_test
    >>> control = [0.004, -0.006, 0.001, 0.003, -0.002, 0.0, 0.005, -0.003]
    >>> equivalence_test(control, margin=0.02, replication_unit="patient")
    mean difference = 0.00025, 90 % CI [-0.00228, 0.00278], p < .001, n = 8 patients, two one-sided t tests (TOST)
    >>> others = [0.011, 0.006, 0.015, 0.012, 0.009, 0.013, 0.004, 0.008, 0.01]  # other patients
    >>> equivalence_test(others, control, margin=(-0.02, 0.05), paired=False, replication_unit="patient")
    difference of means = 0.00953, 90 % CI [0.00643, 0.0126], p < .001, n = 17 patients, two one-sided Welch t tests
    (TOST)
    """
    ends = check_margin(margin)
    mean = _summarise(a, b, paired, strata, alpha, minimum_replicates, replication_unit, missing)
    kind, name = _WORDS[bool(paired)]
    return mean.result(
        f"two one-sided {kind} tests (TOST)", name, "equivalence", *two_one_sided(mean, ends), 1 - 2 * alpha
    )


@former_parameters(minimum_seeds="minimum_replicates")
def noninferiority_test(
    a: ArrayLike,
    b: ArrayLike = 0.0,
    *,
    margin: float,
    paired: bool = True,
    strata: ArrayLike | None = None,
    alpha: float = 0.05,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether condition a is at most a margin below condition b.

    The null hypothesis is mean(a − b) ≤ −margin, for a quantity of which more is better (negate both where less is). A
    one-sided t test, paired or Welch's (Wellek 2010, Testing Statistical Hypotheses of Equivalence and Noninferiority,
    section 2); p < alpha exactly when the low end of the interval of level 1 − 2 alpha is above −margin.

    Parameters
    ----------
    a, b, paired, strata, alpha, minimum_replicates, replication_unit, missing
        As in `equivalence_test`, with the same errors.
    margin : float
        Largest loss that would not matter, in the unit of the values, declared before looking.

    Returns
    -------
    SignificanceResult
        The statistic is t against −margin; the alternative is ``"greater"``.

    Examples
    --------
    >>> from attnstats.comparison import noninferiority_test
    >>> gumbel = [0.751, 0.749, 0.752, 0.747, 0.755, 0.75, 0.748, 0.753]
    >>> softmax = [0.755, 0.75, 0.751, 0.752, 0.756, 0.749, 0.753, 0.754]
    >>> noninferiority_test(gumbel, softmax, margin=0.01)
    mean difference = -0.00188, 90 % CI [-0.00353, -0.000217], p < .001, n = 8 replicates, one-sided t test of
    non-inferiority
    """
    check_positive(margin, "margin")
    mean = _summarise(a, b, paired, strata, alpha, minimum_replicates, replication_unit, missing)
    kind, name = _WORDS[bool(paired)]
    null = -mean.unit.divide_one(margin, "margin")
    tested = mean.statistic(null), mean.tails(null)[0]
    return mean.result(f"one-sided {kind} test of non-inferiority", name, "greater", *tested, 1 - 2 * alpha)


def two_one_sided(mean: ReplicateMean, ends: tuple[float, float]) -> tuple[float, float]:
    """Return the t that is nearer to the null, and the p-value, of a mean within a margin."""
    low, high = (mean.unit.divide_one(end, "margin") for end in ends)
    statistic = min(mean.statistic(low), mean.statistic(high), key=abs)
    return statistic, max(mean.tails(low)[0], mean.tails(high)[1])


def check_margin(margin: Margin, largest: float = math.inf) -> tuple[float, float]:
    """Return the ends of a margin, each below a largest size; a single number above 0 stands for ± that number."""
    pair = isinstance(margin, tuple | list)
    ends = tuple(margin) if isinstance(margin, tuple | list) else (0.0, margin)
    sizes = [as_number(end) for end in ends]
    small = all(size is not None and abs(size) < largest for size in sizes)
    if len(ends) != 2 or not small or not ends[0] < ends[1]:
        size = "" if math.isinf(largest) else f", less than {largest:g} in size"
        raise InvalidInputError(
            f"margin: must be a finite number above 0, or two (low, high) with low below high{size}; got {margin!r}"
        )
    return (float(ends[0]) if pair else -float(ends[1])), float(ends[1])


def _summarise(
    a: ArrayLike,
    b: ArrayLike,
    paired: bool,
    strata: ArrayLike | None,
    alpha: float,
    minimum_replicates: int,
    replication_unit: str,
    missing: CompleteCases | None,
) -> ReplicateMean:
    check_equivalence_level(alpha)
    if not isinstance(paired, bool | np.bool_):
        raise InvalidInputError(f"paired: must be True or False; got {paired!r}")
    if paired:
        (first, second, groups), n_missing = complete_pairs(missing, a, b, strata)
        differences = paired_differences(first, second, "pass paired=False")
        return replace(replicate_mean(differences, groups, minimum_replicates, replication_unit), n_missing=n_missing)
    if strata is not None:
        raise InvalidInputError("strata: must be None with paired=False; got strata (test each, or average over them)")
    samples, n_missing = complete_samples(missing, a=a, b=b)
    data, groups = scaled_samples(*samples)
    check_groups(list(map(len, groups)), minimum_replicates, replication_unit, "the smaller group")
    data.check_varies(groups)
    summary = weighted_mean(groups, np.array([1.0, -1.0]), data.unit, "Welch t", replication_unit)
    return replace(summary, n_missing=n_missing)
