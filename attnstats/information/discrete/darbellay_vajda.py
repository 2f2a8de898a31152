"""Mutual information from a partition that is fine only where the two variables depend on each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import count

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri

from attnstats._validation import (
    BoolArray,
    FloatArray,
    IntArray,
    RNGLike,
    as_labels,
    as_samples,
    check_count,
    check_fraction,
    check_same_length,
)
from attnstats.exceptions import TooFewSamplesError
from attnstats.information.discrete._contingency import Cells
from attnstats.information.interface import MIEstimator

__all__ = ["DarbellayVajda"]


@dataclass(frozen=True)
class DarbellayVajda(MIEstimator):
    """Mutual information of continuous variables by the adaptive partition of Darbellay and Vajda.

    A cell A x B of the partition starts as the whole space. Each column of x is cut at the median of the samples that
    have x in A, wherever their y is, and each column of y likewise, so that two scalars give four sub-cells. Where the
    samples in the cell are spread over the sub-cells as the margins have it, which is what independence within the
    cell means, the cell stays; where a chi-squared test rejects that, every sub-cell becomes a cell of its own. With
    N the number of samples in the cell at the end, and n_A and n_B those of its sides,

        I = sum over cells of N / n log (n N / (n_A n_B)).

    Parameters
    ----------
    alpha : float, default 0.05
        Level of each test. A smaller one gives fewer and larger cells: less variance, more bias towards zero.
    depth : int, default 2
        How many cuts ahead a cell is tested: on its 2 x 2 sub-cells, then on 4 x 4, up to ``2**depth`` a side. It is
        split if any test rejects. The paper's basic scheme, ``depth=1``, is blind where the four quadrants hold equal
        numbers, as they do for x and x squared.

    Raises
    ------
    TooFewSamplesError
        If there are more sub-cells of the whole space, 2 to the number of columns of x and y, than samples.

    Notes
    -----
    The test has as many degrees of freedom as sub-cells less one, and is left out where a sub-cell would expect less
    than one sample on average (Cochran 1954, Biometrics 10, for the chi-squared approximation).

    The estimate depends on the ranks of each column only. It is a divergence between two sets of frequencies and so
    never negative; independent variables give exactly zero with probability of about 1 - alpha or more, and little
    else. Equal values are never parted, so a variable with atoms needs no care.

    For vectors the sides are boxes, and the samples that a cut needs double with each column: at n = 10,000 two
    columns for each variable are about the limit, and beyond it the estimate falls far below the truth.

    References
    ----------
    Darbellay and Vajda (1999), Estimation of the information by an adaptive partitioning of the observation space, IEEE
    Transactions on Information Theory 45, 1315-1321.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=2000)
    >>> y = 0.6 * x + 0.8 * generator.normal(size=2000)  # truth: 0.22 nats
    >>> round(DarbellayVajda().estimate(x, y), 2)
    0.21
    """

    alpha: float = 0.05
    depth: int = 2

    def __post_init__(self) -> None:
        check_fraction(self.alpha, "alpha")
        check_count(self.depth, "depth")

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return log of n N / (n_A n_B) in each sample's cell, shape (n,), nats."""
        del rng  # deterministic
        x, y = as_samples(x, "x"), as_samples(y, "y")
        n = check_same_length(x=x, y=y)
        if groups is not None:
            check_same_length(x=x, groups=as_labels(groups, "groups")[0])
        if n < 2 ** (x.shape[1] + y.shape[1]):
            raise TooFewSamplesError(
                f"x and y: 2 to the number of columns must not exceed the samples; got {x.shape[1]} columns of x and"
                f" {y.shape[1]} of y for {n} samples. Use KSG where there are many columns"
            )
        x_boxes, y_boxes = _Boxes(x), _Boxes(y)
        local = np.empty(n)
        rows = np.arange(n)  # those whose cell may yet be split
        cells = Cells(np.zeros(n, dtype=np.int64), 1)
        for level in count():
            splits = np.zeros(cells.n_cells, dtype=bool)
            for ahead in range(1, self.depth + 1):
                splits |= _is_uneven(cells, rows, x_boxes, y_boxes, level, ahead, self.alpha)
            stays = np.flatnonzero(~splits[cells.of])
            done = rows[stays]
            margins = x_boxes.at(level).log_counts()[done] + y_boxes.at(level).log_counts()[done]
            local[done] = np.log(n) + cells.log_counts()[stays] - margins
            goes_on = np.flatnonzero(splits[cells.of])
            if not len(goes_on):
                break
            rows = rows[goes_on]
            cells = _parts(cells.taken(goes_on), rows, x_boxes, y_boxes, level, 1)
        return local


