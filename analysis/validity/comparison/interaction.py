"""Tests of an interaction over seeds and examples at nominal 5 %, and coverage of its size at nominal 95 %.

Outcome = row + column (+ interaction) + example + example by condition + seed by condition + residual, all normal; the
last three have the standard deviations of a setting, times 1 in the first row up to `ratio` in the last. `size` is the
root mean square of the interaction; above zero, rejection is power. Noise *in texts* is that of the studies of
``findings_calibration.py``.

Run as ``python -m analysis.validity.comparison.interaction``; writes ``results/interaction.csv``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import anova_interaction_test, interaction_test

ALPHA, LEVEL = 0.05, 0.95
#: Standard deviations of example by condition, seed by condition and residual.
NOISE = {"in texts": (0.1, 0.03, 0.15), "in seeds": (0.0, 0.1, 0.15)}
#: Data sets, rows, columns, seeds, examples.
SHAPES = ((1, 2, 2, 8, 40), (1, 3, 3, 5, 40), (2, 3, 3, 8, 40), (3, 3, 3, 8, 300), (1, 5, 3, 8, 40))


@dataclass(frozen=True)
class InteractionTrial:
    """One table of conditions by data sets, seeds and examples."""

    shape: tuple[int, int, int, int, int]
    noise: str
    ratio: float
    size: float

    def __call__(self, generator: np.random.Generator) -> Mapping[str, bool]:
        """Draw the table; return which tests reject, and whether the interval holds the size."""
        n_datasets, n_rows, n_columns, n_seeds, n_examples = self.shape
        rows, columns = np.linspace(-1, 1, n_rows)[:, np.newaxis], np.linspace(-1, 1, n_columns)
        interaction = self.size * rows * columns / np.sqrt((rows**2).mean() * (columns**2).mean())
        means = (0.1 * rows + 0.2 * columns + interaction)[..., np.newaxis, np.newaxis]
        scale = np.linspace(1, self.ratio, n_rows)[:, np.newaxis, np.newaxis, np.newaxis]
        of_text, of_seed, rest = NOISE[self.noise]
        blocks = tuple(
            means
            + 0.1 * generator.normal(size=n_examples)
            + scale
            * (
                of_text * generator.normal(size=(n_rows, n_columns, 1, n_examples))
                + of_seed * generator.normal(size=(n_rows, n_columns, n_seeds, 1))
                + rest * generator.normal(size=(n_rows, n_columns, n_seeds, n_examples))
            )
            for _ in range(n_datasets)
        )
        result = anova_interaction_test(blocks, confidence_level=LEVEL, minimum_replicates=2)
        by_model = np.stack([block.mean(axis=-1) for block in blocks])
        permuted = interaction_test(by_model, n_resamples=99, minimum_replicates=2, rng=generator)
        return {
            "quasi-F rejects": result.pvalue <= ALPHA,
            "permutation over seeds rejects": permuted.pvalue <= ALPHA,
            "interval covers": self.size in result.interval(LEVEL),
        }


def simulate(
    *,
    n_simulations: int,
    shapes: Iterable[tuple[int, int, int, int, int]] = SHAPES,
    noise: Iterable[str] = tuple(NOISE),
    ratios: Iterable[float] = (1.0, 3.0),
    sizes: Iterable[float] = (0.0, 0.03),
    rng: int = 0,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    """How often tests of an interaction reject, and its interval covers."""
    names = ("n_datasets", "n_rows", "n_columns", "n_seeds", "n_examples")
    trials: list[tuple[Mapping[str, object], Trial, float]] = [
        (
            {**dict(zip(names, shape, strict=True)), "noise": kind, "ratio": ratio, "size": size},
            InteractionTrial(shape, kind, ratio, size),
            LEVEL,
        )
        for shape, kind, ratio, size in product(shapes, noise, ratios, sizes)
    ]
    table = rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)
    table.loc[table["procedure"] != "interval covers", "nominal"] = ALPHA
    return table


if __name__ == "__main__":
    main(__spec__.name)
