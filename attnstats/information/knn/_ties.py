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

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import digamma

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.information.knn._tie_kernels import (
    places,
    strict_terms,
    terms_in_one_block,
    terms_of_all_pairs,
    terms_of_near_pairs,
)
from attnstats.information.neighbors._space import ATOM, Balls, Neighbors, Space, count_balls

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
    strict_terms(psi, k, signs, inside, rims, len(blocks), terms, tied)
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
            terms[rows] = terms_of_near_pairs(*some, order, inside[1, rows], rims[1, rows])
        else:
            terms[rows] = terms_of_all_pairs(*some)
    return terms, n_tied


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
    terms[simple] = terms_in_one_block(
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
