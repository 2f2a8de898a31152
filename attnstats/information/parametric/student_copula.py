"""The Student copula estimator: elliptical dependence with heavy tails, for any continuous margins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg.lapack import dtrtrs
from scipy.optimize import minimize_scalar
from scipy.special import digamma, gammaln, ndtr, stdtrit

from attnstats._validation import FloatArray, IntArray, RNGLike, check_at_least, check_samples
from attnstats.exceptions import ConstantInputError, ConvergenceError, InvalidInputError
from attnstats.information.interface import LocalTerms
from attnstats.information.margins import relative_ranks
from attnstats.information.parametric._tied_columns import check_few_ties, tied_pair, ties_note
from attnstats.information.parametric.gaussian import wishart_bias
from attnstats.information.projections.critic import CriticEstimator, Evidence, HeldOutFold, HeldOutPairs

#: Degrees of freedom searched; beyond the last, Student and Gaussian copulas differ by less than 1e-4 nats.
_LOG_DF_RANGE = (float(np.log(0.5)), float(np.log(200)))
_MAX_ITERATIONS = 500
#: Of more than twice as many rows, so many are searched first, and then all of them within this log distance.
_FEW_ROWS = 4000
_NEAR = 0.3


@dataclass(frozen=True)
class StudentCopula(CriticEstimator):
    """Mutual information of two vectors whose copula is that of a multivariate Student distribution.

    Correlations R and degrees of freedom nu are fitted to the ranks by maximum likelihood. The information has a
    Gaussian part, its bias removed as in `Gaussian`, and a part from the common scale that remains where nothing
    correlates::

        I = log(|R_x| |R_y| / |R|) / 2 + h(nu, dim_x) + h(nu, dim_y) - h(nu, dim_x + dim_y),
        h(nu, d) = log Gamma(nu / 2) - log Gamma((nu + d) / 2) + (nu + d) / 2 [psi((nu + d) / 2) - psi(nu / 2)].

    Consistent for elliptical dependence with any continuous margins; otherwise neither a lower nor an upper bound.

    Raises
    ------
    TooFewSamplesError, ConstantInputError
        If there are fewer than dim_x + dim_y + 2 samples; if a column does not vary.
    InvalidInputError
        If columns of x and y determine each other: the information is infinite. Or if x or y is a vector and a column
        loses more than 0.001 of the variance of its ranks to ties, as with fewer than 32 equally frequent values.
    ConvergenceError
        If the correlations do not converge.

    Notes
    -----
    Of columns of one variable that order the samples alike, or in reverse, one is kept. Where values repeat in one
    column against one, R and nu are fitted to the contingency table of the values, and the information is that of the
    discrete columns. In vectors equal values share their mean rank; a Student density would take many such ties for
    heavy tails, hence the limit.

    References
    ----------
    Arellano-Valle, Contreras-Reyes, Genton (2013), Scand. J. Stat. 40, 42-62. Kent, Tyler (1991), Ann. Stat. 19,
    2102-2119 (the iteration for R).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import StudentCopula
    >>> generator = np.random.default_rng(0)
    >>> scale = np.sqrt(generator.chisquare(1, size=1000))
    >>> x, y = generator.normal(size=(2, 1000)) / scale  # uncorrelated; truth: 0.22 nats
    >>> round(StudentCopula().estimate(x, y), 1)
    0.2
    """

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return the log density ratio of the fitted copula at each sample, shifted by the correction, (n,), nats."""
        del rng  # deterministic
        samples_x, samples_y = check_samples(x, y, groups=groups)
        for values, name in ((samples_x, "x"), (samples_y, "y")):
            if (np.ptp(values / 2, axis=0) == 0).any():
                raise ConstantInputError(f"{name}: every column must vary; got a constant one")
        ranks_x, ranks_y = relative_ranks(samples_x), relative_ranks(samples_y)
        ranks_x, ranks_y = ranks_x[:, _distinct(ranks_x)], ranks_y[:, _distinct(ranks_y)]
        n, dim_x, dim_y = len(ranks_x), ranks_x.shape[1], ranks_y.shape[1]
        check_at_least(n, dim_x + dim_y + 2, f"number of samples of x and y in {dim_x} + {dim_y} dimensions")
        pair = tied_pair(ranks_x, ranks_y)
        if pair is not None:
            return pair.student_terms(_LOG_DF_RANGE)
        check_few_ties("StudentCopula of vectors", **{"x and y": np.hstack([ranks_x, ranks_y])})
        fit = fit_student_copula(ranks_x, ranks_y)
        quantiles = _Quantiles(np.hstack([ranks_x, ranks_y]))(fit.df)
        terms = fit.log_ratio(quantiles[:, :dim_x], quantiles[:, dim_x:])
        shifted: FloatArray = terms + (fit.information - _bias(dim_x, dim_y, n) - terms.mean())
        return shifted

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return what `pointwise` returns, and what was done about equal values."""
        return LocalTerms(self.pointwise(x, y, groups=groups, rng=rng), ties_note(x, y))

    def evidence(self, x: FloatArray, y: FloatArray, pairs: HeldOutPairs, rng: np.random.Generator) -> Evidence:
        """Judge the copula by the pairs, given its degrees of freedom; parameters as in `CriticEstimator`."""
        del rng  # deterministic
        ranks_x, ranks_y = ndtr(x), ndtr(y)
        ranks_x, ranks_y = ranks_x[:, _distinct(ranks_x)], ranks_y[:, _distinct(ranks_y)]
        fit = fit_student_copula(ranks_x[pairs.rows], ranks_y[pairs.rows])
        values, dim_x = _Quantiles(np.hstack([ranks_x, ranks_y]))(fit.df), fit.dim_x

        def log_ratios(fold: HeldOutFold) -> FloatArray:
            # Half the rows may be too few for so many correlations: then all of them stand for both.
            learned = (fold.half if len(fold.half) > 2 * values.shape[1] else fold.training, fold.training)
            scatters = (_scatter(values[rows], fit.df, fit.correlation, tolerance=1e-4) for rows in learned)
            copulas = [fit._replace(correlation=scatter) for scatter in scatters]
            return np.array([each.log_ratio(values[fold.left, :dim_x], values[fold.right, dim_x:]) for each in copulas])

        half, whole = pairs.bounds(log_ratios)
        estimate = fit.information - _bias(dim_x, values.shape[1] - dim_x, len(pairs.rows))
        return Evidence(pairs.corrected(half, whole, estimate), lambda: self.local_terms(x, y))


class StudentFit(NamedTuple):
    """A fitted Student copula of x and y: correlations of all columns, x first, and degrees of freedom."""

    correlation: FloatArray  # (dim_x + dim_y, dim_x + dim_y)
    df: float
    dim_x: int

    @property
    def information(self) -> float:
        """Mutual information of the fitted copula, nats."""
        dim_x, dim = self.dim_x, len(self.correlation)
        return self._gaussian_part + _tail(self.df, dim_x) + _tail(self.df, dim - dim_x) - _tail(self.df, dim)

    @property
    def _gaussian_part(self) -> float:
        joint, first, second = (np.linalg.slogdet(block)[1] for block in self._blocks)
        return float(first + second - joint) / 2

    @property
    def _blocks(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        dim_x = self.dim_x
        return self.correlation, self.correlation[:dim_x, :dim_x], self.correlation[dim_x:, dim_x:]

    def log_ratio(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return log c(x, y) / (c(x) c(y)) of paired quantiles of the margins, shape (n,), nats."""
        # Terms of the log density that are linear in the dimension cancel in the ratio, and are left out.
        total = self._gaussian_part
        terms = np.zeros(len(x))
        for values, block, sign in zip((np.hstack([x, y]), x, y), self._blocks, (1, -1, -1), strict=True):
            shape = (self.df + len(block)) / 2
            total += sign * (gammaln(shape) - gammaln(self.df / 2))
            terms -= sign * shape * np.log1p(_squared_radius(values, block) / self.df)
        log_ratio: FloatArray = terms + total
        return log_ratio


