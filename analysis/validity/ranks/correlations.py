"""Type-I error at nominal 5 % of the tests of two correlations, misses of Zou's 95 % interval, and TOST at the margin.

Run as ``python -m analysis.validity.ranks.correlations --n-simulations 2000``.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import (
    Correlation,
    FisherZ,
    IndependentCorrelations,
    MengRosenthalRubin,
    NonOverlappingCorrelations,
    OverlappingCorrelations,
    Pearson,
    Spearman,
    Steiger,
    Williams,
    Zou,
    compare_correlations,
    correlation_equivalence_test,
)
from attnstats.comparison.correlations.coefficients import CorrelationPair
from attnstats.exceptions import UnreliableEstimateWarning

ALPHA = 0.05
COEFFICIENTS = {"Pearson": Pearson(), "Spearman": Spearman()}
#: Correlation of each variable with each other one that is not compared.
ACROSS = 0.3


PAIRS = {
    "independent": IndependentCorrelations,
    "overlapping": OverlappingCorrelations,
    "non-overlapping": NonOverlappingCorrelations,
}


def _sample(generator: np.random.Generator, n: int, correlation: np.ndarray, distribution: str) -> np.ndarray:
    """Return variables (n_variables, n): normal, or divided by a common chi so that every margin is t with 5 df."""
    normal = np.linalg.cholesky(correlation) @ generator.normal(size=(len(correlation), n))
    return normal if distribution == "normal" else normal / np.sqrt(generator.chisquare(5, size=n) / 5)


def _draw(
    design: str, generator: np.random.Generator, n: int, rho: tuple[float, float], distribution: str
) -> np.ndarray:
    """Return the variables of a design, in the order of its ``from_arrays``."""
    first, second = rho
    if design == "independent":
        return np.concatenate(
            [_sample(generator, n, np.array([[1, value], [value, 1]]), distribution) for value in rho]
        )
    if design == "overlapping":
        matrix = np.array([[1, first, second], [first, 1, ACROSS], [second, ACROSS, 1]])
    else:
        matrix = np.full((4, 4), ACROSS)
        np.fill_diagonal(matrix, 1)
        matrix[0, 1] = matrix[1, 0] = first
        matrix[2, 3] = matrix[3, 2] = second
    return _sample(generator, n, matrix, distribution)


METHODS = {
    "independent": (FisherZ(),),
    "overlapping": (Williams(), Steiger(), MengRosenthalRubin()),
    "non-overlapping": (Steiger(),),
}


@dataclass(frozen=True)
class EqualityTrial:
    """Two equal correlations."""

    design: str
    n: int
    rho: float
    distribution: str

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the variables and compare the correlations by every method."""
        outcome = {}
        arrays = _draw(self.design, generator, self.n, (self.rho, self.rho), self.distribution)
        for name, coefficient in COEFFICIENTS.items():
            pair = _pair(self.design, arrays, coefficient)
            for method in (*METHODS[self.design], Zou()):
                if not (isinstance(method, Williams) and name == "Spearman"):
                    rejected = compare_correlations(pair, method).pvalue <= ALPHA
                    outcome[f"{name}, {type(method).__name__}"] = rejected
        return outcome


@dataclass(frozen=True)
class MarginTrial:
    """Correlations .6 and .3 with margin .3; and one correlation of .3 with that margin."""

    design: str
    n: int
    distribution: str

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the variables; test equivalence and look whether the interval misses the difference."""
        arrays = _draw(self.design, generator, self.n, (0.6, 0.3), self.distribution)
        pair = _pair(self.design, arrays, Pearson())
        one = Correlation(pair.parts[1].r, self.n)
        return {
            "TOST of two": correlation_equivalence_test(pair, margin=0.3).pvalue <= ALPHA,
            "TOST of one": correlation_equivalence_test(one, margin=0.3).pvalue <= ALPHA,
            "Zou interval misses": 0.3 not in pair.interval(0.95),
        }


def _pair(design: str, arrays: np.ndarray, coefficient: object) -> CorrelationPair:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnreliableEstimateWarning)  # heavy tails are what is measured
        return PAIRS[design].from_arrays(*arrays, coefficient=coefficient)


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    found: list[tuple[dict[str, object], Trial, float]] = []
    for design in METHODS:
        for n in (20, 50, 200):
            for distribution in ("normal", "t5"):
                setting = {"design": design, "n": n, "distribution": distribution}
                found += [
                    ({**setting, "null": f"equal, {rho}"}, EqualityTrial(design, n, rho, distribution), ALPHA)
                    for rho in (0.0, 0.6)
                ]
                found.append(({**setting, "null": "difference at .3"}, MarginTrial(design, n, distribution), ALPHA))
    return found


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the type-I error of the comparisons of correlations at nominal 5 %."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
