"""Compiled counts of pairs and ranks, in one file: Numba's cache of a kernel notices no change in another."""

from __future__ import annotations

import math
import sys

import numpy as np
from numba import njit

from attnstats._validation import BoolArray, FloatArray, IntArray

#: Length up to which comparing all pairs of values is faster than sorting them.
_DIRECT = 256
_TINY = sys.float_info.min


@njit(cache=True)
def below(values: FloatArray) -> IntArray:
    """Return the code of each value, how many lie below it, shape (n,)."""
    codes: IntArray = compared_below(values) if values.size <= _DIRECT else sorted_below(values)
    return codes


@njit(cache=True)
def compared_below(values: FloatArray) -> IntArray:
    """Return `below` in time n squared, without branches: the faster way for a short text."""
    codes = np.empty(values.size, dtype=np.int64)
    for i in range(values.size):
        value, lower = values[i], 0
        for j in range(values.size):
            lower += int(values[j] < value)
        codes[i] = lower
    return codes


@njit(cache=True)
def sorted_below(values: FloatArray) -> IntArray:
    """Return `below` in time n by a radix sort: the eight bytes of each value, the last byte first."""
    n = values.size
    bits = (values + 0.0).view(np.uint64)  # -0.0 becomes 0.0
    sign = np.uint64(1) << np.uint64(63)
    for i in range(n):  # flip the bits so that as integers they ascend with the values
        bits[i] = ~bits[i] if bits[i] & sign else bits[i] | sign
    counts = np.zeros((8, 256), dtype=np.int64)  # of each value of each byte
    for i in range(n):
        for byte in range(8):
            counts[byte, (bits[i] >> np.uint64(8 * byte)) & np.uint64(255)] += 1
    order, moved = np.arange(n), np.empty(n, dtype=np.int64)
    for byte in range(8):
        shift = np.uint64(8 * byte)
        if counts[byte].max() == n:  # the same in all values
            continue
        start = 0  # counts become the first place of each byte value
        for each in range(256):
            counts[byte, each], start = start, start + counts[byte, each]
        for place in range(n):
            here = (bits[order[place]] >> shift) & np.uint64(255)
            moved[counts[byte, here]] = order[place]
            counts[byte, here] += 1
        order, moved = moved, order
    codes, first = np.empty(n, dtype=np.int64), 0  # the first place of equal values is their code
    for place in range(n):
        if bits[order[place]] != bits[order[first]]:
            first = place
        codes[order[place]] = first
    return codes


