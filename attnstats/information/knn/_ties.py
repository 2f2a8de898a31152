"""The terms of nearest-neighbour balls, where samples may tie at the radius.

Kraskov's estimator grows a ball around a sample until it holds k others, and compares how many lie as near in x alone
and in y alone. It supposes that one sample at a time enters. Where x takes few values, all samples at the next value
enter at once: the open ball holds fewer than k, the closed one more, and neither matches psi(k). Strict counts then
overestimate (0.25 nats for independent variables), closed ones underestimate.

Measured with noise too small to change any other order, the distances would part the samples at the rim, and leave
the information as it is. So the term of a sample is taken to be its mean over all such partings. Of the `total` samples
at the rim of a marginal ball, in random order, `marked` are in the joint ball too, and the ball stops at the marked one
that makes it hold k. Its place among all has a negative hypergeometric distribution, whose mean of psi is a short sum.
With a single sample at the rim, the place is 1 and the term is the published one.

Where samples are at the rim in x and others in y, x is taken to be measured in a unit too little larger, so that all
those in x enter first, or y is: both are legitimate distances, and the mean of both is symmetric.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit
from scipy.special import digamma

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.information.neighbors._space import ATOM, Balls, Neighbors, Space, count_balls

__all__ = ["Marginal", "ball_terms", "parted_term", "place_psi", "places", "psi_table", "rectangle_terms", "tie_notes"]

#: Probability that the stopping sample comes later, below which a sum stops.
_NEGLIGIBLE = 1e-17
#: Up to a share of 2^-6 of all samples, measuring all pairs of theirs takes less time than counting around all.
_FEW = 6
#: Largest sample whose values of psi are kept, for what is estimated again and again.
_REMEMBERED = 100_000


class Marginal(NamedTuple):
    """A marginal space of the blocks x, y (and z) of a joint space: its blocks, sign, and the counter of its balls."""

    blocks: tuple[int, ...]
    sign: int
    counter: Callable[[FloatArray], Balls]


def psi_table(n: int) -> FloatArray:
    """Return psi(m) at m = 0..n, NaN at 0, where no term may look; not to be changed."""
    return _psi(n) if n <= _REMEMBERED else _psi.__wrapped__(n)


@lru_cache(maxsize=16)
def _psi(n: int) -> FloatArray:
    return np.append(np.nan, digamma(np.arange(1.0, n + 1)))


def tie_notes(n_tied: int, *spaces: Space) -> tuple[str, ...]:
    """Return what a result says of ties at the rim of `n_tied` samples: nothing where no value recurs in a column.

    Ranks have ties of their own, at equal steps, which are none of the sample's.
    """
    if not n_tied or not any(_recurs(space) for space in spaces):
        return ()
    n = len(spaces[0].points)
    return (f"equal values: ties at the rim of {n_tied} of {n} neighbourhoods, parted in all ways",)


def _recurs(space: Space) -> bool:
    ascending = space.points[space.orders[0]] if space.orders else np.sort(space.points, axis=0)
    return bool((ascending[1:] == ascending[:-1]).any())


def ball_terms(
    blocks: Sequence[Space], marginals: Sequence[Marginal], radii: FloatArray, k: IntArray, distances: FloatArray
) -> tuple[FloatArray, int]:
    """Return psi(k_i) and the signed psi of each marginal count, shape (n,), and how many samples had ties at the rim.

    Parameters
    ----------
    blocks : sequence of Space
        The variables; the joint distance is the largest of theirs.
    marginals : sequence of Marginal
        What is counted.
    radii : ndarray of shape (n,)
        Distance of the k_i-th neighbour in the joint space.
    k : ndarray of shape (n,)
        Number of neighbours.
    distances : ndarray of shape (n, n_neighbors)
        Distances of the neighbours, all that are closer than the radius among them.
    """
    n, psi = len(radii), psi_table(len(radii))
    balls = [marginal.counter(radii) for marginal in marginals]
    signs = np.array([marginal.sign for marginal in marginals])
    inside, rims = (np.array(counts) for counts in zip(*balls, strict=True))
    terms, tied = np.empty(n), np.empty(n, dtype=np.bool_)
    _strict_terms(psi, k, signs, inside, rims, len(blocks), terms, tied)
    rows = np.flatnonzero(tied)
    n_tied = len(rows)
    if not n_tied:
        return terms, 0
    holds = np.array([[block in marginal.blocks for block in range(len(blocks))] for marginal in marginals])
    if n_tied > n >> _FEW:
        asked = np.where(tied, radii, 0.0)
        nearer = (distances < radii[:, np.newaxis]).sum(axis=1)
        rows = _count_ties(psi, blocks, rows, asked, k, nearer, inside, rims, holds, signs, terms)
    if len(rows):
        points = np.hstack([each.points for each in blocks])
        weights = np.concatenate([each.weights for each in blocks])
        ends = np.cumsum([len(each.weights) for each in blocks])
        some = psi, k[rows], rows, radii[rows], points, weights, ends, blocks[0].euclidean, holds, signs
        if len(blocks) == 2:
            order = blocks[0].orders[0] if blocks[0].orders else np.argsort(points[:, 0])
            terms[rows] = _measure_near(*some, order, inside[1, rows], rims[1, rows])
        else:
            terms[rows] = _measure_all(*some)
    return terms, n_tied


@njit(cache=True)
def _strict_terms(psi, k, signs, inside, rims, n_blocks, terms, tied):  # type: ignore[no-untyped-def]
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


def _count_ties(
    psi: FloatArray,
    blocks: Sequence[Space],
    rows: IntArray,
    asked: FloatArray,
    k: IntArray,
    nearer: IntArray,
    inside: IntArray,
    rims: IntArray,
    holds: BoolArray,
    signs: IntArray,
    terms: FloatArray,
) -> IntArray:
    """Fill the terms of the rows whose rim holds samples in one block alone, by counting; return the others."""
    block_rims = rims if len(blocks) == 2 else np.array([count_balls(block, asked).rim for block in blocks])
    in_one = (block_rims[:, rows] > 0).sum(axis=0) == 1
    simple = rows[in_one]
    block = block_rims[:, simple].argmax(axis=0)
    marked = count_balls(blocks[0].joint(*blocks[1:]), asked).rim[simple]
    terms[simple] = _in_one_block(
        psi, k[simple], nearer[simple], marked, block, inside[:, simple], rims[:, simple], holds, signs
    )
    others: IntArray = rows[~in_one]
    return others


def rectangle_terms(
    x: Space, y: Space, count: Sequence[Callable[[FloatArray], Balls]], neighbors: Neighbors
) -> tuple[FloatArray, int]:
    """Return psi(k) - 1/k - psi(n_x) - psi(n_y), shape (n,), and how many samples had ties at an edge.

    n_x and n_y count the samples no farther in x (in y) than the farthest of the k neighbours, by `count`. Of several
    at that distance, those that the joint ball holds may stop it.
    """
    n, k = neighbors.distances.shape
    psi = psi_table(n)
    terms = np.full(n, psi[k] - 1 / k)
    tied = np.zeros(n, dtype=np.bool_)
    radii = neighbors.distances[:, -1]
    nearer = (neighbors.distances < radii[:, np.newaxis]).sum(axis=1)
    left_out = None  # samples at the radius of the joint ball that are not among the k
    for space, balls in zip((x, y), count, strict=True):
        distances = space.distances(neighbors.rows)
        reach = distances.max(axis=1)
        base, at_edge = balls(np.maximum(reach, ATOM))
        copies = reach == 0  # all at the edge, none inside
        base, at_edge = np.where(copies, 1, base), np.where(copies, base - 1, at_edge)
        chosen = (distances == reach[:, np.newaxis]).sum(axis=1)
        many = at_edge > 1
        tied |= many
        terms -= np.where(many, 0.0, psi[base])
        if many.any():
            if left_out is None:
                left_out = nearer + count_balls(x.joint(y), radii).rim - k
            marked = chosen + np.where(reach == radii, left_out, 0)
            terms[many] -= places(psi, base[many] - 1, at_edge[many], marked[many], chosen[many])
    return terms, int(tied.sum())


@njit(cache=True)
def places(psi, base, total, marked, order):  # type: ignore[no-untyped-def]
    """Return `place_psi` of each line of the arrays."""
    out = np.empty(base.size)
    for i in range(base.size):
        out[i] = place_psi(psi, base[i], total[i], marked[i], order[i])
    return out


@njit(cache=True)
def place_psi(psi, base, total, marked, order):  # type: ignore[no-untyped-def]
    """Return the mean of psi(base + place), place that of the `order`-th marked one among `total` in random order.

    psi(base + place) is psi(base + 1) plus 1 / (base + m) for each m < place, so the mean is a sum over the
    probabilities that fewer than `order` of the first m are marked; these are followed from m to m + 1.
    """
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
def _in_one_block(psi, k, nearer, joint_rim, block, inside, rims, holds, signs):  # type: ignore[no-untyped-def]
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
def _measure_all(psi, k, rows, radii, points, weights, ends, euclidean, holds, signs):  # type: ignore[no-untyped-def]
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
        out[place] = parted_term(psi, states, k[place], holds, signs)
    return out


@njit(cache=True)
def _measure_near(psi, k, rows, radii, points, weights, ends, euclidean, holds, signs, order, inside, rim):  # type: ignore[no-untyped-def]
    """Do the same for two blocks, measuring none that is farther than the radius in x, along the `order` of a column.

    Those matter to the count in y alone: they are the rest of the samples `inside` and at the `rim` there.
    """
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
        states[6] = inside[a] - 1 - states[0] - states[3]
        states[7] = rim[a] - states[1] - states[4]
        out[a] = parted_term(psi, states, k[a], holds, signs)
    return out


@njit(cache=True)
def parted_term(psi, states, k, holds, signs):  # type: ignore[no-untyped-def]
    """Return the term of a sample from how the others lie to it.

    `states` counts them by block: closer than the radius (0), at it (1), farther (2), read as digits in base 3, x
    first. The samples at the rim enter block by block: z, x, y and z, y, x, of which the mean is taken.
    """
    n_blocks = holds.shape[1]
    total = 0.0
    for swap in range(2):
        order = np.arange(n_blocks)
        if swap:
            order[0], order[1] = 1, 0
        if n_blocks == 3:
            order = np.array([2, order[0], order[1]])
        entered = np.zeros(n_blocks, np.bool_)
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
