"""Type-I error of infomeasure's permutation tests of independent time series at nominal 5 %, beside those of `series`.

Run as ``python -m analysis.validity.information.series_peers --n-simulations 300``, with the extra ``bench``. Series
are those of `series`. With 39 permutations its p-value, the share of permutations that reach the estimate, is at most
5 % where one does or none, which happens by chance in 5 % of exchangeable samples. ennemi, the other peer for series
that installs, estimates and does not test.
"""

from dataclasses import dataclass

import infomeasure
import numpy as np
import pandas as pd
from scipy.signal import lfilter

from analysis.validity.information.series import ALPHA, N_RESAMPLES
from analysis.validity.simulation import Trial, main, rates


@dataclass(frozen=True)
class PeerTrial:
    """Two independent stationary AR(1) series, and whether each test of infomeasure rejects."""

    coefficient: float
    n: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the series and test them."""
        noise = generator.normal(size=(2, self.n + 200))
        x, y = lfilter([1.0], [1.0, -self.coefficient], noise)[:, 200:]
        settings = {"k": 3, "noise_level": 0}
        information = infomeasure.estimator(x, y, measure="mutual_information", approach="ksg", **settings)
        transfer = infomeasure.estimator(x, y, measure="transfer_entropy", approach="metric", **settings)
        information.rng = transfer.rng = generator
        return {
            name: test.statistical_test(n_tests=N_RESAMPLES, method="permutation_test").p_value <= ALPHA
            for name, test in (("mutual information", information), ("transfer entropy", transfer))
        }


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    return [
        ({"peer": "infomeasure", "null": f"AR({coefficient:g})", "n": n}, PeerTrial(coefficient, n), ALPHA)
        for n in (100, 300)
        for coefficient in (0.0, 0.5, 0.9)
    ]


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the type-I error of the tests of the peer at nominal 5 %."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
