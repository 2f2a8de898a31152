"""Type-I error of rank tests at nominal 5 %, by the null that they choose themselves and the others that they offer.

An exact test of few samples rejects less often than it may, because its p-values are few. Kendall's W is tested on
independent judges, the partial taus on populations where they are 0 and, for the record, on conditional independence,
where they are not.

Run as ``python -m analysis.validity.ranks.rank_tests``; writes ``results/rank_tests.csv``.
"""

import warnings
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from analysis.validity.simulation import Trial, main, rates
from attnstats.exceptions import ConstantInputError, UnreliableEstimateWarning
from attnstats.ranks import (
    kendall,
    kendall_w,
    partial_kendall,
    semipartial_kendall,
    spearman,
    top_k_overlap,
    weighted_tau,
)
from attnstats.resampling import Permutation
from attnstats.results import SignificanceResult

ALPHA = 0.05


def pair(n: int, n_classes: int, generator: np.random.Generator) -> Mapping[str, bool]:
    """Return which tests of two independent variables reject."""
    x, y = generator.normal(size=(2, n))
    if n_classes:
        x, y = generator.integers(0, n_classes, (2, n)).astype(float)
    if (x == x[0]).all() or (y == y[0]).all():
        return {}
    found = {
        "tau-b, normal": kendall(x, y, exact=False).pvalue,
        "rho, t": spearman(x, y, exact=False).pvalue,
        "tau-b, 199 permutations": kendall(x, y, null=Permutation(199), rng=generator).pvalue,
        "weighted tau, 199 permutations": weighted_tau(x, y, null=Permutation(199), rng=generator).pvalue,
        "top 3, exact": top_k_overlap(x, y, k=3).pvalue,
    }
    if n <= 20:
        found["tau-b, exact"] = kendall(x, y, exact=True).pvalue
    if n <= 10:
        found["rho, exact"] = spearman(x, y, exact=True).pvalue
    return {name: pvalue <= ALPHA for name, pvalue in found.items()}


def judges(m: int, n: int, n_classes: int, generator: np.random.Generator) -> Mapping[str, bool]:
    """Return whether W of independent judges is significant."""
    ratings = generator.integers(0, n_classes, (m, n)).astype(float) if n_classes else generator.normal(size=(m, n))
    if (ratings == ratings[:, :1]).all(axis=1).any():
        return {}
    return {"W, as chosen": kendall_w(ratings).pvalue <= ALPHA, "W, F": kendall_w(ratings, exact=False).pvalue <= ALPHA}


def given(n: int, null: str, strength: float, generator: np.random.Generator) -> Mapping[str, bool]:
    """Return which partial taus are significant."""
    tau = 2 / np.pi * np.arcsin(strength)
    with_x, with_y = strength, 0.0 if null == "y apart" else strength
    between = {"y apart": 0.0, "partial tau is 0": np.sin(np.pi / 2 * tau**2), "independent given z": strength**2}[null]
    covariance = [[1, between, with_x], [between, 1, with_y], [with_x, with_y, 1]]
    x, y, z = generator.multivariate_normal(np.zeros(3), covariance, size=n).T
    return {
        "partial tau": _rejects(partial_kendall, x, y, z),
        "semi-partial tau": _rejects(semipartial_kendall, x, y, z),
    }


def _rejects(test: Callable[..., SignificanceResult], *samples: np.ndarray) -> bool:
    """Return whether a test rejects; a sample that it refuses, where x has the order of z, is no rejection."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnreliableEstimateWarning)
        try:
            return test(*samples).pvalue <= ALPHA
        except ConstantInputError:
            return False


def trials() -> list[tuple[Mapping[str, object], Trial, float]]:
    """Return every setting with its trial."""
    pairs = [
        ({"null": "independent pairs", "n": n, "detail": f"{classes} classes" if classes else "no ties"},
         partial(pair, n, classes), ALPHA)
        for n in (10, 20, 50)
        for classes in (0, 5)
    ]  # fmt: skip
    panels = [
        ({"null": f"{m} independent judges", "n": n, "detail": f"{classes} classes" if classes else "no ties"},
         partial(judges, m, n, classes), ALPHA)
        for m, n in ((3, 4), (3, 10), (5, 20), (10, 6))
        for classes in (0, 5)
    ]  # fmt: skip
    partials = [
        ({"null": null, "n": n, "detail": f"correlation with z {strength}"}, partial(given, n, null, strength), ALPHA)
        for n in (10, 20, 50)
        for null, strength in (
            ("y apart", 0.0), ("y apart", 0.6), ("partial tau is 0", 0.6), ("partial tau is 0", 0.8),
            ("independent given z", 0.6), ("independent given z", 0.8),
        )
    ]  # fmt: skip
    return [*pairs, *panels, *partials]


def simulate(*, n_simulations: int, rng: int = 0, n_jobs: int | None = None) -> pd.DataFrame:
    """Type-I error of rank tests."""
    return rates(trials(), n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