def fit_student_copula(ranks_x: FloatArray, ranks_y: FloatArray) -> StudentFit:
    """Return the maximum-likelihood Student copula of relative ranks, shapes (n, dim_x) and (n, dim_y)."""
    ranks = np.hstack([ranks_x, ranks_y])
    correlation = np.eye(ranks.shape[1])
    low, high = _LOG_DF_RANGE
    step = len(ranks) // _FEW_ROWS
    if step > 1:  # a few rows say where to look among all of them
        some, correlation = _fit_df(_Quantiles(ranks[::step]), (low, high), correlation)
        low, high = max(low, some - _NEAR), min(high, some + _NEAR)
    quantiles = _Quantiles(ranks)
    log_df, correlation = _fit_df(quantiles, (low, high), correlation)
    df = float(np.exp(log_df))
    return StudentFit(_scatter(quantiles(df), df, correlation), df, ranks_x.shape[1])


def _fit_df(quantiles: _Quantiles, bounds: tuple[float, float], start: FloatArray) -> tuple[float, FloatArray]:
    """Return the log degrees of freedom of largest likelihood, and the correlations last found in the search."""
    correlation = start

    def loss(log_df: float) -> float:
        nonlocal correlation  # the iteration at the next df starts from those found at this one
        df = float(np.exp(log_df))
        values = quantiles(df)
        correlation = _scatter(values, df, correlation, tolerance=1e-3)
        return -_log_likelihood(values, df, correlation)

    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 0.05})
    return float(best.x), correlation


