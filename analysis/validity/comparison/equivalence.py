"""Type-I error of two one-sided tests of two independent groups, with the difference of means at an end of the margin.

Beside Welch's test stands Student's with a pooled variance, which takes the groups for equally spread. Run as
``python -m analysis.validity.comparison.equivalence --n-simulations 4000``.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import ttest_ind

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import equivalence_test

ALPHA = 0.05


@dataclass(frozen=True)
class EquivalenceTrial:
    """Two groups whose means differ by just as much as would matter."""

    n_a: int
    n_b: int
    spread: float
    distribution: str
    margin: tuple[float, float]
    difference: float

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the groups and look whether the tests call them equivalent."""
        a = self._noise(generator, self.n_a) + self.difference
        b = self._noise(generator, self.n_b) * self.spread
        low, high = self.margin
        pooled = max(
            float(ttest_ind(a - low, b, alternative="greater").pvalue),
            float(ttest_ind(a - high, b, alternative="less").pvalue),
        )
        welch = equivalence_test(a, b, margin=self.margin, paired=False)
        return {"Welch": welch.pvalue < ALPHA, "pooled variance": pooled < ALPHA}

    def _noise(self, generator: np.random.Generator, n: int) -> np.ndarray:
        if self.distribution == "exponential":
            return generator.exponential(size=n) - 1
        return generator.normal(size=n) if self.distribution == "normal" else generator.standard_t(3, size=n)


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    return [
        (
            {
                "data": distribution,
                "n": f"{n_a}, {n_b}",
                "spread": f"1, {spread:g}",
                "margin": f"{margin[0]:g}, {margin[1]:g}",
                "difference": margin[end],
            },
            EquivalenceTrial(n_a, n_b, spread, distribution, margin, margin[end]),
            ALPHA,
        )
        for distribution, (n_a, n_b), spread, (margin, end) in product(
            ("normal", "t3", "exponential"),
            ((8, 8), (8, 20), (20, 8), (20, 20), (50, 12)),
            (1.0, 3.0),
            (((-6.0, 6.0), 1), ((-9.0, 4.0), 1), ((-9.0, 4.0), 0)),
        )
    ]


def simulate(*, n_simulations: int = 4_000, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Return the rate at which groups at the margin are called equivalent."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
