"""Almost stochastic order: whether one condition is higher at nearly every quantile."""

from __future__ import annotations

import math
import sys
import warnings
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from attnstats._validation import FloatArray, RNGLike, as_generator, check_count, check_positive
from attnstats.comparison._arguments import check_equivalence_level
from attnstats.comparison._batches import batches
from attnstats.comparison._complete import complete_samples
from attnstats.comparison._unit import Unit
from attnstats.comparison.replication import MINIMUM_REPLICATES, check_groups
from attnstats.comparison.two_conditions.effect_size import two_samples
from attnstats.exceptions import ConstantInputError, InvalidInputError, UnreliableEstimateWarning
from attnstats.missing import CompleteCases
from attnstats.results import ConfidenceInterval, SignificanceResult

#: Above this the test rejects too often where the distributions are equal.
RELIABLE_THRESHOLD = 0.2


def violation_ratio(a: ArrayLike, b: ArrayLike) -> float:
    """Return how far a is from being stochastically larger than b, from 0 (it is) to 1 (b is larger than a).

    With quantile functions F⁻¹ of a and G⁻¹ of b,

        ε(F, G) = ∫ max(G⁻¹(t) − F⁻¹(t), 0)² dt / ∫ (F⁻¹(t) − G⁻¹(t))² dt,

    the part of their squared Wasserstein distance where b is higher; exact for samples, and ε(F, G) + ε(G, F) = 1 (del
    Barrio, Cuesta-Albertos and Matrán 2018, as `stochastic_order_test`).

    Parameters
    ----------
    a, b : array_like, shape (n_a,) and (n_b,)
        Values of each condition, not paired.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    TooFewSamplesError, ConstantInputError
        If a sample is empty; if both have the same distribution: the ratio is 0/0.

    Examples
    --------
    >>> from attnstats.comparison import violation_ratio
    >>> violation_ratio([2.0, 3.0], [1.0, 5.0])
    0.8
    """
    return _ratio(*_sorted_samples(a, b))


