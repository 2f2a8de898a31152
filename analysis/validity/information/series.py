"""Type-I error of tests of independent time series at nominal 5 %, and coverage of 95 % intervals of dependent ones.

Run as ``python -m analysis.validity.information.series --n-simulations 1000``. Two AR(1) series have nothing to do with
each other; a coefficient of 0 makes them rows that can be exchanged. With 39 resamples the p-value reaches 5 % exactly.
The intervals are those of two AR(1) series whose noises correlate by .6, and so do they: 0.22 nats.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from analysis.validity.simulation import Trial, main, rates
from attnstats.exceptions import UnreliableEstimateWarning
from attnstats.information import (
    KSG,
    BlockPermutation,
    CircularShift,
    Gaussian,
    MIEstimator,
    PhaseSurrogate,
    lagged_mutual_information,
    mutual_information,
    transfer_entropy,
)
from attnstats.resampling import HalfSampling, Permutation, TimeBlocks

ALPHA = 0.05
N_RESAMPLES = 39
#: Of the noises of dependent series, and the rows of a block in their intervals.
CORRELATION, LENGTH = 0.6, 50


@dataclass(frozen=True)
class SeriesTrial:
    """Two independent stationary AR(1) series, whether each test rejects, and whether permuted rows are warned of."""

    estimator: MIEstimator
    coefficient: float
    n: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the series and test them."""
        noise = generator.normal(size=(2, self.n + 200))  # whose first 200 steps forget that they start from nothing
        x, y = lfilter([1.0], [1.0, -self.coefficient], noise)[:, 200:]
        shift, phases = CircularShift(N_RESAMPLES), PhaseSurrogate(N_RESAMPLES)
        blocks = BlockPermutation(25 if self.n >= 200 else 12, N_RESAMPLES)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", UnreliableEstimateWarning)
            permuted = mutual_information(x, y, self.estimator, null=Permutation(N_RESAMPLES), rng=generator)
        lagged = lagged_mutual_information(x, y, range(-3, 4), self.estimator, null=shift, rng=generator)
        return {
            "permutation of rows": permuted.pvalue <= ALPHA,
            "permutation of rows, warned of": bool(warned),
            "circular shift": mutual_information(x, y, self.estimator, null=shift, rng=generator).pvalue <= ALPHA,
            "shuffled blocks": mutual_information(x, y, self.estimator, null=blocks, rng=generator).pvalue <= ALPHA,
            "random phases": mutual_information(x, y, self.estimator, null=phases, rng=generator).pvalue <= ALPHA,
            "any of seven lags": min(lagged.pvalues_adjusted) <= ALPHA,
            "transfer entropy": transfer_entropy(x, y, self.estimator, null=shift, rng=generator).pvalue <= ALPHA,
        }


@dataclass(frozen=True)
class CoverageTrial:
    """Two AR(1) series whose noises correlate, and whether intervals of their mutual information hold the truth."""

    estimator: MIEstimator
    coefficient: float
    n: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the series and estimate."""
        noise = generator.normal(size=(2, self.n + 200))
        noise[1] = CORRELATION * noise[0] + np.sqrt(1 - CORRELATION**2) * noise[1]
        x, y = lfilter([1.0], [1.0, -self.coefficient], noise)[:, 200:]
        truth = -0.5 * np.log(1 - CORRELATION**2)
        found = {}
        for name, interval in (
            ("half-sampling of rows", HalfSampling(100)),
            ("of blocks", TimeBlocks(LENGTH, HalfSampling(100))),
        ):
            estimate = mutual_information(x, y, self.estimator, interval=interval, bias_warning=False, rng=generator)
            found[name] = estimate.interval is not None and truth in estimate.interval
        return found


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    levels: list[tuple[dict[str, object], Trial, float]] = [
        ({"estimator": label, "null": f"AR({coefficient:g})", "n": n}, SeriesTrial(estimator, coefficient, n), ALPHA)
        for n in (100, 300)
        for coefficient in (0.0, 0.5, 0.9)
        for label, estimator in (("Gaussian", Gaussian()), ("KSG", KSG()))
    ]
    coverage: list[tuple[dict[str, object], Trial, float]] = [
        (
            {"estimator": label, "null": f"correlated AR({coefficient:g})", "n": 1000},
            CoverageTrial(estimator, coefficient, 1000),
            0.95,
        )
        for coefficient in (0.0, 0.5, 0.9)
        for label, estimator in (("Gaussian", Gaussian()), ("KSG", KSG()))
    ]
    return levels + coverage


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the type-I error of the tests of independent series at nominal 5 %."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
