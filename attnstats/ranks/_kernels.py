"""Compiled counts of pairs and ranks, in one file: Numba's cache of a kernel notices no change in another."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from attnstats._validation import BoolArray, FloatArray, IntArray

Codes: TypeAlias = NDArray[np.int32]
ShortCodes: TypeAlias = NDArray[np.int16]

#: Length up to which comparing all pairs of values is faster than sorting them.
_DIRECT = 256
#: Numbers that are compared at once: arrays of a short text are filled up to a multiple of it.
_LANES = 32
#: What fills up codes: above all of them.
_ABOVE = np.int16(2**15 - 1)


@njit(cache=True)
def below(values: FloatArray) -> Codes:
    """Return the code of each value, how many lie below it, shape (n,)."""
    short = values.size <= _DIRECT
    codes: Codes = compared_below(values)[: values.size].astype(np.int32) if short else sorted_below(values)
    return codes


@njit(cache=True)
def compared_below(values: FloatArray) -> ShortCodes:
    """Return `below` in time n squared, the faster way for a short text, filled up to a multiple of `_LANES`."""
    n = values.size
    # Rounded to float32, of which a processor compares twice as many at once: rounding keeps the order.
    rough = np.full(-(-n // _LANES) * _LANES, np.float32(np.inf))
    n_rounded = 0
    for i in range(n):
        rough[i] = values[i]
        n_rounded += int(rough[i] != values[i])
    codes = np.zeros(rough.size, dtype=np.int16)
    for j in range(0, n, 4):  # four at a time: a code is read and written once for all of them
        a, b, c, d = rough[j], rough[j + 1], rough[j + 2], rough[j + 3]
        for i in range(rough.size):
            codes[i] += int(a < rough[i]) + int(b < rough[i]) + int(c < rough[i]) + int(d < rough[i])
    codes[n:] = _ABOVE
    if n_rounded > 0:
        _tell_apart(values, codes)
    return codes


@njit(cache=True)
def _tell_apart(values: FloatArray, codes: ShortCodes) -> None:
    """Correct the codes of different values that are equal as float32."""
    last, shared = np.empty(values.size), np.zeros(values.size, dtype=np.bool_)
    for i in range(values.size):
        last[codes[i]] = values[i]
    for i in range(values.size):
        if last[codes[i]] != values[i]:
            shared[codes[i]] = True
    for i in range(values.size):
        if shared[codes[i]]:
            lower = 0
            for j in range(values.size):
                lower += int(values[j] < values[i])
            codes[i] = lower


@njit(cache=True)
def sorted_below(values: FloatArray) -> Codes:
    """Return `below` in time n by a radix sort."""
    order = _sorted(values, np.arange(values.size).astype(np.int32))
    codes = np.empty(values.size, dtype=np.int32)
    in_order = _codes_in_order(values, order)
    for place in range(values.size):
        codes[order[place]] = in_order[place]
    return codes


@njit(cache=True)
def _sorted(values: FloatArray, order: Codes) -> Codes:
    """Return an order in which values ascend, equal ones as in the given order, which is overwritten."""
    n = values.size
    bits = (values + 0.0).view(np.uint64)  # -0.0 becomes 0.0
    zero, one, sign = np.uint64(0), np.uint64(1), np.uint64(1) << np.uint64(63)
    some, all_ = zero, ~zero
    for i in range(n):
        bits[i] = ~bits[i] if bits[i] & sign else bits[i] | sign  # as integers they ascend with the values
        some |= bits[i]
        all_ &= bits[i]
    varying = some & ~all_  # bits that are not the same in all values
    width = np.uint64(8 if n < 4096 else 11)
    last = (one << width) - one
    places, moved = np.empty(last + one, dtype=np.int64), np.empty(n, dtype=np.int32)
    shift = zero
    while shift < 64 and varying >> shift > 0:  # a digit at a time, the last digit first
        if varying >> shift & one == 0:
            shift += one
            continue
        places[:] = 0
        for i in range(n):
            places[bits[i] >> shift & last] += 1
        start = 0  # counts of each value of the digit become its first place
        for each in range(places.size):
            places[each], start = start, start + places[each]
        for place in range(n):
            here = bits[order[place]] >> shift & last
            moved[places[here]] = order[place]
            places[here] += 1
        order, moved = moved, order
        shift += width
    return order


@njit(cache=True)
def _codes_in_order(values: FloatArray, order: Codes) -> Codes:
    """Return the codes of ascending values: the first place of those equal to each."""
    codes, first = np.empty(values.size, dtype=np.int32), 0
    for place in range(values.size):
        if values[order[place]] != values[order[first]]:
            first = place
        codes[place] = first
    return codes


@njit(cache=True)
def ordered(x: FloatArray, y: FloatArray) -> tuple[Codes, Codes]:
    """Return the codes of x and of y in the order of x, then of y; (n,) each."""
    n = x.size
    if n > _DIRECT:
        order = _sorted(y, np.arange(n).astype(np.int32))
        codes, in_y = np.empty(n, dtype=np.int32), _codes_in_order(y, order)
        for place in range(n):
            codes[order[place]] = in_y[place]
        order = _sorted(x, order)
        for place in range(n):
            in_y[place] = codes[order[place]]
        return _codes_in_order(x, order), in_y
    # A counting sort by y, then by x: a code is the first place of its values.
    codes_x, codes_y = compared_below(x), compared_below(y)
    dealt_x, dealt_y = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
    by_y, in_x, in_y = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    for i in range(n):
        by_y[codes_y[i] + dealt_y[codes_y[i]]] = i
        dealt_y[codes_y[i]] += 1
    for place in range(n):
        i = by_y[place]
        into = codes_x[i] + dealt_x[codes_x[i]]
        in_x[into], in_y[into] = codes_x[i], codes_y[i]
        dealt_x[codes_x[i]] += 1
    return in_x, in_y


@njit(cache=True)
def ordered_rows(x: FloatArray, y: FloatArray, mask: BoolArray) -> tuple[Codes, Codes]:
    """Return `ordered` of the values inside of each row, at its beginning; what follows them is not set."""
    in_x, in_y = np.empty(x.shape, dtype=np.int32), np.empty(x.shape, dtype=np.int32)
    room_x, room_y = np.empty(x.shape[1]), np.empty(x.shape[1])
    for row in range(len(x)):
        inside_x, inside_y = _compressed(x[row], mask[row], room_x), _compressed(y[row], mask[row], room_y)
        n = inside_x.size
        in_x[row, :n], in_y[row, :n] = ordered(inside_x, inside_y)
    return in_x, in_y


@njit(cache=True)
def pair_counts(x: FloatArray, y: FloatArray) -> tuple[int, int, int, int, float]:
    """Return S, the pairs tied in x, in y and in either, and the variance of S over all pairings given the ties."""
    n = x.size
    pairs = n * (n - 1) // 2
    if n <= _DIRECT:
        codes_x, codes_y = compared_below(x), compared_below(y)
        of_x, of_y = _tied(_sizes(codes_x, n)), _tied(_sizes(codes_y, n))
        concordant, discordant = compared_pairs(codes_x, codes_y)
        untied = concordant + discordant
    else:
        in_x, in_y = ordered(x, y)
        of_x, of_y = _tied(_sizes(in_x, n)), _tied(_sizes(in_y, n))
        untied = pairs - int(of_x[0] + of_y[0]) // 2 + _tied_in_both(in_x, in_y)
        discordant = inversions(in_y)
    variance = score_variance(n, of_x, of_y)
    return untied - 2 * discordant, int(of_x[0]) // 2, int(of_y[0]) // 2, pairs - untied, variance


@njit(cache=True)
def compared_pairs(x: ShortCodes, y: ShortCodes) -> tuple[int, int]:
    """Return the concordant and the discordant pairs of two rows of `compared_below`, in time n squared."""
    concordant, discordant = np.zeros(x.size, dtype=np.int16), np.zeros(x.size, dtype=np.int16)
    for j in range(0, x.size, 4):  # four at a time, as in `compared_below`
        x_0, x_1, x_2, x_3 = x[j], x[j + 1], x[j + 2], x[j + 3]
        y_0, y_1, y_2, y_3 = y[j], y[j + 1], y[j + 2], y[j + 3]
        for i in range(x.size):
            own, a, b, c, d = y[i], x_0 < x[i], x_1 < x[i], x_2 < x[i], x_3 < x[i]
            concordant[i] += int(a & (y_0 < own)) + int(b & (y_1 < own)) + int(c & (y_2 < own)) + int(d & (y_3 < own))
            discordant[i] += int(a & (y_0 > own)) + int(b & (y_1 > own)) + int(c & (y_2 > own)) + int(d & (y_3 > own))
    agree, disagree = 0, 0
    for i in range(x.size):
        if x[i] < _ABOVE:
            agree += concordant[i]
            disagree += discordant[i]
    return agree, disagree


@njit(cache=True)
def inversions(codes: Codes) -> int:
    """Return the number of pairs of places of which the first holds the larger code; codes lie below their number."""
    found, tree = 0, np.zeros(codes.size + 1, dtype=np.int32)  # counts of the codes before this place (Fenwick 1994)
    for place in range(codes.size):
        node, not_larger = codes[place] + 1, 0
        while node > 0:
            not_larger += tree[node]
            node &= node - 1
        found += place - not_larger
        node = codes[place] + 1
        while node < tree.size:
            tree[node] += 1
            node += node & -node
    return found


@njit(cache=True)
def _sizes(codes: NDArray[np.integer], n: int) -> Codes:
    """Return how often each code occurs among the first n, shape (n,)."""
    sizes = np.zeros(n, dtype=np.int32)
    for i in range(n):
        sizes[codes[i]] += 1
    return sizes


@njit(cache=True)
def _tied_in_both(x: Codes, y: Codes) -> int:
    """Return the pairs of samples tied in x and in y, from what `ordered` returns."""
    tied, first = 0, 0
    for place in range(1, x.size):
        if x[place] != x[first] or y[place] != y[first]:
            first = place
        tied += place - first
    return tied


@njit(cache=True)
def _tied(sizes: Codes) -> tuple[float, float]:
    """Return the ordered pairs and triples within tied groups, as floats: triples can overflow an int64."""
    pairs, triples = 0.0, 0.0
    for size in sizes:
        within = size * (size - 1.0)
        pairs += within
        triples += within * (size - 2.0)
    return pairs, triples


@njit(cache=True)
def score_variance(n: int, x: tuple[float, float], y: tuple[float, float]) -> float:
    """Return the variance of S over all pairings, from the tied ordered pairs and triples (Kendall 1970, eq. 4.4)."""
    tied = 2 * (x[1] + y[1]) + 9 * (x[0] + y[0])  # the sums of t (t - 1) (2 t + 5) over tied groups
    variance = (n * (n - 1.0) * (2.0 * n + 5.0) - tied) / 18.0
    if n > 1:
        variance += x[0] * y[0] / (2.0 * n * (n - 1.0))
    if n > 2:
        variance += x[1] * y[1] / (9.0 * n * (n - 1.0) * (n - 2.0))
    return float(variance)


@njit(cache=True)
def centred_ranks(values: FloatArray) -> IntArray:
    """Return twice the midranks less their mean n + 1, shape (n,): integers, the row sums of the signs."""
    codes = below(values)
    ranks: IntArray = _ranks_of_codes(codes, _sizes(codes, codes.size))
    return ranks


@njit(cache=True)
def _ranks_of_codes(codes: NDArray[np.integer], sizes: Codes) -> IntArray:
    ranks = np.empty(sizes.size, dtype=np.int64)
    for i in range(sizes.size):
        ranks[i] = 2 * codes[i] + sizes[codes[i]] - sizes.size
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
def _compressed(values: FloatArray, inside: BoolArray, room: FloatArray) -> FloatArray:
    """Return the values inside, put into the room."""
    n = 0
    for i in range(values.size):  # no branch: the next value takes the place of one that is outside
        room[n] = values[i]
        n += int(inside[i])
    return room[:n]


@njit(cache=True)
def pair_counts_of_rows(x: FloatArray, y: FloatArray, mask: BoolArray) -> tuple[IntArray, FloatArray]:
    """Return `pair_counts` of the values inside of each row: four whole numbers, (n_rows, 4), and the variance of S."""
    counts, variances = np.empty((len(x), 4), dtype=np.int64), np.empty(len(x))
    room_x, room_y = np.empty(x.shape[1]), np.empty(x.shape[1])
    for row in range(len(x)):
        in_x, in_y = _compressed(x[row], mask[row], room_x), _compressed(y[row], mask[row], room_y)
        counts[row, 0], counts[row, 1], counts[row, 2], counts[row, 3], variances[row] = pair_counts(in_x, in_y)
    return counts, variances


@njit(cache=True)
def spearman_rows(x: FloatArray, y: FloatArray, mask: BoolArray) -> tuple[FloatArray, FloatArray]:
    statistic, tie_fraction = np.full(len(x), np.nan), np.full(len(x), np.nan)
    room_x, room_y = np.empty(x.shape[1]), np.empty(x.shape[1])
    for row in range(len(x)):
        in_x, in_y = _compressed(x[row], mask[row], room_x), _compressed(y[row], mask[row], room_y)
        if in_x.size >= 2:
            statistic[row], tied = rank_counts(in_x, in_y)
            tie_fraction[row] = tied / (in_x.size * (in_x.size - 1) // 2)
    return statistic, tie_fraction


@njit(cache=True)
def rank_counts(x: FloatArray, y: FloatArray) -> tuple[float, int]:
    """Return Spearman's rho, NaN where x or y is constant, and the pairs tied in x or in y."""
    n = x.size
    if n > _DIRECT:
        in_x, in_y = ordered(x, y)
        of_x, of_y = _sizes(in_x, n), _sizes(in_y, n)
        tied = int(_tied(of_x)[0] + _tied(of_y)[0]) // 2 - _tied_in_both(in_x, in_y)
        return rank_correlation(_ranks_of_codes(in_x, of_x), _ranks_of_codes(in_y, of_y)), tied
    codes_x, codes_y = compared_below(x), compared_below(y)
    sizes_x, sizes_y = _sizes(codes_x, n), _sizes(codes_y, n)
    xx, yy, xy = 0, 0, 0  # as in `rank_correlation`, in integers, which add up faster and cannot overflow here
    for i in range(n):
        rank_x = 2 * codes_x[i] + sizes_x[codes_x[i]] - n
        rank_y = 2 * codes_y[i] + sizes_y[codes_y[i]] - n
        xx += rank_x * rank_x
        yy += rank_y * rank_y
        xy += rank_x * rank_y
    concordant, discordant = compared_pairs(codes_x, codes_y)
    rho = xy / math.sqrt(float(xx) * float(yy)) if xx > 0 and yy > 0 else math.nan
    return rho, n * (n - 1) // 2 - concordant - discordant
