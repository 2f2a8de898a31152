"""Type-I error of the tests over seeds at nominal 5 %, and coverage of the interval beside them.

Every trial stands on the border of the null hypothesis: no difference; a difference equal to the margin; a
target tied with the best other. Run as ``python -m analysis.validity.comparison.type_one_error --n-simulations 2000``.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import (
    adjust_pvalues,
    best_test,
    equivalence_test,
    interaction_test,
    noninferiority_test,
    paired_test,
)

ALPHA = 0.05
N_RESAMPLES = 999


def _noise(generator: np.random.Generator, shape: tuple[int, ...], distribution: str) -> np.ndarray:
    """Return noise of mean zero and standard deviation one."""
    if distribution == "normal":
        return generator.normal(size=shape)
    if distribution == "t3":
        return generator.standard_t(3, size=shape) / np.sqrt(3)
    return generator.exponential(size=shape) - 1


@dataclass(frozen=True)
class PairedTrial:
    """Differences of mean zero, in strata that differ in noise by a factor of three."""

    n_seeds: int
    n_strata: int
    distribution: str

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the differences and test them."""
        scales = np.where(np.arange(self.n_strata) % 2 == 0, 1.0, 3.0)[:, np.newaxis]
        differences = (scales * _noise(generator, (self.n_strata, self.n_seeds), self.distribution)).ravel()
        strata = np.repeat(np.arange(self.n_strata), self.n_seeds)
        options = {"strata": strata, "n_resamples": 2**self.n_seeds if self.n_strata == 1 else N_RESAMPLES}
        two_sided = paired_test(differences, **options, rng=generator)
        greater = paired_test(differences, **options, alternative="greater", rng=generator)
        return {
            "sign-flip, two-sided": two_sided.pvalue <= ALPHA,
            "sign-flip, greater": greater.pvalue <= ALPHA,
            "t interval misses": 0.0 not in two_sided.interval(0.95),
        }


@dataclass(frozen=True)
class ExchangeableTrial:
    """Lognormal outcomes of two conditions that do not differ: skewed, and yet their differences are symmetric."""

    n_seeds: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw both conditions and test the difference."""
        first, second = np.exp(generator.normal(size=(2, self.n_seeds)))
        result = paired_test(first, second, n_resamples=N_RESAMPLES, rng=generator)
        return {"sign-flip, two-sided": result.pvalue <= ALPHA, "t interval misses": 0.0 not in result.interval(0.95)}


@dataclass(frozen=True)
class MarginTrial:
    """Differences whose mean is exactly the margin."""

    n_seeds: int
    distribution: str

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the differences and test them."""
        noise = 0.3 * _noise(generator, (self.n_seeds,), self.distribution)
        return {
            "equivalence (TOST)": equivalence_test(1 + noise, margin=1.0).pvalue <= ALPHA,
            "non-inferiority": noninferiority_test(noise - 1, margin=1.0).pvalue <= ALPHA,
        }


@dataclass(frozen=True)
class FamilyTrial:
    """A family of four true nulls that share a control."""

    n_seeds: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the conditions and test each against the control."""
        control = generator.normal(size=self.n_seeds)
        conditions = generator.normal(size=(4, self.n_seeds))
        pvalues = [paired_test(each, control, n_resamples=2**self.n_seeds).pvalue for each in conditions]
        return {
            "any rejected, Holm": bool((adjust_pvalues(pvalues) <= ALPHA).any()),
            "any rejected, uncorrected": min(pvalues) <= ALPHA,
        }


@dataclass(frozen=True)
class GridTrial:
    """Rows, columns and seeds with row and column effects and no interaction."""

    n_blocks: int
    n_rows: int
    noise_ratio: float
    seed_effect: float

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the grid and test its interaction."""
        n_columns, n_seeds = 3, 8
        scales = np.linspace(1, self.noise_ratio, self.n_rows)[:, np.newaxis, np.newaxis]
        values = scales * generator.normal(size=(self.n_blocks, self.n_rows, n_columns, n_seeds))
        values += self.seed_effect * generator.normal(size=(self.n_blocks, self.n_rows, 1, n_seeds))
        values += np.arange(n_columns)[:, np.newaxis] + 5 * np.arange(self.n_rows)[:, np.newaxis, np.newaxis]
        return {"interaction": interaction_test(values, n_resamples=N_RESAMPLES, rng=generator).pvalue <= ALPHA}


@dataclass(frozen=True)
class BestTrial:
    """Conditions of which the target is tied with one other; the rest are well below."""

    n_seeds: int
    n_tied: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the conditions and test the target."""
        means = np.full((6, 1), -10.0)
        means[: 1 + self.n_tied] = 0.0
        values = means + generator.normal(size=(6, self.n_seeds))
        result = best_test(values, target=0, n_resamples=2**self.n_seeds)
        return {"best of all": result.pvalue <= ALPHA, "its interval misses": 0.0 not in result.interval(0.95)}


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    found: list[tuple[dict[str, object], Trial, float]] = []
    for distribution in ("normal", "t3", "exponential"):
        for n_seeds, n_strata in ((8, 1), (10, 1), (8, 2), (8, 4)):
            setting = {"null": f"{distribution} differences, {n_strata} strata", "n_seeds": n_seeds}
            found.append((setting, PairedTrial(n_seeds, n_strata, distribution), ALPHA))
        for n_seeds in (8, 20):
            setting = {"null": f"difference at the margin, {distribution}", "n_seeds": n_seeds}
            found.append((setting, MarginTrial(n_seeds, distribution), ALPHA))
    found.append(({"null": "family of 4 with a shared control", "n_seeds": 8}, FamilyTrial(8), ALPHA))
    for n_blocks, n_rows, ratio, effect in ((1, 2, 1, 0), (1, 5, 1, 0), (4, 5, 1, 3), (1, 2, 3, 0), (1, 5, 3, 0)):
        null = f"no interaction, {n_blocks} blocks, {n_rows} rows, noise 1 to {ratio}, seed effect {effect}"
        found.append(({"null": null, "n_seeds": 8}, GridTrial(n_blocks, n_rows, ratio, effect), ALPHA))
    found += [({"null": f"target tied with {n} of 5", "n_seeds": 8}, BestTrial(8, n), ALPHA) for n in (1, 5)]
    null = "lognormal outcomes, no difference"
    found += [({"null": null, "n_seeds": n_seeds}, ExchangeableTrial(n_seeds), ALPHA) for n_seeds in (8, 20)]
    return found


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the type-I error of the tests over seeds at nominal 5 %."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
