"""Coverage of 95 % intervals of Hedges' g and of P(A > B), in samples of equal and unequal size and spread.

Run as ``python -m analysis.validity.comparison.effect_sizes --n-simulations 2000``.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import BrunnerMunzel, IndependentG, Newcombe, PairedG, Superiority, estimate_effect
from attnstats.exceptions import InvalidInputError

LEVEL = 0.95


@dataclass(frozen=True)
class StandardisedTrial:
    """Samples whose standardised difference is known, normal or t with 5 degrees of freedom."""

    n: int
    delta: float
    distribution: str

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the samples and look whether the intervals hold the effect."""
        noise = (
            generator.normal(size=(2, self.n))
            if self.distribution == "normal"
            else generator.standard_t(5, size=(2, self.n)) / np.sqrt(5 / 3)
        )
        a, b = noise[0] + self.delta, noise[1]
        return {
            "g of differences": self.delta in estimate_effect(a, 0.0, PairedG()).interval,
            "g of two samples": self.delta in estimate_effect(a, b, IndependentG()).interval,
        }


@dataclass(frozen=True)
class SuperiorityTrial:
    """Samples whose P(A > B) is known."""

    n_a: int
    n_b: int
    p: float
    data: str

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the samples and look whether the intervals hold P; one that is undefined does not."""
        if self.data == "exponential":
            a = generator.exponential(self.p / (1 - self.p), size=self.n_a)
            b = generator.exponential(size=self.n_b)
        else:
            spread = 3.0 if "3" in self.data else 1.0
            a = generator.normal(ndtri(self.p) * np.sqrt(1 + spread**2), 1, size=self.n_a)
            b = generator.normal(0, spread, size=self.n_b)
        try:
            logit = self.p in estimate_effect(a, b, Superiority(BrunnerMunzel())).interval
        except InvalidInputError:
            logit = False
        return {
            "P, placement score": self.p in estimate_effect(a, b, Superiority()).interval,
            "P, Newcombe": self.p in estimate_effect(a, b, Superiority(Newcombe())).interval,
            "P, Brunner-Munzel": logit,
        }


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    found: list[tuple[dict[str, object], Trial, float]] = [
        ({"data": distribution, "n": str(n), "effect": delta}, StandardisedTrial(n, delta, distribution), LEVEL)
        for distribution, n, delta in product(("normal", "t5"), (8, 20, 50), (0.0, 0.8))
    ]
    return found + [
        ({"data": data, "n": f"{n_a}, {n_b}", "effect": p}, SuperiorityTrial(n_a, n_b, p, data), LEVEL)
        for data, (n_a, n_b), p in product(
            ("normal", "exponential", "normal, spread 1 and 3"), ((8, 8), (20, 8), (20, 20), (50, 50)), (0.5, 0.9)
        )
    ]


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the coverage of intervals of effect sizes."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
