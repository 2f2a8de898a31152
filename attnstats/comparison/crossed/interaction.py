"""Interaction of rows and columns of a table of conditions over seeds and examples, both drawn from a population."""

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

from attnstats._validation import FloatArray, as_float_array, check_at_least, check_count, check_fraction
from attnstats.comparison._unit import ROUNDING, Unit
from attnstats.comparison.crossed.mean_squares import HarmonicT, MeanSquares, VarianceOfMean
from attnstats.comparison.planning.sample_size import smallest_number
from attnstats.comparison.seeds import MINIMUM_SEEDS, check_seeds
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.results import ConfidenceInterval, SignificanceResult

#: Quantiles of the error's variance that the interval averages over.
_N_NODES = 400
#: Squared distance from zero, in errors, from which on there is no need for more than the normal distribution.
_FAR = 1e4


def anova_interaction_test(
    values: ArrayLike | tuple[ArrayLike, ...],
    *,
    confidence_level: float = 0.95,
    minimum_seeds: int = MINIMUM_SEEDS,
) -> SignificanceResult:
    """Test whether the column effects differ between rows, for other seeds and for other examples.

    `interaction_test` asks whether seeds explain the interaction, and speaks of the given examples. Here every model is
    read on examples that are a sample too, so an interaction that only these examples show is chance (Clark 1973).

    The q = (R − 1)(C − 1) orthonormal contrasts z of the interaction of R rows and C columns are each a table of S
    seeds and E examples. With Q the sum of the squares of their means and V̂ the estimated covariance of these,
    (MS_seed + MS_example − MS_residual)/(S E) with matrices for mean squares,

        F = Q / tr V̂

    is a quasi-F ratio (Winer 1971; Brunner, Dette and Munk 1997). Its degrees of freedom are f = (tr V)²/tr V², which
    is q where all contrasts are alike, from unbiased estimates of both (Huynh and Feldt 1976), and those of tr V̂ by
    `HarmonicT`, each mean square counted for as many contrasts as are worth independent ones. Data sets share nothing:
    their means are averaged, their variances add up (Satterthwaite 1946).

    In simulations at nominal 5 % it rejected .03 to .06 of tables without an interaction, rows of equal noise or of
    noise 1 to 3, while `interaction_test` of the same tables rejected .05 to .08 where seeds made most of the noise and
    .10 to .52 where examples did; nominal 95 % intervals covered .95 to .985
    (``analysis/validity/results/interaction.csv``, error up to .005).

    The effect is the root mean square interaction over the cells of the table, less what error alone makes of it:
    sqrt(max(Q − tr V̂, 0)/(R C)). Its interval holds the sizes that would not make Q larger, or smaller, than it is with
    a probability of half of one minus the level, errors being multivariate t on these degrees of freedom: for two rows
    and two columns it is Student's. For the upper end F counts as at least 1, so that an interaction smaller than error
    alone would make it is not taken for none.

    Parameters
    ----------
    values : array_like, shape (n_rows, n_columns, n_seeds, n_examples), or tuple of such arrays
        One value for each condition, seed and example; a tuple holds one array for each data set. Seed s may mean the
        same in every condition or not.
    confidence_level : float
        Nominal level of the interval, in (0, 1).
    minimum_seeds : int
        Fewest seeds accepted; lower it knowingly.

    Returns
    -------
    SignificanceResult
        With alternative ``"greater"``: large interactions speak against the null. ``statistic`` is F, ``n`` counts
        seeds.

    Raises
    ------
    InvalidInputError
        If the shape is another, or the tables of two data sets differ in their conditions.
    TooFewSamplesError
        With fewer than two rows, columns or examples, or fewer seeds than `minimum_seeds`.
    NonFiniteError
        If a value is NaN or infinite; an incomplete table is not balanced.
    ConstantInputError
        If the interaction varies over neither seeds nor examples.

    References
    ----------
    H. H. Clark, Journal of Verbal Learning and Verbal Behavior 12 (1973) 335-359. B. J. Winer, Statistical Principles
    in Experimental Design, McGraw-Hill 1971, section 5.15. E. Brunner, H. Dette and A. Munk, JASA 92 (1997) 1494-1502.
    H. Huynh and L. S. Feldt, Journal of Educational Statistics 1 (1976) 69-82.

    Examples
    --------
    Two encoders by three attentions, eight seeds, 60 examples; the first attention gains under the first encoder alone:

    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(2, 3, 1, 60)) + 0.5 * rng.normal(size=(2, 3, 8, 60))
    >>> values[0, 0] += 1.0
    >>> anova_interaction_test(values)
    root mean square interaction = 0.279, 95 % CI [0.181, 0.385], p < .001, n = 8 seeds, interaction by quasi-F over
    seeds and examples (df = 1.91 and 77.5)
    """
    level = check_fraction(confidence_level, "confidence_level")
    tables, n_cells, unit = _contrasts(values)
    n_seeds = min(table.shape[1] for table in tables)
    check_seeds(n_seeds, minimum_seeds=minimum_seeds)
    error, n_contrasts = _error(tables)
    squares = _squared_means(tables)
    quasi = _QuasiF(squares / error.value, n_contrasts, error.degrees_of_freedom)
    interval = partial(_size_interval, quasi, float(np.sqrt(error.value / n_cells)))
    scaled = SignificanceResult(
        test=f"interaction by quasi-F over seeds and examples (df = {quasi.df1:.3g} and {quasi.df2:.3g})",
        statistic=quasi.ratio,
        pvalue=max(float(fdtrc(quasi.df1, quasi.df2, quasi.ratio)), sys.float_info.min),
        alternative="greater",
        effect_name="root mean square interaction",
        effect=float(np.sqrt(max(squares - error.value, 0.0) / n_cells)),
        n=n_seeds,
        replication_unit="seed",
        confidence_interval=interval(level),
        _interval=interval,
    )
    return unit.restore_result(scaled)


