"""Compiled counts and ranks: how often two orderings agree, disagree and tie.

They stand in one file because Numba's cache watches only the file of the kernel that is called: a kernel in another
file would go on using an old version of what it calls.
"""

import math
import sys

import numpy as np
from numba import njit

from attnstats._validation import BoolArray, FloatArray, IntArray

#: Up to this length comparing all pairs is faster than sorting, and up to the shorter one comparing them twice is
#: faster than sorting for the ties alone.
_DIRECT, _SHORT = 300, 90
#: Sorted by insertion before merging starts.
_BLOCK = 8
_TINY = sys.float_info.min


@njit(cache=True)
def pair_counts(x: FloatArray, y: FloatArray) -> tuple[int, int, int, int, float]:
    """Count the pairs of samples of two vectors of length n.

    Returns
    -------
    score : int
        Concordant minus discordant pairs, S.
    tied_x, tied_y, tied_either : int
        Pairs tied in x, in y, and in at least one of them.
    variance : float
        Variance of S over all pairings of x with y, given their ties (Kendall 1970, eq. 4.4).
    """
    if x.size <= _SHORT:
        counts: tuple[int, int, int, int, float] = direct_counts(x, y)
    elif x.size <= _DIRECT:
        counts = halved_counts(x, y)
    else:
        counts = sorted_counts(x, y)
    return counts


@njit(cache=True)
def pair_sums(x: FloatArray, y: FloatArray) -> IntArray:
    """Return, for each of n samples, four sums over its partners, shape (n, 4), in time n squared.

    They are concordant minus discordant partners, and the partners untied in x, in y, and in both.
    """
    n = x.size
    sums = np.empty((n, 4), dtype=np.int64)
    for i in range(n):
        score, untied_x, untied_y, untied_both = 0, 0, 0, 0
        for j in range(n):
            in_x = int(x[i] > x[j]) - int(x[i] < x[j])
            in_y = int(y[i] > y[j]) - int(y[i] < y[j])
            both = in_x * in_y
            score += both
            untied_x += in_x * in_x
            untied_y += in_y * in_y
            untied_both += both * both
        sums[i, 0], sums[i, 1], sums[i, 2], sums[i, 3] = score, untied_x, untied_y, untied_both
    return sums


@njit(cache=True)
def sorted_sums(x: FloatArray, y: FloatArray) -> IntArray:
    """Return `pair_sums` in time n log n: samples enter a tree of counts by the rank of y, in the order of x."""
    n = x.size
    in_x, in_y = np.sort(x), np.sort(y)
    order = np.argsort(x)
    # Values of y below and not above each, in the order of x.
    below, up_to = np.searchsorted(in_y, y[order]), np.searchsorted(in_y, y[order], side="right")
    sums = np.zeros((n, 4), dtype=np.int64)
    for sign in (1, -1):  # partners of lower x, then those of higher x
        tree, entered, start = np.zeros(n + 1, dtype=np.int64), 0, 0
        while start < n:
            stop = start + 1
            first = x[order[start if sign > 0 else n - 1 - start]]
            while stop < n and x[order[stop if sign > 0 else n - 1 - stop]] == first:
                stop += 1
            for each in range(start, stop):
                place = each if sign > 0 else n - 1 - each
                lower, higher = _tree_sum(tree, below[place]), entered - _tree_sum(tree, up_to[place])
                sums[order[place], 0] += sign * (lower - higher)
                sums[order[place], 3] += lower + higher
            for each in range(start, stop):
                node = up_to[each if sign > 0 else n - 1 - each]
                while node <= n:
                    tree[node] += 1
                    node += node & -node
            entered += stop - start
            start = stop
    for place in range(n):
        tied = np.searchsorted(in_x, x[order[place]], side="right") - np.searchsorted(in_x, x[order[place]])
        sums[order[place], 1] = n - tied
        sums[order[place], 2] = n - (up_to[place] - below[place])
    return sums


