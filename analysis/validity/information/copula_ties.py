"""Bias of the parametric estimators and of BestBound where values repeat: few levels, counts of digits, none.

Run as ``python -m analysis.validity.information.copula_ties --n-simulations 20`` (some minutes; BestBound in every
fifth). Two normals of correlation rho are cut into equally likely levels, or rounded to digits. The truth is that of
the columns as they come, by integration of the bivariate normal over their cells. The bias is the mean difference
between the estimate and the mean of the true local terms of the same sample, whose expectation is the truth: the spread
of the sample, which both share, drops out.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.validity.simulation import main
from attnstats._parallel import parallel_map
from attnstats.exceptions import AttnstatsError
from attnstats.information import BestBound, Gaussian, GaussianCopula, MIEstimator, StudentCopula
from attnstats.information.parametric._tied_columns import tie_share

LEVELS = (2, 3, 5, 10, 24, 60, 240)
DIGITS = (0, 1, 2, 3)
CORRELATIONS = (0.0, 0.6)
SIZES = (300, 2000)
ESTIMATORS: tuple[MIEstimator, ...] = (Gaussian(), GaussianCopula(), StudentCopula(), BestBound())
_EVERY = 5


class Cut(NamedTuple):
    """How the columns are made of normals: the edges of their cells, or none."""

    name: str
    edges: np.ndarray | None

    def local_truth(self, x: np.ndarray, y: np.ndarray, rho: float) -> np.ndarray:
        """Return the true local terms of normal values, after the cut, shape (n,)."""
        if self.edges is None:
            return (2 * rho * x * y - rho**2 * (x * x + y * y)) / (2 * (1 - rho**2)) - np.log1p(-(rho**2)) / 2
        return log_ratios(self.edges, rho)[np.searchsorted(self.edges, x), np.searchsorted(self.edges, y)]

    def truth(self, rho: float) -> float:
        """Return the information after the cut."""
        if self.edges is None:
            return float(-np.log1p(-(rho**2)) / 2)
        return float((masses(self.edges, rho) * log_ratios(self.edges, rho)).sum())

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Return the columns as they come."""
        if self.name.endswith(("digit", "digits")):
            return values.round(int(self.name.split()[0]))
        return values if self.edges is None else np.searchsorted(self.edges, values).astype(float)


def masses(edges: np.ndarray, rho: float) -> np.ndarray:
    """Return the probabilities of the cells of two normals, by Gauss-Legendre quadrature over x."""
    bounds = np.concatenate([[-8.5], edges, [8.5]])
    nodes, weights = np.polynomial.legendre.leggauss(64 if len(bounds) < 100 else 24 if len(bounds) < 300 else 4)
    width = np.diff(bounds)[:, np.newaxis] / 2
    x = bounds[:-1, np.newaxis] + width * (nodes + 1)
    table = np.empty((len(bounds) - 1, len(bounds) - 1))
    for row, (at, weight) in enumerate(zip(x, width * weights * norm.pdf(x), strict=True)):
        table[row] = weight @ np.diff(norm.cdf((bounds - rho * at[:, np.newaxis]) / np.sqrt(1 - rho**2)), axis=1)
    return table


def log_ratios(edges: np.ndarray, rho: float) -> np.ndarray:
    """Return log of the probability of each cell over the product of its margins."""
    table = masses(edges, rho)
    shares = np.diff(norm.cdf(np.concatenate([[-8.5], edges, [8.5]])))
    return np.log(np.maximum(table, 1e-300)) - np.log(shares)[:, np.newaxis] - np.log(shares)


def cuts() -> list[Cut]:
    """Return the cuts, from two levels to none."""
    levels = [Cut(f"{count} levels", norm.ppf(np.arange(1, count) / count)) for count in LEVELS]
    digits = []
    for count in DIGITS:
        step = 10.0**-count
        # The third digit takes 1e-7 nats, less than the table of its cells would be exact to.
        edges = np.arange(-7 / step, 7 / step) * step + step / 2 if count < 3 else None
        digits.append(Cut(f"{count} digit{'' if count == 1 else 's'}", edges))
    return [*levels, *digits, Cut("as measured", None)]


def _run(cut: Cut, rho: float, n: int, number: int, generator: np.random.Generator) -> list[dict[str, Any]]:
    x, noise = generator.normal(size=(2, n))
    y = rho * x + np.sqrt(1 - rho**2) * noise
    oracle = float(cut.local_truth(x, y, rho).mean())
    columns = cut.apply(x), cut.apply(y)
    rows = []
    for estimator in ESTIMATORS:
        if isinstance(estimator, BestBound) and number % _EVERY:
            continue
        row = {"estimator": type(estimator).__name__, "ties": tie_share(columns[0])}
        try:
            row["error"] = estimator.estimate(*columns, rng=generator) - oracle
        except AttnstatsError:
            row["error"] = np.nan
        rows.append(row)
    return rows


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    names: tuple[str, ...] | None = None,
    sizes: tuple[int, ...] = SIZES,
) -> pd.DataFrame:
    """Measure the bias of estimates from columns of repeated values."""
    tables = []
    chosen = [(index, cut) for index, cut in enumerate(cuts()) if names is None or cut.name in names]
    for n in sizes:
        for rho in CORRELATIONS:
            for index, cut in chosen:
                seed = np.random.SeedSequence(rng, spawn_key=(n, int(10 * rho), index))
                found = parallel_map(partial(_run, cut, rho, n), range(n_simulations), rng=seed, n_jobs=n_jobs)
                groups = pd.DataFrame([row for rows in found for row in rows]).groupby("estimator", sort=False)
                number = groups["error"].count()
                tables.append(
                    pd.DataFrame(
                        {
                            "columns": cut.name,
                            "tie_share": groups["ties"].mean().map("{:.2g}".format),
                            "rho": rho,
                            "n": n,
                            "truth": round(cut.truth(rho), 4),
                            "estimator": number.index,
                            "bias": groups["error"].mean().round(4),
                            "mc_error": (groups["error"].std() / np.sqrt(number)).round(4),
                            "refused": (groups["error"].size() - number),
                            "n_simulations": groups["error"].size(),
                        }
                    )
                )
    return pd.concat(tables, ignore_index=True)


if __name__ == "__main__":
    main(__spec__.name)
