"""Level of cluster-robust tests, and coverage of intervals of the intraclass correlation.

Beside them stands the t test that takes the values of a cluster for independent. Run as
``python -m analysis.validity.comparison.clusters --n-simulations 1000``.
"""

import warnings
from contextlib import suppress
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri
from scipy.stats import ttest_1samp

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import clustered_test, intraclass_correlation
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning

ALPHA = 0.05
#: Sizes of clusters, repeated as often as there are clusters.
SIZES = {"all 5": (5,), "2 to 20": (2, 2, 4, 7, 20)}


@dataclass(frozen=True)
class ClusterTrial:
    """Values of mean 0 (of a share of 0.8 ones, less 0.8) whose clusters have an intraclass correlation."""

    n_clusters: int
    sizes: str
    correlation: float
    data: str

    def __call__(self, generator: np.random.Generator) -> dict[str, float]:
        """Draw the values and look what the tests and the interval say; nothing where these are undefined."""
        clusters = np.repeat(np.arange(self.n_clusters), np.resize(SIZES[self.sizes], self.n_clusters))
        common = generator.normal(size=self.n_clusters)[clusters]
        own = generator.normal(size=len(clusters))
        values = np.sqrt(self.correlation) * common + np.sqrt(1 - self.correlation) * own
        if self.data == "exponential":
            values = -np.log(ndtr(-values)) - 1
        elif self.data == "0 or 1":
            values = (values < ndtri(0.8)) - 0.8
        found: dict[str, float] = {"t of independent values": float(ttest_1samp(values, 0).pvalue) < ALPHA}
        with warnings.catch_warnings(), suppress(ConstantInputError):
            warnings.simplefilter("ignore", FewReplicatesWarning)
            robust = clustered_test(values, clusters=clusters, minimum_replicates=5)
            found["cluster-robust t"] = robust.pvalue < ALPHA
            if self.data == "normal":
                icc = intraclass_correlation(values, clusters=clusters, minimum_replicates=5)
                found["interval of the ICC misses"] = self.correlation not in icc.interval
        return found


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    return [
        (
            {"data": data, "n_clusters": n_clusters, "sizes": sizes, "correlation": correlation},
            ClusterTrial(n_clusters, sizes, correlation, data),
            ALPHA,
        )
        for data, n_clusters, sizes, correlation in product(
            ("normal", "exponential", "0 or 1"), (5, 8, 20), SIZES, (0.0, 0.3)
        )
    ]


def simulate(*, n_simulations: int = 1_000, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Return the rates at which a mean of 0 is rejected and at which intervals miss the correlation."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