@njit(cache=True)
def _tree_sum(tree: IntArray, node: int) -> int:
    """Return how many entered with a rank up to `node` (Fenwick 1994)."""
    total = 0
    while node > 0:
        total += tree[node]
        node -= node & -node
    return total


@njit(cache=True)
def partner_sums(x: FloatArray, y: FloatArray) -> IntArray:
    """Return `pair_sums` by the faster way."""
    sums: IntArray = pair_sums(x, y) if x.size <= _DIRECT else sorted_sums(x, y)
    return sums


@njit(cache=True)
def direct_counts(x: FloatArray, y: FloatArray) -> tuple[int, int, int, int, float]:
    """Return `pair_counts` in time n squared: without branches, and so the faster way for a short text."""
    n = x.size
    sums = pair_sums(x, y)
    score, untied_x, untied_y, untied_both = 0, 0, 0, 0
    cubes_x, weight_x, cubes_y, weight_y = 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        score += sums[i, 0]
        untied_x += sums[i, 1]
        untied_y += sums[i, 2]
        untied_both += sums[i, 3]
        # A tied group of size t adds a sum t f(t) to the variance: f(t) from each of its members.
        size_x, size_y = n - sums[i, 1], n - sums[i, 2]
        cubes_x += (size_x - 1) * (size_x - 2)
        cubes_y += (size_y - 1) * (size_y - 2)
        weight_x += (size_x - 1) * (2 * size_x + 5)
        weight_y += (size_y - 1) * (2 * size_y + 5)
    pairs = n * (n - 1) // 2
    tied_x, tied_y = pairs - untied_x // 2, pairs - untied_y // 2
    variance = _score_variance(n, tied_x, tied_y, weight_x, weight_y, cubes_x, cubes_y)
    return score // 2, tied_x, tied_y, pairs - untied_both // 2, variance


@njit(cache=True)
def sorted_counts(x: FloatArray, y: FloatArray) -> tuple[int, int, int, int, float]:
    """Return `pair_counts` in time n log n, by sorting (Knight 1966)."""
    n = x.size
    order = np.argsort(x)
    x = x[order]
    y = y[order]

    # Within a run of tied x, y ascends: no pair of the run then counts as discordant.
    tied_both, start = 0, 0
    for stop in range(1, n + 1):
        if stop == n or x[stop] != x[start]:
            if stop - start > 1:
                y[start:stop].sort()
                tied_both += _tie_sums(y[start:stop])[0]
            start = stop

    discordant = _sort_counting(y)
    tied_x, weight_x, cubes_x = _tie_sums(x)
    tied_y, weight_y, cubes_y = _tie_sums(y)
    tied_either = tied_x + tied_y - tied_both
    score = n * (n - 1) // 2 - tied_either - 2 * discordant
    variance = _score_variance(n, tied_x, tied_y, weight_x, weight_y, cubes_x, cubes_y)
    return score, tied_x, tied_y, tied_either, variance


@njit(cache=True)
def halved_counts(x: FloatArray, y: FloatArray) -> tuple[int, int, int, int, float]:
    """Return `pair_counts` in time n squared for the score, over every pair once; the ties come from sorting."""
    n = x.size
    score, untied_both = 0, 0
    for i in range(n):
        in_x, in_y, agree, untied = x[i], y[i], 0, 0
        for j in range(i):
            both = (int(in_x > x[j]) - int(in_x < x[j])) * (int(in_y > y[j]) - int(in_y < y[j]))
            agree += both
            untied += both * both
        score += agree
        untied_both += untied
    tied_x, weight_x, cubes_x = _tie_sums(np.sort(x))
    tied_y, weight_y, cubes_y = _tie_sums(np.sort(y))
    variance = _score_variance(n, tied_x, tied_y, weight_x, weight_y, cubes_x, cubes_y)
    return score, tied_x, tied_y, n * (n - 1) // 2 - untied_both, variance


