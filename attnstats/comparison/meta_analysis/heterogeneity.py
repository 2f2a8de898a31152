"""The variance of true effects between studies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import brentq

from attnstats._validation import FloatArray


class HeterogeneityEstimator(Protocol):
    """An estimator of the variance between studies, tau². A variance is not negative: each is zero on that border."""

    label: str

    def tau2(self, effects: FloatArray, variances: FloatArray) -> float:
        """Return tau² from effects and their sampling variances, each of shape (n_studies,)."""


@dataclass(frozen=True)
class REML:
    """Restricted maximum likelihood, searched on a grid first since it may have two maxima.

    Viechtbauer (2005), J. Educ. Behav. Stat. 30, 261-293, equation 13.

    Examples
    --------
    >>> from attnstats.comparison import REML, meta_analysis
    >>> round(meta_analysis([0.1, 0.5, 0.9], [0.04, 0.04, 0.04], heterogeneity=REML()).tau2, 4)
    0.12
    """

    label = "REML"

    def tau2(self, effects: FloatArray, variances: FloatArray) -> float:
        """Return tau² from effects and their sampling variances, each of shape (n_studies,)."""
        spread = float(np.ptp(effects)) ** 2
        if spread == 0:
            return 0.0
        grid = np.concatenate([[0.0], np.geomspace(1e-8, 10.0, 200) * spread])
        weights = 1 / (variances + grid[:, np.newaxis])
        means = (weights @ effects) / weights.sum(axis=1)
        squares = (weights * (effects - means[:, np.newaxis]) ** 2).sum(axis=1)
        likelihood = np.log(weights).sum(axis=1) - np.log(weights.sum(axis=1)) - squares
        best = int(likelihood.argmax())

        def score(tau2: float) -> float:
            w = 1 / (variances + tau2)
            mean = w @ effects / w.sum()
            return float(w**2 @ (effects - mean) ** 2 - w.sum() + w @ w / w.sum())

        if score(grid[best]) <= 0:
            if best == 0:
                return 0.0  # the likelihood falls from zero on
            best -= 1
        return float(brentq(score, grid[best], grid[best + 1], xtol=1e-15, rtol=1e-12))


@dataclass(frozen=True)
class PauleMandel:
    """The tau² at which the weighted sum of squares equals its expectation, n − 1.

    Paule and Mandel (1982), Journal of Research of the National Bureau of Standards 87, 377-385.

    Examples
    --------
    >>> from attnstats.comparison import PauleMandel, meta_analysis
    >>> round(meta_analysis([0.1, 0.5, 0.9], [0.04, 0.04, 0.04], heterogeneity=PauleMandel()).tau2, 4)
    0.12
    """

    label = "Paule-Mandel"

    def tau2(self, effects: FloatArray, variances: FloatArray) -> float:
        """Return tau² from effects and their sampling variances, each of shape (n_studies,)."""

        def excess(tau2: float) -> float:
            return cochran_q(effects, variances + tau2) - (len(effects) - 1)

        if excess(0.0) <= 0:
            return 0.0
        return float(brentq(excess, 0.0, float(np.ptp(effects)) ** 2 * len(effects), xtol=1e-15, rtol=1e-12))


@dataclass(frozen=True)
class DerSimonianLaird:
    """The moment estimator from Cochran's Q: (Q − (n − 1))/(Σ w − Σ w²/Σ w). Biased low where tau² is large.

    DerSimonian and Laird (1986), Controlled Clinical Trials 7, 177-188.

    Examples
    --------
    >>> from attnstats.comparison import DerSimonianLaird, meta_analysis
    >>> round(meta_analysis([0.1, 0.5, 0.9], [0.04, 0.04, 0.04], heterogeneity=DerSimonianLaird()).tau2, 4)
    0.12
    """

    label = "DerSimonian-Laird"

    def tau2(self, effects: FloatArray, variances: FloatArray) -> float:
        """Return tau² from effects and their sampling variances, each of shape (n_studies,)."""
        weights = 1 / variances
        scale = sum_of_products(weights) / float(weights.sum())
        return max(0.0, (cochran_q(effects, variances) - (len(effects) - 1)) / scale)


def cochran_q(effects: FloatArray, variances: FloatArray) -> float:
    """Return the weighted sum of squares about the weighted mean."""
    weights = 1 / variances
    return float(weights @ (effects - weights @ effects / weights.sum()) ** 2)


def sum_of_products(weights: FloatArray) -> float:
    """Return (Σ w)² − Σ w², as a sum over pairs in which nothing cancels where one weight is far above the others."""
    ordered = np.sort(weights)
    return float(2 * ordered[1:] @ np.cumsum(ordered)[:-1])
