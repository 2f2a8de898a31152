"""Coverage of intervals for the mean of values that are mostly equal: shares near 0 or 1, and many zeros.

An interval that is refused, as most are where all values are the same, counts neither as covering nor as not: the
number of simulations of a row is that of the intervals which could be had. Run as
``python -m analysis.validity.resampling.coverage_shares --n-simulations 1000``.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from analysis.validity.simulation import main, rates
from attnstats._validation import FloatArray
from attnstats.exceptions import AttnstatsWarning, ConstantInputError, NonFiniteError
from attnstats.resampling import BCa, HallT, Percentile, Wilson, bootstrap_interval
from attnstats.resampling.bootstrap._method import BootstrapMethod, ClosedForm

#: None stands for the default, which is chosen by the data.
METHODS: dict[str, BootstrapMethod | ClosedForm | None] = {
    "percentile": Percentile(999),
    "BCa": BCa(999),
    "Hall's t": HallT(),
    "default": None,
}
BOUNDED = {**METHODS, "Hall's t, logit": HallT(bounds=(0, 1))}
BINARY = {**BOUNDED, "Wilson": Wilson()}


def share(p: float) -> Callable[[np.random.Generator, int], FloatArray]:
    """Return draws of 0 and 1."""
    return lambda generator, n: (generator.random(n) < p).astype(np.float64)


def mixed(
    p: float, value: float, other: Callable[[np.random.Generator, int], FloatArray]
) -> Callable[[np.random.Generator, int], FloatArray]:
    """Return draws that have one value with probability p, and else another distribution."""
    return lambda generator, n: np.where(generator.random(n) < p, value, other(generator, n))


#: What is drawn, its mean, and the methods tried on it.
DISTRIBUTIONS = {
    **{f"0 or 1, mean {p}": (share(p), p, BINARY) for p in (0.02, 0.1, 0.5, 0.98)},
    "beta(1.9, 0.1)": (lambda g, n: g.beta(1.9, 0.1, size=n), 0.95, BOUNDED),
    "four fifths 1, else uniform": (mixed(0.8, 1.0, lambda g, n: g.random(n)), 0.9, BOUNDED),
    "four fifths 0, else exponential": (mixed(0.8, 0.0, lambda g, n: g.exponential(size=n)), 0.2, METHODS),
    "nine tenths 0, else exponential": (mixed(0.9, 0.0, lambda g, n: g.exponential(size=n)), 0.1, METHODS),
    "nine tenths 0, else 1 + Poisson(2)": (mixed(0.9, 0.0, lambda g, n: 1.0 + g.poisson(2, size=n)), 0.3, METHODS),
}


@dataclass(frozen=True)
class ShareTrial:
    """One sample, and whether each interval covers its mean; NaN where it is refused."""

    distribution: str
    n: int

    def __call__(self, generator: np.random.Generator) -> dict[str, float]:
        """Draw the sample and its intervals."""
        draw, mean, methods = DISTRIBUTIONS[self.distribution]
        x = draw(generator, self.n)
        margin = stdtrit(self.n - 1, 0.975) * x.std(ddof=1) / np.sqrt(self.n)
        covered = {"t": float(abs(x.mean() - mean) <= margin) if margin > 0 else np.nan}
        for name, method in methods.items():
            try:
                interval = bootstrap_interval(x, np.mean, method=method, rng=generator)
            except (ConstantInputError, NonFiniteError):
                covered[name] = np.nan
            else:
                covered[name] = float(mean in interval)
        return covered


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    n: tuple[int, ...] = (20, 50, 200),
    distributions: tuple[str, ...] = tuple(DISTRIBUTIONS),
) -> pd.DataFrame:
    """Measure the coverage of nominal 95 % intervals for a mean of mostly equal values."""
    trials = [
        ({"distribution": name, "n": size}, ShareTrial(name, size), 0.95) for name, size in product(distributions, n)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AttnstatsWarning)
        return rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)


if __name__ == "__main__":
    main(__spec__.name)
