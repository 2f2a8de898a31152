"""How uncertain a mean over crossed seeds and examples is, from the mean squares of its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.special import fdtri, stdtr, stdtrit

from attnstats._validation import FloatArray

#: What a mean square of seeds falls below with this probability, where seeds do not differ, is taken for chance.
_CHANCE = 0.05


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of a balanced table of seeds and examples, without replication.

    Parameters
    ----------
    seed, example, residual : float
        Mean squares, in squared units of the values.
    n_seeds, n_examples : int
        Size of the table.

    Examples
    --------
    >>> MeanSquares.of(np.array([[1.0, 2.0, 6.0], [3.0, 4.0, 5.0]]))
    MeanSquares(seed=1.5, example=6.5, residual=1.5, n_seeds=2, n_examples=3)
    """

    seed: float
    example: float
    residual: float
    n_seeds: int
    n_examples: int

    @classmethod
    def of(cls, table: FloatArray) -> "MeanSquares":
        """Return the mean squares of an array of shape (n_seeds, n_examples)."""
        n_seeds, n_examples = table.shape
        by_seed, by_example = table.mean(axis=1), table.mean(axis=0)
        residuals = table - by_seed[:, np.newaxis] - by_example + table.mean()
        return cls(
            float(n_examples * by_seed.var(ddof=1)),
            float(n_seeds * by_example.var(ddof=1)),
            float((residuals**2).sum() / ((n_seeds - 1) * (n_examples - 1))),
            n_seeds,
            n_examples,
        )

    @property
    def degrees_of_freedom(self) -> tuple[float, float, float]:
        """Of seeds, of examples and of the residual."""
        seeds, examples = self.n_seeds - 1, self.n_examples - 1
        return seeds, examples, seeds * examples


class VarianceOfMean(NamedTuple):
    """The estimated variance of a mean, in squared units of the values, and its degrees of freedom."""

    value: float
    degrees_of_freedom: float

    def margin(self, confidence_level: float) -> float:
        """Return what the error exceeds, in size, with probability one minus the level."""
        return float(np.sqrt(self.value) * stdtrit(self.degrees_of_freedom, (1 + confidence_level) / 2))

    def tail(self, deviation: float) -> float:
        """Return the probability that the error exceeds a deviation, in one direction."""
        return float(stdtr(self.degrees_of_freedom, -deviation / np.sqrt(self.value)))

    @classmethod
    def of_sum(cls, parts: "Sequence[VarianceOfMean]", weights: FloatArray) -> "VarianceOfMean":
        """Return that of a weighted sum of independent means (Satterthwaite 1946, equation 17)."""
        values = weights**2 * [part.value for part in parts]
        inverse = [1 / part.degrees_of_freedom for part in parts]
        return cls(float(values.sum()), float(values.sum() ** 2 / (values**2 @ inverse)))


@dataclass(frozen=True)
class Satterthwaite:
    """Satterthwaite's degrees of freedom: squared shares of the variance over those of the components.

    var(x̄) = (MS_seed + MS_example − MS_residual)/(S E) =: Σ c MS, df = (Σ c MS)² / Σ (c MS)²/df_MS. A component whose
    estimate comes out below zero, MS_seed or MS_example < MS_residual, counts as zero: its mean square then drops out
    together with the residual's.

    The degrees of freedom are estimated too, and where the few seeds happen to agree they come out too high: where
    seeds and examples differ, 95 % intervals covered .92 with 3 seeds. `HarmonicT` covers .94 there.

    References
    ----------
    Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics Bulletin 2,
    110-114. Searle, Casella and McCulloch (1992), Variance Components, section 4.3.

    Examples
    --------
    >>> squares = MeanSquares(seed=4.0, example=9.0, residual=1.0, n_seeds=8, n_examples=50)
    >>> variance = Satterthwaite()(squares)
    >>> round(variance.value, 4), round(variance.degrees_of_freedom, 1), round(variance.margin(0.95), 4)
    (0.03, 36.5, 0.3511)
    """

    label: ClassVar[str] = "crossed ANOVA, Satterthwaite df"
    fewest_seeds: ClassVar[int] = 5

    def __call__(self, table: MeanSquares) -> VarianceOfMean:
        """Return the estimated variance of the mean of one table."""
        seed, example = table.seed > table.residual, table.example > table.residual
        signs = np.array([seed, example, 1 - int(seed) - int(example)])
        parts = signs * [table.seed, table.example, table.residual] / (table.n_seeds * table.n_examples)
        variance = parts.sum()
        df = variance**2 / (parts**2 / table.degrees_of_freedom).sum()
        return VarianceOfMean(float(variance), float(df))


@dataclass(frozen=True)
class HarmonicT:
    """t on the harmonic mean of the components' degrees of freedom, weighted by their shares of the variance.

    With S seeds and no more seeds than examples,

        var(x̄) = (V_seed + V_example)/(S E),   V_seed = MS_seed,   V_example = max(MS_example − MS_residual, 0),
        1/df = share_seed/(S − 1) + share_example/(E − 1),

    and the other way round with fewer examples. Satterthwaite has squared shares, which trusts an estimated share too
    much: too short where shares are balanced, and the more so the fewer the seeds. Cochran and Cox weigh the quantiles
    by the shares, which is too long; weighing the inverse degrees of freedom lies between the two. Where one component
    is all, each is Student's t.

    Where seeds do not differ, MS_seed estimates the residual variance on few degrees of freedom, and may come out near
    zero. Below the 5 % point of its ratio to MS_residual it is taken to be there (F distribution).

    References
    ----------
    Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics Bulletin 2,
    110-114. Cochran and Cox (1957), Experimental Designs, section 4.14. The rule itself is ours; its coverage is in
    ``analysis/validity/results/coverage_crossed.csv``.

    Examples
    --------
    >>> squares = MeanSquares(seed=4.0, example=9.0, residual=1.0, n_seeds=8, n_examples=50)
    >>> variance = HarmonicT()(squares)
    >>> round(variance.value, 4), round(variance.degrees_of_freedom, 1), round(variance.margin(0.95), 4)
    (0.03, 16.3, 0.3666)
    """

    label: ClassVar[str] = "crossed ANOVA, harmonic df"
    fewest_seeds: ClassVar[int] = 3

    def __call__(self, table: MeanSquares) -> VarianceOfMean:
        """Return the estimated variance of the mean of one table."""
        of_seeds, of_examples, of_residual = table.degrees_of_freedom
        few, many = (table.seed, of_seeds), (table.example, of_examples)
        if of_examples < of_seeds:
            few, many = many, few
        least = table.residual * fdtri(few[1], of_residual, _CHANCE)
        values = np.array([max(few[0], least), max(many[0] - table.residual, 0.0)])
        total = values.sum()
        df = total / (values / [few[1], many[1]]).sum()
        return VarianceOfMean(float(total / (table.n_seeds * table.n_examples)), float(df))
