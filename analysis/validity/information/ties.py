"""Bias and coverage of nearest-neighbour estimates over the share of ties, from none to all.

Run as ``python -m analysis.validity.information.ties --n-simulations 200``; rows are written as they come, and those
that are there are not computed again. A share of the rows has x rounded to whole steps, the others as measured; y is a
measurement. Since a rounded value can be told from another, the truth is share x I(rounded X; Y) + (1 - share) x I(X;
Y), the first by quadrature. The classes of `Ross` are y cut into three at its terciles, by the same quadrature. For
conditional information the condition is the rounded column, and the truth 0.

``strict`` is the published count, which takes the ties at the radius for farther, as the package did before; ``noise``
adds normal noise of 1e-10 standard deviations, as other packages do. Where no value recurs the four are one.
"""

import argparse
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import digamma
from scipy.stats import norm

from attnstats._files import write_atomically
from attnstats._parallel import parallel_map
from attnstats.information import KSG, DiscreteContinuousMixture, Ross
from attnstats.resampling import HalfSampling

RESULTS = Path(__file__).parent / "results"
#: Width of a step in standard deviations: some 6, 15, 60 and 200 values.
STEPS = (1.0, 0.4, 0.1, 0.03)
SHARES = (0.0, 0.25, 0.75, 1.0)
CORRELATIONS = (0.0, 0.6)
SIZES = (300, 2000)
INTERVAL = HalfSampling(40)
TERCILES = norm.ppf([1 / 3, 2 / 3])
CELLS = np.array([-np.inf, *TERCILES, np.inf])


def strict_ksg(x: np.ndarray, y: np.ndarray, k: int = 3) -> float:
    """Equation 8 of Kraskov et al. (2004) on normal scores, whatever ties there are."""
    from attnstats.information.neighbors._space import Space, count_balls, nearest_neighbors

    in_x, in_y = (Space.of(each[:, np.newaxis], "x", KSG().margins) for each in (x, y))
    radii = nearest_neighbors(in_x.joint(in_y), k).distances[:, -1]
    counts = [count_balls(space, radii).inside for space in (in_x, in_y)]
    return float(digamma(k) + digamma(len(x)) - digamma(counts[0]).mean() - digamma(counts[1]).mean())


@lru_cache
def truths(step: float, correlation: float) -> dict[str, float]:
    """Information of rounded and of exact x about y and about its terciles."""
    spread = np.sqrt(1 - correlation**2)
    values = step * np.arange(-np.ceil(9 / step), np.ceil(9 / step) + 1)
    lower, upper = values - step / 2, values + step / 2
    chances = norm.cdf(upper) - norm.cdf(lower)
    y = np.linspace(-9, 9, 4001)
    given_y = norm.cdf((upper - correlation * y[:, np.newaxis]) / spread) - norm.cdf(
        (lower - correlation * y[:, np.newaxis]) / spread
    )
    ratio = np.where(given_y > 1e-300, given_y / np.where(chances > 0, chances, 1), 1)
    rounded = np.trapezoid(norm.pdf(y) * (given_y * np.log(ratio)).sum(axis=1), y)
    given_x = np.diff(norm.cdf((CELLS - correlation * y[:, np.newaxis]) / spread), axis=1)
    classes = np.trapezoid(norm.pdf(y) * (given_x * np.log(np.where(given_x > 0, 3 * given_x, 1))).sum(axis=1), y)
    inside = [(y >= low) & (y <= high) for low, high in pairwise(CELLS)]
    cells = np.array(
        [np.trapezoid(np.where(each, norm.pdf(y), 0)[:, np.newaxis] * given_y, y, axis=0) for each in inside]
    )
    cells /= cells.sum()
    both = cells.sum(axis=1, keepdims=True) * cells.sum(axis=0)
    of_classes = float((cells * np.log(np.where(cells > 0, cells / np.where(both > 0, both, 1), 1))).sum())
    exact = -0.5 * np.log(1 - correlation**2)
    return {"rounded": float(rounded), "exact": exact, "rounded classes": of_classes, "exact classes": float(classes)}