@njit(cache=True)
def _tie_sums(ascending: FloatArray) -> tuple[int, float, float]:
    """Return the tied pairs of ascending values, and the sums over tied groups that `_score_variance` takes."""
    n = ascending.size
    tied, weight, cubes, start = 0, 0.0, 0.0, 0
    for stop in range(1, n + 1):
        if stop == n or ascending[stop] != ascending[start]:
            size = stop - start
            if size > 1:
                tied += size * (size - 1) // 2
                weight += size * (size - 1.0) * (2.0 * size + 5.0)
                cubes += size * (size - 1.0) * (size - 2.0)
            start = stop
    return tied, weight, cubes


@njit(cache=True)
def scores_of_orders(x: FloatArray, orders: FloatArray) -> IntArray:
    """Return S of x with each row of `orders`, shape (n_orders, n)."""
    scores = np.empty(len(orders), dtype=np.int64)
    for row in range(len(orders)):
        scores[row] = pair_counts(x, orders[row])[0]
    return scores


@njit(cache=True)
def _score_variance(
    n: int, tied_x: int, tied_y: int, weight_x: float, weight_y: float, cubes_x: float, cubes_y: float
) -> float:
    variance = (n * (n - 1.0) * (2.0 * n + 5.0) - weight_x - weight_y) / 18.0
    if n > 1:
        variance += 2.0 * tied_x * tied_y / (n * (n - 1.0))
    if n > 2:
        variance += cubes_x * cubes_y / (9.0 * n * (n - 1.0) * (n - 2.0))
    return variance


@njit(cache=True)
def _sort_counting(values: FloatArray) -> int:
    """Sort in place by merging and return the number of inversions, the pairs i < j with values[i] > values[j]."""
    n = values.size
    inversions = 0
    for start in range(0, n, _BLOCK):
        for i in range(start + 1, min(start + _BLOCK, n)):
            value = values[i]
            j = i
            while j > start and values[j - 1] > value:
                values[j] = values[j - 1]
                j -= 1
            values[j] = value
            inversions += i - j
    left_half = np.empty_like(values)
    width = _BLOCK
    while width < n:
        for start in range(0, n - width, 2 * width):
            stop = min(start + 2 * width, n)
            left_half[:width] = values[start : start + width]
            left, right, into = 0, start + width, start
            while left < width and right < stop:
                if values[right] < left_half[left]:
                    values[into] = values[right]
                    inversions += width - left
                    right += 1
                else:
                    values[into] = left_half[left]
                    left += 1
                into += 1
            while left < width:
                values[into] = left_half[left]
                left += 1
                into += 1
        width *= 2
    return inversions


@njit(cache=True)
def tau_b(score: int, untied_x: int, untied_y: int) -> float:
    """Return S over the geometric mean of the untied pairs; in floats, since the product can overflow an int64."""
    return score / math.sqrt(float(untied_x) * float(untied_y))


@njit(cache=True)
def centred_ranks(values: FloatArray) -> FloatArray:
    """Return twice the midranks less their mean n + 1, shape (n,): whole numbers, the row sums of the signs."""
    n = values.size
    ranks = np.empty(n)
    if n <= _DIRECT:
        for i in range(n):
            rank = 0
            for j in range(n):
                rank += int(values[i] > values[j]) - int(values[i] < values[j])
            ranks[i] = rank
        return ranks
    order = np.argsort(values)
    start = 0
    for stop in range(1, n + 1):
        if stop == n or values[order[stop]] != values[order[start]]:
            for i in range(start, stop):
                ranks[order[i]] = start + stop - n
            start = stop
    return ranks


@njit(cache=True)
def rank_correlation(x: FloatArray, y: FloatArray) -> float:
    """Return Spearman's rho, the Pearson correlation of the midranks; NaN if x or y is constant.

    The sums are whole numbers, so that a perfect correlation is exactly 1 in absolute value.
    """
    ranks_x, ranks_y = centred_ranks(x), centred_ranks(y)
    xx, yy, xy = 0.0, 0.0, 0.0
    for i in range(x.size):
        xx += ranks_x[i] * ranks_x[i]
        yy += ranks_y[i] * ranks_y[i]
        xy += ranks_x[i] * ranks_y[i]
    if xx == 0 or yy == 0:
        return math.nan
    return xy / math.sqrt(xx * yy)


