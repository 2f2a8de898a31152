"""KSG of two sorted columns, compiled: points in slabs along x, the neighbours of sixteen points found at a time."""

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
    low, most = values[pad], guide.size - 2
    for s in range(LANES):
        place, radius = at[s], radii[_BEST + k * LANES + s]
        value, wide = values[place], radius / weight
        up, down = (value - low + wide) * scale - _GUARD, (value - low - wide) * scale + _GUARD
        above = max(guide[int(min(up, most))] - 1, place)
        below = min(guide[int(max(down, 0.0)) + 1], place)
        half = 1 << steps
        while half:
            above += half * ((values[above + half] - value) * weight < radius)
            below -= half * ((value - values[below - half]) * weight < radius)
            half >>= 1
        inside[s] = above - below + 1
        for step in range(1, 3):
            rim[s] += (values[above + step] - value) * weight == radius
            rim[s] += (value - values[below - step]) * weight == radius


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
    k, psi, terms, radii, tied,
):  # fmt: skip
    """Fill terms, radii and ties at the rim of all samples, by strict counts; return False where two samples coincide.

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
                    return False
            rim[:] = 0
            _count(values_x, pad_x, guide_x, scale_x, steps_x, weight_x, at_x, group, k, inside_x, rim)
            _count(values_y, pad_y, guide_y, scale_y, steps_y, weight_y, at_y, group, k, inside_y, rim)
            for s in range(last - first):
                row = by_y[rank_y[first + s]]
                terms[row] = psi[k] - psi[inside_x[s]] - psi[inside_y[s]]
                radii[row] = group[k_th + s]
                tied[row] = rim[s] > 1
    return True
