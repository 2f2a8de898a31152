"""Type-I error of contrasts in mixed models at nominal 5 %, by Kenward and Roger's t and by the z of most software.

Run as ``python -m analysis.validity.comparison.mixed_model --n-simulations 2000``.
"""

import warnings
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.validity.simulation import main, rates
from attnstats.comparison import mixed_model_test
from attnstats.exceptions import ConvergenceError, FewReplicatesWarning

N_EXAMPLES = 10
#: Standard deviation of each random factor in the data, beside a residual of one; and the factors in the model.
DESIGNS = {
    "crossed": {"seed": 1.0, "example": 1.0, "seed by condition": 0.5},
    "crossed, all interactions": {"seed": 1.0, "example": 1.0, "seed by condition": 0.5, "example by condition": 0.5},
    "other seeds per condition": {"seed by condition": 0.5, "example": 1.0},
    "residual alone": {"seed": 0.0, "seed by condition": 0.0},
}
#: Design, seeds, and share of the values that are missing.
SETTINGS = (
    *product(["crossed", "other seeds per condition"], [3, 5, 8, 10, 20], [0.0]),
    *product(["crossed", "crossed, all interactions", "residual alone"], [5, 8], [0.3]),
    ("crossed, all interactions", 8, 0.0),
)


@dataclass(frozen=True)
class MixedTrial:
    """Two conditions without a difference."""

    design: str
    n_seeds: int
    missing: float

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the values and test the contrast."""
        condition, seed, example = (axis.ravel() for axis in np.indices((2, self.n_seeds, N_EXAMPLES)))
        labels = {
            "seed": seed,
            "example": example,
            "seed by condition": seed + self.n_seeds * condition,
            "example by condition": example + N_EXAMPLES * condition,
        }
        values = generator.normal(size=len(seed))
        for name, spread in DESIGNS[self.design].items():
            values += spread * generator.normal(size=labels[name].max() + 1)[labels[name]]
        keep = generator.random(len(seed)) >= self.missing
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewReplicatesWarning)
            factors = {name: labels[name][keep] for name in DESIGNS[self.design]}
            try:
                result = mixed_model_test(values[keep], condition[keep], random=factors, minimum_replicates=2)
            except ConvergenceError:
                return {"Kenward-Roger t": False, "z": False, "no maximum": True}
        return {
            "no maximum": False,
            "Kenward-Roger t": result.pvalue <= 0.05,
            "z": 2 * ndtr(-abs(result.statistic)) <= 0.05,
        }


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    settings: tuple[tuple[str, int, float], ...] = SETTINGS,
) -> pd.DataFrame:
    """Measure the type-I error of contrasts in linear mixed models."""
    trials = [
        ({"design": design, "n_seeds": k, "missing": share}, MixedTrial(design, k, share), 0.05)
        for design, k, share in settings
    ]
    return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
