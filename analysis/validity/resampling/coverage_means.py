"""Coverage of every interval for the mean of few and skewed values; of shares and of many zeros: `coverage_shares`.

Run as ``python -m analysis.validity.resampling.coverage_means --n-simulations 2000``.
"""

import warnings
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from analysis.validity.simulation import main, rates
from attnstats.exceptions import UndercoverageWarning
from attnstats.resampling import Basic, BCa, DoubleBootstrap, HallT, Percentile, Studentized, bootstrap_interval

#: Means of the distributions drawn from.
MEANS = {"normal": 0.0, "exponential": 1.0, "lognormal": float(np.exp(0.5))}
METHODS = {
    "percentile": Percentile(999),
    "basic": Basic(999),
    "BCa": BCa(999),
    "studentized": Studentized(999),
    "calibrated percentile": DoubleBootstrap(299, 199),
    "Hall's t": HallT(),
}


@dataclass(frozen=True)
class MeanTrial:
    """One sample, and whether each interval covers its mean."""

    distribution: str
    n: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the sample and its intervals."""
        draw = {"normal": generator.normal, "exponential": generator.exponential, "lognormal": generator.lognormal}
        x = draw[self.distribution](size=self.n)
        truth = MEANS[self.distribution]
        margin = stdtrit(self.n - 1, 0.975) * x.std(ddof=1) / np.sqrt(self.n)
        covered = {"t": bool(abs(x.mean() - truth) <= margin)}
        for name, method in METHODS.items():
            covered[name] = truth in bootstrap_interval(x, np.mean, method=method, rng=generator)
        return covered


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    n: tuple[int, ...] = (10, 20, 50),
    distributions: tuple[str, ...] = tuple(MEANS),
) -> pd.DataFrame:
    """Measure the coverage of nominal 95 % intervals for a mean."""
    trials = [
        ({"distribution": name, "n": size}, MeanTrial(name, size), 0.95) for name, size in product(distributions, n)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndercoverageWarning)
        return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
