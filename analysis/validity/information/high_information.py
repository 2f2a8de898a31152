"""Error of estimates of two, four and six nats: laws whose information is known at any strength.

Run as ``python -m analysis.validity.information.high_information --n-simulations 5`` (some ten minutes). The laws are
those of the mutinfo benchmark, drawn anew from their definitions: correlated normals, uniform columns with uniform
noise added, each as one pair of columns and as three independent pairs of a third of the information; logarithms of a
gamma variable and of an exponential one whose rate it is; and a uniform column that is known up to the interval of
equal length that it lies in. An estimate is doubted where `mutual_information` warns that it may be far off.
"""

import warnings
from collections.abc import Callable
from functools import partial
from math import exp, log
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import digamma

from analysis.validity.simulation import main
from attnstats.datasets import AdditiveNoise
from attnstats.exceptions import AttnstatsError, UnreliableEstimateWarning
from attnstats.information import KSG, BestBound, GaussianCopula, MIEstimator, mutual_information
from attnstats.information.interface import brief

N = 10_000
TRUTHS = (2.0, 4.0, 6.0)
ESTIMATORS: tuple[MIEstimator, ...] = (BestBound(), KSG(), KSG(k=1), GaussianCopula())
Sample = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


def normals(information: float, columns: int) -> tuple[float, Sample]:
    """Return the truth and a sampler of pairs of normals of equal correlation."""
    rho = np.sqrt(-np.expm1(-2 * information / columns))

    def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        x, noise = rng.normal(size=(2, n, columns))
        return x, rho * x + np.sqrt(1 - rho**2) * noise

    return information, sample


def noisy_uniforms(information: float, columns: int) -> tuple[float, Sample]:
    """Return the truth and a sampler of uniform columns, and the same with uniform noise added."""
    each = information / columns
    joint = AdditiveNoise(brentq(lambda epsilon: AdditiveNoise(epsilon).mutual_information - each, 1e-6, 10))

    def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        pairs = [joint.sample(n, rng=rng) for _ in range(columns)]
        return np.hstack([x for x, _ in pairs]), np.hstack([y for _, y in pairs])

    return information, sample


def gamma_exponential(information: float) -> tuple[float, Sample]:
    """Return the truth and a sampler of log X and log Y, X of a gamma law and Y exponential with rate X.

    I(X; Y) = psi(shape + 1) - log(shape), by the entropies of an exponential and of a Lomax law.
    """
    shape = brentq(lambda shape: digamma(shape + 1) - log(shape) - information, 1e-6, 100)

    def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        # A gamma variable of small shape underflows, its logarithm does not: X(shape) = X(shape + 1) U^(1 / shape).
        x = np.log(rng.gamma(shape + 1, size=n)) + np.log(rng.random(n)) / shape
        return x[:, np.newaxis], (np.log(rng.exponential(size=n)) - x)[:, np.newaxis]

    return information, sample


def intervals(information: float) -> tuple[float, Sample]:
    """Return the truth, the logarithm of a whole number, and a sampler of a uniform and its interval."""
    levels = round(exp(information))

    def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        x = rng.random((n, 1))
        return x, np.floor(levels * x) / levels

    return log(levels), sample


LAWS: dict[str, Callable[[float], tuple[float, Sample]]] = {
    "normals, 1 + 1 columns": partial(normals, columns=1),
    "normals, 3 + 3 columns": partial(normals, columns=3),
    "uniform noise, 1 + 1 columns": partial(noisy_uniforms, columns=1),
    "uniform noise, 3 + 3 columns": partial(noisy_uniforms, columns=3),
    "log gamma and exponential": gamma_exponential,
    "uniform and its interval": intervals,
}


def _run(sample: Sample, n: int, generator: np.random.Generator) -> list[tuple[str, float, bool]]:
    x, y = sample(generator, n)
    found = []
    for estimator in ESTIMATORS:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UnreliableEstimateWarning)
            try:
                value = mutual_information(x, y, estimator, discrete_y=False, rng=0).value
            except AttnstatsError:
                value = np.nan
        found.append((brief(estimator), value, bool(caught)))
    return found


def simulate(
    *, n_simulations: int, rng: int = 0, n_jobs: int | None = None, truths: tuple[float, ...] = TRUTHS, n: int = N
) -> pd.DataFrame:
    """Measure the error of estimates of much information."""
    del n_jobs  # a sampler is a closure, which does not travel to other processes
    rows: list[dict[str, Any]] = []
    for strength, information in enumerate(truths):
        for place, (name, law) in enumerate(LAWS.items()):
            truth, sample = law(information)
            seed = np.random.SeedSequence(rng, spawn_key=(strength, place))
            # A sampler is a closure, which does not travel to other processes: the estimators use the cores.
            runs = [_run(sample, n, np.random.default_rng(each)) for each in seed.spawn(n_simulations)]
            table = pd.DataFrame([row for run in runs for row in run], columns=["estimator", "value", "doubted"])
            for estimator, group in table.groupby("estimator", sort=False):
                error = group["value"] - truth
                rows.append(
                    {
                        "law": name,
                        "n": n,
                        "truth": round(truth, 4),
                        "estimator": estimator,
                        "bias": round(error.mean(), 4),
                        "mc_error": round(error.std() / np.sqrt(error.count()), 4),
                        "mean_abs_error": round(error.abs().mean(), 4),
                        "doubted": group["doubted"].mean(),
                        "refused": int(error.isna().sum()),
                        "n_simulations": n_simulations,
                    }
                )
    return pd.DataFrame(rows)


if __name__ == "__main__":
    main(__spec__.name)
