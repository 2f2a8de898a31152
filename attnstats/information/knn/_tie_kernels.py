"""Compiled terms of nearest-neighbour balls whose samples tie at the radius, also with one sample left out."""

from __future__ import annotations

import numpy as np
from numba import njit

# Compiled functions that call each other stand in one file: Numba's cache of a caller notices no change elsewhere.

#: Probability that the stopping sample comes later, below which a sum stops.
_NEGLIGIBLE = 1e-17


@njit(cache=True)
def strict_terms(psi, k, signs, inside, rims, n_blocks, terms, tied):  # type: ignore[no-untyped-def]
    """Fill the terms by strict counts, and which samples have ties at the rim."""
    for i in range(k.size):
        term, seen, most = psi[k[i]], 0, 0
        for m in range(signs.size):
            term += signs[m] * psi[inside[m, i]]
            seen += rims[m, i]
            most = max(most, rims[m, i])
        terms[i] = term
        # A single sample at the rim is seen by the marginals that hold its block alone: by one of them, or by all.
        tied[i] = most > 1 or (seen > 1 and not (n_blocks > 2 and seen == signs.size))


@njit(cache=True)
def terms_in_one_block(psi, k, nearer, joint_rim, block, inside, rims, holds, signs):  # type: ignore[no-untyped-def]
    """Return the terms of samples whose rim holds samples in one block alone."""
    out = np.empty(k.size)
    for i in range(k.size):
        term = psi[k[i]]
        for m in range(signs.size):
            if holds[m, block[i]]:
                place = place_psi(psi, inside[m, i] - 1, rims[m, i], joint_rim[i], k[i] - nearer[i])
                term += signs[m] * place
            else:
                term += signs[m] * psi[inside[m, i]]
        out[i] = term
    return out


@njit(cache=True)
def places(psi, base, total, marked, order):  # type: ignore[no-untyped-def]
    """Return `place_psi` of each line of the arrays."""
    out = np.empty(base.size)
    for i in range(base.size):
        out[i] = place_psi(psi, base[i], total[i], marked[i], order[i])
    return out


@njit(cache=True)
def place_psi(psi, base, total, marked, order):  # type: ignore[no-untyped-def]
    """Return the mean of psi(base + place), place that of the `order`-th marked one among `total` in random order."""
    # psi(base + place) is psi(base + 1) plus 1 / (base + m) for each m < place, so the mean is a sum over the
    # probabilities that fewer than `order` of the first m are marked; these are followed from m to m + 1.
    mean = psi[base + 1]
    if total == 1:
        return mean
    seen = np.zeros(order)  # probabilities of 0..order-1 marked ones among the first m
    seen[0] = 1.0
    for m in range(total - 1):
        later = 0.0
        for s in range(order - 1, -1, -1):
            moved = seen[s] * (marked - s) / (total - m)
            seen[s] -= moved
            if s + 1 < order:
                seen[s + 1] += moved
                later += moved
            later += seen[s]
        if later < _NEGLIGIBLE:
            break
        mean += later / (base + m + 1)
    return mean


@njit(cache=True)
def terms_of_all_pairs(psi, k, rows, radii, points, weights, ends, euclidean, holds, signs):  # type: ignore[no-untyped-def]
    """Return the terms of some samples by measuring all pairs of theirs, in each block no farther than the radius."""
    out = np.empty(rows.size)
    states = np.empty(3**ends.size, np.int64)
    for place in range(rows.size):
        i, radius = rows[place], radii[place]
        states[:] = 0
        for j in range(len(points)):
            state, c = 0, 0
            for end in ends:
                distance = 0.0
                while c < end and distance <= radius:
                    term = abs(points[j, c] - points[i, c]) * weights[c]
                    distance = distance + term * term if euclidean else max(distance, term)
                    c += 1
                c = end
                state = 3 * state + (distance >= radius) + (distance > radius)
            states[state] += 1
        states[0] -= 1  # the sample itself
        out[place] = _parted_term(psi, states, k[place], holds, signs)
    return out


@njit(cache=True)
def terms_of_near_pairs(psi, k, rows, radii, points, weights, ends, euclidean, holds, signs, order, inside, rim):  # type: ignore[no-untyped-def]
    """Do the same for two blocks, along the `order` of a column, measuring none that is farther away in x."""
    out = np.empty(rows.size)
    states = np.empty(9, np.int64)
    places = np.empty(order.size, np.int64)
    places[order] = np.arange(order.size)
    for a in range(rows.size):
        i, radius = rows[a], radii[a]
        states[:] = 0
        for step in (-1, 1):
            place = places[i] + step
            while 0 <= place < order.size:
                j = order[place]
                place += step
                in_x, in_y = 0.0, 0.0
                for c in range(ends[0]):
                    term = abs(points[j, c] - points[i, c]) * weights[c]
                    in_x = in_x + term * term if euclidean else max(in_x, term)
                    if in_x > radius:
                        break
                if in_x > radius:
                    if c == 0:  # and so are all that follow
                        break
                    continue
                for c in range(ends[0], ends[1]):
                    term = abs(points[j, c] - points[i, c]) * weights[c]
                    in_y = in_y + term * term if euclidean else max(in_y, term)
                states[3 * (in_x >= radius) + (in_y >= radius) + (in_y > radius)] += 1
        # Those farther in x matter to the count in y alone: they are the rest of those inside and at the rim there.
        states[6] = inside[a] - 1 - states[0] - states[3]
        states[7] = rim[a] - states[1] - states[4]
        out[a] = _parted_term(psi, states, k[a], holds, signs)
    return out


