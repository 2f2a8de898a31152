"""Coverage of the bootstrap interval of an interquartile mean, and of the bands of a performance profile.

Run as ``python -m analysis.validity.scores.profiles --n-simulations 2000``.
"""

import warnings
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from analysis.validity.simulation import main, rates
from attnstats.exceptions import FewReplicatesWarning
from attnstats.scores import interquartile_mean, performance_profile, read_scores

#: How the scores of the runs of one data set are distributed.
DISTRIBUTIONS = {"normal": stats.norm(scale=0.3), "skewed": stats.expon(scale=0.3)}
N_RESAMPLES = 499
#: Values by which a population is written out.
N_POPULATION = 20_000


@cache
def truth(distribution: str, n_datasets: int) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """Return the scores of each data set at equal steps of probability, their interquartile mean, and their profile."""
    steps = (np.arange(N_POPULATION) + 0.5) / N_POPULATION
    scores = DISTRIBUTIONS[distribution].ppf(steps) + np.linspace(0, 1, n_datasets)[:, np.newaxis]
    grid = np.quantile(scores, np.linspace(0.05, 0.95, 19))
    above = (scores.ravel() > grid[:, np.newaxis]).mean(axis=1)
    return scores, float(stats.trim_mean(scores.ravel(), 0.25)), grid, above


@dataclass(frozen=True)
class ProfileTrial:
    """Runs of two conditions alike on data sets a step apart, and the share of the two whose truth is covered."""

    distribution: str
    n_datasets: int
    n_runs: int

    def __call__(self, generator: np.random.Generator) -> dict[str, float]:
        """Draw the runs, their interval and their bands."""
        population, mean, grid, above = truth(self.distribution, self.n_datasets)
        places = np.stack(np.indices((2, self.n_datasets, self.n_runs)), axis=-1).reshape(-1, 3)
        table = pd.DataFrame(places, columns=["model", "task", "run"])
        table["score"] = population[table["task"], generator.integers(N_POPULATION, size=len(table))]
        scores = read_scores(table, value="score", condition="model", seed="run", dataset="task")
        options = {"n_resamples": N_RESAMPLES, "rng": generator}
        means = interquartile_mean(scores, **options)
        each = performance_profile(scores, thresholds=grid, **options)
        whole = performance_profile(scores, thresholds=grid, simultaneous=True)
        in_each, in_whole = (
            [((own["ci_low"] <= above) & (above <= own["ci_high"])).to_numpy() for _, own in band.groupby("label")]
            for band in (each, whole)
        )
        return {
            "interquartile mean": float(((means["ci_low"] <= mean) & (mean <= means["ci_high"])).mean()),
            "share at one score, pointwise band": float(np.mean(in_each)),
            "whole profile, pointwise band": float(np.all(in_each, axis=1).mean()),
            "whole profile, simultaneous band": float(np.all(in_whole, axis=1).mean()),
        }


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    n_runs: tuple[int, ...] = (3, 5, 10, 20),
    n_datasets: tuple[int, ...] = (1, 3, 10),
    distributions: tuple[str, ...] = tuple(DISTRIBUTIONS),
) -> pd.DataFrame:
    """Measure the coverage of nominal 95 % intervals and bands over runs within data sets."""
    trials = [
        ({"scores": name, "n_datasets": m, "n_runs": n}, ProfileTrial(name, m, n), 0.95)
        for name, m, n in product(distributions, n_datasets, n_runs)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewReplicatesWarning)
        return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
