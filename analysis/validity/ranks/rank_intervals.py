"""Coverage of 95 % intervals of rank correlations of normal samples, whole or cut into classes of equal probability.

The population values are closed forms without ties and exact sums over the cells of the cut normal with them. Intervals
of tau are tried on two other distributions with the same tau as well, a bivariate t and the copula of Clayton.
Samples where an interval does not exist (a perfect rho, a gamma without an untied pair) are left out.

Run as ``python -m analysis.validity.ranks.rank_intervals``; writes ``results/rank_intervals.csv``.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from itertools import product
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri
from scipy.stats import multivariate_normal

from analysis.validity.simulation import Trial, main, rates
from attnstats._validation import FloatArray
from attnstats.exceptions import ConstantInputError, UnreliableEstimateWarning
from attnstats.ranks import (
    BonettWright,
    Fieller,
    JackknifeInterval,
    ScoreInterval,
    goodman_kruskal_gamma,
    kendall,
    somers_d,
    spearman,
)

Samples: TypeAlias = tuple[FloatArray, FloatArray]
TAUS = {
    "tau-a": partial(kendall, variant="a"),
    "tau-b": kendall,
    "tau-c": partial(kendall, variant="c"),
    "d": somers_d,
    "gamma": goodman_kruskal_gamma,
}
METHODS = {
    "score": ScoreInterval(),
    "jackknife": JackknifeInterval(),
    "Fieller": Fieller(),
    "Bonett-Wright": BonettWright(),
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


def normal(rho: float, n: int, generator: np.random.Generator) -> Samples:
    """Draw from a bivariate normal."""
    x, noise = generator.normal(size=(2, n))
    return x, rho * x + np.sqrt(1 - rho**2) * noise


def student(rho: float, n: int, generator: np.random.Generator) -> Samples:
    """Draw from a bivariate t on 2 degrees of freedom, whose tau is that of the normal (Lindskog et al. 2003)."""
    x, y = normal(rho, n, generator)
    scale = np.sqrt(generator.chisquare(2, n) / 2)
    return x / scale, y / scale


def clayton(rho: float, n: int, generator: np.random.Generator) -> Samples:
    """Draw from the copula of Clayton (1978), dependent in the lower tail alone, whose tau is that of the normal."""
    u, w = generator.random((2, n))
    tau = population(rho, 0)["tau-b"]
    theta = 2 * tau / (1 - tau)
    return u, (1 + u**-theta * (w ** (-theta / (1 + theta)) - 1)) ** (-1 / theta)


def trial(family: str, n: int, rho: float, n_classes: int, generator: np.random.Generator) -> Mapping[str, bool]:
    """Return which intervals hold the value of the population."""
    truth = population(rho, n_classes)
    x, y = FAMILIES[family](rho, n, generator)
    if n_classes:
        x, y = np.floor(ndtr(x) * n_classes), np.floor(ndtr(y) * n_classes)
    covered: dict[str, bool] = {}

    def note(coefficient: str, method: str) -> None:
        test = spearman if coefficient == "rho" else TAUS[coefficient]
        try:
            interval = test(x, y, exact=False, interval=METHODS[method]).confidence_interval
        except ConstantInputError:  # all tied, or for gamma no untied pair: a sample without a coefficient
            return
        if interval is not None:
            covered[f"{coefficient}, {method}"] = truth[coefficient] in interval

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnreliableEstimateWarning)  # Fieller's variance with ties
        for method in ("score", "jackknife", "Fieller"):
            note("tau-b", method)
        if n_classes:  # else all are the same
            for coefficient in ("tau-a", "tau-c"):
                note(coefficient, "jackknife")
            for coefficient in ("d", "gamma"):
                note(coefficient, "score")
        if family == "normal":  # of the others rho has no closed form
            for method in ("score", "Bonett-Wright", "Fieller"):
                note("rho", method)
    return covered


#: Distributions with the tau of a normal.
FAMILIES: Mapping[str, Callable[[float, int, np.random.Generator], Samples]] = {
    "normal": normal,
    "student": student,
    "clayton": clayton,
}


def simulate(
    *,
    n_simulations: int,
    n: Iterable[int] = (6, 10, 20, 50),
    rho: Iterable[float] = (0.0, 0.3, 0.6, 0.9),
    n_classes: Iterable[int] = (0, 5, 3),
    families: Iterable[str] = tuple(FAMILIES),
    rng: int = 0,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    """Coverage of intervals of rank correlations."""
    trials: list[tuple[Mapping[str, object], Trial, float]] = [
        (
            {"family": family, "n": size, "rho": value, "n_classes": classes},
            partial(trial, family, size, value, classes),
            0.95,
        )
        for family, classes, size, value in product(families, n_classes, n, rho)
        if (family == "normal" or classes == 0) and (family != "clayton" or value > 0)
    ]
    return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
