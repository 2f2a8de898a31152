"""Exact null distributions of Kendall's S and of Spearman's rank product over all pairings, given the ties."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numba import njit

from attnstats._validation import BoolArray, FloatArray, IntArray

# Both assign the values of y, one tied group after the other, to the samples of x, and keep the distribution of the
# statistic for every state: how many values each place of x holds. Tied samples share a place, so the number of states
# is a product of group sizes instead of a factorial. All terms are positive, so small tails keep their digits.

#: Above this many samples the number of arrangements overflows a float.
_MAX_SAMPLES = 150


def score_distribution(sizes_x: tuple[int, ...], sizes_y: tuple[int, ...]) -> FloatArray:
    """Return the probability of S = -n (n - 1) / 2, ..., n (n - 1) / 2, from the sizes of tied groups in order."""
    # The places are the groups of tied x and the runs of untied x between them. Pairs within a group count nothing,
    # within a run they follow a Gaussian binomial coefficient, and pairs across two places all have one sign.
    if _score_cost(sizes_y, sizes_x) < _score_cost(sizes_x, sizes_y):
        sizes_x, sizes_y = sizes_y, sizes_x
    regions = _regions(sizes_x)
    sizes, tied = np.array([size for size, _ in regions]), np.array([tied for _, tied in regions])
    longest, largest = max((size for size, tied in regions if not tied), default=0), max(sizes_y)
    orders = [_gaussian_binomial(old, new) for old in range(longest + 1) for new in range(largest + 1)]
    starts = np.cumsum([0, *(each.size for each in orders)])
    weights = _fill_scores(sizes, tied, np.array(sizes_y), np.concatenate(orders), starts, largest + 1)
    return np.asarray(weights / weights.sum())


def score_cost(sizes_x: tuple[int, ...], sizes_y: tuple[int, ...]) -> float:
    """Return about how many operations `score_distribution` takes; infinite where it is out of reach."""
    return min(_score_cost(sizes_x, sizes_y), _score_cost(sizes_y, sizes_x))


def product_distribution(x: IntArray, y: IntArray) -> FloatArray:
    """Return the probability of x @ y = -m, ..., m over all orders of y; x and y are whole numbers that sum to 0."""
    steps_x, steps_y, scale = _in_steps(x, y)
    values, sizes = np.unique(steps_y, return_counts=True)
    weights = _fill_products(steps_x, values, sizes)
    # The products of the steps, back on the scale of x @ y.
    products = scale * np.arange(weights.size) - x.size * x.min() * y.min()
    largest = int(np.abs(products[weights > 0]).max())
    null = np.zeros(2 * largest + 1)
    null[products[weights > 0] + largest] = weights[weights > 0] / weights.sum()
    return null


def product_cost(x: IntArray, y: IntArray) -> float:
    """Return about how many operations `product_distribution` takes; infinite where it is out of reach."""
    if x.size > _MAX_SAMPLES:
        return math.inf
    steps_x, steps_y, _ = _in_steps(x, y)
    return _n_states(steps_y) * np.unique(steps_y).size * (float(steps_x @ steps_y) + 1)


def _in_steps(x: IntArray, y: IntArray) -> tuple[IntArray, IntArray, int]:
    """Return x and y, the one of fewer states last, sorted and in steps from their smallest, and the steps' product."""
    if _n_states(x) < _n_states(y):
        x, y = y, x
    step_x, step_y = (np.gcd.reduce(values - values.min()) for values in (x, y))
    return np.sort((x - x.min()) // step_x), np.sort((y - y.min()) // step_y), int(step_x * step_y)


def tie_sizes(values: FloatArray) -> tuple[int, ...]:
    """Return the sizes of the groups of equal values, in ascending order of the values."""
    return tuple(np.unique(values, return_counts=True)[1].tolist())


def _n_states(values: IntArray) -> float:
    return float(np.prod(np.unique(values, return_counts=True)[1] + 1.0))


def _score_cost(sizes_x: tuple[int, ...], sizes_y: tuple[int, ...]) -> float:
    """Return the operations of filling x with y: states times scores times ways to fill a place."""
    n = sum(sizes_x)
    if n > _MAX_SAMPLES:
        return math.inf
    regions = _regions(sizes_x)
    states = np.ones(1)  # by the number of values that are in
    for size, _ in regions:
        states = np.convolve(states, np.ones(size + 1))
    work = states * (np.arange(n + 1.0) * np.arange(-1.0, n) + 1)
    cost, inside = 0.0, 0
    for group in sizes_y:
        for placed in range(group):
            ways = sum(
                min(size, group - placed) * (1 if tied else 1 + size * min(size, group) / 4) for size, tied in regions
            )
            cost += float(work[inside + placed]) * ways
        inside += group
    return cost


@cache
def _gaussian_binomial(old: int, new: int) -> FloatArray:
    """Return the number of orders of `old` and `new` elements with 0, 1, ..., old * new inversions between them."""
    if not (old and new):
        return np.ones(1)
    counts = np.zeros(old * new + 1)
    counts[: old * (new - 1) + 1] += _gaussian_binomial(old, new - 1)
    counts[new:] += _gaussian_binomial(old - 1, new)
    return counts


def _regions(sizes: tuple[int, ...]) -> list[tuple[int, bool]]:
    """Return (size, whether tied) of the groups of tied values and of the runs of untied values between them."""
    regions: list[tuple[int, bool]] = []
    for size in sizes:
        if size == 1 and regions and not regions[-1][1]:
            regions[-1] = (regions[-1][0] + 1, False)
        else:
            regions.append((size, size > 1))
    return regions


@njit(cache=True)
def _states(sizes: IntArray) -> tuple[IntArray, IntArray]:
    """Return what one value in each place adds to a state, and how many values each state holds."""
    # A state is a number with one digit for each place, how many values it holds, from 0 to its size.
    units = np.ones(sizes.size, dtype=np.int64)
    for place in range(1, sizes.size):
        units[place] = units[place - 1] * (sizes[place - 1] + 1)
    totals = np.zeros(units[-1] * (sizes[-1] + 1), dtype=np.int64)
    for state in range(totals.size):
        for place in range(sizes.size):
            totals[state] += _held(state, units[place], sizes[place])
    return units, totals


@njit(cache=True)
def _held(state: int, unit: int, size: int) -> int:
    return state // unit % (size + 1)


@njit(cache=True)
def _fill_scores(
    sizes: IntArray, tied: BoolArray, groups: IntArray, orders: FloatArray, starts: IntArray, stride: int
) -> FloatArray:
    """Return the weights of S = -n (n - 1) / 2, ... after all groups of y have been assigned to the regions of x."""
    units, totals = _states(sizes)
    # A state that holds t values has t (t - 1) + 1 weights, one for each score from -t (t - 1) / 2 on. They begin at:
    places = np.zeros(totals.size + 1, dtype=np.int64)
    places[1:] = np.cumsum(totals * (totals - 1) + 1)
    weights = np.zeros(places[-1])
    weights[0] = 1.0
    inside = 0  # values of the groups before this one
    for group in groups:
        for region in range(sizes.size):
            # From full to empty, so that no state has received values of this group in this region before.
            for state in range(totals.size - 1, -1, -1):
                placed = totals[state] - inside  # values of this group in the regions before this one
                if placed < 0 or placed >= group:
                    continue
                # Values held by this region, by those below it (of this group too), and by those above.
                old = _held(state, units[region], sizes[region])
                below = 0
                for lower in range(region):
                    below += _held(state, units[lower], sizes[lower])
                above = totals[state] - below - old
                here = weights[places[state] : places[state + 1]]
                ways = 1.0  # of choosing the samples of a tied region: a binomial coefficient
                for new in range(1, min(group - placed, sizes[region] - old) + 1):
                    ways = ways * (old + new) / new
                    after = state + new * units[region]
                    there = weights[places[after] : places[after + 1]]
                    # S = 0 lies in the middle of both. The new values are larger than the old ones: concordant with
                    # those below, discordant with those above.
                    shift = there.size // 2 - here.size // 2 + new * (below - placed - above)
                    if tied[region] or old == 0:  # no pairs within the region
                        for score in range(here.size):
                            if here[score] > 0:
                                there[score + shift] += ways * here[score]
                    else:  # old and new values of a run in any order: Gaussian binomial coefficients
                        start = starts[old * stride + new]
                        for score in range(here.size):
                            if here[score] > 0:
                                for inversions in range(old * new + 1):
                                    into = score + shift - old * new + 2 * inversions
                                    there[into] += orders[start + inversions] * here[score]
        inside += group
    return weights[places[-2] :].copy()


@njit(cache=True)
def _fill_products(x: IntArray, values: IntArray, sizes: IntArray) -> FloatArray:
    """Return the weights of x @ y = 0, 1, ... over the distinct orders of y, `sizes[i]` times `values[i]`; all >= 0."""
    units, totals = _states(sizes)
    # States in layers of equally many values; `row` is the place of a state in its layer.
    by_total = np.argsort(totals, kind="mergesort")
    first = np.searchsorted(totals[by_total], np.arange(x.size + 2))
    row = np.empty(totals.size, dtype=np.int64)
    row[by_total] = np.arange(totals.size) - first[totals[by_total]]
    width = np.sum(x * np.repeat(values, sizes)) + 1  # the largest product is that of ascending x and y
    layer = np.zeros((1, width))
    layer[0, 0] = 1.0
    for total in range(x.size):  # the next sample of x gets a value of each group that has one left
        grown = np.zeros((first[total + 2] - first[total + 1], width))
        for place in range(first[total], first[total + 1]):
            state = by_total[place]
            here = layer[row[state]]
            for group in range(sizes.size):
                if _held(state, units[group], sizes[group]) == sizes[group]:
                    continue
                there = grown[row[state + units[group]]]
                shift = x[total] * values[group]
                for product in range(width - shift):
                    there[product + shift] += here[product]
        layer = grown
    weights: FloatArray = layer[0]
    return weights
