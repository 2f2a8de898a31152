"""Coverage of intervals for the mean over seeds that have examples of their own: x_se = A_s + R_se, truth zero.

Run as ``python -m analysis.validity.resampling.coverage_nested --n-simulations 2000``.
"""

import warnings
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.validity.simulation import main, rates
from attnstats.comparison import t_interval
from attnstats.exceptions import FewReplicatesWarning
from attnstats.resampling import BCa, Clustered, Nested, Percentile, Studentized, bootstrap_interval

#: Standard deviation of the seed component; that of the examples within a seed is one.
COMPONENTS = {"half seed": 1.0, "mostly examples": 0.1}
N_EXAMPLES = 50
N_RESAMPLES = 499


@dataclass(frozen=True)
class NestedTrial:
    """Seeds with examples of their own, and whether each interval covers zero."""

    seed: float
    n_seeds: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the values and their intervals."""
        values = self.seed * generator.normal(size=(self.n_seeds, 1)) + generator.normal(
            size=(self.n_seeds, N_EXAMPLES)
        )
        seeds = np.repeat(np.arange(self.n_seeds), N_EXAMPLES)
        methods = {
            "rows, percentile": (Percentile(N_RESAMPLES), None),
            "clusters, percentile": (Percentile(N_RESAMPLES), Clustered(seeds)),
            "clusters, BCa": (BCa(N_RESAMPLES), Clustered(seeds)),
            "clusters, studentized": (Studentized(N_RESAMPLES), Clustered(seeds)),
            "nested, percentile": (Percentile(N_RESAMPLES), Nested(seeds)),
        }
        if self.n_seeds < 5:  # most resamples of three seeds repeat one: there is no studentized interval
            del methods["clusters, studentized"]
        covered = {"t over seeds": 0.0 in t_interval(values.mean(axis=1), minimum_replicates=2)}
        for name, (method, design) in methods.items():
            options = {} if design is None else {"design": design}
            covered[name] = 0.0 in bootstrap_interval(values.ravel(), np.mean, method=method, **options, rng=generator)
        return covered


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    n_seeds: tuple[int, ...] = (3, 5, 8, 10, 20),
    components: tuple[str, ...] = tuple(COMPONENTS),
) -> pd.DataFrame:
    """Measure the coverage of nominal 95 % intervals over seeds with nested examples."""
    trials = [
        ({"components": name, "n_seeds": k}, NestedTrial(COMPONENTS[name], k), 0.95)
        for name, k in product(components, n_seeds)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewReplicatesWarning)
        return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
