"""Coverage of the intervals of mutual information, and how often the warning of bias comes with them.

Run as ``python -m analysis.validity.information.coverage_information --n-simulations 2000``; the committed rows were
run in parts, of 500 to 4,000 simulations as each says. Of 500, a rate has a Monte Carlo error of .01, and the lowest of
15 that are all .95 is .93. (Those of Politis-Romano are of other random parts than a run today draws: Holmes-Nemenman,
which comes before it, took fewer cuts then. A row of more simulations than others of its setting has their rate of
warnings.) The rows over maps of the columns are pooled from two seeds. One row per setting and interval. Where the bias
is under a twelfth of the width, a third of a standard error, the coverage should be .93 to .97; where it is over a
quarter of the width, the warning should come. An interval that is refused (no rate can be estimated) does not cover.
"""

import warnings
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.integrate import quad
from scipy.stats import norm, t

from analysis.validity.simulation import main
from attnstats._parallel import parallel_map
from attnstats.exceptions import ConstantInputError, UnreliableEstimateWarning
from attnstats.information import (
    KSG,
    Binned,
    Gaussian,
    GaussianCopula,
    MIEstimator,
    NeighborJackknife,
    Ross,
    Standardized,
    mutual_information,
)
from attnstats.information.interface import LocalTerms
from attnstats.resampling import DeleteD, HalfSampling, HolmesNemenman, PolitisRomano, SubsampleInterval

LEVEL = 0.95
#: Few resamples: the t quantile allows for them, and they leave time for more simulations.
INTERVALS = {
    "half-sampling": HalfSampling(50),
    "delete-d": DeleteD(d=0.75, n_resamples=40),
    "Holmes-Nemenman": HolmesNemenman(n_partitions=20),
    "Politis-Romano": PolitisRomano(n_resamples=40),
    "local variance": NeighborJackknife(),
}


