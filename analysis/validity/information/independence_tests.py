"""Type-I error of the permutation tests of independence at nominal 5 %: p-values of a null that is true.

Run as ``python -m analysis.validity.information.independence_tests --n-simulations 1000``. With 39 permutations the
p-value reaches 5 % exactly, and a test of exchangeable rows rejects in 5 % of samples whatever the estimator, the
margins and the ties. Rows of one group are not exchangeable: there the test exchanges groups, and rows are exchanged
beside it to show why.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.validity.simulation import Trial, main, rates
from attnstats.exceptions import UnreliableEstimateWarning
from attnstats.information import KSG, Binned, GaussianCopula, MIEstimator, Ross, mutual_information
from attnstats.resampling import Permutation

ALPHA = 0.05
N_RESAMPLES = 39

MARGINS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "Cauchy": lambda rng, n: rng.standard_cauchy(size=n),
    "log-normal": lambda rng, n: rng.lognormal(sigma=2, size=n),
    "rounded to 0.5": lambda rng, n: np.round(2 * rng.normal(size=n)) / 2,
    "2 classes": lambda rng, n: rng.integers(2, size=n),
    "classes of 80, 15 and 5 %": lambda rng, n: rng.choice(3, p=[0.8, 0.15, 0.05], size=n),
}


@dataclass(frozen=True)
class RowsTrial:
    """Independent rows with independent x and y, and whether the test rejects."""

    estimator: MIEstimator
    x: str
    y: str
    n: int

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the sample and test it."""
        x, y = MARGINS[self.x](generator, self.n), MARGINS[self.y](generator, self.n)
        while isinstance(self.estimator, Ross) and np.bincount(y, minlength=3)[np.unique(y)].min() < 2:
            y = MARGINS[self.y](generator, self.n)  # a class of one member is refused
        result = mutual_information(x, y, self.estimator, null=Permutation(N_RESAMPLES), rng=generator)
        return {"permutation of rows": result.pvalue <= ALPHA}


@dataclass(frozen=True)
class GroupsTrial:
    """Groups of rows that share half of their variance, in x and in y independently."""

    estimator: MIEstimator
    n_groups: int
    rows_per_group: int
    discrete: bool = field(default=False)

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the sample and test it."""
        groups = np.repeat(np.arange(self.n_groups), self.rows_per_group)
        x, y = (generator.normal(size=(2, self.n_groups)))[:, groups] + generator.normal(size=(2, len(groups)))
        if self.discrete:  # one label a group
            y = generator.permutation(np.arange(self.n_groups) % 2)[groups]
        options: dict[str, Any] = {"null": Permutation(N_RESAMPLES), "rng": generator}
        of_groups = mutual_information(x, y, self.estimator, groups=groups, **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnreliableEstimateWarning)  # which says that rows cannot be exchanged
            of_rows = mutual_information(x, y, self.estimator, **options)
        return {"permutation of groups": of_groups.pvalue <= ALPHA, "permutation of rows": of_rows.pvalue <= ALPHA}


def trials() -> list[tuple[dict[str, object], Trial, float]]:
    """Return every setting with its trial and the nominal rate."""
    found: list[tuple[dict[str, object], Trial, float]] = []
    rows: list[tuple[str, MIEstimator, str, str]] = [
        ("KSG", KSG(), "normal", "normal"),
        ("KSG", KSG(), "Cauchy", "log-normal"),
        ("Ross", Ross(), "normal", "2 classes"),
        ("Ross", Ross(), "rounded to 0.5", "classes of 80, 15 and 5 %"),
        ("Binned", Binned(), "Cauchy", "normal"),
        ("Binned", Binned(), "rounded to 0.5", "classes of 80, 15 and 5 %"),
        ("GaussianCopula", GaussianCopula(), "Cauchy", "log-normal"),
    ]
    for n in (80, 300):
        for label, estimator, x, y in rows:
            found.append(({"estimator": label, "null": f"{x}, {y}", "n": n}, RowsTrial(estimator, x, y, n), ALPHA))
    for label, estimator, discrete in (("KSG", KSG(), False), ("Ross", Ross(), True)):
        for n_groups, size in ((20, 5), (50, 10)):
            null = f"{n_groups} groups of {size}" + (", one label each" if discrete else "")
            trial = GroupsTrial(estimator, n_groups, size, discrete)
            found.append(({"estimator": label, "null": null, "n": n_groups * size}, trial, ALPHA))
    return found


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Measure the type-I error of the tests of independence at nominal 5 %."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
