"""Scans of all pairs in the max-norm: nearest neighbours and ball counts where a tree does not pay."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.information.neighbors._pair_search import SCAN_BLOCK, TOP, scan_counts, scan_nearest
from attnstats.information.neighbors._tree import blockwise

Steps: TypeAlias = NDArray[np.int16]


def nearest_by_scan(points: FloatArray, weights: FloatArray, distances: FloatArray, rows: IntArray) -> None:
    """Fill `distances` and `rows` as `tree_nearest` does."""
    n, k = distances.shape
    order = _blockwise(points, weights)
    points = points[order]
    some = points[:: n // 500 + 1]  # enough to tell how fine the steps must be
    near = [np.sort((np.abs(some - point) * weights).max(axis=1))[: k + 1].max() for point in some[::32]]
    steps, width, _ = _quantise(points, weights, float(np.median(near)))
    scan_nearest(points, weights, *_blocks(steps), width, order, distances, rows)


def counts_by_scan(points: FloatArray, weights: FloatArray, radii: FloatArray, inside: IntArray, rim: IntArray) -> None:
    """Fill `inside` and `rim`, shape (n,), as `Balls` defines them."""
    asked = radii[radii > 0]
    steps, width, whole = _quantise(points, weights, float(np.median(asked)) if len(asked) else 0.0)
    order = _blockwise(points, weights)
    order = order[np.argsort(~whole[order], kind="stable")]
    counts, tied = np.zeros((2, len(points)), dtype=np.int64)
    scan_counts(points[order], weights, *_blocks(steps[order]), width, int(whole.sum()), radii[order], counts, tied)
    inside[order], rim[order] = counts, tied


# A pair is first measured in whole steps, 16 bits a column: points that differ by b steps lie more than b - 1 and less
# than b + 1 step widths apart, whatever the rounding, and 16 pairs fit one vector instruction. Only pairs that these
# bounds leave open are measured in double precision, and every pair once, for both of its points. Points that are near
# each other in the first columns share a block, so that in few dimensions most blocks are far away as a whole.
def _blockwise(points: FloatArray, weights: FloatArray) -> IntArray:
    """Return the rows in an order that keeps near points together."""
    return blockwise(points[:, :8], weights[:8], SCAN_BLOCK)


def _quantise(points: FloatArray, weights: FloatArray, radius: float) -> tuple[Steps, float, BoolArray]:
    """Return columns in steps, their common width, fine against the radius, and the points not clipped at the ends."""
    low, high = points.min(axis=0), points.max(axis=0)
    with np.errstate(over="ignore", under="ignore"):
        width = float(((high - low) * weights).max()) / (TOP - 2)
        if width > radius / 256 > 0:
            width = radius / 256
            some = points[:: len(points) // 500 + 1]  # where the middle lies changes how fast the scan is, alone
            low = np.median(some, axis=0) - (width / weights) * (TOP / 2)
        if not 0 < width < np.inf:  # beyond double precision: the bounds say nothing
            return np.zeros(points.shape, dtype=np.int16), np.inf, np.zeros(len(points), dtype=np.bool_)
        position = np.floor((points - low) * weights / width) + 1
    return np.clip(position, 0, TOP).astype(np.int16), width, ((position > 0) & (position < TOP)).all(axis=1)


def _blocks(steps: Steps) -> tuple[Steps, Steps, Steps, Steps]:
    """Return the steps by row and by block, padded to whole blocks and four columns; the extremes of each block."""
    n, dim = steps.shape
    by_row = np.zeros((-(-n // SCAN_BLOCK) * SCAN_BLOCK, -(-dim // 4) * 4), dtype=np.int16)
    by_row[:n, :dim] = steps
    by_row[n:, :dim] = steps[-1]
    by_block = np.ascontiguousarray(by_row.reshape(-1, SCAN_BLOCK, by_row.shape[1]).transpose(0, 2, 1))
    return by_row, by_block, by_block.min(axis=2), by_block.max(axis=2)
