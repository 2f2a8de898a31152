"""Gradient-boosted trees with the number of trees chosen inside the training folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import log_softmax

from attnstats._validation import FloatArray, IntArray, check_count, check_positive
from attnstats.information.probes.classifier import Fitted, PriorMixture, TrainingFold

#: Cells into which each feature is cut, of about equally many training rows.
_N_BINS = 32
#: The search ends when so many iterations brought no smaller loss.
_PATIENCE = 30


@dataclass(frozen=True)
class BoostedTrees:
    """Gradient boosting of the log loss with small trees: interactions and thresholds, insensitive to scale.

    Every iteration adds, for each class, one tree of at most ``2 ** depth`` leaves, whose splits and values minimise
    the quadratic approximation of the log loss. Features are cut at quantiles of the training folds. The number of
    iterations is that with which the halves of the training groups predict each other best. Nothing is random.
    (scikit-learn's `HistGradientBoostingClassifier` stops each half by itself, which may end the search of both before
    one has found an interaction, and cuts between the training values, where a monotone map moves the cut.)

    Parameters
    ----------
    max_iterations : int, default 300
        Most iterations tried.
    learning_rate : float, default 0.1
        Share of each tree that is added.
    depth : int, default 5
        Splits between the root and a leaf.
    min_samples_leaf : int, default 20
        Fewest rows in a leaf.
    l2 : float, default 5.0
        Penalty on the squared value of a leaf, in units of one row's curvature.

    References
    ----------
    Friedman (2001), Greedy function approximation: a gradient boosting machine, Annals of Statistics 29.
    Chen, Guestrin (2016), XGBoost: a scalable tree boosting system, KDD, equations 5-7.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import BoostedTrees, Probe
    >>> x = np.random.default_rng(0).normal(size=(2000, 2))
    >>> y = (x[:, 0] > 0) ^ (x[:, 1] > 0)  # no line tells these classes apart
    >>> bool(Probe(BoostedTrees()).estimate(x, y, rng=0) > 0.6)  # truth: log 2 = 0.69 nats
    True
    """

    max_iterations: int = 300
    learning_rate: float = 0.1
    depth: int = 5
    min_samples_leaf: int = 20
    l2: float = 5.0

    def __post_init__(self) -> None:
        check_count(self.max_iterations, "max_iterations")
        check_count(self.depth, "depth")
        check_count(self.min_samples_leaf, "min_samples_leaf")
        check_positive(self.learning_rate, "learning_rate")
        check_positive(self.l2, "l2")

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the ensembles of all rows and of each half."""
        del rng  # deterministic
        # From the smallest value on: one that few rows share is told apart at either end.
        shares = np.arange(_N_BINS - 1) / (_N_BINS - 1)
        edges = np.quantile(training.x, shares, axis=0, method="lower").T
        cells = _cells(training.x, edges)
        halves = [_Boosting(self, training, cells, training.half == half) for half in (0, 1)]
        lowest, n_best = self._loss(training, halves), 0
        for iteration in range(1, self.max_iterations + 1):
            for half in halves:
                half.step()
            loss = self._loss(training, halves)
            if loss < lowest:
                lowest, n_best = loss, iteration
            elif iteration - n_best >= _PATIENCE:
                break
        whole = _Boosting(self, training, cells, np.ones(len(training.y), dtype=np.bool_))
        for _ in range(n_best):
            whole.step()
        first, second = (_Ensemble(edges, half.trees[:n_best], half.mixture.log_prior) for half in halves)
        return Fitted(_Ensemble(edges, whole.trees, whole.mixture.log_prior), first, second, lowest, "boosted trees")

    @staticmethod
    def _loss(training: TrainingFold, halves: list[_Boosting]) -> float:
        """Return the mean log loss of each half predicted from the other."""
        total = 0.0
        for boosting in halves:
            other = ~boosting.rows
            log_model = log_softmax(boosting.logits[other], axis=1)
            total -= float(boosting.mixture.log_likelihood(log_model, training.y[other]).sum())
        return total / len(training.y)


#: Trees of one iteration, one a class: feature, last cell on the left, value of each node; a leaf has feature -1.
_Trees = tuple[NDArray[np.int32], NDArray[np.int32], FloatArray]


class _Boosting:
    """Boosting of some training rows; `logits` follow all of them, fitted or not."""

    def __init__(
        self, model: BoostedTrees, training: TrainingFold, cells: NDArray[np.uint8], rows: NDArray[np.bool_]
    ) -> None:
        self.model, self.cells, self.rows = model, cells, rows
        self.mixture = PriorMixture.of(training.y[rows], training.groups[rows], training.n_classes)
        self.fitted = np.flatnonzero(rows)
        self.own_cells = np.ascontiguousarray(cells[:, rows])
        self.target = np.eye(training.n_classes)[training.y[rows]]
        self.logits = np.tile(self.mixture.log_prior, (len(rows), 1))
        self.trees: list[_Trees] = []

    def step(self) -> None:
        """Add one tree for each class; of two classes the first has all trees, since only the difference counts."""
        model = self.model
        probability = np.exp(log_softmax(self.logits[self.fitted], axis=1))
        n_classes = probability.shape[1]
        n_trees = 1 if n_classes == 2 else n_classes
        n_nodes = 2 ** (model.depth + 1) - 1
        trees = (
            np.full((n_trees, n_nodes), -1, dtype=np.int32),
            np.zeros((n_trees, n_nodes), dtype=np.int32),
            np.zeros((n_trees, n_nodes)),
        )
        for tree in range(n_trees):
            p = probability[:, tree]
            gradient, curvature = p - self.target[:, tree], p * (1 - p)
            parts = [each[tree] for each in trees]
            _grow(self.own_cells, gradient, curvature, model.depth, model.min_samples_leaf, model.l2, *parts)
        trees[2][:] *= model.learning_rate
        self.trees.append(trees)
        _add(self.cells, trees, self.logits)


