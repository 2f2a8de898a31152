"""The terms of nearest-neighbour balls, where samples may tie at the radius: means over all ways to part them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from scipy.special import digamma

from attnstats._validation import FloatArray, IntArray
from attnstats.information.knn._tie_kernels import (
    places,
    strict_terms,
    terms_in_one_block,
    terms_of_all_pairs,
    terms_of_near_pairs,
)
from attnstats.information.neighbors._space import ATOM, Balls, Neighbors, Space, ball_counter, count_balls

#: Up to a share of 2^-6 of all samples, measuring all pairs of theirs takes less time than counting around all.
_FEW = 6
#: Largest sample whose values of psi are kept, for what is estimated again and again.
_REMEMBERED = 100_000

Counter: TypeAlias = Callable[[FloatArray], Balls]


def psi_table(n: int) -> FloatArray:
    """Return psi(m) at m = 0..n, NaN at 0, where no term may look; not to be changed."""
    return _psi(n) if n <= _REMEMBERED else _psi.__wrapped__(n)


@lru_cache(maxsize=16)
def _psi(n: int) -> FloatArray:
    return np.append(np.nan, digamma(np.arange(1.0, n + 1)))


def tie_notes(n_tied: int, *spaces: Space) -> tuple[str, ...]:
    """Return the note on `n_tied` samples with ties at the rim; ranks tie at equal steps, which is worth none."""
    if not n_tied or not any(_recurs(space) for space in spaces):
        return ()
    n = len(spaces[0].points)
    return (f"equal values: ties at the rim of {n_tied} of {n} neighbourhoods, parted in all ways",)


def _recurs(space: Space) -> bool:
    if space.recurs is not None:
        return space.recurs
    ascending = space.points[space.orders[0]] if space.orders else np.sort(space.points, axis=0)
    return bool((ascending[1:] == ascending[:-1]).any())


def marginal_counters(x: Space, y: Space, z: Space | None = None) -> list[Counter]:
    """Return the counters of the marginal balls: of x and y, or given z of (x, z), (y, z) and z."""
    return [ball_counter(each) for each in ((x, y) if z is None else (x.joint(z), y.joint(z), z))]


# Where samples tie at the radius, the open ball holds fewer than k and the closed one more: neither matches psi(k).
# Noise too small to change any other order would part them and leave the information as it is, so the term is the mean
# over all such partings. Of the `total` samples at the rim of a marginal ball, in random order, `marked` are in the
# joint ball too, and the ball stops at the marked one that makes it hold k: its place among all has a negative
# hypergeometric distribution, whose mean of psi is a short sum. With a single sample at the rim the place is 1 and the
# term the published one. Where samples are at the rim in x and others in y, x is taken to be measured in a unit too
# little larger, so that all those in x enter first, or y is; the mean of both is symmetric.
def ball_terms(
    blocks: Sequence[Space], counters: Sequence[Counter], radii: FloatArray, k: IntArray, distances: FloatArray
) -> tuple[FloatArray, int]:
    """Return the terms of `KSG`, given z or not, without psi(n), shape (n,), and how many samples had ties at the rim.

    Of `distances`, shape (n, n_neighbors), all that are closer than the radius are read; at radius zero copies are
    counted.
    """
    n, psi = len(radii), psi_table(len(radii))
    atoms = radii == 0
    if atoms.any():
        copies = np.where(atoms, ATOM, 0.0)
        radii, k = radii + copies, np.where(atoms, count_balls(blocks[0].joint(*blocks[1:]), copies).inside, k)
    inside, rims = (np.array(counts) for counts in zip(*(counter(radii) for counter in counters), strict=True))
    conditional = len(blocks) == 3
    signs = np.array([-1, -1, 1] if conditional else [-1, -1])
    terms, tied = np.empty(n), np.empty(n, dtype=np.bool_)
    strict_terms(psi, k, signs, inside, rims, len(blocks), terms, tied)
    rows = np.flatnonzero(tied)
    n_tied = len(rows)
    holds = np.array([[1, 0, 1], [0, 1, 1], [0, 0, 1]] if conditional else [[1, 0], [0, 1]]) > 0
    if n_tied > n >> _FEW:  # by counting, where the rim holds samples in one block alone
        asked = np.where(tied, radii, 0.0)
        block_rims = np.array([count_balls(block, asked).rim for block in blocks]) if conditional else rims
        in_one = (block_rims[:, rows] > 0).sum(axis=0) == 1
        simple, rows = rows[in_one], rows[~in_one]
        nearer = (distances[simple] < radii[simple, np.newaxis]).sum(axis=1)
        marked = count_balls(blocks[0].joint(*blocks[1:]), asked).rim[simple]
        block = block_rims[:, simple].argmax(axis=0)
        terms[simple] = terms_in_one_block(
            psi, k[simple], nearer, marked, block, inside[:, simple], rims[:, simple], holds, signs
        )
    if len(rows):
        points = np.hstack([each.points for each in blocks])
        weights = np.concatenate([each.weights for each in blocks])
        ends = np.cumsum([len(each.weights) for each in blocks])
        some = psi, k[rows], rows, radii[rows], points, weights, ends, blocks[0].euclidean, holds, signs
        if conditional:
            terms[rows] = terms_of_all_pairs(*some)
        else:
            order = blocks[0].orders[0] if blocks[0].orders else np.argsort(points[:, 0])
            terms[rows] = terms_of_near_pairs(*some, order, inside[1, rows], rims[1, rows])
    return terms, n_tied


def rectangle_terms(x: Space, y: Space, counters: Sequence[Counter], neighbors: Neighbors) -> tuple[FloatArray, int]:
    """Return psi(k) - 1/k - psi(n_x) - psi(n_y), shape (n,), and how many samples had ties at an edge."""
    n, k = neighbors.distances.shape
    psi = psi_table(n)
    terms = np.full(n, psi[k] - 1 / k)
    tied = np.zeros(n, dtype=np.bool_)
    radii = neighbors.distances[:, -1]
    nearer = (neighbors.distances < radii[:, np.newaxis]).sum(axis=1)
    left_out = None  # samples at the radius of the joint ball that are not among the k
    for space, counter in zip((x, y), counters, strict=True):
        distances = space.distances(neighbors.rows)
        reach = distances.max(axis=1)
        base, at_edge = counter(np.maximum(reach, ATOM))
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
