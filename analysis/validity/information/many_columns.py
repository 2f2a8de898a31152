"""Family-wise error of max-T over the columns of a frame at nominal 5 %, where none or some depend on each other.

Run as ``python -m analysis.validity.information.many_columns --n-simulations 1000``. A false claim is an adjusted p of
at most .05 for a pair, or for a column and the target, without information. With 39 resamples that is 5 % exactly.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.validity.simulation import Trial, main, rates
from attnstats.information import mutual_information_matrix, rank_features
from attnstats.resampling import Permutation

ALPHA = 0.05
NULL = Permutation(39)


@dataclass(frozen=True)
class ColumnsTrial:
    """Columns of two kinds and a target, and whether any false claim is made of pairs, or of columns and target."""

    n: int
    dependent: bool

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw a frame and test it."""
        values = generator.normal(size=(self.n, 6))
        if self.dependent:  # the first three have a part in common, and are all that the others do not know of
            values[:, :3] += 1.5 * generator.normal(size=(self.n, 1))
        frame = pd.DataFrame(values, columns=list("abcdef"))
        frame["a"], frame["d"] = frame["a"] > 0, frame["d"] > 0.5
        pairs = mutual_information_matrix(frame, null=NULL, rng=generator).pairs
        linked = pairs["x"].isin(list("abc")) & pairs["y"].isin(list("abc")) if self.dependent else pairs["x"].isna()
        target = generator.normal(size=self.n) + (frame["e"] if self.dependent else 0)
        ranked = rank_features(frame, target, null=NULL, rng=generator)
        told = ranked["feature"].eq("e") if self.dependent else ranked["feature"].isna()
        return {
            "any pair": bool((pairs["pvalue_adjusted"][~linked] <= ALPHA).any()),
            "any column and the target": bool((ranked["pvalue_adjusted"][~told] <= ALPHA).any()),
        }


def trials(sizes: tuple[int, ...]) -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    return [
        ({"columns": "some dependent" if dependent else "independent", "n": n}, ColumnsTrial(n, dependent), ALPHA)
        for n in sizes
        for dependent in (False, True)
    ]


def simulate(
    *, n_simulations: int, sizes: tuple[int, ...] = (50, 200), rng: int = 0, n_jobs: int | None = None
) -> pd.DataFrame:
    """Measure the family-wise error of max-T over pairs of columns, and over columns against a target, at 5 %."""
    return rates(trials(sizes), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