@njit(cache=True)
def rank_correlations_without_one(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return Spearman's rho without each sample in turn, shape (n,), in time n squared.

    Without a sample, the doubled centred rank of every other moves by the sign of the step from it.
    """
    n = x.size
    ranks_x, ranks_y = centred_ranks(x), centred_ranks(y)
    without = np.empty(n)
    for out in range(n):
        xx, yy, xy = 0.0, 0.0, 0.0
        for i in range(n):
            if i != out:
                in_x = ranks_x[i] - (int(x[i] > x[out]) - int(x[i] < x[out]))
                in_y = ranks_y[i] - (int(y[i] > y[out]) - int(y[i] < y[out]))
                xx += in_x * in_x
                yy += in_y * in_y
                xy += in_x * in_y
        without[out] = xy / math.sqrt(xx * yy) if xx > 0 and yy > 0 else math.nan
    return without


@njit(cache=True)
def kendall_rows(
    x: FloatArray, y: FloatArray, mask: BoolArray, all_pairs: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    n_examples = len(x)
    statistic = np.full(n_examples, np.nan)
    pvalue = np.full(n_examples, np.nan)
    tie_fraction = np.full(n_examples, np.nan)
    for row in range(n_examples):
        n = mask[row].sum()
        if n < 2:
            continue
        score, tied_x, tied_y, tied_either, variance = pair_counts(x[row][mask[row]], y[row][mask[row]])
        pairs = n * (n - 1) // 2
        tie_fraction[row] = tied_either / pairs
        constant = tied_x == pairs or tied_y == pairs
        if all_pairs:
            statistic[row] = score / pairs
        elif not constant:
            statistic[row] = tau_b(score, pairs - tied_x, pairs - tied_y)
        if not constant:
            pvalue[row] = max(math.erfc(abs(score) / math.sqrt(2.0 * variance)), _TINY)
        elif all_pairs:
            pvalue[row] = 1.0
    return statistic, pvalue, tie_fraction


@njit(cache=True)
def spearman_rows(x: FloatArray, y: FloatArray, mask: BoolArray) -> tuple[FloatArray, FloatArray]:
    n_examples = len(x)
    statistic = np.full(n_examples, np.nan)
    tie_fraction = np.full(n_examples, np.nan)
    for row in range(n_examples):
        n = mask[row].sum()
        if n < 2:
            continue
        in_x, in_y = x[row][mask[row]], y[row][mask[row]]
        statistic[row] = rank_correlation(in_x, in_y)
        tie_fraction[row] = pair_counts(in_x, in_y)[3] / (n * (n - 1) // 2)
    return statistic, tie_fraction


def plain_pair_counts(x: FloatArray, y: FloatArray) -> tuple[int, int, int, int, float]:
    """Return what `pair_counts` returns, straight from the definitions; the reference of its tests."""
    n = x.size
    sign_x, sign_y = np.sign(x[:, np.newaxis] - x), np.sign(y[:, np.newaxis] - y)
    pairs = np.triu_indices(n, k=1)
    score = int((sign_x * sign_y)[pairs].sum())
    tied_x, tied_y = int((sign_x[pairs] == 0).sum()), int((sign_y[pairs] == 0).sum())
    tied_either = int(((sign_x * sign_y)[pairs] == 0).sum())
    # The variance of a sum of products over a random pairing, sum of a_ij b_ij (Daniels 1944, Kendall 1970, ch. 5).
    if n < 2:
        return score, tied_x, tied_y, tied_either, 0.0
    squares = (sign_x**2).sum() * (sign_y**2).sum() / (2 * n * (n - 1))
    if n == 2:
        return score, tied_x, tied_y, tied_either, float(squares)
    chains_x = (sign_x.sum(axis=1) ** 2).sum() - (sign_x**2).sum()
    chains_y = (sign_y.sum(axis=1) ** 2).sum() - (sign_y**2).sum()
    return score, tied_x, tied_y, tied_either, float(squares + chains_x * chains_y / (n * (n - 1) * (n - 2)))