def stochastic_order_test(
    a: ArrayLike,
    b: ArrayLike,
    *,
    threshold: float = 0.2,
    alpha: float = 0.05,
    n_resamples: int = 999,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test whether condition a is almost stochastically larger than condition b (almost stochastic order, ASO).

    The null hypothesis is ε(F, G) ≥ threshold for the `violation_ratio`. With the standard error σ̂ of its bootstrap
    values, z = (ε̂ − threshold)/σ̂ is compared with the normal distribution, and the interval of level 1 − 2 alpha is
    ε̂ ± z_α σ̂, not clipped to [0, 1]. Its high end is the ε_min of Dror et al., the smallest threshold at which the
    null would be rejected.

    ε is a ratio of squares: one far outlier of b may decide it, and how large the differences are as a whole does not
    matter. With ε at the threshold itself the test rejects too often (see the guide to inference): take it as a
    description beside a test of means, such as `paired_test`.

    Parameters
    ----------
    a, b : array_like, shape (n_a,) and (n_b,)
        One value per replicate, higher being better; not paired.
    threshold : float
        Violation ratio of the null hypothesis, above 0 and at most ½; smaller asks for a cleaner order. Above 0.2 equal
        distributions are often called ordered, and an `UnreliableEstimateWarning` is given.
    alpha : float
        Level of the test; the interval has level 1 − 2 alpha.
    n_resamples : int
        Bootstrap resamples of each sample.
    minimum_replicates : int
        Fewest replicates accepted in the smaller sample, at least 2; fewer than 8 give a `FewReplicatesWarning`.
    replication_unit, missing, rng
        As in `paired_test`; values are left out of each sample.

    Returns
    -------
    SignificanceResult
        The effect is ε̂, the statistic z, the alternative ``"less"``; ``n`` counts the smaller sample.

    Raises
    ------
    InvalidInputError
        If the threshold is above ½ or alpha not below it.
    TooFewSamplesError
        With fewer values than `minimum_replicates` in a sample.
    ConstantInputError
        If both samples have the same distribution, or the ratio does not vary over the resamples, as for separated
        ones.

    References
    ----------
    Dror, Shlomov and Reichart (2019), Deep dominance, ACL, 2773-2785. del Barrio, Cuesta-Albertos and Matrán (2018), in
    The Mathematics of the Uncertain, 33-44. Ulmer, Hardmeier and Frellsen (2022), deep-significance, arXiv 2204.06815.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import stochastic_order_test
    >>> a, b = np.random.default_rng(0).normal([[0.75], [0.74]], 0.02, size=(2, 60))
    >>> stochastic_order_test(a, b, replication_unit="seed", rng=0)
    violation ratio = 0, 90 % CI [-0.0585, 0.0585], p < .001, n = 60 seeds, almost stochastic order (bootstrap variance)
    """
    if check_positive(threshold, "threshold") > 0.5:
        raise InvalidInputError(f"threshold: must lie above 0 and be at most 0.5; got {threshold!r}")
    check_equivalence_level(alpha)
    check_count(n_resamples, "n_resamples", minimum=100)
    samples, n_missing = complete_samples(missing, a=a, b=b)
    first, second = _sorted_samples(*samples)
    smaller = check_groups([len(first), len(second)], minimum_replicates, replication_unit, "the smaller group")
    effect = _ratio(first, second)
    error = float(np.std(_resampled_ratios(first, second, n_resamples, as_generator(rng)), ddof=1))
    if error < 1e-12:
        raise ConstantInputError(
            f"a and b: must overlap for a bootstrap variance; got a violation ratio of {effect:g} in every resample"
        )
    if threshold > RELIABLE_THRESHOLD:
        warnings.warn(
            f"threshold: should be at most {RELIABLE_THRESHOLD}; got {threshold!r}, with which equal distributions are "
            "often called ordered",
            UnreliableEstimateWarning,
            stacklevel=2,
        )
    statistic = (effect - threshold) / error
    interval = partial(_interval, effect, error, n_resamples)
    return SignificanceResult(
        test="almost stochastic order (bootstrap variance)",
        statistic=statistic,
        pvalue=max(float(ndtr(statistic)), sys.float_info.min),
        alternative="less",
        effect_name="violation ratio",
        effect=effect,
        n=smaller,
        replication_unit=replication_unit,
        confidence_interval=interval(1 - 2 * alpha),
        n_missing=n_missing,
        _interval=interval,
    )


def _interval(effect: float, error: float, n_resamples: int, level: float) -> ConfidenceInterval:
    margin = error * float(ndtri((1 + level) / 2))
    return ConfidenceInterval(effect - margin, effect + margin, level, "normal, bootstrap variance", n_resamples)


def _sorted_samples(a: ArrayLike, b: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return both samples in ascending order and in one unit, which the ratio does not have."""
    first, second = two_samples(a, b)
    unit = Unit.of(first, second)
    return np.sort(unit.divide(first)), np.sort(unit.divide(second))


def _ratio(first: FloatArray, second: FloatArray) -> float:
    ratio = float(_integrate(first, second))
    if math.isnan(ratio):
        raise ConstantInputError("a and b: must differ in distribution; got the same values")
    return ratio


def _resampled_ratios(
    first: FloatArray, second: FloatArray, n_resamples: int, generator: np.random.Generator
) -> FloatArray:
    """Return the ratio of bootstrap samples, shape (n_resamples,); where they come out equal they are drawn again."""
    ratios = np.full(n_resamples, np.nan)
    generators = generator.spawn(2)  # one for each sample, so that the numbers do not depend on the blocks
    while len(missing := np.flatnonzero(np.isnan(ratios))):
        for batch in batches(len(missing), max(len(first), len(second))):
            block = missing[batch]
            drawn = (
                np.sort(each.choice(values, size=(len(block), len(values))), axis=1)
                for each, values in zip(generators, (first, second), strict=True)
            )
            ratios[block] = _integrate_all(*drawn)
    return ratios


@njit(cache=True)
def _integrate(first: FloatArray, second: FloatArray) -> float:
    """Return the violation ratio of sorted samples by walking their quantile functions together; NaN for 0/0."""
    n, m = len(first), len(second)
    i = j = 0
    reached = 0  # in units of 1/(n m), exact
    violation = total = 0.0
    while i < n:
        # Both quantile functions are constant up to the nearer of their next steps.
        until = min((i + 1) * m, (j + 1) * n)
        square = (until - reached) * (first[i] - second[j]) ** 2
        total += square
        if second[j] > first[i]:
            violation += square
        reached = until
        # Steps of both may coincide.
        if until == (i + 1) * m:
            i += 1
        if until == (j + 1) * n:
            j += 1
    return violation / total if total > 0 else np.nan


@njit(cache=True)
def _integrate_all(first: FloatArray, second: FloatArray) -> FloatArray:
    ratios = np.empty(len(first))
    for row in range(len(first)):
        ratios[row] = _integrate(first[row], second[row])
    return ratios
