"""A copula of one column and another where values repeat, fitted to the probabilities of the cells they fall in."""

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

__all__ = ["LARGEST_SHARE", "TiedPair", "check_few_ties", "tie_share", "tied_pair", "ties_note"]

#: Nodes of Gauss and Legendre on each piece of a cell's side: up to which length of the side, how many.
_NODES = ((0.05, 3), (1.0, 8))
#: Fisher's z of the correlations searched: up to 1 - 3e-8.
_LARGEST_Z = 9.0
#: How far from that of other degrees of freedom the likeliest is looked for first.
_NEAR = 0.4
#: Share of the variance of its ranks that a column of a vector may lose to ties: that of 32 equally likely levels.
LARGEST_SHARE = 1e-3


class TiedPair:
    """The cells of two columns whose values repeat, and copulas fitted to them.

    A column of levels is read as a continuous variable cut into as many intervals, with its levels' shares as their
    lengths u. The probability of a cell under a copula C is the mass of C on the rectangle of both intervals, and the
    correlation maximises the likelihood of the cells (for two normal columns, the polychoric correlation). The local
    terms are log P(cell) / (p_x p_y). Their expectation is I - KL(true cells || P), since any copula keeps the margins
    as they are: in the population a lower bound of the information of the columns as they come, never above the entropy
    of either, and equal to it where the copula holds.

    Parameters
    ----------
    x, y : ndarray of shape (n,)

    References
    ----------
    Olsson (1979), Maximum likelihood estimation of the polychoric correlation coefficient, Psychometrika 44, 443-460.
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
        """Return those of the Student copula with the likeliest degrees of freedom of an interval."""
        last = [self._fit(np.inf)]  # neighbouring df have neighbouring correlations

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
        """Return the fit of the largest mean over correlations, looked for near a known one first."""
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
    """A correlation, by Fisher's z, with the local term of each cell and their mean over the samples."""

    z: float
    mean: float
    log_ratios: FloatArray


class _Rectangles(NamedTuple):
    """Cells as intervals of x and y in relative ranks, shape (n_cells,) each."""

    low_x: FloatArray
    high_x: FloatArray
    low_y: FloatArray
    high_y: FloatArray

    def mirrored(self) -> _Rectangles:
        """Return the cells of x and -y: a correlation below zero is one above zero there."""
        return self._replace(low_y=1 - self.high_y, high_y=1 - self.low_y)


class _Pieces(NamedTuple):
    """Where the probability of y's interval given x is evaluated, for the integral over x's; x is the narrower one.

    Relative ranks, or their quantiles, shape (n_nodes,) each.
    """

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
        """Return the probability of each cell, from pieces of quantiles."""
        scale = np.sqrt((1 - rho) * (1 + rho))
        if np.isfinite(df):
            scale = scale * np.sqrt((df + self.at**2) / (df + 1))
        low, high = (self.low - rho * self.at) / scale, (self.high - rho * self.at) / scale
        upper = low > 0  # the difference of two numbers near 1 has no digits
        low, high = np.where(upper, -high, low), np.where(upper, -low, high)
        inside = ndtr(high) - ndtr(low) if np.isinf(df) else stdtr(df + 1, high) - stdtr(df + 1, low)
        masses = np.zeros(n_cells)
        np.add.at(masses, self.cell, self.weight * inside)
        return masses


def _pieces(rectangles: _Rectangles, single: BoolArray) -> _Pieces:
    """Return the nodes of all cells: one at the middle of a single sample's side, more on wider ones.

    Given x, the distribution of y rises where y's rank is near that of x, and steeply where they correlate strongly.
    The side is therefore cut at the ends of y's interval.
    """
    # Rounded, so that a reversed column has the same nodes.
    length_x, length_y = (
        np.round(rectangles.high_x - rectangles.low_x, 12),
        np.round(rectangles.high_y - rectangles.low_y, 12),
    )
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
    cell = np.concatenate([part[0] for part in parts])
    at, weight = np.concatenate([part[1] for part in parts]), np.concatenate([part[2] for part in parts])
    return _Pieces(at, weight, low[cell], high[cell], cell)


def tied_pair(x: FloatArray, y: FloatArray) -> TiedPair | None:
    """Return the cells of one column against one if values repeat in either, else None; shapes (n, dim)."""
    if x.shape[1] > 1 or y.shape[1] > 1 or not (_has_ties(x) or _has_ties(y)):
        return None
    return TiedPair(x[:, 0], y[:, 0])


def ties_note(x: ArrayLike, y: ArrayLike) -> tuple[str, ...]:
    """Return a phrase on what a copula did about equal values, or none where there are none.

    Examples
    --------
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

    L levels of equal size lose about 1 / L^2, and one value that a share p of the samples has loses p^3. It is what the
    correction of Kruskal and Wallis (1952) takes off.

    Examples
    --------
    >>> round(tie_share(np.arange(1000) % 10), 4), tie_share(np.arange(1000))
    (0.01, 0.0)
    """
    counts, n = np.unique(column, return_counts=True)[1].astype(np.float64), float(len(column))
    return float((counts**3 - counts).sum() / (n**3 - n))


def check_few_ties(estimator: str, **sides: FloatArray) -> None:
    """Raise if each of the given variables holds a column of so many equal values that its mean ranks mislead."""
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