@njit(cache=True)
def _parted_term(psi, states, k, holds, signs):  # type: ignore[no-untyped-def]
    """Return the term of a sample from how many others are in each state."""
    # A digit in base 3 for each block, x first: closer than the radius (0), at it (1), farther (2).
    # The samples at the rim enter block by block: z, x, y and z, y, x, of which the mean is taken.
    n_blocks = holds.shape[1]
    total = 0.0
    for swap in range(2):
        order = np.arange(n_blocks)
        if swap:
            order[0], order[1] = 1, 0
        if n_blocks == 3:
            order = np.array([2, order[0], order[1]])
        entered = np.zeros(n_blocks, np.bool_)
        # Neighbours that are missing after all inside; the block in which the last of them enters stops the ball.
        left = k - _matching(states, entered, -1, np.ones(n_blocks, np.bool_))
        for block in order:
            marked = _matching(states, entered, block, np.ones(n_blocks, np.bool_))
            if marked >= left:
                break
            left -= marked
            entered[block] = True
        total += psi[k]
        for m in range(signs.size):
            base = _matching(states, entered, -1, holds[m])
            at_rim = _matching(states, entered, block, holds[m]) if holds[m, block] else 0
            total += signs[m] * (place_psi(psi, base, at_rim, marked, left) if at_rim else psi[base + 1])
    return total / 2


@njit(cache=True)
def _matching(states, entered, block, holds):  # type: ignore[no-untyped-def]
    """Count the samples inside in the blocks held, the rims that have entered included; but at the rim of `block`."""
    n_blocks = holds.size
    count = 0
    for state in range(states.size):
        rest = state
        match = True
        for b in range(n_blocks - 1, -1, -1):
            digit = rest % 3
            rest //= 3
            if not holds[b]:
                continue
            match = match and (digit == 1 if b == block else digit == 0 or (digit == 1 and entered[b]))
        if match:
            count += states[state]
    return count


@njit(cache=True)
def leave_one_out(x, weights_x, y, weights_y, nearest, psi, terms, changes):  # type: ignore[no-untyped-def]
    """Fill the terms of all samples, and how much the terms of the others change in sum when one is left out."""
    n, k = len(x), nearest.shape[1] - 1
    holds, signs = np.eye(2) > 0, np.array([-1, -1])
    distance_x, distance_y = np.empty(n), np.empty(n)
    states, grown = np.empty(9, np.int64), np.empty(9, np.int64)
    change = np.empty(9)
    for i in range(n):
        for j in range(n):
            distance_x[j] = _distance(x[i], x[j], weights_x)
            distance_y[j] = _distance(y[i], y[j], weights_y)
        radius, wider = nearest[i, k - 1], nearest[i, k]
        states[:] = 0
        grown[:] = 0
        for j in range(n):
            if j != i:
                states[_state(distance_x[j], distance_y[j], radius)] += 1
                grown[_state(distance_x[j], distance_y[j], wider)] += 1
        term = _parted_term(psi, states, k, holds, signs)
        in_ball = states[0] + states[1] + states[3] + states[4]
        # The change of this term depends on the state of the sample left out alone, so nine changes serve all samples.
        for state in range(9):
            change[state] = 0.0
            if states[state] == 0 or state == 8:
                continue
            if in_ball == k and state in (0, 1, 3, 4):  # fewer than k are left: the ball grows to the next distance
                grown[0] -= 1
                change[state] = _parted_term(psi, grown, k, holds, signs) - term
                grown[0] += 1
            else:
                states[state] -= 1
                change[state] = _parted_term(psi, states, k, holds, signs) - term
                states[state] += 1
        terms[i] = term
        for j in range(n):
            if j != i:
                changes[j] += change[_state(distance_x[j], distance_y[j], radius)]


@njit(cache=True)
def _state(of_x, of_y, radius):  # type: ignore[no-untyped-def]
    """Return where a sample lies: 3 times in x plus in y, closer than the radius 0, at it 1, farther 2."""
    in_x = 1 if of_x == radius else 2 if of_x > radius else 0
    in_y = 1 if of_y == radius else 2 if of_y > radius else 0
    return 3 * in_x + in_y


@njit(cache=True)
def _distance(a, b, weights):  # type: ignore[no-untyped-def]
    """Return the max-norm distance of two points."""
    largest = 0.0
    for c in range(a.size):
        largest = max(largest, abs(b[c] - a[c]) * weights[c])
    return largest