@dataclass(frozen=True)
class EvenGaussian:
    """Normal vectors of equal dimension, paired coordinate by coordinate with equal correlation."""

    dim: int
    mutual_information: float

    def sample(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw n pairs."""
        squared = -np.expm1(-2 * self.mutual_information / self.dim)
        x, noise = rng.normal(size=(2, n, self.dim))
        return x, np.sqrt(squared) * x + np.sqrt(1 - squared) * noise


@dataclass(frozen=True)
class TwoClasses:
    """Two classes, equally likely, of normal vectors whose means differ by `shift` along the first axis."""

    dim: int
    shift: float

    @property
    def mutual_information(self) -> float:
        """H(X) - H(X | Y) along the first axis, by quadrature."""

        def integrand(x: float) -> float:
            density = (norm.pdf(x) + norm.pdf(x - self.shift)) / 2
            return float(-density * np.log(density))

        return quad(integrand, -8, 8 + self.shift)[0] - float(norm.entropy())

    def sample(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw n pairs."""
        y = rng.integers(2, size=n)
        x = rng.normal(size=(n, self.dim))
        x[:, 0] += self.shift * y
        return x, y


@dataclass(frozen=True)
class SymmetricChannel:
    """A uniform letter out of `size`, that is replaced by another one with probability `error`."""

    dim = 1
    size: int
    error: float

    @property
    def mutual_information(self) -> float:
        """Closed form: log size - H(Y | X)."""
        kept, changed = 1 - self.error, self.error / (self.size - 1)
        return float(np.log(self.size) + kept * np.log(kept) + self.error * np.log(changed))

    def sample(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw n pairs."""
        x = rng.integers(self.size, size=n)
        change = rng.integers(1, self.size, size=n) * (rng.random(n) < self.error)
        return x, (x + change) % self.size


@dataclass(frozen=True)
class Mapped:
    """A normal pair of correlation 0.8 whose columns went through maps of their own; their information is as before."""

    maps: str

    dim = 1
    mutual_information = -0.5 * float(np.log(1 - 0.8**2))

    def sample(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw n pairs."""
        x, noise = rng.normal(size=(2, n))
        y = 0.8 * x + 0.6 * noise
        if self.maps == "exp, cube":
            return np.exp(x), y**3
        if self.maps == "Student 2 df, bounded":
            return t(2).ppf(norm.cdf(x)), norm.cdf(y)
        return np.round(x, 1), y  # about 60 values; what rounding takes is 0.001 nats


@dataclass(frozen=True)
class MappedClasses:
    """Two classes of exponentials of normal values, shifted by 2 before."""

    dim = 1

    @property
    def mutual_information(self) -> float:
        """As before the map."""
        return TwoClasses(1, 2.0).mutual_information

    def sample(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw n pairs."""
        x, y = TwoClasses(1, 2.0).sample(n, rng)
        return np.exp(x), y


#: The estimator whose columns have unit variance, the default before normal scores were.
SCALED, SCALED_5 = KSG(margins=Standardized()), KSG(k=5, margins=Standardized())
SETTINGS: tuple[tuple[str, MIEstimator, Any, int], ...] = (
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(1, 0.41), 200),
    ("Ross(k=3, margins=Standardized())", Ross(margins=Standardized()), TwoClasses(1, 2.0), 200),
    ("Binned", Binned(), SymmetricChannel(4, 0.3), 200),
    ("GaussianCopula", GaussianCopula(), EvenGaussian(1, 0.41), 200),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(1, 0.0), 200),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(1, 0.2), 500),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(1, 0.41), 500),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(1, 1.0), 500),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(2, 0.41), 200),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(2, 0.2), 500),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(3, 0.41), 200),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(5, 0.41), 200),
    ("KSG(k=5, margins=Standardized())", SCALED_5, EvenGaussian(1, 0.41), 500),
    ("Gaussian", Gaussian(), EvenGaussian(3, 0.41), 200),
    ("Ross(k=3, margins=Standardized())", Ross(margins=Standardized()), TwoClasses(3, 2.0), 500),
    ("Binned", Binned(), SymmetricChannel(4, 0.3), 1000),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(1, 0.41), 1000),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(2, 0.41), 1000),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(2, 0.0), 200),
    ("KSG(k=3, margins=Standardized())", SCALED, EvenGaussian(2, 0.1), 300),
    ("KSG()", KSG(), Mapped("exp, cube"), 200),
    ("KSG()", KSG(), Mapped("exp, cube"), 350),
    ("KSG()", KSG(), Mapped("Student 2 df, bounded"), 1000),
    ("KSG()", KSG(), Mapped("exp, cube"), 5000),
    ("KSG()", KSG(), Mapped("rounded"), 350),
    ("KSG()", KSG(), Mapped("rounded"), 1000),
    ("KSG(margins=Standardized())", SCALED, Mapped("exp, cube"), 350),
    ("KSG(margins=Standardized())", SCALED, Mapped("Student 2 df, bounded"), 1000),
    ("Ross()", Ross(), MappedClasses(), 200),
    ("Ross()", Ross(), MappedClasses(), 1000),
    ("Ross(margins=Standardized())", Ross(margins=Standardized()), MappedClasses(), 1000),
    ("KSG()", KSG(), EvenGaussian(1, 0.0), 200),
    ("KSG()", KSG(), EvenGaussian(1, 1.0), 500),
    ("KSG()", KSG(), EvenGaussian(2, 0.1), 300),
    ("KSG()", KSG(), EvenGaussian(2, 0.41), 1000),
)


def _run(estimator: MIEstimator, joint: Any, n: int, _: int, generator: np.random.Generator) -> list[dict[str, Any]]:
    """Draw one data set; return whether each interval covers, and whether the warning comes with half-sampling."""
    x, y = joint.sample(n, generator)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UnreliableEstimateWarning)
        result = mutual_information(x, y, estimator, interval=INTERVALS["half-sampling"], rng=generator)
    common = {"error": result.value - joint.mutual_information, "warned": float(len(caught) > 0)}
    rows = []
    for name, method in INTERVALS.items():
        if name == "half-sampling":
            interval = result.interval
        elif isinstance(method, SubsampleInterval):  # without the verb, which would look for the bias again
            try:
                interval = method.interval(
                    lambda rows: estimator.estimate(x[rows], y[rows]), result.value, n, rng=generator
                )
            except ConstantInputError:
                rows.append({"interval": name, "covered": False, **common})
                continue
        elif isinstance(estimator, KSG):
            local = LocalTerms(estimator.pointwise(x, y))
            interval = method.from_terms(estimator, local, x, y, groups=None, confidence_level=LEVEL)
        else:
            continue
        covered, width = joint.mutual_information in interval, interval.high - interval.low
        rows.append({"interval": name, "covered": covered, "width": width, **common})
    return rows


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    settings: tuple[int, ...] = tuple(range(len(SETTINGS))),
) -> pd.DataFrame:
    """Measure the coverage of nominal 95 % intervals of mutual information."""
    tables = []
    for index in settings:
        label, estimator, joint, n = SETTINGS[index]
        seed = np.random.SeedSequence(rng, spawn_key=(index,))  # a setting has its numbers whatever else is run
        found = parallel_map(partial(_run, estimator, joint, n), range(n_simulations), rng=seed, n_jobs=n_jobs)
        means = pd.DataFrame([row for rows in found for row in rows]).groupby("interval", sort=False).mean()
        tables.append(
            pd.DataFrame(
                {
                    "estimator": label,
                    "joint": getattr(joint, "maps", type(joint).__name__),
                    "dim": joint.dim,
                    "n": n,
                    "mutual_information": round(joint.mutual_information, 3),
                    "procedure": means.index,
                    "nominal": LEVEL,
                    "rate": means["covered"].to_numpy(),
                    "mc_error": np.sqrt(means["covered"] * (1 - means["covered"]) / n_simulations).to_numpy(),
                    "width": means["width"].to_numpy().round(4),
                    "bias": means["error"].to_numpy().round(4),
                    "bias_in_widths": (means["error"] / means["width"]).to_numpy().round(3),
                    "warned": means["warned"].to_numpy(),
                    "n_simulations": n_simulations,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


if __name__ == "__main__":
    main(__spec__.name)