def interaction_seeds_needed(
    values: ArrayLike | tuple[ArrayLike, ...], *, power: float = 0.8, alpha: float = 0.05, maximum: int = 10_000
) -> int | None:
    """Return how many seeds would give `anova_interaction_test` the wanted power, for the interaction observed.

    More seeds make the error smaller by what seeds add to it, and not by what examples do; so there may be no number
    that is enough. The ratio is taken for a noncentral F. A planning figure, as `seeds_needed` is.

    Parameters
    ----------
    values : array_like, shape (n_rows, n_columns, n_seeds, n_examples), or tuple of such arrays
        As in `anova_interaction_test`.
    power : float
        Wanted probability to reject.
    alpha : float
        Level of the test.
    maximum : int
        Largest number considered.

    Returns
    -------
    int or None
        Seeds in every data set, at least 2; None where no number up to `maximum` would do.

    Raises
    ------
    InvalidInputError, TooFewSamplesError, NonFiniteError, ConstantInputError
        As for `anova_interaction_test`, save that two seeds suffice.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(2, 3, 1, 60)) + 0.5 * rng.normal(size=(2, 3, 8, 1)) + rng.normal(size=(2, 3, 8, 60))
    >>> values[0, 0] += 0.6
    >>> interaction_seeds_needed(values)
    17
    """
    check_fraction(power, "power")
    check_fraction(alpha, "alpha")
    check_count(maximum, "maximum", minimum=2)
    tables, _, _ = _contrasts(values)
    size = _squared_means(tables) - _error(tables)[0].value

    def reaches(n: int) -> bool:
        error, df1 = _error(tables, n)
        critical = float(fdtri(df1, error.degrees_of_freedom, 1 - alpha))
        return bool(1 - ncfdtr(df1, error.degrees_of_freedom, df1 * size / error.value, critical) >= power)

    return smallest_number(reaches, maximum) if size > 0 else None


def _contrasts(values: ArrayLike | tuple[ArrayLike, ...]) -> tuple[list[FloatArray], int, Unit]:
    """Return the contrasts of each data set, (n_contrasts, n_seeds, n_examples), the number of conditions, the unit."""
    blocks = [as_float_array(block, "values") for block in (values if isinstance(values, tuple) else (values,))]
    if len({block.shape[:2] for block in blocks}) != 1 or {block.ndim for block in blocks} != {4}:
        raise InvalidInputError(
            "values: must have shape (n_rows, n_columns, n_seeds, n_examples), with one table of conditions for all; "
            f"got {', '.join(str(block.shape) for block in blocks)}"
        )
    n_rows, n_columns = blocks[0].shape[:2]
    check_at_least(n_rows, 2, "number of rows")
    check_at_least(n_columns, 2, "number of columns")
    check_at_least(min(block.shape[2] for block in blocks), 2, "number of seeds")
    check_at_least(min(block.shape[3] for block in blocks), 2, "number of examples")
    unit = Unit.of(*blocks)
    blocks = [unit.divide(block) for block in blocks]
    contrasts = np.kron(helmert(n_rows), helmert(n_columns))
    tables = [np.tensordot(contrasts, block.reshape(-1, *block.shape[2:]), axes=1) for block in blocks]
    largest = max(float(np.abs(block).max()) for block in blocks)
    for table in tables:
        if np.ptp(table, axis=(1, 2)).max() <= ROUNDING * largest:
            raise ConstantInputError(
                "values: must have an interaction that varies over seeds or examples, in each data set; got the same"
                " throughout, but for what is rounding beside the largest value"
            )
    return tables, n_rows * n_columns, unit


