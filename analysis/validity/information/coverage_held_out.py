"""How often intervals of a held-out bound cover it, and how seldom certified bounds exceed the mutual information.

Run as ``python -m analysis.validity.information.coverage_held_out --n-simulations 1000``.

Classes are drawn from a logistic model of normal features, p(c | x) proportional to exp(scale * u_c'x) with u_c the
corners of a regular simplex, so the information depends on the scale alone and is known by quadrature. With groups, 5
rows share half of the variance of their features. The probe is `Logistic` in some settings, and in all of them a linear
discriminant in closed form, which is fitted 20 times faster: the intervals take any model.

Three quantities are aimed at. ``HeldOutCLT`` is about the bound of the fitted models: given them, the information minus
the mean divergence of the true class probabilities from theirs, E_X KL(P(. | X) || q_k(. | X)), averaged over folds.
The expected bound is the mean of the estimate over samples and folds at this n, taken from `N_EXPECTATION` further
samples; it does not vary with the models fitted, and an interval from one set of fits does not see how it does.
Certified bounds are about the information itself, and may exceed it in at most 5 % of samples. In rows of
``HeldOutCLT`` the column `warned` says in which share of samples its warning came.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import log_softmax, softmax, xlogy

from analysis.validity.simulation import main, rates
from attnstats._parallel import parallel_map
from attnstats._validation import FloatArray
from attnstats.exceptions import UnreliableEstimateWarning
from attnstats.information import BettingBound, Classifier, EmpiricalBernstein, HeldOutCLT, Logistic, Probe
from attnstats.information.probes import Fitted, Predictor, PriorMixture, TrainingFold

#: Samples that estimate the expected held-out bound of a setting.
N_EXPECTATION = 200
_WARNING = "CLT warns"


@dataclass(frozen=True)
class Setting:
    """A distribution with known information, and a size."""

    n: int
    dim: int
    n_classes: int
    information: float
    rows_per_group: int
    model: Classifier

    def draw(self, generator: np.random.Generator) -> tuple[FloatArray, np.ndarray, np.ndarray]:
        """Return features, classes and groups."""
        groups = np.repeat(np.arange(self.n // self.rows_per_group), self.rows_per_group)
        x = generator.normal(size=(self.n, self.dim))
        if self.rows_per_group > 1:
            x = np.sqrt(0.5) * (x + generator.normal(size=(groups[-1] + 1, self.dim))[groups])
        p = _probabilities(x[:, : self.n_classes - 1], self.n_classes, _scale(self.n_classes, self.information))
        y = (generator.random((self.n, 1)) > p.cumsum(axis=1)[:, :-1]).sum(axis=1)
        return x, y, groups


@dataclass(frozen=True)
class HeldOutTrial:
    """One sample, and whether each interval holds what it is about."""

    setting: Setting
    expected: float  # mean of the estimate over samples

    def __call__(self, generator: np.random.Generator) -> dict[str, bool]:
        """Draw the sample, estimate, and look."""
        x, y, groups = self.setting.draw(generator)
        shared = {"groups": groups, "confidence_level": 0.95}
        model = Recording(self.setting.model)
        probe, random_folds = Probe(model), Probe(self.setting.model, n_folds=2, stratify=False)
        local = probe.local_terms(x, y, groups=groups, rng=generator)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UnreliableEstimateWarning)
            clt = HeldOutCLT().from_terms(probe, local, x, y, **shared)
        local = random_folds.local_terms(x, y, groups=groups, rng=generator)
        certified = {
            method: interval.from_terms(random_folds, local, x, y, **shared).low
            for method, interval in (("Bernstein", EmpiricalBernstein()), ("betting", BettingBound()))
        }
        return {
            "CLT covers the bound of the fits": self._bound(model, generator) in clt,
            "CLT covers the expected bound": self.expected in clt,
            "CLT low exceeds the information": clt.low > self.setting.information,
            _WARNING: len(caught) > 0,
            "Bernstein low exceeds the information": certified["Bernstein"] > self.setting.information,
            "betting low exceeds the information": certified["betting"] > self.setting.information,
            "Bernstein low is above zero": certified["Bernstein"] > 0,
            "betting low is above zero": certified["betting"] > 0,
        }

    def _bound(self, model: "Recording", generator: np.random.Generator) -> float:
        """Return the information minus the mean divergence of the fits, over 5000 further rows."""
        setting = self.setting
        x = generator.normal(size=(5_000, setting.dim))
        scale = _scale(setting.n_classes, setting.information)
        p = _probabilities(x[:, : setting.n_classes - 1], setting.n_classes, scale)
        divergences = []
        for predictor, mixture in model.fits:
            log_model = predictor.log_probabilities(x)
            labels = [np.full(len(x), code) for code in range(setting.n_classes)]
            log_q = np.stack([mixture.log_likelihood(log_model, label) for label in labels], axis=1)
            divergences.append((xlogy(p, p) - p * log_q).sum(axis=1).mean())
        return setting.information - float(np.mean(divergences))


class Recording:
    """A model that keeps what was fitted, one predictor a fold, with its prior."""

    def __init__(self, model: Classifier) -> None:
        self.model = model
        self.fits: list[tuple[Predictor, PriorMixture]] = []

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the fits of the model."""
        fitted = self.model.fit(training, rng)
        self.fits.append((fitted.whole, PriorMixture.of(training.y, training.groups, training.n_classes)))
        return fitted


