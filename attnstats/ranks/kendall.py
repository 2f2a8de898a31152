"""Kendall's tau: statistic, exact and asymptotic null, interval."""

import math
import sys
from collections.abc import Iterator
from functools import cache, partial

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from attnstats._validation import FloatArray, check_member
from attnstats.exceptions import InvalidInputError
from attnstats.ranks._exact import as_pair, exact_pvalue
from attnstats.ranks._kernels import pair_counts, pair_sums, tau_b
from attnstats.results import ConfidenceInterval, SignificanceResult

#: The exact null is the default up to this many samples, and up to this much work.
_AUTO_SAMPLES, _AUTO_COST = 50, 3_000_000
#: Beyond these even `exact=True` is refused: factorials overflow, or it would take minutes.
_MAX_SAMPLES, _MAX_COST = 150, 1_000_000_000


def kendall(
    x: ArrayLike, y: ArrayLike, *, variant: str = "b", alternative: str = "two-sided", exact: bool | None = None
) -> SignificanceResult:
    """Test the association of two variables by Kendall's tau.

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Paired samples, at least 3; only their order matters.
    variant : {'b', 'a'}
        tau-b divides the score S (concordant minus discordant pairs) by the geometric mean of the pairs untied in x
        and of those untied in y; tau-a divides by all pairs. The p-value is that of S, the same for both.
    alternative : {'two-sided', 'less', 'greater'}
        Whether tau differs from zero, or lies below or above it.
    exact : bool, optional
        Whether the p-value comes from the exact distribution of S over all pairings of x with y, given the ties in
        both, or from its normal approximation with the variance corrected for ties. By default it is exact with up to
        50 samples, unless many tied groups on both sides would take longer than a fraction of a second.

    Returns
    -------
    SignificanceResult
        `statistic` and `effect` are tau; `test` says which null was used, and `pvalue_floor` the smallest p-value of
        an exact one. A normal tail below 2.2e-308 is reported as 2.2e-308.
        `interval(level)` is Fisher's z interval around tau with the delete-one jackknife variance of the three
        U-statistics that make it up (Arvesen 1969) and a t quantile. Where that variance is zero, as at tau = 1 or -1,
        it inverts Kendall's bound on the variance, 2 (1 - tau^2) / n (Kendall 1970, eq. 4.10), and is conservative.

    Raises
    ------
    InvalidInputError
        If the lengths differ, a word is unknown, or ``exact=True`` is out of reach.
    NonFiniteError
        If a value is NaN or infinite.
    TooFewSamplesError
        If there are fewer than 3 samples.
    ConstantInputError
        If x or y is all tied.

    References
    ----------
    M. G. Kendall, Rank Correlation Methods, 4th ed., Griffin 1970. W. R. Knight, JASA 61 (1966) 436-439.

    Examples
    --------
    >>> x = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    >>> y = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    >>> result = kendall(x, y)
    >>> result
    tau-b = 0.444, p = .119, n = 9 pairs, Kendall's tau (exact)
    >>> result.interval(0.95)
    95 % CI [-0.278, 0.846] (Fisher z, jackknife)
    """
    x, y = as_pair(x, y, alternative, exact)
    check_member(variant, "variant", ("b", "a"))
    n = x.size
    score, tied_x, tied_y, _, variance = pair_counts(x, y)
    pairs = n * (n - 1) // 2
    tau = score / pairs if variant == "a" else tau_b(score, pairs - tied_x, pairs - tied_y)

    sizes_x, sizes_y = _tie_sizes(x), _tie_sizes(y)
    cost = _null_cost(sizes_x, sizes_y)
    if exact and (n > _MAX_SAMPLES or cost > _MAX_COST):
        raise InvalidInputError(
            f"exact: must be False or None with more than {_MAX_SAMPLES} samples or with many tied groups in both "
            f"x and y; got True with {n} samples in {len(sizes_x)} and {len(sizes_y)} groups"
        )
    if exact or (exact is None and n <= _AUTO_SAMPLES and cost <= _AUTO_COST):
        test = "Kendall's tau (exact)"
        pvalue, floor = exact_pvalue(null_distribution(sizes_x, sizes_y), score, alternative)
    else:
        test, floor = "Kendall's tau (normal approximation given ties)", None
        z = score / math.sqrt(variance)
        lower = {"two-sided": -abs(z), "greater": -z, "less": z}[alternative]
        tail = float(special.ndtr(lower)) * (2 if alternative == "two-sided" else 1)
        pvalue = max(tail, sys.float_info.min)
    return SignificanceResult(
        test=test,
        statistic=tau,
        pvalue=pvalue,
        alternative=alternative,
        effect_name=f"tau-{variant}",
        effect=tau,
        n=n,
        replication_unit="pair",
        pvalue_floor=floor,
        _interval=partial(_interval, x, y, tau, variant),
    )


