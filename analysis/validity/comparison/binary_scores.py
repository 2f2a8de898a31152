"""Level and coverage for scores of 0 and 1: McNemar's tests, score tests, and intervals of differences of proportions.

The pairs of a setting share a latent normal variable, with half of the variance; the samples are independent. Run as
``python -m analysis.validity.comparison.binary_scores --n-simulations 2000``.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import (
    HybridScore,
    MiettinenNurminen,
    independent_proportions_test,
    mcnemar_test,
    proportions_equivalence_test,
)

ALPHA = 0.05


@dataclass(frozen=True)
class PairedTrial:
    """Scores of two conditions on the same examples, the first with a share of ones that is higher by a difference."""

    n: int
    share: float
    difference: float

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the scores and look what the tests and the intervals say."""
        noise = (generator.normal(size=self.n) + generator.normal(size=(2, self.n))) / np.sqrt(2)
        a, b = noise < ndtri([[self.share + self.difference], [self.share]])
        exact, mid = mcnemar_test(a, b, mid_p=False), mcnemar_test(a, b)
        found = {
            "Tango misses": self.difference not in mid.interval(0.95),
            "hybrid score of pairs misses": self.difference
            not in mcnemar_test(a, b, interval=HybridScore()).interval(0.95),
        }
        if self.difference == 0:
            found |= {"McNemar exact": exact.pvalue < ALPHA, "McNemar mid-p": mid.pvalue < ALPHA}
        else:
            equivalent = proportions_equivalence_test(a, b, margin=self.difference)
            found["pairs at the margin are equivalent"] = equivalent.pvalue < ALPHA
        return found


@dataclass(frozen=True)
class IndependentTrial:
    """Scores of two groups."""

    n_a: int
    n_b: int
    share: float
    difference: float

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the scores and look what the tests and the intervals say."""
        a = generator.random(self.n_a) < self.share + self.difference
        b = generator.random(self.n_b) < self.share
        score = independent_proportions_test(a, b, interval=MiettinenNurminen())
        hybrid = independent_proportions_test(a, b, interval=HybridScore())
        found = {
            "Miettinen-Nurminen misses": self.difference not in score.interval(0.95),
            "hybrid score of groups misses": self.difference not in hybrid.interval(0.95),
        }
        if self.difference == 0:
            found["score test of groups"] = score.pvalue < ALPHA
        else:
            equivalent = proportions_equivalence_test(a, b, margin=self.difference, paired=False)
            found["groups at the margin are equivalent"] = equivalent.pvalue < ALPHA
        return found


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    differences = ((0.5, 0.0), (0.8, 0.0), (0.95, 0.0), (0.6, 0.1), (0.85, 0.1))
    paired: list[tuple[dict[str, object], Trial, float]] = [
        (
            {"design": "pairs", "n": str(n), "share": share, "difference": difference},
            PairedTrial(n, share, difference),
            ALPHA,
        )
        for n, (share, difference) in product((20, 50, 200), differences)
    ]
    return paired + [
        (
            {"design": "groups", "n": f"{n_a}, {n_b}", "share": share, "difference": difference},
            IndependentTrial(n_a, n_b, share, difference),
            ALPHA,
        )
        for (n_a, n_b), (share, difference) in product(((20, 20), (50, 20), (200, 200)), differences)
    ]


def simulate(*, n_simulations: int = 2_000, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Return the rates at which nulls are rejected and at which intervals miss the difference."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