def _estimate(setting: Setting, generator: np.random.Generator) -> float:
    x, y, groups = setting.draw(generator)
    return Probe(setting.model).estimate(x, y, groups=groups, rng=generator)


def _probabilities(x: FloatArray, n_classes: int, scale: float) -> FloatArray:
    """Return the class probabilities, shape (n, n_classes), of the first n_classes - 1 features."""
    corners = np.linalg.svd(np.eye(n_classes) - 1 / n_classes)[0][:, :-1]  # of a regular simplex around 0
    return softmax(scale * x @ corners.T, axis=1)


@cache
def _scale(n_classes: int, information: float) -> float:
    """Return the scale at which the classes have the given information, by quadrature on a grid."""
    nodes = np.linspace(-8, 8, 801 if n_classes == 2 else 61)
    weights = np.exp(-(nodes**2) / 2)
    grid = np.stack(np.meshgrid(*[nodes] * (n_classes - 1)), axis=-1).reshape(-1, n_classes - 1)
    weight = np.prod(np.stack(np.meshgrid(*[weights] * (n_classes - 1)), axis=-1).reshape(grid.shape), axis=1)
    weight /= weight.sum()

    def excess(scale: float) -> float:
        p = _probabilities(grid, n_classes, scale)
        return float(np.log(n_classes) + weight @ xlogy(p, p).sum(axis=1)) - information

    return 0.0 if information == 0 else brentq(excess, 1e-3, 50)


@dataclass(frozen=True)
class Discriminant:
    """Linear discriminant with a fixed ridge."""

    ridge: float = 0.1

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the discriminant; the halves, which the intervals do not ask for, are left out."""
        del rng
        member = np.eye(training.n_classes)[training.y]
        means = member.T @ training.x / (member.sum(axis=0) + 1)[:, np.newaxis]
        centred = training.x - means[training.y]
        covariance = centred.T @ centred / len(training.y) + self.ridge * np.eye(training.x.shape[1])
        weights = np.linalg.solve(covariance, means.T)
        log_prior = PriorMixture.of(training.y, training.groups, training.n_classes).log_prior
        linear = _Linear(weights, log_prior - (means.T * weights).sum(axis=0) / 2)
        return Fitted(linear, linear, linear, np.nan, "linear discriminant")


@dataclass(frozen=True)
class _Linear:
    weights: FloatArray
    offset: FloatArray

    def log_probabilities(self, x: FloatArray) -> FloatArray:
        """Return the log probability of every class."""
        return log_softmax(x @ self.weights + self.offset, axis=1)


def settings() -> list[Setting]:
    """Return the settings simulated."""
    return [
        *(Setting(300, 1, 2, information, 1, Logistic()) for information in (0.0, 0.2)),
        *(
            Setting(*design, model=Discriminant())
            for design in (
                # n, dim, classes, information, rows of a group
                (300, 1, 2, 0.0, 1),
                (300, 1, 2, 0.2, 1),
                (300, 8, 2, 0.2, 1),
                (300, 8, 4, 0.6, 1),
                (1000, 8, 4, 0.0, 1),
                (1000, 8, 2, 0.2, 1),
                (1000, 8, 2, 0.4, 5),
                (1000, 8, 4, 0.6, 5),
                (1000, 64, 2, 0.0, 1),
                (1000, 64, 2, 0.2, 1),
                (1000, 64, 2, 0.6, 1),
                (1000, 64, 4, 0.6, 1),
                (4000, 8, 2, 0.2, 1),
                (4000, 64, 4, 0.6, 5),
            )
        ),
    ]


def simulate(
    *, n_simulations: int, rng: int = 0, n_jobs: int | None = None, chosen: Sequence[Setting] | None = None
) -> pd.DataFrame:
    """Measure coverage and false certificates of nominal 95 % intervals of held-out bounds."""
    trials = []
    for index, setting in enumerate(settings() if chosen is None else chosen):
        seed = np.random.default_rng([rng, index])
        values = parallel_map(_estimate, [setting] * N_EXPECTATION, rng=seed, n_jobs=n_jobs)
        columns = {**vars(setting), "model": repr(setting.model)}
        trials.append((columns, HeldOutTrial(setting, float(np.mean(values))), 0.95))
    table = rates(trials, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)
    table.loc[table["procedure"].str.contains("exceeds"), "nominal"] = 0.05
    table.loc[table["procedure"].str.contains("above zero"), "nominal"] = np.nan
    # How often the warning comes stands beside what it warns of.
    keys = list(trials[0][0])
    warned = table[table["procedure"] == _WARNING].set_index(keys)["rate"].rename("warned")
    table = table[table["procedure"] != _WARNING].join(warned, on=keys)
    table.loc[~table["procedure"].str.startswith("CLT"), "warned"] = np.nan
    return table.reset_index(drop=True)


if __name__ == "__main__":
    main(__spec__.name)
