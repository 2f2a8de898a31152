"""Coverage of 95 % intervals of a random-effects mean and of prediction intervals, at few studies.

Sampling variances differ up to tenfold between studies. Run as ``python -m
analysis.validity.comparison.meta_analysis``.
"""

import warnings
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import DerSimonianLaird, Wald, meta_analysis, meta_analysis_of_correlations
from attnstats.exceptions import FewReplicatesWarning

LEVEL = 0.95
MEAN = 0.3
PROCEDURES = {
    "REML, Knapp-Hartung": {},
    "DerSimonian-Laird, Wald": {"heterogeneity": DerSimonianLaird(), "test": Wald()},
}


@dataclass(frozen=True)
class MeanTrial:
    """Normal effects around a mean, with known variances."""

    n_studies: int
    i2: float

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the studies and look whether the intervals hold the mean, and a new study's true effect."""
        variances = np.geomspace(0.02, 0.2, self.n_studies)[generator.permutation(self.n_studies)]
        tau = np.sqrt(self.i2 / (1 - self.i2) * 0.06)
        effects = generator.normal(MEAN, np.sqrt(variances + tau**2))
        new = generator.normal(MEAN, tau)
        outcome = {}
        for name, options in PROCEDURES.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FewReplicatesWarning)  # that Wald is too narrow is what is measured
                found = meta_analysis(effects, variances, **options)
            outcome[name] = MEAN in found.mean.confidence_interval
            if not options:
                outcome["prediction"] = new in found.prediction_interval
                outcome["tau², Q-profile"] = tau**2 in found.tau2_interval
        return outcome


@dataclass(frozen=True)
class CorrelationTrial:
    """Correlations of normal samples, their true values normal in Fisher's z."""

    n_studies: int
    tau: float

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the studies and look whether the interval holds the correlation at the mean z."""
        sizes = generator.integers(20, 101, size=self.n_studies)
        correlations = []
        for size, rho in zip(sizes, np.tanh(generator.normal(MEAN, self.tau, size=self.n_studies)), strict=True):
            x, noise = generator.normal(size=(2, size))
            correlations.append(np.corrcoef(x, rho * x + np.sqrt(1 - rho**2) * noise)[0, 1])
        found = meta_analysis_of_correlations(correlations, sizes)
        return {"REML, Knapp-Hartung": np.tanh(MEAN) in found.mean.confidence_interval}


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    found: list[tuple[dict[str, object], Trial, float]] = [
        ({"data": f"effects, I² {i2}", "n_studies": n}, MeanTrial(n, i2), LEVEL)
        for n, i2 in product((3, 5, 10, 20), (0.0, 0.5, 0.9))
    ]
    return found + [
        ({"data": f"correlations, tau {tau}", "n_studies": n}, CorrelationTrial(n, tau), LEVEL)
        for n, tau in product((3, 10), (0.0, 0.2))
    ]


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the coverage of intervals of a random-effects mean."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
