"""Coverage of the jackknife interval for a difference in rank stability over seeds.

Two kinds of models attend to the same texts, and neither is the more stable: the true difference is zero. The seeds of
a kind follow the common order of the tokens all alike, or some more closely than others.
Run as ``python -m analysis.validity.studies.rank_stability --n-simulations 2000``.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.validity.simulation import main, rates
from attnstats.studies import Inference
from attnstats.studies.findings.evidence._contrasts import SeedMeans
from attnstats.studies.findings.evidence._stability import stability_values

N_TEXTS, N_TOKENS = 12, 6
SEEDS_FOLLOW = ("alike", "unlike")


@dataclass(frozen=True)
class StabilityTrial:
    """Two kinds of models, and whether the interval of their difference covers zero."""

    seeds_follow: str
    n_seeds: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the attention and the interval."""
        common = generator.normal(size=(N_TEXTS, N_TOKENS))
        values = stability_values(self._draw(common, generator)) - stability_values(self._draw(common, generator))
        contrast = SeedMeans(
            values=values[np.newaxis],
            seeds=tuple(range(self.n_seeds)),
            datasets=("texts",),
            method="jackknife over seeds",
        )
        return {"jackknife": 0.0 in contrast.interval(Inference(), generator)}

    def _draw(self, common: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float32]:
        shape = (self.n_seeds, 1, 1)
        closely = generator.gamma(2, 0.5, size=shape) if self.seeds_follow == "unlike" else np.ones(shape)
        scores = closely * common + generator.normal(size=(self.n_seeds, *common.shape))
        return scores.astype(np.float32)


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    n_seeds: tuple[int, ...] = (8, 12, 20),
    seeds_follow: tuple[str, ...] = SEEDS_FOLLOW,
) -> pd.DataFrame:
    """Measure the coverage of nominal 95 % intervals for a difference in rank stability."""
    trials = [
        ({"seeds_follow": kind, "n_seeds": n}, StabilityTrial(kind, n), 0.95)
        for kind, n in product(seeds_follow, n_seeds)
    ]
    return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
