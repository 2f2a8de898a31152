"""Type-I error of the permutation tests at nominal 5 %: what may be exchanged, and what happens if it may not.

Run as ``python -m analysis.validity.resampling.permutation_tests --n-simulations 2000``.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.validity.simulation import Trial, main, rates
from attnstats.ranks import Tau
from attnstats.resampling import Blocked, ClusterLabels, Independent, Pairings, WelchT, permutation_test

ALPHA = 0.05
N_RESAMPLES = 99  # (B + 1) α is whole, so that the exact level is 5 % but for ties


def difference(x: np.ndarray, y: np.ndarray) -> float:
    """Return the difference of the means of two samples."""
    return float(x.mean() - y.mean())


def contrast(values: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean of the values labelled 1 less that of those labelled 0."""
    return float(values @ labels / labels.sum() - values @ (1 - labels) / (1 - labels).sum())


@dataclass(frozen=True)
class SamplesTrial:
    """Two samples of one distribution; the spread of the second may differ."""

    n_x: int
    n_y: int
    spread: float

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the samples and test their means."""
        x, y = generator.normal(size=self.n_x), self.spread * generator.normal(size=self.n_y)
        options = {"kind": Independent(), "n_resamples": N_RESAMPLES, "rng": generator}
        return {
            "two-sample": permutation_test(x, y, difference, **options).pvalue <= ALPHA,
            "two-sample, Welch's t": permutation_test(x, y, WelchT(), **options).pvalue <= ALPHA,
        }


@dataclass(frozen=True)
class PairsTrial:
    """Independent pairs, continuous or tied, tested by tau."""

    n: int
    n_values: int | None

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the pairs and test them."""
        pairs = generator.normal(size=(2, self.n))
        if self.n_values is not None:
            pairs = np.zeros((2, self.n))
            while (np.ptp(pairs, axis=1) == 0).any():  # tau needs both to vary
                pairs = generator.integers(self.n_values, size=(2, self.n)).astype(float)
        return {
            f"pairings, {alternative}": permutation_test(
                *pairs, Tau(), alternative=alternative, n_resamples=N_RESAMPLES, rng=generator
            ).pvalue
            <= ALPHA
            for alternative in ("two-sided", "greater")
        }


@dataclass(frozen=True)
class BlocksTrial:
    """Values that depend on the block alone, as the share of the label does."""

    n_blocks: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the blocks and test the label."""
        blocks = np.repeat(np.arange(self.n_blocks), 8)
        values = 2.0 * (blocks % 2) + generator.normal(size=len(blocks))
        labels = np.where(np.arange(len(blocks)) % 8 < np.where(blocks % 2, 6, 2), 1.0, 0.0)
        options = {"n_resamples": N_RESAMPLES, "rng": generator}
        return {
            "within blocks": permutation_test(values, labels, contrast, kind=Blocked(blocks), **options).pvalue
            <= ALPHA,
            "across blocks": permutation_test(values, labels, contrast, **options).pvalue <= ALPHA,
        }


@dataclass(frozen=True)
class ClustersTrial:
    """Clusters of ten dependent rows, half of them labelled; the label does nothing."""

    n_clusters: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the clusters and test the label."""
        groups = np.repeat(np.arange(self.n_clusters), 10)
        values = generator.normal(size=self.n_clusters)[groups] + generator.normal(size=len(groups))
        labels = (groups % 2).astype(float)
        options = {"n_resamples": N_RESAMPLES, "rng": generator}
        return {
            "cluster labels": permutation_test(values, labels, contrast, kind=ClusterLabels(groups), **options).pvalue
            <= ALPHA,
            "rows": permutation_test(values, labels, contrast, kind=Pairings(), **options).pvalue <= ALPHA,
        }


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    found: list[tuple[dict[str, object], Trial, float]] = []
    for n_x, n_y, spread in ((8, 8, 1.0), (20, 20, 3.0), (30, 10, 3.0)):
        found.append(
            (
                {"null": f"samples of {n_x} and {n_y}, spread 1 to {spread:g}", "n": n_x + n_y},
                SamplesTrial(n_x, n_y, spread),
                ALPHA,
            )
        )
    for n, n_values in ((10, None), (10, 3), (50, None), (50, 3)):
        kind = "continuous" if n_values is None else f"{n_values} values"
        found.append(({"null": f"independent pairs, {kind}", "n": n}, PairsTrial(n, n_values), ALPHA))
    found += [({"null": "blocks that differ", "n": 8 * k}, BlocksTrial(k), ALPHA) for k in (2, 6)]
    found += [({"null": "clusters of 10 rows", "n": 10 * k}, ClustersTrial(k), ALPHA) for k in (8, 20)]
    return found


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the type-I error of the permutation tests at nominal 5 %."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
