"""Coverage of intervals for the mean over seeds and examples, both random: x_se = A_s + B_e + R_se, truth zero.

Run as ``python -m analysis.validity.resampling.coverage_crossed --n-simulations 2000``.
"""

import warnings
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.validity.simulation import main, rates
from attnstats.comparison import Satterthwaite, anova_interval, t_interval
from attnstats.exceptions import FewReplicatesWarning
from attnstats.resampling import Crossed, Percentile, bootstrap_interval

#: Standard deviations of the seed, the example and the residual component.
COMPONENTS = {
    "seed and example": (0.1, 1.0, 1.0),
    "mostly seed": (0.5, 1.0, 1.0),
    "mostly example": (0.02, 1.0, 0.5),
    "residual alone": (0.0, 0.0, 1.0),
}


@dataclass(frozen=True)
class CrossedTrial:
    """One matrix of seeds and examples, and whether each interval covers zero."""

    components: tuple[float, float, float]
    n_seeds: int
    n_examples: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the matrix and its intervals."""
        seed, example, residual = self.components
        values = seed * generator.normal(size=(self.n_seeds, 1)) + example * generator.normal(size=self.n_examples)
        values = values + residual * generator.normal(size=values.shape)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewReplicatesWarning)
            intervals = {
                "crossed percentile bootstrap": bootstrap_interval(
                    values, np.mean, method=Percentile(499), design=Crossed(), rng=generator
                ),
                "crossed ANOVA": anova_interval(values),
                "crossed ANOVA, Satterthwaite": anova_interval(values, variance=Satterthwaite()),
                "t over seeds": t_interval(values.mean(axis=1), minimum_replicates=2),
            }
        return {name: 0.0 in interval for name, interval in intervals.items()}


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    n_seeds: tuple[int, ...] = (3, 5, 8, 10, 20),
    n_examples: tuple[int, ...] = (50, 200),
    components: tuple[str, ...] = tuple(COMPONENTS),
) -> pd.DataFrame:
    """Measure the coverage of nominal 95 % intervals over crossed seeds and examples."""
    trials = [
        ({"components": name, "n_seeds": k, "n_examples": n}, CrossedTrial(COMPONENTS[name], k, n), 0.95)
        for name, k, n in product(components, n_seeds, n_examples)
    ]
    return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
