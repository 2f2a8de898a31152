"""Coverage of every interval of a mean: of few or skewed values, of shares near 0 or 1, of values that are mostly zero.

An interval that is refused, as most are where all values are equal, counts neither as covering nor as not: the number
of simulations of a row is that of the intervals which could be had. Run as
``python analysis/validity/coverage_means.py --n-simulations 2000``.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit
from simulation import main, rates

from attnstats._validation import FloatArray
from attnstats.exceptions import AttnstatsWarning, ConstantInputError, NonFiniteError
from attnstats.resampling import (
    Basic,
    BCa,
    DoubleBootstrap,
    HallT,
    Percentile,
    Studentized,
    Wilson,
    bootstrap_interval,
)
from attnstats.resampling.method import BootstrapMethod, ClosedForm


@dataclass(frozen=True)
class Distribution:
    """What values are drawn from, its mean, and the sizes and procedures that are tried on it."""

    draw: Callable[[np.random.Generator, int], FloatArray]
    mean: float
    n: tuple[int, ...]
    procedures: dict[str, BootstrapMethod | ClosedForm | None]


FEW = {
    "percentile": Percentile(999),
    "basic": Basic(999),
    "BCa": BCa(999),
    "studentized": Studentized(999),
    "calibrated percentile": DoubleBootstrap(299, 199),
    "Hall's t": HallT(),
}
#: None stands for the default, by the data.
MANY_EQUAL = {"percentile": Percentile(999), "BCa": BCa(999), "Hall's t": HallT(), "default": None}
BOUNDED = {**MANY_EQUAL, "Hall's t, logit": HallT(bounds=(0, 1))}
SHARE = {"Wilson": Wilson(), **BOUNDED}


def zeros(share: float, rest: Callable[[np.random.Generator, int], FloatArray]) -> Callable[..., FloatArray]:
    """Return draws that are zero with a probability, and else from `rest`."""
    return lambda generator, n: np.where(generator.random(n) < share, 0.0, rest(generator, n))


SMALL, LARGE = (10, 20, 50), (20, 50, 200)
DISTRIBUTIONS = {
    "normal": Distribution(lambda g, n: g.normal(size=n), 0.0, SMALL, FEW),
    "exponential": Distribution(lambda g, n: g.exponential(size=n), 1.0, SMALL, FEW),
    "lognormal": Distribution(lambda g, n: g.lognormal(size=n), float(np.exp(0.5)), SMALL, FEW),
    "0 or 1, .02": Distribution(lambda g, n: 1.0 * (g.random(n) < 0.02), 0.02, LARGE, SHARE),
    "0 or 1, .1": Distribution(lambda g, n: 1.0 * (g.random(n) < 0.1), 0.1, LARGE, SHARE),
    "0 or 1, .5": Distribution(lambda g, n: 1.0 * (g.random(n) < 0.5), 0.5, LARGE, SHARE),
    "0 or 1, .98": Distribution(lambda g, n: 1.0 * (g.random(n) < 0.98), 0.98, LARGE, SHARE),
    "beta(1.9, 0.1)": Distribution(lambda g, n: g.beta(1.9, 0.1, size=n), 0.95, LARGE, BOUNDED),
    "four fifths 1, else uniform": Distribution(
        lambda g, n: np.where(g.random(n) < 0.8, 1.0, g.random(n)), 0.9, LARGE, BOUNDED
    ),
    "four fifths 0, else exponential": Distribution(
        zeros(0.8, lambda g, n: g.exponential(size=n)), 0.2, LARGE, MANY_EQUAL
    ),
    "nine tenths 0, else exponential": Distribution(
        zeros(0.9, lambda g, n: g.exponential(size=n)), 0.1, LARGE, MANY_EQUAL
    ),
    "nine tenths 0, else 1 + Poisson": Distribution(
        zeros(0.9, lambda g, n: 1.0 + g.poisson(2, size=n)), 0.3, LARGE, MANY_EQUAL
    ),
}


@dataclass(frozen=True)
class MeanTrial:
    """One sample, and whether each interval covers its mean; NaN where it is refused."""

    distribution: str
    n: int

    def __call__(self, generator: np.random.Generator) -> dict[str, float]:
        """Draw the sample and its intervals."""
        source = DISTRIBUTIONS[self.distribution]
        x = source.draw(generator, self.n)
        margin = stdtrit(self.n - 1, 0.975) * x.std(ddof=1) / np.sqrt(self.n)
        covered = {"t": float(abs(x.mean() - source.mean) <= margin) if margin > 0 else np.nan}
        for name, method in source.procedures.items():
            try:
                interval = bootstrap_interval(x, np.mean, method=method, rng=generator)
            except (ConstantInputError, NonFiniteError):
                covered[name] = np.nan
            else:
                covered[name] = float(source.mean in interval)
        return covered


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    n: tuple[int, ...] | None = None,
    distributions: tuple[str, ...] = tuple(DISTRIBUTIONS),
) -> pd.DataFrame:
    """Measure the coverage of nominal 95 % intervals for a mean."""
    trials = [
        ({"distribution": name, "n": size}, MeanTrial(name, size), 0.95)
        for name in distributions
        for size in n or DISTRIBUTIONS[name].n
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AttnstatsWarning)
        return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(simulate, "coverage_means")
