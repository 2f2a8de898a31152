"""How often the local permutation test rejects, with and without a link of x and y besides their common cause z.

Run as ``python -m analysis.validity.information.conditional_independence --n-simulations 500``.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.validity.simulation import main, rates
from attnstats._validation import FloatArray, IntArray
from attnstats.information import GaussianCopula, LocalPermutation, conditional_mutual_information


@dataclass(frozen=True)
class CommonCauseTrial:
    """One sample of x and y that share a cause, and whether the test rejects at 5 %.

    The rows of a group share their cause and, half of it, their noise.
    """

    cause: str
    rows_per_group: int
    n: int
    link: float

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the sample and test it."""
        n_groups = self.n // self.rows_per_group
        groups = np.repeat(np.arange(n_groups), self.rows_per_group)
        z, to_x, to_y = (each[groups] for each in self._cause(n_groups, generator))
        x = to_x + 0.5 * self._noise(groups, generator)
        y = to_y + self.link * x + 0.5 * self._noise(groups, generator)
        result = conditional_mutual_information(
            x, y, z, GaussianCopula(), null=LocalPermutation(19), groups=groups, rng=generator
        )
        return {"local permutation, 5 neighbours": result.pvalue is not None and result.pvalue <= 0.05}

    def _noise(self, groups: IntArray, generator: np.random.Generator) -> FloatArray:
        own = generator.normal(size=self.n)
        if self.rows_per_group == 1:
            return own
        return (own + generator.normal(size=self.n)[groups]) / np.sqrt(2)

    def _cause(self, n: int, generator: np.random.Generator) -> tuple[np.ndarray, FloatArray, FloatArray]:
        """Return z, and what it adds to x and to y."""
        if self.cause == "label":
            z = generator.integers(3, size=n)
            return z, z.astype(float), -z.astype(float)
        z = generator.normal(size=(n, 2 if self.cause == "linear, 2 columns" else 1))
        total = z.mean(axis=1) * np.sqrt(z.shape[1])
        if self.cause == "tanh and cubic":
            return z, np.tanh(2 * total), total**3 / 3 + total
        return z, total, total


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    causes: tuple[str, ...] = ("linear", "linear, 2 columns", "tanh and cubic", "label"),
    rows_per_group: tuple[int, ...] = (1, 5),
    n: tuple[int, ...] = (100, 300),
    links: tuple[float, ...] = (0.0, 0.3),
) -> pd.DataFrame:
    """Measure rejections at nominal 5 %; with link 0 they are errors, else power."""
    trials = [
        (
            {"cause": cause, "rows_per_group": rows, "n": size, "link": link},
            CommonCauseTrial(cause, rows, size, link),
            0.05,
        )
        for rows in rows_per_group
        for cause in causes
        for size in n
        for link in links
    ]
    return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
