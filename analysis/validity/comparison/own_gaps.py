"""Level and power of the paired test over crossed replicates and items where each condition lacks cells of its own.

Nominal level 5 %; beside it the test of the differences in the cells that both conditions have. Run as
``python -m analysis.validity.comparison.own_gaps --n-simulations 2000``.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.validity.comparison.crossed_missing import ALPHA, EFFECTS
from analysis.validity.simulation import Trial, main, rates
from attnstats.comparison import anova_test, paired_anova_test
from attnstats.exceptions import FewReplicatesWarning, InvalidInputError
from attnstats.missing import CompleteCases

N_ITEMS = 50
#: True difference of the two conditions where power is measured.
DIFFERENCE = 0.3


@dataclass(frozen=True)
class GapsTrial:
    """Tables of two conditions, each with gaps of its own, whose residuals in a cell correlate.

    The residual of the second is half as large again as that of the first, which is one. Effects of replicates and of
    items that both conditions have in common cancel.
    """

    effects: str
    n_replicates: int
    missing: float
    correlation: float
    difference: float

    def __call__(self, generator: np.random.Generator) -> dict[str, float]:
        """Draw the tables and test the difference."""
        shape = (2, self.n_replicates, N_ITEMS)
        common, own = generator.normal(size=shape[1:]), generator.normal(size=shape)
        values = np.sqrt(self.correlation) * common + np.sqrt(1 - self.correlation) * own
        values[1] *= 1.5
        of_replicate, of_item = EFFECTS[self.effects]
        values += generator.normal(0, of_replicate / np.sqrt(2), size=(2, self.n_replicates, 1))
        values += generator.normal(0, of_item / np.sqrt(2), size=(2, 1, N_ITEMS))
        values += generator.normal(size=(self.n_replicates, 1)) + generator.normal(size=N_ITEMS)
        values[0] += self.difference
        values[generator.random(shape) < self.missing] = np.nan
        options = {"minimum_replicates": 2, "missing": CompleteCases()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewReplicatesWarning)
            found = {"paired_anova_test": paired_anova_test(*values, **options).pvalue <= ALPHA}
            try:
                found["anova_test of common cells"] = anova_test(values[0] - values[1], **options).pvalue <= ALPHA
            except InvalidInputError:  # too few, or in parts
                found["anova_test of common cells"] = np.nan
        return {name: float(rejected) for name, rejected in found.items()}


def trials(
    *,
    effects: tuple[str, ...] = tuple(EFFECTS),
    n_replicates: tuple[int, ...] = (3, 5, 8, 20),
    missing: tuple[float, ...] = (0.05, 0.2, 0.5),
    correlations: tuple[float, ...] = (0.2, 0.8),
) -> Iterator[tuple[Mapping[str, object], Trial, float]]:
    """Yield the settings and their trials, with the nominal level, or NaN where there is a difference."""
    for name, n, share, correlation in product(effects, n_replicates, missing, correlations):
        for difference in (0.0, DIFFERENCE) if name == "both" else (0.0,):
            setting = {"effects": name, "n_replicates": n, "missing": f"{100 * share:.0f} %"}
            setting |= {"correlation": correlation, "difference": difference}
            yield setting, GapsTrial(name, n, share, correlation, difference), ALPHA if difference == 0 else np.nan


def simulate(
    *, n_simulations: int, rng: int = 0, n_jobs: int | None = None, **settings: tuple[object, ...]
) -> pd.DataFrame:
    """Measure level and power of paired tests over replicates and items of which each condition lacks others."""
    return rates(trials(**settings), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
