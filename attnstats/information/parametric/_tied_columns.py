"""Copulas of two columns with repeated values, fitted to the probabilities of their contingency table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from attnstats._validation import BoolArray, FloatArray, IntArray, as_samples, check_at_least
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.information.parametric.gaussian import wishart_bias

#: Gauss-Legendre nodes for each piece of a side: (largest length of the side, nodes).
_NODES = ((0.05, 3), (1.0, 8))
#: Fisher's z of the correlations searched: up to 1 - 3e-8.
_LARGEST_Z = 9.0
#: Half-width of the first search for z, around the value found for other degrees of freedom.
_NEAR = 0.4
#: Share of the variance of its ranks that a column of a vector may lose to ties: that of 32 equally likely levels.
LARGEST_SHARE = 1e-3


class TiedPair:
    """The contingency table of two columns with repeated values, and copulas fitted to it by maximum likelihood.

    A value is read as an interval on the rank scale, as long as its frequency; the probability P of a cell is the
    copula's mass on the rectangle of two (for two normal columns the correlation is the polychoric one: Olsson 1979,
    Psychometrika 44, 443-460). The expectation of the local terms log P(cell) / (p_x p_y) is I - KL(true cells || P):
    in the population a lower bound of the information of the discrete columns, at most the entropy of either, and equal
    to it where the copula holds.
    """

    def __init__(self, x: FloatArray, y: FloatArray) -> None:
        self.n = n = len(x)
        check_at_least(n, 3, "number of samples of x and y in 1 + 1 dimensions")
        sides = []
        for name, values in (("x", x), ("y", y)):
            levels, place, counts = np.unique(values, return_inverse=True, return_counts=True)
            if len(levels) < 2:
                raise ConstantInputError(f"{name}: must vary; got the same value in all {n} samples")
            sides.append((place, counts))
        (in_x, counts_x), (in_y, counts_y) = sides
        cells, self._cell, self._counts = np.unique(
            in_x * len(counts_y) + in_y, return_inverse=True, return_counts=True
        )
        level_x, level_y = np.divmod(cells, len(counts_y))
        self._log_shares = np.log(counts_x[level_x] / n) + np.log(counts_y[level_y] / n)
        edges_x, edges_y = (np.concatenate([[0], np.cumsum(counts)]) / n for counts in (counts_x, counts_y))
        rectangles = _Rectangles(edges_x[level_x], edges_x[level_x + 1], edges_y[level_y], edges_y[level_y + 1])
        single = np.minimum(counts_x[level_x], counts_y[level_y]) == 1
        self._pieces = _pieces(rectangles, single), _pieces(rectangles.mirrored(), single)

    def gaussian_terms(self) -> FloatArray:
        """Return the local terms of the Gaussian copula, shifted by the bias of `Gaussian`, shape (n,), nats."""
        return self._terms(self._fit(np.inf))

    def student_terms(self, log_df: tuple[float, float]) -> FloatArray:
        """Return those of the Student copula with the likeliest degrees of freedom in an interval."""
        last = [self._fit(np.inf)]  # the last fit starts the search at the next df

        def loss(log: float) -> float:
            last[0] = self._fit(float(np.exp(log)), last[0].z)
            return -last[0].mean

        best = minimize_scalar(loss, bounds=log_df, method="bounded", options={"xatol": 0.05})
        return self._terms(self._fit(float(np.exp(best.x)), last[0].z))

    def _terms(self, fit: _Fit) -> FloatArray:
        bias = 2 * wishart_bias(1, self.n - 1) - wishart_bias(2, self.n - 1)
        terms: FloatArray = fit.log_ratios[self._cell] - bias / 2
        return terms

    def _fit(self, df: float, near: float | None = None) -> _Fit:
        """Return the correlation of the largest likelihood, searched first around `near` (Fisher's z)."""
        same, opposite = (pieces.quantiles(df) for pieces in self._pieces)

        def log_ratios(z: float) -> FloatArray:
            pieces = same if z >= 0 else opposite
            masses = pieces.masses(float(np.tanh(abs(z))), df, len(self._counts))
            ratios: FloatArray = np.log(np.maximum(masses, np.finfo(np.float64).tiny)) - self._log_shares
            return ratios

        def loss(z: float) -> float:
            return -float(self._counts @ log_ratios(z)) / self.n

        if near is not None:
            best = minimize_scalar(loss, bounds=(near - _NEAR, near + _NEAR), method="bounded", options={"xatol": 1e-4})
            if abs(best.x - near) < 0.9 * _NEAR and abs(best.x) < _LARGEST_Z:
                return _Fit(best.x, -best.fun, log_ratios(best.x))
        best = minimize_scalar(loss, bounds=(-_LARGEST_Z, _LARGEST_Z), method="bounded", options={"xatol": 1e-4})
        return _Fit(best.x, -best.fun, log_ratios(best.x))


class _Fit(NamedTuple):
    """A correlation as Fisher's z, the mean log ratio over the samples, and the log ratio of each cell."""

    z: float
    mean: float
    log_ratios: FloatArray


class _Rectangles(NamedTuple):
    """Cells as intervals of x and y on the rank scale, shape (n_cells,) each."""

    low_x: FloatArray
    high_x: FloatArray
    low_y: FloatArray
    high_y: FloatArray

    def mirrored(self) -> _Rectangles:
        """Return the cells of x and -y, where a negative correlation is a positive one."""
        return self._replace(low_y=1 - self.high_y, high_y=1 - self.low_y)


class _Pieces(NamedTuple):
    """Quadrature nodes of all cells, shape (n_nodes,) each: for P(y's interval | x) over x's interval, the narrower."""

    at: FloatArray
    weight: FloatArray
    low: FloatArray
    high: FloatArray
    cell: IntArray

    def quantiles(self, df: float) -> _Pieces:
        def quantile(ranks: FloatArray) -> FloatArray:
            return np.asarray(ndtri(ranks) if np.isinf(df) else stdtrit(df, ranks), dtype=np.float64)

        low, high = (
            np.where(edge <= 0, -np.inf, np.where(edge >= 1, np.inf, quantile(np.clip(edge, 1e-300, 1 - 1e-16))))
            for edge in (self.low, self.high)
        )
        return self._replace(at=quantile(self.at), low=low, high=high)

    def masses(self, rho: float, df: float, n_cells: int) -> FloatArray:
        """Return the probability of each cell under the copula with this correlation; for nodes given as quantiles."""
        scale = np.sqrt((1 - rho) * (1 + rho))
        if np.isfinite(df):
            scale = scale * np.sqrt((df + self.at**2) / (df + 1))
        low, high = (self.low - rho * self.at) / scale, (self.high - rho * self.at) / scale
        upper = low > 0  # there both probabilities are near 1, and their difference would lose its digits
        low, high = np.where(upper, -high, low), np.where(upper, -low, high)
        inside = ndtr(high) - ndtr(low) if np.isinf(df) else stdtr(df + 1, high) - stdtr(df + 1, low)
        masses = np.zeros(n_cells)
        np.add.at(masses, self.cell, self.weight * inside)
        return masses


def _pieces(rectangles: _Rectangles, single: BoolArray) -> _Pieces:
    """Return the quadrature nodes of all cells: one for the side of a single sample, more for wider sides."""
    # Under strong correlation the conditional probability changes steeply where the ranks of x and y agree, so each
    # side is cut at the ends of the other interval. Rounded, so that reversing a column leaves the nodes as they are.
    length_x = np.round(rectangles.high_x - rectangles.low_x, 12)
    length_y = np.round(rectangles.high_y - rectangles.low_y, 12)
    swap, side = length_x > length_y, np.minimum(length_x, length_y)
    left, right, low, high = (
        np.where(swap, other, own) for own, other in zip(rectangles, rectangles[2:] + rectangles[:2], strict=True)
    )
    few = np.flatnonzero(single)
    parts: list[tuple[IntArray, FloatArray, FloatArray]] = [(few, (left + right)[few] / 2, (right - left)[few])]
    cuts = np.column_stack([left, np.clip(low, left, right), np.clip(high, left, right), right])
    shortest = 0.0
    for longest, n_nodes in _NODES:
        rows = np.flatnonzero(~single & (side > shortest) & (side <= longest))
        nodes, weights = leggauss(n_nodes)
        start, length = cuts[rows, :-1, np.newaxis], np.diff(cuts[rows], axis=1)[:, :, np.newaxis]
        points, masses = start + length * (nodes + 1) / 2, length * weights / 2
        kept = masses > 0
        parts.append((np.broadcast_to(rows[:, np.newaxis, np.newaxis], kept.shape)[kept], points[kept], masses[kept]))
        shortest = longest
    cell, at, weight = (np.concatenate(each) for each in zip(*parts, strict=True))
    return _Pieces(at, weight, low[cell], high[cell], cell)


def tied_pair(x: FloatArray, y: FloatArray) -> TiedPair | None:
    """Return the contingency table of one column against one if either has ties, else None; shapes (n, dim)."""
    if x.shape[1] > 1 or y.shape[1] > 1 or not (_has_ties(x) or _has_ties(y)):
        return None
    return TiedPair(x[:, 0], y[:, 0])


def ties_note(x: ArrayLike, y: ArrayLike) -> tuple[str, ...]:
    """Return how a copula estimator treated ties, as one phrase, or nothing where there are none.

    >>> ties_note([1.0, 2.0, 2.0, 3.0], [0.1, 0.2, 0.3, 0.4])
    ('equal values: fitted to the cells of 3 x 4 levels',)
    """
    samples_x, samples_y = as_samples(x, "x"), as_samples(y, "y")
    if not (_has_ties(samples_x) or _has_ties(samples_y)):
        return ()
    if samples_x.shape[1] > 1 or samples_y.shape[1] > 1:
        return ("equal values share their mean rank",)
    levels = " x ".join(str(len(np.unique(values))) for values in (samples_x, samples_y))
    return (f"equal values: fitted to the cells of {levels} levels",)


def tie_share(column: FloatArray) -> float:
    """Return the share of the variance of its ranks that a column loses to ties, sum (t^3 - t) / (n^3 - n).

    It is about 1 / L^2 for L equally frequent values, and p^3 for one value in a share p of the samples (Kruskal,
    Wallis 1952, Use of ranks in one-criterion variance analysis, J. Am. Stat. Assoc. 47).

    >>> round(tie_share(np.arange(1000) % 10), 4), tie_share(np.arange(1000))
    (0.01, 0.0)
    """
    counts, n = np.unique(column, return_counts=True)[1].astype(np.float64), float(len(column))
    return float((counts**3 - counts).sum() / (n**3 - n))


def check_few_ties(estimator: str, **sides: FloatArray) -> None:
    """Raise if each variable holds a column that loses more than `LARGEST_SHARE` of its rank variance to ties."""
    worst = {}
    for name, values in sorted(sides.items(), key=lambda side: side[1].shape[1]):
        varying = values[:, np.ptp(values / 2, axis=0) > 0]  # halved: the range of finite numbers need not be finite
        worst[name] = max((tie_share(column) for column in varying.T), default=0.0)
        if worst[name] <= LARGEST_SHARE:
            return
    share = ", ".join(f"{value:.2g} in {name}" for name, value in sorted(worst.items()))
    raise InvalidInputError(
        f"{' and '.join(sorted(worst))}: in {estimator} a column must not lose more than {LARGEST_SHARE:g} of the"
        f" variance of its ranks to equal values, as with 32 levels; got {share}. Use Binned where all columns have few"
        " levels, Probe or Ross where one variable is a class, DiscreteContinuousMixture elsewhere, or one column"
        " against one"
    )


def _has_ties(values: FloatArray) -> bool:
    return any(len(np.unique(column)) < len(column) for column in values.T)