def _squared_means(tables: Sequence[FloatArray]) -> float:
    """Return the sum over contrasts of the squared means over data sets."""
    return float((np.mean([table.mean(axis=(1, 2)) for table in tables], axis=0) ** 2).sum())


class _QuasiF(NamedTuple):
    """A quasi-F ratio and its degrees of freedom."""

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
        """Sum over contrasts of the mean squares."""
        return float(np.trace(self.matrix))

    def moments(self, other: "_Squares") -> FloatArray:
        """Return unbiased estimates of tr A tr B and tr A B, this estimating A and the other, maybe the same, B."""
        plain = np.array([self.trace * other.trace, (self.matrix * other.matrix).sum()])
        if self is not other or self.df == 1:
            return plain
        n = self.df
        return np.asarray(np.array([[n + 1, -2], [-1, n]]) @ plain * (n / ((n - 1) * (n + 2))))


def _sphericity(parts: Sequence[tuple[float, _Squares]]) -> float:
    """Return (tr V)²/tr V², V = Σ weight Σ_i: how many independent contrasts of one variance those of V are worth.

    It lies between 1 and the number of contrasts, which is returned where the estimate of tr V² is not above zero.
    """
    moments = [a * b * first.moments(second) for a, first in parts for b, second in parts]
    square, of_squares = np.sum(moments, axis=0)
    most = float(len(parts[0][1].matrix))
    return min(max(square / of_squares, 1.0), most) if of_squares > 0 else most


@dataclass(frozen=True)
class _SummedSquares(MeanSquares):
    """Sums over contrasts of their mean squares, and how many independent contrasts each is worth."""

    in_seeds: float
    in_examples: float

    @property
    def degrees_of_freedom(self) -> tuple[float, float, float]:
        """Of seeds, of examples and of the residual."""
        seeds, examples, residual = super().degrees_of_freedom
        return self.in_seeds * seeds, self.in_examples * examples, self.in_seeds * residual


def _error(tables: Sequence[FloatArray], planned: int | None = None) -> tuple[VarianceOfMean, float]:
    """Return tr V̂ of the means of contrasts over data sets, and how many independent contrasts they are worth.

    Each data set is a table of shape (n_contrasts, n_seeds, n_examples). With a number of seeds planned, it is what
    that many of the same spread would have.
    """
    traces, parts = [], []
    for table in tables:
        n_seeds, n_examples = table.shape[1:]
        n_planned = planned or n_seeds
        by_seed, by_example = table.mean(axis=2, keepdims=True), table.mean(axis=1, keepdims=True)
        mean = by_seed.mean(axis=1, keepdims=True)
        seed, example, residual = (
            _Squares(repeats * np.einsum("cse,dse->cd", each, each) / df, df)
            for each, repeats, df in (
                (by_seed - mean, n_examples, n_seeds - 1),
                (by_example - mean, n_seeds, n_examples - 1),
                (table - by_seed - by_example + mean, 1, (n_seeds - 1) * (n_examples - 1)),
            )
        )
        worth = [_sphericity([(1.0, each)]) for each in (seed, example)]
        # The mean square of examples is what they add, once for each seed, and the residual.
        of_examples = residual.trace + (example.trace - residual.trace) * n_planned / n_seeds
        squares = _SummedSquares(seed.trace, of_examples, residual.trace, n_planned, n_examples, *worth)
        traces.append(HarmonicT()(squares))
        parts.append((1 / (n_planned * n_examples), seed))
        if example.trace > residual.trace:
            weight = 1 / (n_seeds * n_examples)
            parts += [(weight, example), (-weight, residual)]
    return VarianceOfMean.of_sum(traces, np.full(len(tables), 1 / len(tables))), _sphericity(parts)


def _size_interval(quasi: _QuasiF, unit: float, level: float) -> ConfidenceInterval:
    """Return the interval of the root mean square, `unit` being the root of what F = 1 is in squared units."""
    low = _size(quasi, (1 + level) / 2)
    high = _size(quasi._replace(ratio=max(quasi.ratio, 1.0)), (1 - level) / 2)
    return ConfidenceInterval(unit * low, unit * high, level, "noncentral t over seeds and examples")


def _size(quasi: _QuasiF, probability: float) -> float:
    """Return the size, in roots of F, with which F is below the one observed with some probability; 0 if with none.

    Errors are multivariate t: normal ones of df1 contrasts, over the root of a chi-squared mean of df2. Given the
    latter F is noncentral chi-squared, which is averaged over its quantiles.
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
