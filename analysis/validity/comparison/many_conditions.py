"""Type-I error of the tests of many conditions at nominal 5 %, and coverage of comparisons with the best and of ranks.

Run as ``python -m analysis.validity.comparison.many_conditions --n-simulations 2000``.
"""

import warnings
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import (
    aligned_ranks_test,
    compare_with_best,
    friedman_test,
    jonckheere_test,
    nemenyi_test,
    page_test,
    simultaneous_rank_intervals,
)
from attnstats.exceptions import FewReplicatesWarning

ALPHA = 0.05
N_RESAMPLES = 1_000


@dataclass(frozen=True)
class RankTrial:
    """Conditions that do not differ, in blocks that do."""

    n_conditions: int
    n_blocks: int
    ties: bool

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the blocks and test them."""
        shape = (self.n_conditions, self.n_blocks)
        independent = generator.normal(size=shape)
        if self.ties:
            independent = np.round(independent)  # about four values
        values = independent + generator.integers(0, 10, size=self.n_blocks)
        exact = None if self.n_conditions < 5 else False
        pvalues = {
            "Friedman, default": friedman_test(values, exact=exact).pvalue,
            "Friedman, F": friedman_test(values, exact=False).pvalue,
            "Page, default": page_test(values).pvalue,
            "Page, normal": page_test(values, exact=False).pvalue,
            "aligned ranks": aligned_ranks_test(values, n_resamples=499, rng=generator).pvalue,
            "Jonckheere, normal": jonckheere_test(independent, exact=False).pvalue,
        }
        if shape == (3, 5):  # both are slow for a simulation
            pvalues["Jonckheere, exact"] = jonckheere_test(independent).pvalue
        if shape == (4, 8):
            pvalues["Nemenyi, any pair"] = min(min(row) for row in nemenyi_test(values).pvalues)
        return {name: pvalue <= ALPHA for name, pvalue in pvalues.items()}


@dataclass(frozen=True)
class BestTrial:
    """One condition ahead of the others, which are equal; seeds shared by all conditions."""

    n_conditions: int
    n_seeds: int
    lead: float
    noise: str

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the conditions and count a miss of any interval."""
        k, shape = self.n_conditions, (self.n_conditions, self.n_seeds)
        residuals = {
            "normal": lambda: generator.normal(size=shape),
            "t3": lambda: generator.standard_t(3, size=shape) / np.sqrt(3),
            "exponential": lambda: generator.exponential(size=shape) - 1,
            "unequal": lambda: generator.normal(size=shape) * np.linspace(1, 3, k)[:, np.newaxis],
            "a steady best": lambda: generator.normal(size=shape) * np.r_[0.1, np.ones(k - 1)][:, np.newaxis],
            "a steady best, exponential below": lambda: (
                (1 - generator.exponential(size=shape)) * np.r_[0.1, np.ones(k - 1)][:, np.newaxis]
            ),
        }[self.noise]()
        values = residuals + generator.normal(size=self.n_seeds)
        values[0] += self.lead
        leads = np.full(k, -self.lead)
        leads[0] = self.lead
        options = {"n_resamples": N_RESAMPLES, "minimum_replicates": 2, "rng": generator}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewReplicatesWarning)
            best = compare_with_best(values, **options)
            ranks = simultaneous_rank_intervals(values, **options)
        covered = [lead in interval for lead, interval in zip(leads, best.intervals, strict=True)]
        # Equal conditions share their ranks: an interval that does not hold all of these stems from a false rejection.
        first, last = np.ones(k), np.full(k, k)
        if self.lead:
            first[1:], last[0] = 2, 1
        right = (ranks.low <= first) & (ranks.high >= last)
        return {"comparisons with the best cover": all(covered), "rank intervals are right": bool(right.all())}


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    found: list[tuple[dict[str, object], Trial, float]] = []
    for (k, n), ties in product(((3, 5), (3, 10), (4, 8), (10, 8)), (False, True)):
        setting = {"setting": "no difference" + (", ties" if ties else ""), "n_conditions": k, "n": n}
        found.append((setting, RankTrial(k, n, ties), ALPHA))
    cases = [(k, n, lead, "normal") for k, n, lead in ((3, 8, 1), (6, 8, 0), (6, 8, 1), (6, 20, 1), (10, 5, 1))]
    cases += [(6, 8, 1, noise) for noise in ("t3", "exponential", "unequal", "a steady best")]
    cases.append((6, 8, 1, "a steady best, exponential below"))
    for k, n, lead, noise in cases:
        setting = {"setting": f"{noise} noise, one ahead by {lead}", "n_conditions": k, "n": n}
        found.append((setting, BestTrial(k, n, lead, noise), 0.95))
    return found


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the error rates of the methods for many conditions."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
