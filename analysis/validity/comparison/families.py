"""Family-wise error of step-down max-T and min-P beside Holm, their power, and coverage of simultaneous intervals.

The hypotheses of a family are equally correlated. Run as ``python -m analysis.validity.comparison.families
--n-simulations 2000``.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import ttest_1samp

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import MaxT, MinP, adjust_pvalues, independent_family_test, paired_family_test

ALPHA = 0.05
N_RESAMPLES = 499


def _noise(
    generator: np.random.Generator, n: int, n_hypotheses: int, correlation: float, distribution: str
) -> np.ndarray:
    """Return equally correlated columns of mean zero, shape (n, n_hypotheses)."""
    shape = (n, n_hypotheses)
    if distribution == "exponential":
        return generator.exponential(size=shape) - 1
    shared, own = generator.normal(size=(n, 1)), generator.normal(size=shape)
    return np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own


@dataclass(frozen=True)
class NullTrial:
    """All hypotheses true."""

    n_seeds: int
    n_hypotheses: int
    correlation: float
    distribution: str = "normal"

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw a family of each kind and look for a rejection, and whether an interval misses zero."""
        draw = (self.n_hypotheses, self.correlation, self.distribution)
        options = {"n_resamples": N_RESAMPLES, "rng": generator}
        paired = _noise(generator, self.n_seeds, *draw)
        max_t = paired_family_test(paired, method=MaxT(), **options)
        min_p = paired_family_test(paired, method=MinP(), **options)
        labels = independent_family_test(
            _noise(generator, self.n_seeds, *draw), _noise(generator, self.n_seeds + 4, *draw), **options
        )
        return {
            "paired, max-T": min(max_t.pvalues_adjusted) <= ALPHA,
            "paired, min-P": min(min_p.pvalues_adjusted) <= ALPHA,
            "paired, Holm": adjust_pvalues([each.pvalue for each in max_t.results]).min() <= ALPHA,
            "paired, an interval misses": any(0.0 not in each.confidence_interval for each in max_t.results),
            "two samples, max-T": min(labels.pvalues_adjusted) <= ALPHA,
            "two samples, an interval misses": any(0.0 not in each.confidence_interval for each in labels.results),
        }


@dataclass(frozen=True)
class PowerTrial:
    """A tenth of the hypotheses false, by one standard deviation: is the first of them found?"""

    n_seeds: int
    n_hypotheses: int
    correlation: float

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw a family and test it both ways."""
        values = _noise(generator, self.n_seeds, self.n_hypotheses, self.correlation, "normal")
        values[:, : self.n_hypotheses // 10] += 1.0
        family = paired_family_test(values, n_resamples=N_RESAMPLES, rng=generator)
        return {
            "max-T finds the first effect": family.pvalues_adjusted[0] <= ALPHA,
            # of t tests, since few arrangements leave Holm nothing: its smallest p is 50 times their floor
            "Holm finds the first effect": adjust_pvalues(ttest_1samp(values, 0).pvalue)[0] <= ALPHA,
            "max-T rejects a true null": min(family.pvalues_adjusted[self.n_hypotheses // 10 :]) <= ALPHA,
        }


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    found: list[tuple[dict[str, object], Trial, float]] = []
    for (n_seeds, n_hypotheses), correlation in product(((8, 5), (8, 50), (20, 50)), (0.0, 0.5, 0.9)):
        setting = {"data": f"normal, correlation {correlation}", "n_seeds": n_seeds, "n_hypotheses": n_hypotheses}
        found.append((setting, NullTrial(n_seeds, n_hypotheses, correlation), ALPHA))
    for n_seeds in (8, 20):
        setting = {"data": "exponential", "n_seeds": n_seeds, "n_hypotheses": 5}
        found.append((setting, NullTrial(n_seeds, 5, 0.0, "exponential"), ALPHA))
    for correlation in (0.0, 0.5, 0.9):
        setting = {"data": f"a tenth false, correlation {correlation}", "n_seeds": 20, "n_hypotheses": 50}
        found.append((setting, PowerTrial(20, 50, correlation), ALPHA))
    return found


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the family-wise error and the power of corrections by the joint null."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