def _run(
    step: float, share: float, correlation: float, n: int, intervals: bool, _: int, generator: np.random.Generator
) -> dict[str, tuple[float, float, float]]:
    """Return for each procedure its error, and whether its interval covers and its width where it has one."""
    x, noise = generator.normal(size=(2, n))
    y = correlation * x + np.sqrt(1 - correlation**2) * noise
    x = np.where(generator.random(n) < share, np.round(x / step) * step, x)
    known = truths(step, correlation)
    truth = share * known["rounded"] + (1 - share) * known["exact"]
    classes = share * known["rounded classes"] + (1 - share) * known["exact classes"]
    y_class = np.array(["low", "middle", "high"])[np.searchsorted(TERCILES, y)]
    none = (np.nan, np.nan)
    found = {
        "strict": (strict_ksg(x, y) - truth, *none),
        "noise": (KSG(jitter=1e-10).estimate(x, y, rng=generator) - truth, *none),
        "KSG(algorithm=2)": (KSG(algorithm=2).estimate(x, y) - truth, *none),
        "DiscreteContinuousMixture()": (DiscreteContinuousMixture().estimate(x, y) - truth, *none),
    }
    if share == 1:  # given x as it is rounded, y and z are dependent through what rounding took; not if they ignore it
        y_free, z_free = x + generator.normal(size=(2, n))
        found["KSG() given x"] = (float(KSG().conditional_pointwise(y_free, z_free, x).mean()), *none)
    for name, estimator, of, target in (("KSG()", KSG(), y, truth), ("Ross()", Ross(), y_class, classes)):
        value = estimator.estimate(x, of)
        if not intervals:
            found[name] = (value - target, *none)
            continue
        interval = INTERVAL.interval(partial(_estimate_rows, estimator, x, of), value, n, rng=generator)
        found[name] = (value - target, float(target in interval), interval.high - interval.low)
    return found


def _estimate_rows(estimator: KSG | Ross, x: np.ndarray, y: np.ndarray, rows: np.ndarray) -> float:
    return estimator.estimate(x[rows], y[rows])


def simulate_one(
    step: float,
    share: float,
    correlation: float,
    n: int,
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    intervals: bool = True,
) -> list[dict[str, Any]]:
    """Return the rows of one setting."""
    key = (int(100 * step), int(100 * share), int(10 * correlation), n)
    seed = np.random.SeedSequence(rng, spawn_key=key)
    task = partial(_run, step, share, correlation, n, intervals)
    runs = parallel_map(task, range(n_simulations), rng=seed, n_jobs=n_jobs)
    rows = []
    for name in runs[0]:
        error, covered, width = np.array([run[name] for run in runs]).T
        rate = float(covered.mean())
        rows.append(
            {
                "step": step,
                "share": share,
                "correlation": correlation,
                "n": n,
                "procedure": name,
                "bias": round(float(error.mean()), 4),
                "mc_error": round(error.std(ddof=1) / np.sqrt(n_simulations), 4),
                "sd": round(error.std(ddof=1), 4),
                "coverage": round(float(rate), 4),
                "coverage_mc_error": round(np.sqrt(rate * (1 - rate) / n_simulations), 4),
                "width": round(float(width.mean()), 4),
                "n_simulations": n_simulations,
            }
        )
    return rows


def main() -> None:
    """Fill in the missing settings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n-simulations", type=int, default=200)
    parser.add_argument("--n-jobs", type=int, default=1)
    arguments = parser.parse_args()
    path = RESULTS / "ties.csv"
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    done = {(row["step"], row["share"], row["correlation"], row["n"]) for row in rows}
    for n in SIZES:
        for correlation in CORRELATIONS:
            for step in STEPS:
                for share in SHARES:
                    if (step, share, correlation, n) in done or (share == 0 and step != STEPS[0]):
                        continue
                    rows += simulate_one(
                        step, share, correlation, n, n_simulations=arguments.n_simulations, n_jobs=arguments.n_jobs
                    )
                    table = pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")
                    write_atomically(path, table.encode())
                    print(n, correlation, step, share, flush=True)


if __name__ == "__main__":
    main()
