"""Null distributions of the trend statistics of Page and of Jonckheere, given the ties."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from attnstats._validation import FloatArray
from attnstats.comparison._arguments import EVIDENCE


@lru_cache(maxsize=64)
def weighted_rank_sums(doubled: tuple[int, ...]) -> FloatArray:
    """Return the distribution of Σ_j j r_j over all orders of the doubled ranks r, from 0 up."""
    ranks, counts = np.unique(doubled, return_counts=True)
    k, top = len(doubled), sum(place * rank for place, rank in enumerate(doubled, 1))  # the sorted order gives the most
    start = np.zeros(top + 1)
    start[0] = 1.0
    filled = {(0,) * len(ranks): start}
    for place in range(1, k + 1):
        grown: dict[tuple[int, ...], FloatArray] = {}
        for used, weights in filled.items():
            for which, rank in enumerate(ranks.tolist()):
                if used[which] == counts[which]:
                    continue
                after = (*used[:which], used[which] + 1, *used[which + 1 :])
                into = grown.setdefault(after, np.zeros(top + 1))
                into[place * rank :] += weights[: top + 1 - place * rank]
        filled = grown
    (weights,) = filled.values()
    return np.asarray(weights / weights.sum())


@lru_cache(maxsize=64)
def doubled_pair_counts(sizes: tuple[int, ...], ties: tuple[int, ...]) -> FloatArray:
    """Return the distribution of 2 J over all ways to deal values with the given ties to groups of these sizes."""
    pairs = (sum(sizes) ** 2 - sum(size**2 for size in sizes)) // 2
    start = np.zeros(2 * pairs + 1)
    start[0] = 1.0
    filled = {(0,) * len(sizes): start}
    for tied in ties:
        grown: dict[tuple[int, ...], FloatArray] = {}
        for held, weights in filled.items():
            free = [size - have for size, have in zip(sizes, held, strict=True)]
            for dealt in _compositions(tied, free):
                ways = math.prod(math.comb(have, new) for have, new in zip(free, dealt, strict=True))
                shift = below = fresh = 0  # pairs with lower values of earlier groups count 2, ties 1
                for have, new in zip(held, dealt, strict=True):
                    shift += new * (2 * below + fresh)
                    below, fresh = below + have, fresh + new
                after = tuple(have + new for have, new in zip(held, dealt, strict=True))
                into = grown.setdefault(after, np.zeros(2 * pairs + 1))
                into[shift:] += ways * weights[: 2 * pairs + 1 - shift]
        total = sum(float(weights.sum()) for weights in grown.values())  # counts of orders would overflow
        filled = {held: weights / total for held, weights in grown.items()}
    (weights,) = filled.values()
    return np.asarray(weights / weights.sum())


def _compositions(total: int, limits: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield every way to write `total` as a sum with one term for each limit, none above it."""
    if len(limits) == 1:
        if total <= limits[0]:
            yield (total,)
        return
    for first in range(min(total, limits[0]) + 1):
        for rest in _compositions(total - first, limits[1:]):
            yield (first, *rest)


def jonckheere_variance(sizes: tuple[int, ...], ties: tuple[int, ...]) -> float:
    """Return the variance of J given the ties (Hollander, Wolfe and Chicken 2014, equation 6.19)."""
    n = sum(sizes)

    def total(power: int, of: tuple[int, ...]) -> int:
        return sum(math.perm(each, power) for each in of)

    groups = sum(each * (each - 1) * (2 * each + 5) for each in sizes)
    tied = sum(each * (each - 1) * (2 * each + 5) for each in ties)
    variance = (n * (n - 1) * (2 * n + 5) - groups - tied) / 72
    variance += total(3, sizes) * total(3, ties) / (36 * n * (n - 1) * (n - 2))
    return variance + total(2, sizes) * total(2, ties) / (8 * n * (n - 1))


def tails(null: FloatArray, observed: int, twice_centre: int, alternative: str) -> tuple[float, float]:
    """Return the p-value, two-sided by distance from the mean, and the smallest attainable; null[i] is that of i."""
    distance = EVIDENCE[alternative](2 * np.arange(len(null)) - twice_centre)
    pvalue = null[distance >= distance[observed]].sum()
    floor = null[distance >= distance[null > 0].max()].sum()
    return min(float(pvalue), 1.0), float(floor)


def normal_pvalue(z: float, alternative: str) -> float:
    """Return the p-value of a normal deviate, above zero."""
    tail = float(ndtr(-EVIDENCE[alternative](z)))
    return max(tail * (2 if alternative == "two-sided" else 1), sys.float_info.min)
