"""How often the test of almost stochastic order rejects where there is no order, or exactly its threshold of violation.

Run as ``python -m analysis.validity.comparison.stochastic_order --n-simulations 2000``.
"""

import warnings
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.validity.simulation import main, rates
from attnstats.comparison import stochastic_order_test, violation_ratio
from attnstats.exceptions import ConstantInputError, UnreliableEstimateWarning

#: The violation ratio of N(SHIFT, 2) over N(0, 1) is 0.2: the root of Φ(-d) - d φ(d)/(1 + d²) = 0.2.
SHIFT = 0.4331


@dataclass(frozen=True)
class OrderTrial:
    """Two independent normal samples of the same size."""

    distributions: str
    n: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the samples and test the order at both thresholds."""
        a, b = generator.normal(size=(2, self.n))
        if self.distributions == "ratio 0.2":
            a = SHIFT + 2 * a
        elif self.distributions == "ratio 0.5":
            a = 2 * a
        return {f"threshold {threshold}": rejects(a, b, threshold, generator) for threshold in (0.2, 0.5)}


def rejects(a: np.ndarray, b: np.ndarray, threshold: float, generator: np.random.Generator) -> bool:
    """Return whether an order is claimed; where one sample lies above the other throughout, anyone would claim it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnreliableEstimateWarning)
        try:
            return stochastic_order_test(a, b, threshold=threshold, n_resamples=199, rng=generator).pvalue <= 0.05
        except ConstantInputError:
            return violation_ratio(a, b) == 0


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    distributions: tuple[str, ...] = ("equal", "ratio 0.2", "ratio 0.5"),
    n: tuple[int, ...] = (8, 20, 50, 100),
) -> pd.DataFrame:
    """Measure how often an almost stochastic order is claimed at nominal 5 %."""
    trials = [
        ({"distributions": which, "n": size}, OrderTrial(which, size), 0.05)
        for which, size in product(distributions, n)
    ]
    return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