@dataclass(frozen=True)
class _Ensemble:
    edges: FloatArray
    trees: list[_Trees]
    log_prior: FloatArray

    def log_probabilities(self, x: FloatArray) -> FloatArray:
        cells = _cells(x, self.edges)
        logits = np.tile(self.log_prior, (len(x), 1))
        for trees in self.trees:
            _add(cells, trees, logits)
        log_q: FloatArray = log_softmax(logits, axis=1)
        return log_q


def _cells(x: FloatArray, edges: FloatArray) -> NDArray[np.uint8]:
    """Return the cell of every value, the number of edges below it, shape (dim, n)."""
    return np.array([np.searchsorted(edge, column) for edge, column in zip(edges, x.T, strict=True)], dtype=np.uint8)


@njit(cache=True)
def _add(cells: NDArray[np.uint8], trees: _Trees, logits: FloatArray) -> None:
    """Add to each row the value of the leaf of each tree that it falls into."""
    for tree in range(len(trees[0])):
        feature, cut, value = trees[0][tree], trees[1][tree], trees[2][tree]
        for row in range(cells.shape[1]):
            node = 0
            while feature[node] >= 0:
                node = 2 * node + (1 if cells[feature[node], row] <= cut[node] else 2)
            logits[row, tree] += value[node]


@njit(cache=True)
def _grow(
    cells: NDArray[np.uint8],
    gradient: FloatArray,
    curvature: FloatArray,
    depth: int,
    min_samples_leaf: int,
    l2: float,
    feature: NDArray[np.int32],
    cut: NDArray[np.int32],
    value: FloatArray,
) -> None:
    """Fill one tree: node i has children 2i + 1 and 2i + 2, and its rows stand together in `order`."""
    dim, n = cells.shape
    order = np.arange(n)
    start, end = np.zeros(len(value), dtype=np.int64), np.zeros(len(value), dtype=np.int64)
    end[0] = n
    n_inner = 2**depth - 1
    histogram = np.empty((n_inner, dim, _N_BINS, 3))  # gradient, curvature, rows
    _sum_cells(cells, gradient, curvature, order, histogram[0])
    for node in range(n_inner):
        if end[node] - start[node] < 2 * min_samples_leaf:
            continue
        found, last = _best_split(histogram[node], min_samples_leaf, l2)
        if found < 0:
            continue
        feature[node], cut[node] = found, last
        middle = _divide(order[start[node] : end[node]], cells[found], last) + start[node]
        left, right = 2 * node + 1, 2 * node + 2
        start[left], end[left], start[right], end[right] = start[node], middle, middle, end[node]
        if left < n_inner:  # sum over the smaller child; the other one is the difference
            small, large = (left, right) if middle - start[node] <= end[node] - middle else (right, left)
            if end[large] - start[large] >= 2 * min_samples_leaf:
                _sum_cells(cells, gradient, curvature, order[start[small] : end[small]], histogram[small])
                histogram[large] = histogram[node] - histogram[small]
    for node in range(len(value)):
        if feature[node] < 0 and end[node] > start[node]:
            g = h = 0.0
            for row in order[start[node] : end[node]]:
                g += gradient[row]
                h += curvature[row]
            value[node] = -g / (h + l2)


@njit(cache=True)
def _sum_cells(
    cells: NDArray[np.uint8], gradient: FloatArray, curvature: FloatArray, rows: IntArray, out: FloatArray
) -> None:
    """Sum gradient, curvature and rows over the cells of each feature, into shape (dim, n_bins, 3)."""
    out[:] = 0
    for each in range(len(cells)):
        of_feature, into = cells[each], out[each]
        for row in rows:
            cell = of_feature[row]
            into[cell, 0] += gradient[row]
            into[cell, 1] += curvature[row]
            into[cell, 2] += 1


@njit(cache=True)
def _best_split(histogram: FloatArray, min_samples_leaf: int, l2: float) -> tuple[int, int]:
    """Return the feature and the last cell on the left of the split with the largest gain, or -1 and 0."""
    feature, cut, gain = -1, 0, 1e-9
    total_g, total_h, total = histogram[0, :, 0].sum(), histogram[0, :, 1].sum(), histogram[0, :, 2].sum()
    unsplit = total_g**2 / (total_h + l2)
    for each in range(len(histogram)):
        g = h = count = 0.0
        for last in range(_N_BINS - 1):
            g += histogram[each, last, 0]
            h += histogram[each, last, 1]
            count += histogram[each, last, 2]
            if count < min_samples_leaf:
                continue
            if total - count < min_samples_leaf:
                break
            found = g**2 / (h + l2) + (total_g - g) ** 2 / (total_h - h + l2) - unsplit
            if found > gain * (1 + 1e-9):  # of equal splits the first, whatever the rounding
                feature, cut, gain = each, last, found
    return feature, cut


@njit(cache=True)
def _divide(order: IntArray, cells: NDArray[np.uint8], last: int) -> int:
    """Bring the rows of cells up to `last` to the front, in place, and return their number."""
    rest = np.empty(len(order), dtype=np.int64)
    n_left = n_right = 0
    for index in range(len(order)):
        row = order[index]
        if cells[row] <= last:
            order[n_left] = row
            n_left += 1
        else:
            rest[n_right] = row
            n_right += 1
    order[n_left:] = rest[:n_right]
    return n_left
