"""KSG of two sorted columns and Ross of one and classes, compiled.

For KSG the points lie in slabs along x, and the neighbours of sixteen of them are found at a time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# Compiled functions that call each other stand in one file: Numba's cache of a caller notices no change elsewhere.

#: Points whose neighbours are found together: they lie beside each other in one slab.
LANES = 16
#: Largest number of neighbours: besides themselves the points keep three distances.
MOST_NEIGHBORS = 3
_BLOCK = 4  # candidates measured at a time, none of them behind the infinities at the ends of a slab
_GUARD = 1e-3  # far above the rounding of a place in the guide, far below a cell
_SLAB = 3.5  # width of a slab over the mean distance of points, so that a group is about square

# All that belongs to the points of a group stands in one array, each kind at a constant distance from the next: so the
# compiler sees that what is stored is not loaded by another point, and turns the loops over the group into vectors.
_Y, _BEST = LANES, 2 * LANES


@njit(cache=True, nogil=True)
def _measure(group, x, y, first, weight_x, weight_y):  # type: ignore[no-untyped-def]
    """Put the distances of a block of candidates among the smallest ones of each point of the group."""
    for s in range(LANES):
        in_x, in_y = group[s], group[_Y + s]
        one, two = group[_BEST + s], group[_BEST + LANES + s]
        three, four = group[_BEST + 2 * LANES + s], group[_BEST + 3 * LANES + s]
        for j in range(_BLOCK):
            across, along = abs(x[first + j] - in_x) * weight_x, abs(y[first + j] - in_y) * weight_y
            new = across if across > along else along
            second, third, fourth = (
                new if new > one else one,
                new if new > two else two,
                new if new > three else three,
            )
            one = new if new < one else one
            two = second if second < two else two
            three = third if third < three else three
            four = fourth if fourth < four else four
        group[_BEST + s] = one
        group[_BEST + LANES + s] = two
        group[_BEST + 2 * LANES + s] = three
        group[_BEST + 3 * LANES + s] = four


@njit(cache=True, nogil=True)
def _reach(group, k):  # type: ignore[no-untyped-def]
    """Return the largest distance to a k-th neighbour among the points of the group."""
    reach = 0.0
    for s in range(LANES):
        reach = max(reach, group[_BEST + k * LANES + s])
    return reach


@njit(cache=True, nogil=True)
def _count(values, pad, guide, scale, steps, weight, at, radii, k, inside, rim):  # type: ignore[no-untyped-def]
    """Fill how many values lie inside the radius of each place, itself included; add to `rim` those at it, up to 4."""
    # The guide says where a search of `steps` halvings starts; what is counted is decided on the rounded difference.
    # Places are unsigned where they are looked up, as negative ones would count from the end.
    low, most, per = values[pad], float(guide.size - 2), 1 / weight
    for s in range(LANES):
        place, radius = at[s], radii[np.uint64(_BEST + k * LANES + s)]
        value, wide = values[np.uint64(place)], radius * per
        up, down = (value - low + wide) * scale - _GUARD, (value - low - wide) * scale + _GUARD
        above = max(guide[np.uint64(min(up, most))] - 1, place)
        below = min(guide[np.uint64(max(down, 0.0)) + np.uint64(1)], place)
        half = 1 << steps
        while half:
            above += half * ((values[np.uint64(above + half)] - value) * weight < radius)
            below -= half * ((value - values[np.uint64(below - half)]) * weight < radius)
            half >>= 1
        inside[s] = above - below + 1
        seen = (values[np.uint64(above + 1)] - value) * weight == radius
        seen += (values[np.uint64(above + 2)] - value) * weight == radius
        seen += (value - values[np.uint64(below - 1)]) * weight == radius
        rim[s] += seen + ((value - values[np.uint64(below - 2)]) * weight == radius)


@njit(cache=True, nogil=True)
def _at_rim(values, place, weight, radius):  # type: ignore[no-untyped-def]
    """Return how many values lie at the radius of a place."""
    found = 0
    for side in (-1, 1):
        at = place + side
        while abs(values[at] - values[place]) * weight < radius:
            at += side
        while abs(values[at] - values[place]) * weight == radius:
            at += side
            found += 1
    return found


@njit(cache=True, nogil=True)
def fill_guide(ascending, scale, guide):  # type: ignore[no-untyped-def]
    """Fill for each of some cells of equal width the first place of a value in it or above; return steps of a search.

    A search of so many halvings passes all values of two cells.
    """
    n, place = ascending.size, 0
    for cell in range(guide.size):
        while place < n and (ascending[place] - ascending[0]) * scale < cell:
            place += 1
        guide[cell] = place
    widest = 0
    for cell in range(guide.size):
        widest = max(widest, guide[min(cell + 2, guide.size - 1)] - guide[cell])
    steps = 0
    while (2 << steps) - 1 < widest + 1:
        steps += 1
    return steps


@njit(cache=True, nogil=True)
def pair_terms(  # type: ignore[no-untyped-def]
    values_x, place_x, pad_x, guide_x, scale_x, steps_x, weight_x,
    values_y, by_y, pad_y, guide_y, scale_y, steps_y, weight_y,
    k, psi, terms, rows, radii, inside, rims,
):  # fmt: skip
    """Fill the terms of all samples by strict counts, slab by slab; return how many samples have ties at the rim.

    Of these the terms are zero, and `rows`, `radii`, and the counts `inside` and at the rim in y are filled. There is
    place for some; where there are more, or where two samples coincide, the result is -1.
    Values are sorted and padded, `place_x` says where each row stands in x, and `by_y` which row each place of y holds.
    """
    n = by_y.size
    # Slabs hold the same number of points each, in ascending order of y, with infinities before and after.
    size = max(int(_SLAB * np.sqrt(n)), LANES)
    n_slabs = (n + size - 1) // size
    start, stop = np.empty(n_slabs, np.int64), np.empty(n_slabs, np.int64)
    x, y = np.empty(n + 2 * _BLOCK * n_slabs), np.empty(n + 2 * _BLOCK * n_slabs)
    rank_x, rank_y = np.empty(x.size, np.int32), np.empty(x.size, np.int32)
    for t in range(n_slabs):
        start[t] = stop[t] = t * (size + 2 * _BLOCK) + _BLOCK
    for p in range(n):
        rank = place_x[by_y[p]]
        slab = rank // size
        at = stop[slab]
        x[at], y[at] = values_x[pad_x + rank], values_y[pad_y + p]
        rank_x[at], rank_y[at] = rank, p
        stop[slab] = at + 1
    for t in range(n_slabs):
        x[start[t] - _BLOCK : start[t]] = x[stop[t] : stop[t] + _BLOCK] = np.inf
        y[start[t] - _BLOCK : start[t]], y[stop[t] : stop[t] + _BLOCK] = -np.inf, np.inf
    group, k_th = np.empty(_BEST + (MOST_NEIGHBORS + 1) * LANES), _BEST + k * LANES
    done = n_tied = 0
    cursor = np.empty(n_slabs, np.int64)
    at_x, at_y = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    inside_x, inside_y, rim = np.empty(LANES, np.int64), np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    for slab in range(n_slabs):
        cursor[:] = start
        for first in range(start[slab], stop[slab], LANES):
            last = min(first + LANES, stop[slab])
            left = right = x[first]
            for s in range(LANES):  # the places that are left over repeat the first point
                p = first + (s if first + s < last else 0)
                group[s], group[_Y + s] = x[p], y[p]
                at_x[s], at_y[s] = pad_x + rank_x[p], pad_y + rank_y[p]
                left, right = min(left, x[p]), max(right, x[p])
            low, high = y[first], y[last - 1]
            group[_BEST:] = np.inf
            for up in range(first, last, _BLOCK):  # the points of the group, each also to itself
                _measure(group, x, y, up, weight_x, weight_y)
            down, up = first, up + _BLOCK
            reach = _reach(group, k)
            # Candidates above and below in the slab itself, then in those to the right, then to the left.
            other, step = slab, 1
            while True:
                while (y[up] - high) * weight_y < reach and up < stop[other]:
                    _measure(group, x, y, up, weight_x, weight_y)
                    up += _BLOCK
                while (low - y[down - 1]) * weight_y < reach and down > start[other]:
                    down -= _BLOCK
                    _measure(group, x, y, down, weight_x, weight_y)
                reach = _reach(group, k)
                other += step
                if step > 0 and (other == n_slabs or (values_x[pad_x + other * size] - right) * weight_x >= reach):
                    other, step = slab - 1, -1
                if step < 0 and (other < 0 or (left - values_x[pad_x + other * size + size - 1]) * weight_x >= reach):
                    break
                up = cursor[other]
                while y[up] < low:
                    up += 1
                cursor[other] = down = up
            for s in range(last - first):
                if group[_BEST + LANES + s] == 0:
                    return -1
            rim[:] = 0
            _count(values_x, pad_x, guide_x, scale_x, steps_x, weight_x, at_x, group, k, inside_x, rim)
            _count(values_y, pad_y, guide_y, scale_y, steps_y, weight_y, at_y, group, k, inside_y, rim)
            for s in range(last - first):
                terms[done] = psi[k] - psi[inside_x[s]] - psi[inside_y[s]]
                if rim[s] > 1:
                    if n_tied == rows.size:
                        return -1
                    terms[done] = 0.0
                    rows[n_tied], radii[n_tied] = by_y[rank_y[first + s]], group[k_th + s]
                    inside[n_tied] = inside_y[s]
                    rims[n_tied] = _at_rim(values_y, at_y[s], weight_y, group[k_th + s])
                    n_tied += 1
                done += 1
    return n_tied


@njit(cache=True, nogil=True)
def class_balls(  # type: ignore[no-untyped-def]
    values, pad, guide, scale, steps, weight, order, codes, sizes, k, psi, terms, tied
):
    """Fill the terms of `Ross`, class by class; return how many have ties at the rim, -1 where neighbours are copies.

    Of these the terms are zero, and a line of `tied` is filled, shape (6, n): the neighbours taken in the class, its
    size, how many of all samples lie inside the ball, itself included, and at its rim, how many of these are of the
    class, and how many of the class lie inside.
    """
    n, ends = order.size, np.cumsum(sizes)
    low, most = values[pad], float(guide.size - 2)
    of_class, filled = np.empty(n, np.int32), ends - sizes
    for rank in range(n):  # ranks by class
        code = codes[order[rank]]
        of_class[filled[code]] = rank
        filled[code] += 1
    done = n_tied = 0
    for code in range(sizes.size):
        size, begin = sizes[code], ends[code] - sizes[code]
        used = min(k, size - 1)
        # The class in ascending order, infinities beyond: its k-th neighbour is the last of the nearest k + 1 in a row.
        own = np.empty(size + 2 * used)
        own[:used], own[used + size :] = -np.inf, np.inf
        for i in range(size):
            own[used + i] = values[pad + of_class[begin + i]]
        for i in range(used, used + size):
            value, rank = own[i], of_class[begin + i - used]
            reach = np.inf
            for j in range(used + 1):
                farther = max(value - own[i - j], own[i + used - j] - value)
                reach = farther if farther < reach else reach
            if reach == 0 or used == 0:
                return -1
            radius, wide = (reach * weight) ** 2, reach
            up, down = (value - low + wide) * scale - _GUARD, (value - low - wide) * scale + _GUARD
            above = max(guide[np.uint64(min(up, most))] - 1, pad + rank)
            below = min(guide[np.uint64(max(down, 0.0)) + np.uint64(1)], pad + rank)
            half = 1 << steps
            while half:
                above += half * (((values[np.uint64(above + half)] - value) * weight) ** 2 < radius)
                below -= half * (((value - values[np.uint64(below - half)]) * weight) ** 2 < radius)
                half >>= 1
            inside, rim, marked, nearer = above - below + 1, 0, 0, 0
            while ((values[above + 1] - value) * weight) ** 2 == radius:
                above, rim = above + 1, rim + 1
                marked += codes[order[above - pad]] == code
            while ((value - values[below - 1]) * weight) ** 2 == radius:
                below, rim = below - 1, rim + 1
                marked += codes[order[below - pad]] == code
            terms[done] = psi[n] + psi[used] - psi[size] - psi[inside]
            if rim > 1:
                for j in range(1, used + 1):
                    nearer += ((value - own[i - j]) * weight) ** 2 < radius
                    nearer += ((own[i + j] - value) * weight) ** 2 < radius
                terms[done] = 0.0
                tied[0, n_tied], tied[1, n_tied], tied[2, n_tied] = used, size, inside
                tied[3, n_tied], tied[4, n_tied], tied[5, n_tied] = rim, marked, nearer
                n_tied += 1
            done += 1
    return n_tied