def _distinct(ranks: FloatArray) -> IntArray:
    """Return the indices of columns that order the samples unlike any column before them, reversed order included."""
    first: dict[bytes, int] = {}
    for number, column in enumerate(ranks.T):
        lifted = np.round(column - 0.5, 12) + 0.0  # + 0.0: there is one zero only
        reverse = lifted[np.argmax(lifted != 0)] < 0  # a reversed order has the opposite signs
        first.setdefault((-lifted + 0.0 if reverse else lifted).tobytes(), number)
    return np.array(list(first.values()), dtype=np.int64)


class _Quantiles:
    """Student quantiles of relative ranks, shape (n, dim): each rank, which recurs in every column, is looked up."""

    def __init__(self, ranks: FloatArray) -> None:
        # Ranks r and 1 - r have opposite quantiles; rounded, they are found to be the same.
        places = np.round(ranks - 0.5, 12)
        self._sign = np.sign(places)
        self._different, place = np.unique(np.abs(places), return_inverse=True)
        self._place = place.reshape(ranks.shape)

    def __call__(self, df: float) -> FloatArray:
        values = np.asarray(stdtrit(df, 0.5 - self._different), dtype=np.float64)
        return -values[self._place] * self._sign


def _scatter(values: FloatArray, df: float, start: FloatArray, *, tolerance: float = 1e-6) -> FloatArray:
    """Return the correlations of the largest likelihood at given degrees of freedom, by iterative reweighting."""
    dim = values.shape[1]
    correlation = start
    for _ in range(_MAX_ITERATIONS):
        # Weights of the Student likelihood; the scatter is scaled to unit diagonal, since the margins are known.
        weights = (df + dim) / (df + _squared_radius(values, correlation))
        scatter = (values * weights[:, np.newaxis]).T @ values
        scale = np.sqrt(np.diag(scatter))
        new: FloatArray = scatter / scale / scale[:, np.newaxis]
        if np.abs(new - correlation).max() < tolerance:
            return new
        correlation = new
    raise ConvergenceError(
        f"x and y: must be samples for which StudentCopula finds correlations; got none in {_MAX_ITERATIONS} steps at"
        f" df={df:g}. More samples help, or GaussianCopula"
    )


def _squared_radius(values: FloatArray, correlation: FloatArray) -> FloatArray:
    try:
        root = np.linalg.cholesky(correlation)
    except np.linalg.LinAlgError as error:
        raise InvalidInputError("x and y: the columns must not determine each other; got singular ranks") from error
    whitened = dtrtrs(root, values.T, lower=1)[0]  # without the checks of solve_triangular, which cost more
    radius: FloatArray = np.einsum("ij,ij->j", whitened, whitened)
    return radius


def _log_likelihood(values: FloatArray, df: float, correlation: FloatArray) -> float:
    """Return the mean log density of the Student copula, in nats."""
    dim = values.shape[1]
    joint = -(df + dim) / 2 * np.log1p(_squared_radius(values, correlation) / df).mean()
    margins = -(df + 1) / 2 * np.log1p(values**2 / df).mean(axis=0).sum()
    constant = gammaln((df + dim) / 2) - gammaln(df / 2) - dim * (gammaln((df + 1) / 2) - gammaln(df / 2))
    return float(constant - np.linalg.slogdet(correlation)[1] / 2 + joint - margins)


def _bias(dim_x: int, dim_y: int, n: int) -> float:
    """Return the bias of the Gaussian part, as in `Gaussian`, nats."""
    return (wishart_bias(dim_x, n - 1) + wishart_bias(dim_y, n - 1) - wishart_bias(dim_x + dim_y, n - 1)) / 2


def _tail(df: float, dim: int) -> float:
    """Return h(df, dim) of `StudentCopula`, in nats."""
    shape = (df + dim) / 2
    return float(gammaln(df / 2) - gammaln(shape) + shape * (digamma(shape) - digamma(df / 2)))
