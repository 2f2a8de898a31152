"""Coverage of intervals for the difference of two means, of independent samples of different size and spread.

Run as ``python -m analysis.validity.resampling.coverage_two_samples --n-simulations 300``.
"""

import warnings
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import ttest_ind

from analysis.validity.simulation import main, rates
from attnstats.exceptions import UndercoverageWarning
from attnstats.resampling import BCa, FunctionOfMeans, Percentile, Studentized, bootstrap_interval

METHODS = {"percentile": Percentile(999), "BCa": BCa(999), "studentized": Studentized(399)}
DIFFERENCE = FunctionOfMeans(lambda means: means[0] - means[1])


@dataclass(frozen=True)
class TwoSampleTrial:
    """Two samples with means of 1 and 2, and whether each interval covers the difference."""

    distribution: str
    n: tuple[int, int]

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the samples and their intervals."""
        draw = {"normal": lambda size: generator.normal(1.0, 1.0, size), "exponential": generator.standard_exponential}
        a, b = (factor * draw[self.distribution](size) for factor, size in zip((1.0, 2.0), self.n, strict=True))
        welch = ttest_ind(a, b, equal_var=False).confidence_interval()
        covered = {"Welch": bool(welch.low <= -1.0 <= welch.high)}
        for name, method in METHODS.items():
            covered[name] = -1.0 in bootstrap_interval((a, b), DIFFERENCE, method=method, rng=generator)
        return covered


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    n: tuple[tuple[int, int], ...] = ((15, 30), (40, 20)),
    distributions: tuple[str, ...] = ("normal", "exponential"),
) -> pd.DataFrame:
    """Measure the coverage of nominal 95 % intervals for a difference of means."""
    trials = [
        ({"distribution": name, "n_a": sizes[0], "n_b": sizes[1]}, TwoSampleTrial(name, sizes), 0.95)
        for name, sizes in product(distributions, n)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndercoverageWarning)
        return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
