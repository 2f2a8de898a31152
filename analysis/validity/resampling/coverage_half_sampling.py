"""Coverage of half-sampling intervals for a mean, of independent rows and of groups.

Run as ``python -m analysis.validity.resampling.coverage_half_sampling --n-simulations 2000``.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.validity.simulation import main, rates
from attnstats.resampling import HalfSampling


@dataclass(frozen=True)
class HalfSamplingTrial:
    """One sample, and whether the interval covers the true mean, with and without the groups."""

    distribution: str
    n: int
    rows_per_group: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the sample and its interval."""
        n_groups = self.n // self.rows_per_group
        groups = np.repeat(np.arange(n_groups), self.rows_per_group)
        if self.distribution == "normal":
            values, truth = generator.normal(size=self.n), 0.0
        else:
            values, truth = generator.exponential(size=self.n), 1.0
        if self.rows_per_group > 1:
            values = values + generator.normal(size=n_groups)[groups]
        interval = HalfSampling().interval(
            lambda rows: float(values[rows].mean()), float(values.mean()), self.n, groups=groups, rng=generator
        )
        return {"half-sampling, t": truth in interval}


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    n: tuple[int, ...] = (20, 100, 500),
    distributions: tuple[str, ...] = ("normal", "exponential"),
) -> pd.DataFrame:
    """Measure the coverage of nominal 95 % half-sampling intervals of a mean."""
    trials = [
        (
            {"distribution": distribution, "n": size, "rows_per_group": per_group},
            HalfSamplingTrial(distribution, size, per_group),
            0.95,
        )
        for distribution in distributions
        for size in n
        for per_group in (1, 5)
        if size // per_group >= 8
    ]
    return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