def _interval(x: FloatArray, y: FloatArray, tau: float, variant: str, level: float) -> ConfidenceInterval:
    n = x.size
    means = pair_sums(x, y) / (n - 1)
    centred = means - means.mean(axis=0)
    if variant == "a":
        influence = centred[:, 0]
    else:  # tau = A / sqrt(B C), to first order in the three U-statistics
        _, in_x, in_y, _ = means.mean(axis=0)
        influence = centred[:, 0] / math.sqrt(in_x * in_y) - tau / 2 * (centred[:, 1] / in_x + centred[:, 2] / in_y)
    error = math.sqrt(4 * (n - 1) / (n * (n - 2) ** 2) * float((influence**2).sum()))
    if abs(tau) == 1 or error < 1e-12:  # rounding leaves less than this of a variance that is zero
        bound = 2 / n * float(special.ndtri((1 - level) / 2)) ** 2
        half = math.sqrt(bound * (1 + bound - tau**2))
        low, high = (tau - half) / (1 + bound), (tau + half) / (1 + bound)
        return ConfidenceInterval(max(low, -1.0), min(high, 1.0), level, "Kendall's variance bound, inverted")
    half = -float(special.stdtrit(n - 1, (1 - level) / 2)) * error / (1 - tau**2)
    z = math.atanh(tau)
    return ConfidenceInterval(math.tanh(z - half), math.tanh(z + half), level, "Fisher z, jackknife")


def null_distribution(sizes_x: tuple[int, ...], sizes_y: tuple[int, ...]) -> FloatArray:
    """Return the exact distribution of S over all pairings of two orderings with given ties.

    The samples are laid out in the order of x, and the values of y are put into them group by group, from the lowest.
    Only how many have come into each block of tied x, and into each run of untied x between two blocks, needs to be
    known: inside a tied block nothing counts, inside a run the inversions follow a Gaussian binomial coefficient,
    and between two of them every pair counts alike. Only sums of positive terms occur, so the tails keep their digits.

    Parameters
    ----------
    sizes_x, sizes_y : tuple of int
        Sizes of the groups of equal values, in ascending order of the values; 1 for an untied value.

    Returns
    -------
    ndarray, shape (n * (n - 1) + 1,)
        Probability of S = -n (n - 1) / 2, ..., n (n - 1) / 2.

    Examples
    --------
    >>> null_distribution((1, 1, 1), (1, 1, 1)) * 6
    array([1., 0., 2., 0., 2., 0., 1.])
    """
    if _null_cost(sizes_y, sizes_x, bound=False) < _null_cost(sizes_x, sizes_y, bound=False):
        sizes_x, sizes_y = sizes_y, sizes_x
    regions = _regions(sizes_x)
    n = sum(sizes_x)
    start = np.zeros(n * (n - 1) + 1)
    start[start.size // 2] = 1.0
    filled = {(0,) * len(regions): start}
    for size in sizes_y:
        grown: dict[tuple[int, ...], FloatArray] = {}
        for before, weights in filled.items():
            free = [region - used for (region, _), used in zip(regions, before, strict=True)]
            for added in _compositions(size, free):
                after = tuple(used + new for used, new in zip(before, added, strict=True))
                term = _insert(weights, before, added, regions)
                grown[after] = grown[after] + term if after in grown else term
        filled = grown
    (weights,) = filled.values()
    return np.asarray(weights / weights.sum())


def _insert(
    weights: FloatArray, before: tuple[int, ...], added: tuple[int, ...], regions: list[tuple[int, bool]]
) -> FloatArray:
    """Return the weights of S after one more group of y, `added[i]` of it in region i that holds `before[i]`."""
    shift, below, total = 0, 0, sum(before)
    for (_, tied), old, new in zip(regions, before, added, strict=True):
        shift += new * (below - (total - below - old))
        below += old
        if old and new:
            if tied:
                weights = weights * math.comb(old + new, new)
            else:
                orders = np.zeros(2 * old * new + 1)
                orders[::2] = _gaussian_binomial(old, new)
                weights = np.convolve(weights, orders, mode="same")
    return np.roll(weights, shift)


@cache
def _gaussian_binomial(old: int, new: int) -> FloatArray:
    """Return the number of orders of `old` and `new` elements with 0, 1, ..., old * new inversions between them."""
    counts = np.zeros(old * new + 1)
    if not (old and new):
        counts[0] = 1.0
        return counts
    counts[: old * (new - 1) + 1] += _gaussian_binomial(old, new - 1)
    counts[new:] += _gaussian_binomial(old - 1, new)
    return counts


def _regions(sizes: tuple[int, ...]) -> list[tuple[int, bool]]:
    """Return (size, whether tied) of the tied blocks and of the runs of untied values between them."""
    regions: list[tuple[int, bool]] = []
    for size in sizes:
        if size == 1 and regions and not regions[-1][1]:
            regions[-1] = (regions[-1][0] + 1, False)
        else:
            regions.append((size, size > 1))
    return regions


def _compositions(total: int, limits: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield every way to write `total` as a sum with one term for each limit, none above it."""
    if len(limits) == 1:
        if total <= limits[0]:
            yield (total,)
        return
    for first in range(min(total, limits[0]) + 1):
        for rest in _compositions(total - first, limits[1:]):
            yield (first, *rest)


def _null_cost(sizes_x: tuple[int, ...], sizes_y: tuple[int, ...], *, bound: bool = True) -> int:
    """Return about how many operations `null_distribution` takes, at most; for one of its two ways if not `bound`."""
    n, regions, largest = sum(sizes_x), _regions(sizes_x), max(sizes_y)
    states = math.prod(size + 1 for size, _ in regions)
    cost = states * math.comb(largest + len(regions) - 1, largest) * n * (n - 1)
    return min(cost, _null_cost(sizes_y, sizes_x, bound=False)) if bound else cost


def _tie_sizes(values: FloatArray) -> tuple[int, ...]:
    return tuple(np.unique(values, return_counts=True)[1].tolist())
