"""Mutual information by adaptive partitioning of the sample space."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import count

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri

from attnstats._validation import BoolArray, FloatArray, IntArray, RNGLike, check_count, check_fraction, check_samples
from attnstats.exceptions import TooFewSamplesError
from attnstats.information.discrete._contingency import Cells
from attnstats.information.interface import MIEstimator


@dataclass(frozen=True)
class DarbellayVajda(MIEstimator):
    """Mutual information of continuous variables by the adaptive partition of Darbellay and Vajda.

    A cell A x B, at first the whole space, is divided at the medians of the samples with x in A, in each column of x,
    and likewise for y: two scalars give four sub-cells. They replace the cell where a chi-squared test, of one degree
    of freedom less than sub-cells, rejects independence within it. With N the number of samples in a final cell, and
    n_A and n_B those with x in A and with y in B,

        I = sum over cells of N / n log (n N / (n_A n_B)).

    The estimate depends on the ranks of each column only, is never negative, and usually exactly zero for independent
    variables. Equal values stay together, so ties need no care. Each further column doubles the samples that a division
    needs: beyond two columns for each variable the estimate tends to fall far below the truth.

    Parameters
    ----------
    alpha : float, default 0.05
        Level of each test. A smaller one gives fewer and larger cells: less variance, more bias towards zero. A test is
        left out where a sub-cell would expect less than one sample on average (Cochran 1954, Biometrics 10, 417-451).
    depth : int, default 2
        Levels of division that are tested: on 2 x 2 sub-cells, on 4 x 4, up to ``2**depth`` a side; any rejection
        divides the cell. 1, as in the paper, misses dependence with equal quadrants, as of x and x squared.

    Raises
    ------
    TooFewSamplesError
        If there are fewer than 2 ** (dim_x + dim_y) samples.

    References
    ----------
    Darbellay, Vajda (1999), IEEE Transactions on Information Theory 45, 1315-1321.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import DarbellayVajda
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 2000))
    >>> round(DarbellayVajda().estimate(x, 0.6 * x + 0.8 * noise), 2)  # truth: 0.22 nats
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
        x, y = check_samples(x, y, groups=groups)
        n = len(x)
        if n < 2 ** (x.shape[1] + y.shape[1]):
            raise TooFewSamplesError(
                f"x and y: 2 to the number of columns must not exceed the samples; got {x.shape[1]} columns of x and"
                f" {y.shape[1]} of y for {n} samples. Use KSG where there are many columns"
            )
        x_boxes, y_boxes = _Boxes(x), _Boxes(y)
        local = np.empty(n)
        rows = np.arange(n)  # samples whose cell is not final
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


# They do not depend on the other variable, so all cells share them. Levels are computed when first needed.
class _Boxes:
    """The nested boxes of one variable, cut level by level at the median of their samples in every column."""

    def __init__(self, samples: FloatArray) -> None:
        n = len(samples)
        self._ranks = [np.unique(column, return_inverse=True)[1] for column in samples.T]
        self._orders = [np.argsort(ranks) for ranks in self._ranks]  # ascending within each box
        self._levels = [Cells(np.zeros(n, dtype=np.int64), 1)]
        self._sides = [self._levels[0]]  # the part of its box on the level above, for each sample

    def at(self, level: int) -> Cells:
        """Return the box of each sample on a level."""
        while len(self._levels) <= level:
            boxes = self._levels[-1]
            side = self._sides[0]
            for column, ranks in enumerate(self._ranks):
                order = self._orders[column]
                # For a scalar the boxes ascend already, and a stable sort of sorted values is one pass.
                self._orders[column] = order = order[np.argsort(boxes.of[order], kind="stable")]
                side = side.paired(Cells(_is_above(ranks, order, boxes), 2))
            self._sides.append(side)
            self._levels.append(boxes.paired(side).without_gaps())
        return self._levels[level]

    def place(self, level: int, ahead: int) -> Cells:
        """Return the part of its box on `level` that a sample is in, after `ahead` further cuts."""
        self.at(level + ahead)
        return reduce(Cells.paired, self._sides[level + 1 : level + ahead + 1])

    def descendants(self, level: int, ahead: int) -> tuple[FloatArray, IntArray]:
        """Return, for each box `ahead` levels further, its share of its ancestor; and the boxes in each ancestor."""
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
    # The median goes below, unless it is the largest value: then nothing would be above.
    threshold = median - (median == ascending[stop - 1])
    above: IntArray = (ranks > threshold[boxes.of]).astype(np.int64)
    return above


def _parts(cells: Cells, rows: IntArray, x_boxes: _Boxes, y_boxes: _Boxes, level: int, ahead: int) -> Cells:
    """Return the occupied sub-cells of the cells."""
    in_x, in_y = x_boxes.place(level, ahead).taken(rows), y_boxes.place(level, ahead).taken(rows)
    return cells.paired(in_x).paired(in_y).without_gaps()


def _is_uneven(
    cells: Cells, rows: IntArray, x_boxes: _Boxes, y_boxes: _Boxes, level: int, ahead: int, alpha: float
) -> BoolArray:
    """Return for each cell whether the test rejects independence within it."""
    parts = _parts(cells, rows, x_boxes, y_boxes, level, ahead)
    x_share, x_number = x_boxes.descendants(level, ahead)
    y_share, y_number = y_boxes.descendants(level, ahead)
    example = np.empty(parts.n_cells, dtype=np.int64)  # one sample of each sub-cell, to look up its boxes
    example[parts.of] = np.arange(len(rows))
    cell_of_part, row = cells.of[example], rows[example]
    sizes = cells.counts()
    shares = x_share[x_boxes.at(level + ahead).of[row]] * y_share[y_boxes.at(level + ahead).of[row]]
    # Pearson's statistic as sum(observed^2 / expected) - N, to which empty sub-cells add nothing.
    statistic = np.bincount(cell_of_part, weights=parts.counts() ** 2 / (sizes[cell_of_part] * shares)) - sizes

    example = np.empty(cells.n_cells, dtype=np.int64)
    example[cells.of] = rows
    n_parts = x_number[x_boxes.at(level).of[example]] * y_number[y_boxes.at(level).of[example]]
    tested = (n_parts > 1) & (sizes >= n_parts)
    uneven: BoolArray = tested & (statistic > chdtri(np.maximum(n_parts - 1, 1), alpha))
    return uneven