class _Boxes:
    """The boxes of one variable, level by level: each is cut at the median of its samples in every column.

    They do not depend on the other variable, so all cells share them. A level is made when it is asked for.
    """

    def __init__(self, samples: FloatArray) -> None:
        n = len(samples)
        self._ranks = [np.unique(column, return_inverse=True)[1] for column in samples.T]
        self._orders = [np.argsort(ranks) for ranks in self._ranks]  # ascending within each box
        self._levels = [Cells(np.zeros(n, dtype=np.int64), 1)]
        self._sides = [self._levels[0]]  # which part of its box on the level above a sample is in

    def at(self, level: int) -> Cells:
        """Return the boxes of a level."""
        while len(self._levels) <= level:
            boxes = self._levels[-1]
            side = self._sides[0]
            for column, ranks in enumerate(self._ranks):
                order = self._orders[column]
                # The boxes of a scalar ascend already, and this sort takes no longer than to see it.
                self._orders[column] = order = order[np.argsort(boxes.of[order], kind="stable")]
                side = side.paired(Cells(_is_above(ranks, order, boxes), 2))
            self._sides.append(side)
            self._levels.append(boxes.paired(side).without_gaps())
        return self._levels[level]

    def place(self, level: int, ahead: int) -> Cells:
        """Return which descendant of its box, `ahead` levels further, a sample is in."""
        self.at(level + ahead)
        return reduce(Cells.paired, self._sides[level + 1 : level + ahead + 1])

    def descendants(self, level: int, ahead: int) -> tuple[FloatArray, IntArray]:
        """Return the share of its ancestor `ahead` levels up that each box holds, and how many boxes share that."""
        boxes, ancestors = self.at(level + ahead), self.at(level)
        ancestor = np.empty(boxes.n_cells, dtype=np.int64)
        ancestor[boxes.of] = ancestors.of
        return boxes.counts() / ancestors.counts()[ancestor], np.bincount(ancestor)


def _is_above(ranks: IntArray, order: IntArray, boxes: Cells) -> IntArray:
    """Return 1 for each sample above the median of its box, else 0; equal values stay together."""
    ascending = ranks[order]  # box after box
    sizes = boxes.counts()
    stop = np.cumsum(sizes)
    median = ascending[stop - sizes + (sizes + 1) // 2 - 1]
    # The median belongs below, unless nothing would be left above.
    threshold = median - (median == ascending[stop - 1])
    above: IntArray = (ranks > threshold[boxes.of]).astype(np.int64)
    return above


def _parts(cells: Cells, rows: IntArray, x_boxes: _Boxes, y_boxes: _Boxes, level: int, ahead: int) -> Cells:
    """Return the sub-cells of cells, without empty ones."""
    in_x, in_y = x_boxes.place(level, ahead).taken(rows), y_boxes.place(level, ahead).taken(rows)
    return cells.paired(in_x).paired(in_y).without_gaps()


def _is_uneven(
    cells: Cells, rows: IntArray, x_boxes: _Boxes, y_boxes: _Boxes, level: int, ahead: int, alpha: float
) -> BoolArray:
    """Return for each cell whether its samples are spread over its sub-cells unlike the margins."""
    parts = _parts(cells, rows, x_boxes, y_boxes, level, ahead)
    x_share, x_number = x_boxes.descendants(level, ahead)
    y_share, y_number = y_boxes.descendants(level, ahead)
    example = np.empty(parts.n_cells, dtype=np.int64)  # a sample of each sub-cell: the others have the same boxes
    example[parts.of] = np.arange(len(rows))
    cell_of_part, row = cells.of[example], rows[example]
    sizes = cells.counts()
    shares = x_share[x_boxes.at(level + ahead).of[row]] * y_share[y_boxes.at(level + ahead).of[row]]
    # Pearson's statistic; expanded, the empty sub-cells drop out.
    statistic = np.bincount(cell_of_part, weights=parts.counts() ** 2 / (sizes[cell_of_part] * shares)) - sizes

    example = np.empty(cells.n_cells, dtype=np.int64)
    example[cells.of] = rows
    n_parts = x_number[x_boxes.at(level).of[example]] * y_number[y_boxes.at(level).of[example]]
    tested = (n_parts > 1) & (sizes >= n_parts)
    uneven: BoolArray = tested & (statistic > chdtri(np.maximum(n_parts - 1, 1), alpha))
    return uneven
