"""Interaction of rows and columns of a table of conditions over crossed replicates and items, both random."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import helmert
from scipy.optimize import brentq
from scipy.special import chdtri, chndtr, fdtrc, fdtri, ncfdtr, ndtr

from attnstats._renamed import former_parameters
from attnstats._validation import FloatArray, check_at_least, check_count, check_fraction
from attnstats.comparison._unit import ROUNDING, Unit
from attnstats.comparison.crossed._tables import data_sets
from attnstats.comparison.crossed.mean_squares import HarmonicT, MeanSquares, VarianceOfMean
from attnstats.comparison.planning.sample_size import smallest_number
from attnstats.comparison.replication import MINIMUM_REPLICATES, check_groups
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.results import ConfidenceInterval, SignificanceResult, check_factors, plural

#: Quantiles of the error's variance that the interval averages over.
_N_NODES = 400
#: Squared distance from zero, in errors, from which on there is no need for more than the normal distribution.
_FAR = 1e4


@former_parameters(minimum_seeds="minimum_replicates")
def anova_interaction_test(
    values: ArrayLike | tuple[ArrayLike, ...],
    *,
    confidence_level: float = 0.95,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    crossed_unit: str = "item",
) -> SignificanceResult:
    """Test whether the column effects differ between rows, for other replicates and for other items.

    Unlike in `interaction_test` the items are a sample too, so an interaction that only these items show is chance
    (Clark 1973). The q = (R − 1)(C − 1) orthonormal contrasts of the interaction of R rows and C columns are each a
    table of replicates and items. With Q the sum of the squares of their means and V̂ the estimated covariance of
    these, as in `anova_interval` with matrices for mean squares, F = Q / tr V̂ is a quasi-F ratio (Winer 1971; Brunner,
    Dette and Munk 1997). Its degrees of freedom are f = (tr V)²/tr V², from unbiased estimates of both (Huynh and Feldt
    1976), and those of tr V̂ by `HarmonicT`. Means of data sets are averaged, and their variances add up.

    The effect is the root mean square interaction, less what error alone makes of it: sqrt(max(Q − tr V̂, 0)/(R C)).
    Its interval inverts F with multivariate t errors; for the upper end F counts as at least 1.

    Parameters
    ----------
    values : array_like, shape (n_rows, n_columns, n_replicates, n_items), or tuple of such arrays
        One value for each condition, replicate and item; a tuple holds one array for each data set. Replicate r may
        mean the same in every condition or not.
    confidence_level, replication_unit, crossed_unit
        As in `anova_interval`.
    minimum_replicates : int
        Fewest replicates accepted, at least 2; fewer than 8 give a `FewReplicatesWarning`.

    Returns
    -------
    SignificanceResult
        With alternative ``"greater"``; ``statistic`` is F, ``n`` counts replicates.

    Raises
    ------
    InvalidInputError, NonFiniteError
        If the shape is another, or the tables of two data sets differ in their conditions; if a value is NaN or
        infinite.
    TooFewSamplesError
        With fewer than two rows, columns or items, or fewer replicates than `minimum_replicates`.
    ConstantInputError
        If the interaction varies over neither replicates nor items.

    References
    ----------
    H. H. Clark, Journal of Verbal Learning and Verbal Behavior 12 (1973) 335-359. B. J. Winer, Statistical Principles
    in Experimental Design, McGraw-Hill 1971, section 5.15. E. Brunner, H. Dette and A. Munk, JASA 92 (1997) 1494-1502.
    H. Huynh and L. S. Feldt, Journal of Educational Statistics 1 (1976) 69-82.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import anova_interaction_test
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(2, 3, 1, 60)) + 0.5 * rng.normal(size=(2, 3, 8, 60))
    >>> values[0, 0] += 1.0  # the first column gains in the first row alone
    >>> anova_interaction_test(values, replication_unit="seed", crossed_unit="example")
    root mean square interaction = 0.279, 95 % CI [0.181, 0.385], p < .001, n = 8 seeds, interaction by quasi-F over
    seeds and examples (df = 1.91 and 77.5)
    """
    level = check_fraction(confidence_level, "confidence_level")
    tables, n_conditions, unit = _contrasts(values, replication_unit, crossed_unit)
    sizes = [table.shape[1] for table in tables]
    n_replicates = check_groups(sizes, minimum_replicates, replication_unit, "the smallest data set")
    error, n_contrasts = _error(tables)
    squares = _squared_means(tables)
    quasi = _QuasiF(squares / error.value, n_contrasts, error.degrees_of_freedom)
    factors = f"{plural(replication_unit)} and {plural(crossed_unit)}"
    interval = partial(_size_interval, quasi, float(np.sqrt(error.value / n_conditions)), factors)
    scaled = SignificanceResult(
        test=f"interaction by quasi-F over {factors} (df = {quasi.df1:.3g} and {quasi.df2:.3g})",
        statistic=quasi.ratio,
        pvalue=max(float(fdtrc(quasi.df1, quasi.df2, quasi.ratio)), sys.float_info.min),
        alternative="greater",
        effect_name="root mean square interaction",
        effect=float(np.sqrt(max(squares - error.value, 0.0) / n_conditions)),
        n=n_replicates,
        replication_unit=replication_unit,
        confidence_interval=interval(level),
        _interval=interval,
    )
    return unit.restore_result(scaled)


def interaction_sample_size_needed(
    values: ArrayLike | tuple[ArrayLike, ...],
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    maximum: int = 10_000,
    replication_unit: str = "replicate",
    crossed_unit: str = "item",
) -> int | None:
    """Return how many replicates would give `anova_interaction_test` the wanted power, for the interaction observed.

    More replicates do not reduce the items' part of the error, so there may be no number that is enough. F is taken for
    a noncentral F. The observed interaction is itself uncertain.

    Parameters
    ----------
    values, replication_unit, crossed_unit
        As in `anova_interaction_test`, with the same errors, save that two replicates suffice.
    power, alpha, maximum
        As in `sample_size_needed`.

    Returns
    -------
    int or None
        Replicates in every data set, at least 2; None where no number up to `maximum` would do.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import interaction_sample_size_needed
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(2, 3, 1, 60)) + 0.5 * rng.normal(size=(2, 3, 8, 1)) + rng.normal(size=(2, 3, 8, 60))
    >>> values[0, 0] += 0.6
    >>> interaction_sample_size_needed(values)
    17
    """
    check_fraction(power, "power")
    check_fraction(alpha, "alpha")
    check_count(maximum, "maximum", minimum=2)
    tables, _, _ = _contrasts(values, replication_unit, crossed_unit)
    size = _squared_means(tables) - _error(tables)[0].value

    def reaches(n: int) -> bool:
        error, df1 = _error(tables, n)
        critical = float(fdtri(df1, error.degrees_of_freedom, 1 - alpha))
        return bool(1 - ncfdtr(df1, error.degrees_of_freedom, df1 * size / error.value, critical) >= power)

    return smallest_number(reaches, maximum) if size > 0 else None


def _contrasts(
    values: ArrayLike | tuple[ArrayLike, ...], replication_unit: str, crossed_unit: str
) -> tuple[list[FloatArray], int, Unit]:
    """Return contrasts of each data set, (n_contrasts, n_replicates, n_items), the number of conditions, the unit."""
    check_factors(replication_unit, crossed_unit)
    blocks = data_sets(values)
    if len({block.shape[:2] for block in blocks}) != 1 or {block.ndim for block in blocks} != {4}:
        raise InvalidInputError(
            "values: must have shape (n_rows, n_columns, n_replicates, n_items), with one table of conditions for all; "
            f"got {', '.join(str(block.shape) for block in blocks)}"
        )
    n_rows, n_columns = blocks[0].shape[:2]
    check_at_least(n_rows, 2, "number of rows")
    check_at_least(n_columns, 2, "number of columns")
    check_at_least(min(block.shape[2] for block in blocks), 2, f"number of {plural(replication_unit)}")
    check_at_least(min(block.shape[3] for block in blocks), 2, f"number of {plural(crossed_unit)}")
    unit = Unit.of(*blocks)
    blocks = [unit.divide(block) for block in blocks]
    contrasts = np.kron(helmert(n_rows), helmert(n_columns))
    tables = [np.tensordot(contrasts, block.reshape(-1, *block.shape[2:]), axes=1) for block in blocks]
    largest = max(float(np.abs(block).max()) for block in blocks)
    for table in tables:
        if np.ptp(table, axis=(1, 2)).max() <= ROUNDING * largest:
            raise ConstantInputError(
                f"values: must have an interaction that varies over {plural(replication_unit)} or"
                f" {plural(crossed_unit)}, in each data set; got the same throughout, but for rounding"
            )
    return tables, n_rows * n_columns, unit


def _squared_means(tables: Sequence[FloatArray]) -> float:
    """Return the sum over contrasts of the squared means over data sets."""
    return float((np.mean([table.mean(axis=(1, 2)) for table in tables], axis=0) ** 2).sum())


class _QuasiF(NamedTuple):
    ratio: float
    df1: float
    df2: float


@dataclass(frozen=True)
class _Squares:
    """Mean squares and products of the contrasts, shape (n_contrasts, n_contrasts), and their degrees of freedom."""

    matrix: FloatArray
    df: int

    @property
    def trace(self) -> float:
        return float(np.trace(self.matrix))

    def moments(self, other: _Squares) -> FloatArray:
        """Return unbiased estimates of tr A tr B and tr A B, this estimating A and the other, maybe the same, B."""
        plain = np.array([self.trace * other.trace, (self.matrix * other.matrix).sum()])
        if self is not other or self.df == 1:
            return plain
        n = self.df
        return np.asarray(np.array([[n + 1, -2], [-1, n]]) @ plain * (n / ((n - 1) * (n + 2))))


def _sphericity(parts: Sequence[tuple[float, _Squares]]) -> float:
    """Return (tr V)²/tr V², V = Σ weight Σ_i: how many independent contrasts of one variance V is worth."""
    moments = [a * b * first.moments(second) for a, first in parts for b, second in parts]
    square, of_squares = np.sum(moments, axis=0)
    most = float(len(parts[0][1].matrix))
    return min(max(square / of_squares, 1.0), most) if of_squares > 0 else most


@dataclass(frozen=True)
class _SummedSquares(MeanSquares):
    """Sums over contrasts of their mean squares, and how many independent contrasts each is worth."""

    in_replicates: float
    in_items: float

    @property
    def degrees_of_freedom(self) -> tuple[float, float, float]:
        replicates, items, residual = super().degrees_of_freedom
        return self.in_replicates * replicates, self.in_items * items, self.in_replicates * residual


def _error(tables: Sequence[FloatArray], planned: int | None = None) -> tuple[VarianceOfMean, float]:
    """Return tr V̂ of the means of contrasts over data sets, and how many independent contrasts they are worth.

    Each table has shape (n_contrasts, n_replicates, n_items); it is as if `planned` replicates of the same spread were
    there.
    """
    traces, parts = [], []
    for table in tables:
        n_replicates, n_items = table.shape[1:]
        n_planned = planned or n_replicates
        by_replicate, by_item = table.mean(axis=2, keepdims=True), table.mean(axis=1, keepdims=True)
        mean = by_replicate.mean(axis=1, keepdims=True)
        replicate, item, residual = (
            _Squares(repeats * np.einsum("cse,dse->cd", each, each) / df, df)
            for each, repeats, df in (
                (by_replicate - mean, n_items, n_replicates - 1),
                (by_item - mean, n_replicates, n_items - 1),
                (table - by_replicate - by_item + mean, 1, (n_replicates - 1) * (n_items - 1)),
            )
        )
        worth = [_sphericity([(1.0, each)]) for each in (replicate, item)]
        # The expected mean square of items is n_replicates times their variance plus the residual variance.
        of_items = residual.trace + (item.trace - residual.trace) * n_planned / n_replicates
        squares = _SummedSquares(replicate.trace, of_items, residual.trace, n_planned, n_items, *worth)
        traces.append(HarmonicT()(squares.parts))
        parts.append((1 / (n_planned * n_items), replicate))
        if item.trace > residual.trace:
            weight = 1 / (n_replicates * n_items)
            parts += [(weight, item), (-weight, residual)]
    return VarianceOfMean.of_sum(traces, np.full(len(tables), 1 / len(tables))), _sphericity(parts)


def _size_interval(quasi: _QuasiF, unit: float, factors: str, level: float) -> ConfidenceInterval:
    """Return the interval of the root mean square, which is `unit` times the root of F."""
    low = _size(quasi, (1 + level) / 2)
    high = _size(quasi._replace(ratio=max(quasi.ratio, 1.0)), (1 - level) / 2)
    return ConfidenceInterval(unit * low, unit * high, level, f"noncentral t over {factors}")


def _size(quasi: _QuasiF, probability: float) -> float:
    """Return the size, in roots of F, with which F is below the one observed with some probability; 0 if with none.

    Errors are normal ones of df1 contrasts over the root of a chi-squared mean of df2. Given the latter F is noncentral
    chi-squared, which is averaged over its quantiles.
    """
    means = chdtri(quasi.df2, (np.arange(_N_NODES) + 0.5) / _N_NODES) / quasi.df2
    squares = quasi.df1 * means

    def excess(size: float) -> float:
        if quasi.df1 * quasi.ratio > _FAR:  # the noncentral chi-squared is a normal squared there, to 1 / _FAR
            away = np.sqrt(squares * quasi.ratio)
            below = ndtr(away - np.sqrt(squares) * size - (quasi.df1 - 1) / (2 * away))
        else:
            below = chndtr(squares * quasi.ratio, quasi.df1, squares * size**2)
        return float(below.mean()) - probability

    if excess(0.0) <= 0:
        return 0.0
    far = 2 * np.sqrt(quasi.ratio)
    while excess(far) > 0:
        far *= 2
    return float(brentq(excess, 0.0, far))
