"""A measured column prepared once for many pairs, and the estimates of two of them, or of one and classes."""

from __future__ import annotations

from typing import NamedTuple, Self, TypeGuard

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray
from attnstats.information.columns._kernels import MOST_NEIGHBORS, class_balls, fill_guide, pair_terms
from attnstats.information.interface import MIEstimator
from attnstats.information.knn._tie_kernels import terms_of_near_pairs
from attnstats.information.knn.ksg import KSG
from attnstats.information.knn.ross import Ross, class_ball_terms
from attnstats.information.margins import Margins
from attnstats.information.neighbors._space import Space, common_unit

#: Cells of the guide of a column for each of its values.
_CELLS = 4
#: Most cells for each unit of a column; beyond, a search takes more steps.
_FINEST = 1e300
#: Up to a share of 2^-3 of samples with ties at the rim, they are parted one by one.
_FEW = 3
_HOLDS, _SIGNS = np.eye(2) > 0, np.array([-1, -1])


class SortedColumn(NamedTuple):
    """A column in ascending order on the scale of its margins, with infinities beyond its ends, and a guide to it."""

    space: Space
    ascending: FloatArray  # (n + 2 pad,)
    order: NDArray[np.int32]  # (n,), rows in ascending order
    place: NDArray[np.int32]  # (n,), where each row stands
    pad: int
    guide: NDArray[np.int32]  # (cells + 2,), the first place of a value in a cell or above
    scale: float  # cells for each unit
    steps: int  # halvings of a search from what the guide says

    @classmethod
    def of(cls, values: FloatArray, name: str, margins: Margins, levels: FloatArray | None = None) -> Self:
        """Return the column of values, shape (n,); `levels` as in `Space.of`."""
        space = Space.of(values[:, np.newaxis], name, margins, levels=levels)
        (order,) = space.orders
        ascending, n = space.points[order, 0], len(values)
        guide = np.empty(_CELLS * n + 2, dtype=np.int32)
        scale = min(_CELLS * n / float(ascending[-1] - ascending[0]), _FINEST)
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
        points = self.space.points[rows]
        return self._replace(space=self.space.with_points(points), order=order, place=place)


def is_fast(estimator: MIEstimator) -> TypeGuard[KSG | Ross]:
    """Whether `ksg_estimate` or `ross_estimate` is for an estimator."""
    if isinstance(estimator, KSG):
        return estimator.k <= MOST_NEIGHBORS and estimator == KSG(k=estimator.k, margins=estimator.margins)
    return type(estimator) is Ross


def ksg_estimate(x: SortedColumn, y: SortedColumn, k: int, psi: FloatArray) -> float | None:
    """Return the estimate of `KSG` in nats; None where samples are few or coincide, or many tie at the rim."""
    n = len(x.order)
    if n <= k:
        return None
    weight_x, weight_y = x.space.weights[0], y.space.weights[0]
    terms, radii = np.empty(n), np.empty(n >> _FEW)
    rows, inside, rims = np.empty((3, n >> _FEW), dtype=np.int64)
    n_tied = pair_terms(
        *(x.ascending, x.place, x.pad, x.guide, x.scale, x.steps, weight_x),
        *(y.ascending, y.order, y.pad, y.guide, y.scale, y.steps, weight_y),
        *(k, psi, terms, rows, radii, inside, rims),
    )
    if n_tied < 0:
        return None
    value = float(terms.mean() + psi[n])
    if n_tied:
        parted = terms_of_near_pairs(
            *(psi, np.full(n_tied, k), rows[:n_tied], radii[:n_tied], np.hstack([x.space.points, y.space.points])),
            *(np.array([weight_x, weight_y]), np.array([1, 2]), False, _HOLDS, _SIGNS),
            *(x.order, inside[:n_tied], rims[:n_tied]),
        )
        value += parted.sum() / n
    return value


def ross_estimate(x: SortedColumn, codes: IntArray, sizes: IntArray, k: int, psi: FloatArray) -> float | None:
    """Return the estimate of `Ross` in nats; None where there is one class, or neighbours are copies."""
    if len(sizes) < 2:
        return None
    n = len(codes)
    (unit,) = common_unit(x.space._replace(euclidean=True))
    terms, tied = np.empty(n), np.empty((6, n), dtype=np.int64)
    n_tied = class_balls(
        *(x.ascending, x.pad, x.guide, x.scale, x.steps, float(unit.weights[0]), x.order, codes, sizes, k, psi),
        *(terms, tied),
    )
    if n_tied < 0:
        return None
    parted = class_ball_terms(psi, *tied[:, :n_tied])[0] if n_tied else np.zeros(1)
    return float(terms.mean() + parted.sum() / n)
