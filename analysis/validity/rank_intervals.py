"""Coverage of 95 % intervals of rank correlations of normal samples, whole or cut into classes of equal probability.

The population values are closed forms without ties and exact sums over the cells of the cut normal with them.
Samples where an interval does not exist (a perfect rho, a gamma without an untied pair) are left out.

Run as ``python analysis/validity/rank_intervals.py``; writes ``results/rank_intervals.csv``.
"""

import warnings
from collections.abc import Iterable, Mapping
from functools import cache, partial

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri
from scipy.stats import multivariate_normal
from simulation import Trial, main, rates

from attnstats.exceptions import ConstantInputError, UnreliableEstimateWarning
from attnstats.ranks import Fieller, goodman_kruskal_gamma, kendall, somers_d, spearman
from attnstats.results import SignificanceResult

TAUS = {
    "tau-a": partial(kendall, variant="a"),
    "tau-b": kendall,
    "tau-c": partial(kendall, variant="c"),
    "d": somers_d,
    "gamma": goodman_kruskal_gamma,
}


@cache
def population(rho: float, n_classes: int) -> Mapping[str, float]:
    """Return each coefficient of the population; no classes stand for a normal without ties."""
    if n_classes == 0:
        tau = 2 / np.pi * np.arcsin(rho)
        return {**dict.fromkeys(TAUS, tau), "rho": 6 / np.pi * np.arcsin(rho / 2)}
    cuts = np.clip(ndtri(np.arange(n_classes + 1) / n_classes), -8, 8)
    joint = multivariate_normal(cov=[[1, rho], [rho, 1]])
    below = np.array([[joint.cdf([a, b]) for b in cuts] for a in cuts])
    cells = np.diff(np.diff(below, axis=0), axis=1)
    cells /= cells.sum()
    sign = np.sign(np.subtract.outer(np.arange(n_classes), np.arange(n_classes)))
    score = float(np.einsum("ab,ac,bd,cd->", cells, sign, sign, cells))
    strict = float(np.einsum("ab,ac,bd,cd->", cells, sign**2, sign**2, cells))
    in_x, in_y = (float(np.einsum("a,ab,b->", each, sign**2, each)) for each in (cells.sum(1), cells.sum(0)))
    middle = (np.arange(n_classes) + 0.5) / n_classes - 0.5
    return {
        "tau-a": score,
        "tau-b": score / np.sqrt(in_x * in_y),
        "tau-c": score * n_classes / (n_classes - 1),
        "d": score / in_x,
        "gamma": score / strict,
        "rho": float(middle @ cells @ middle / np.sqrt((cells.sum(1) @ middle**2) * (cells.sum(0) @ middle**2))),
    }


def trial(n: int, rho: float, n_classes: int, generator: np.random.Generator) -> Mapping[str, bool]:
    """Return which intervals hold the value of the population."""
    truth = population(rho, n_classes)
    x, noise = generator.normal(size=(2, n))
    y = rho * x + np.sqrt(1 - rho**2) * noise
    if n_classes:
        x, y = np.floor(ndtr(x) * n_classes), np.floor(ndtr(y) * n_classes)
    covered: dict[str, bool] = {}

    def note(name: str, value: float, result: SignificanceResult) -> None:
        interval = result.confidence_interval
        if interval is not None:
            covered[name] = value in interval

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnreliableEstimateWarning)  # Fieller's variance with ties
        for name, test in TAUS.items():
            if n_classes == 0 and name != "tau-b":
                continue  # all are the same without ties
            try:
                note(f"{name}, jackknife", truth[name], test(x, y, exact=False))
            except ConstantInputError:  # no untied pair: a sample without a coefficient
                continue
        if (x != x[0]).any() and (y != y[0]).any():
            note("tau-b, Fieller", truth["tau-b"], kendall(x, y, exact=False, interval=Fieller()))
            note("rho, Bonett-Wright", truth["rho"], spearman(x, y, exact=False))
            note("rho, Fieller", truth["rho"], spearman(x, y, exact=False, interval=Fieller()))
    return covered


def simulate(
    *,
    n_simulations: int,
    n: Iterable[int] = (10, 20, 50),
    rho: Iterable[float] = (0.0, 0.3, 0.6, 0.9),
    n_classes: Iterable[int] = (0, 5, 3),
    rng: int = 0,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    """Coverage of intervals of rank correlations."""
    rho = tuple(rho)
    n = tuple(n)
    trials: list[tuple[Mapping[str, object], Trial, float]] = [
        ({"n": size, "rho": value, "n_classes": classes}, partial(trial, size, value, classes), 0.95)
        for classes in n_classes
        for size in n
        for value in rho
    ]
    return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(simulate, "rank_intervals")
