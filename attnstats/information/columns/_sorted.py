"""A measured column prepared once for `KSG` of many pairs, and the local terms of two of them."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from scipy.special import digamma

from attnstats._validation import FloatArray, IntArray
from attnstats.information.columns._kernels import MOST_NEIGHBORS, fill_guide, pair_terms
from attnstats.information.knn._tie_kernels import terms_of_near_pairs
from attnstats.information.knn._ties import psi_table
from attnstats.information.knn.ksg import KSG
from attnstats.information.neighbors._space import Space, ball_counter

#: Cells of the guide of a column for each of its values.
_CELLS = 4
#: Up to a share of 2^-6 of samples with ties at the rim, they are parted one by one, as `KSG` does.
_FEW = 6
_HOLDS, _SIGNS = np.eye(2) > 0, np.array([-1, -1])


class SortedColumn(NamedTuple):
    """A column in ascending order on the scale of its margins, with infinities beyond its ends, and a guide to it."""

    space: Space
    ascending: FloatArray  # (n + 2 pad,)
    order: IntArray  # (n,), rows in ascending order
    place: IntArray  # (n,), where each row stands
    pad: int
    guide: IntArray  # (cells + 2,), the first place of a value in a cell or above
    scale: float  # cells for each unit
    steps: int  # halvings of a search from what the guide says

    @classmethod
    def of(cls, values: FloatArray, name: str, estimator: KSG) -> Self:
        """Return the column of values, shape (n,)."""
        space = Space.of(values[:, np.newaxis], name, estimator.margins)
        (order,) = space.orders
        ascending, n = space.points[order, 0], len(values)
        scale, guide = _CELLS * n / (ascending[-1] - ascending[0]), np.empty(_CELLS * n + 2, dtype=np.int32)
        steps = fill_guide(ascending, scale, guide)
        pad = (2 << steps) + 2
        guide += np.int32(pad)
        padded = np.full(n + 2 * pad, np.inf)
        padded[:pad], padded[pad:-pad] = -np.inf, ascending
        place = np.empty(n, dtype=np.int32)
        place[order] = np.arange(n, dtype=np.int32)
        return cls(space, padded, order.astype(np.int32), place, pad, guide, scale, steps)

    def permuted(self, rows: IntArray) -> Self:
        """Return the column whose row i has the value of ``rows[i]``."""
        place = self.place[rows]
        order = np.empty_like(self.order)
        order[place] = np.arange(len(rows), dtype=order.dtype)
        return self._replace(space=self.space.with_points(self.space.points[rows], (order,)), order=order, place=place)


def is_fast(estimator: KSG) -> bool:
    """Whether `ksg_terms` is for a form of the estimator."""
    return estimator.k <= MOST_NEIGHBORS and estimator == KSG(k=estimator.k, margins=estimator.margins)


def ksg_terms(x: SortedColumn, y: SortedColumn, k: int) -> FloatArray | None:
    """Return the local terms of `KSG`, shape (n,), nats; None where samples coincide, or many tie at the rim."""
    n = len(x.order)
    psi, weight_x, weight_y = psi_table(n), x.space.weights[0], y.space.weights[0]
    terms, radii, tied = np.empty(n), np.empty(n), np.empty(n, dtype=np.bool_)
    if not pair_terms(
        *(x.ascending, x.place, x.pad, x.guide, x.scale, x.steps, weight_x),
        *(y.ascending, y.order, y.pad, y.guide, y.scale, y.steps, weight_y),
        *(k, psi, terms, radii, tied),
    ):
        return None
    rows = np.flatnonzero(tied)
    if len(rows) > n >> _FEW:
        return None
    if len(rows):
        inside, rim = ball_counter(y.space)(np.where(tied, radii, 0.0))
        terms[rows] = terms_of_near_pairs(
            *(psi, np.full(len(rows), k), rows, radii[rows], np.hstack([x.space.points, y.space.points])),
            *(np.array([weight_x, weight_y]), np.array([1, 2]), False, _HOLDS, _SIGNS),
            *(x.order, inside[rows], rim[rows]),
        )
    return terms + digamma(n)