@njit(cache=True)
def by_both(x: IntArray, y: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return the codes of x and of y in the order of x, then of y, and how often each code occurs; all (n,)."""
    # A counting sort by y, then by x: a code of `below` is the first place of its values.
    n = x.size
    sizes_x, sizes_y = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    by_y, in_x, in_y = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    for i in range(n):
        by_y[y[i] + sizes_y[y[i]]] = i
        sizes_y[y[i]] += 1
    for place in range(n):
        i = by_y[place]
        into = x[i] + sizes_x[x[i]]
        in_x[into], in_y[into] = x[i], y[i]
        sizes_x[x[i]] += 1
    return in_x, in_y, sizes_x, sizes_y


@njit(cache=True)
def pair_counts(x: FloatArray, y: FloatArray) -> tuple[int, int, int, int, float]:
    """Return S, the pairs tied in x, in y and in either, and the variance of S over all pairings given the ties."""
    n = x.size
    in_x, in_y, sizes_x, sizes_y = by_both(below(x), below(y))
    tied_either = _tied_in_either(in_x, in_y, sizes_x, sizes_y)
    # In the order of x, then of y, the discordant pairs are the inversions of y: S = untied pairs - 2 discordant.
    score = n * (n - 1) // 2 - tied_either - 2 * inversions(in_y)
    return score, _tied_pairs(sizes_x), _tied_pairs(sizes_y), tied_either, _score_variance(sizes_x, sizes_y)


@njit(cache=True)
def inversions(codes: IntArray) -> int:
    """Return the number of pairs of places of which the first holds the larger code; codes lie below their number."""
    found = 0
    if codes.size <= _DIRECT:  # all pairs of places
        for place in range(codes.size):
            larger = 0
            for before in range(place):
                larger += int(codes[before] > codes[place])
            found += larger
        return found
    tree = np.zeros(codes.size + 1, dtype=np.int32)  # of the codes before this place
    for place in range(codes.size):
        found += place - _entered(tree, codes[place] + 1)
        _enter(tree, codes[place])
    return found


@njit(cache=True)
def partner_sums(x: FloatArray, y: FloatArray) -> tuple[IntArray, float]:
    """Return S and the untied in x, in y and in both among each sample's partners, (4, n), and the variance of S."""
    in_x, in_y, sizes_x, sizes_y = by_both(below(x), below(y))
    return _sums_in_order(in_x, in_y, sizes_x, sizes_y), _score_variance(sizes_x, sizes_y)


@njit(cache=True)
def _sums_in_order(x: IntArray, y: IntArray, sizes_x: IntArray, sizes_y: IntArray) -> IntArray:
    """Return the sums of `partner_sums`, in the order of `by_both`, in time n log n."""
    n = x.size
    sums, tree = np.empty((4, n), dtype=np.int64), np.zeros(n + 1, dtype=np.int32)
    entered = np.zeros(n, dtype=np.int32)  # how often each code is in the tree, which holds the y of lower x
    start = 0
    while start < n:  # a run of equal x, and in it runs of equal x and y
        stop, first = start + sizes_x[x[start]], start
        while first < stop:
            code, last = y[first], first + 1
            while last < stop and y[last] == code:
                last += 1
            lower_lower = _entered(tree, code)  # partners by x, then by y
            lower_higher = start - lower_lower - entered[code]
            higher_lower = code - lower_lower - (first - start)
            higher_higher = n - code - sizes_y[code] - lower_higher - (stop - last)
            agree, disagree = lower_lower + higher_higher, lower_higher + higher_lower
            for place in range(first, last):  # samples equal in both have the same partners
                sums[0, place], sums[3, place] = agree - disagree, agree + disagree
                sums[1, place], sums[2, place] = n - (stop - start), n - sizes_y[code]
            first = last
        for place in range(start, stop):
            entered[y[place]] += 1
            _enter(tree, y[place])
        start = stop
    return sums


@njit(cache=True)
def _entered(tree: IntArray, code: int) -> int:
    """Return how many codes below this one are in the tree of counts (Fenwick 1994)."""
    total = 0
    while code > 0:
        total += tree[code]
        code &= code - 1
    return total


@njit(cache=True)
def _enter(tree: IntArray, code: int) -> None:
    code += 1
    while code < tree.size:
        tree[code] += 1
        code += code & -code


@njit(cache=True)
def _tied_pairs(sizes: IntArray) -> int:
    tied = 0
    for size in sizes:
        tied += size * (size - 1)
    return tied // 2


@njit(cache=True)
def _tied_in_either(x: IntArray, y: IntArray, sizes_x: IntArray, sizes_y: IntArray) -> int:
    """Return the pairs of samples tied in x or in y, from what `by_both` returns."""
    tied_in_both, first = 0, 0
    for place in range(1, x.size):
        if x[place] != x[first] or y[place] != y[first]:
            first = place
        tied_in_both += place - first
    return int(_tied_pairs(sizes_x) + _tied_pairs(sizes_y) - tied_in_both)


@njit(cache=True)
def _score_variance(sizes_x: IntArray, sizes_y: IntArray) -> float:
    """Return the variance of S over all pairings, from the sizes of the tied groups (Kendall 1970, eq. 4.4)."""
    n = sizes_x.size
    pairs_x, triples_x = _tied_couples(sizes_x)
    pairs_y, triples_y = _tied_couples(sizes_y)
    tied = 2 * (triples_x + triples_y) + 9 * (pairs_x + pairs_y)  # the sums of t (t - 1) (2 t + 5)
    variance = (n * (n - 1.0) * (2.0 * n + 5.0) - tied) / 18.0
    if n > 1:
        variance += pairs_x * pairs_y / (2.0 * n * (n - 1.0))
    if n > 2:
        variance += triples_x * triples_y / (9.0 * n * (n - 1.0) * (n - 2.0))
    return float(variance)


@njit(cache=True)
def _tied_couples(sizes: IntArray) -> tuple[float, float]:
    """Return the ordered pairs and triples within tied groups, as floats: triples can overflow an int64."""
    pairs, triples = 0.0, 0.0
    for size in sizes:
        within = size * (size - 1.0)
        pairs += within
        triples += within * (size - 2.0)
    return pairs, triples


@njit(cache=True)
def centred_ranks(values: FloatArray) -> IntArray:
    """Return twice the midranks less their mean n + 1, shape (n,): integers, the row sums of the signs."""
    codes, sizes = below(values), np.zeros(values.size, dtype=np.int64)
    for code in codes:
        sizes[code] += 1
    ranks: IntArray = _ranks_of_codes(codes, sizes)
    return ranks


@njit(cache=True)
def _ranks_of_codes(codes: IntArray, sizes: IntArray) -> IntArray:
    ranks = np.empty(codes.size, dtype=np.int64)
    for i in range(codes.size):
        ranks[i] = 2 * codes[i] + sizes[codes[i]] - codes.size
    return ranks


@njit(cache=True)
def rank_correlation(ranks_x: IntArray, ranks_y: IntArray) -> float:
    """Return Spearman's rho, the correlation of centred midranks; NaN if x or y is constant."""
    # The sums are whole numbers, so that a perfect correlation is exactly 1 in absolute value.
    xx, yy, xy = 0.0, 0.0, 0.0
    for i in range(ranks_x.size):
        xx += float(ranks_x[i]) * ranks_x[i]
        yy += float(ranks_y[i]) * ranks_y[i]
        xy += float(ranks_x[i]) * ranks_y[i]
    if xx == 0 or yy == 0:
        return math.nan
    return xy / math.sqrt(xx * yy)


@njit(cache=True)
def rank_correlations_without_one(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return Spearman's rho without each sample in turn, shape (n,), in time n squared."""
    n = x.size
    ranks_x, ranks_y = centred_ranks(x), centred_ranks(y)
    without = np.empty(n)
    for out in range(n):
        xx, yy, xy = 0.0, 0.0, 0.0
        for i in range(n):
            if i != out:  # without a sample, the doubled centred rank of another moves by the sign of the step from it
                in_x = ranks_x[i] - (int(x[i] > x[out]) - int(x[i] < x[out]))
                in_y = ranks_y[i] - (int(y[i] > y[out]) - int(y[i] < y[out]))
                xx += in_x * in_x
                yy += in_y * in_y
                xy += in_x * in_y
        without[out] = xy / math.sqrt(xx * yy) if xx > 0 and yy > 0 else math.nan
    return without


@njit(cache=True)
def weighted_counts(x: FloatArray, y: FloatArray) -> tuple[float, int]:
    """Return weighted tau, NaN where x or y is constant, and the pairs tied in x or in y, in time n log n."""
    in_x, in_y, sizes_x, sizes_y = by_both(below(x), below(y))
    sums, n = _sums_in_order(in_x, in_y, sizes_x, sizes_y), in_x.size
    # Weighted S, and weighted pairs untied in x and in y, for the ranks by x and by y. A pair weighs the sum of the
    # weights of its samples, so a sum over pairs is one over samples: each weight times the sum over the partners.
    by_x, by_y, dealt = np.zeros(3), np.zeros(3), np.zeros(n, dtype=np.int64)
    for place in range(n):
        weight_x = 1.0 / (n - place)  # of the rank by x, ties broken by y, and the other way around
        weight_y = 1.0 / (n - in_y[place] - dealt[in_y[place]])
        dealt[in_y[place]] += 1
        for each in range(3):
            by_x[each] += weight_x * sums[each, place]
            by_y[each] += weight_y * sums[each, place]
    tied = _tied_in_either(in_x, in_y, sizes_x, sizes_y)
    if by_x[1] == 0 or by_x[2] == 0:
        return math.nan, tied
    return (by_x[0] / math.sqrt(by_x[1] * by_x[2]) + by_y[0] / math.sqrt(by_y[1] * by_y[2])) / 2, tied


@njit(cache=True)
def kendall_rows(
    x: FloatArray, y: FloatArray, mask: BoolArray, all_pairs: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    statistic, pvalue, tie_fraction = np.full(len(x), np.nan), np.full(len(x), np.nan), np.full(len(x), np.nan)
    for row in range(len(x)):
        in_x, in_y = x[row][mask[row]], y[row][mask[row]]
        if in_x.size < 2:
            continue
        score, tied_x, tied_y, tied_either, variance = pair_counts(in_x, in_y)
        pairs = in_x.size * (in_x.size - 1) // 2
        tie_fraction[row] = tied_either / pairs
        constant = tied_x == pairs or tied_y == pairs
        if all_pairs:
            statistic[row] = score / pairs
        elif not constant:
            # In floats: the product of the untied pairs can overflow an int64.
            statistic[row] = score / math.sqrt(float(pairs - tied_x) * float(pairs - tied_y))
        if not constant:
            pvalue[row] = max(math.erfc(abs(score) / math.sqrt(2.0 * variance)), _TINY)
        elif all_pairs:
            pvalue[row] = 1.0
    return statistic, pvalue, tie_fraction


@njit(cache=True)
def spearman_rows(x: FloatArray, y: FloatArray, mask: BoolArray) -> tuple[FloatArray, FloatArray]:
    statistic, tie_fraction = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for row in range(len(x)):
        in_x, in_y, sizes_x, sizes_y = by_both(below(x[row][mask[row]]), below(y[row][mask[row]]))
        n = in_x.size
        if n < 2:
            continue
        statistic[row] = rank_correlation(_ranks_of_codes(in_x, sizes_x), _ranks_of_codes(in_y, sizes_y))
        tie_fraction[row] = _tied_in_either(in_x, in_y, sizes_x, sizes_y) / (n * (n - 1) // 2)
    return statistic, tie_fraction


@njit(cache=True)
def weighted_rows(x: FloatArray, y: FloatArray, mask: BoolArray) -> tuple[FloatArray, FloatArray]:
    statistic, tie_fraction = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for row in range(len(x)):
        in_x, in_y = x[row][mask[row]], y[row][mask[row]]
        if in_x.size < 2:
            continue
        statistic[row], tied = weighted_counts(in_x, in_y)
        tie_fraction[row] = tied / (in_x.size * (in_x.size - 1) // 2)
    return statistic, tie_fraction
