"""Intervals of tau² and of the effect of another study, from the confidence distribution of the generalised Q."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri, ndtr

from attnstats._validation import FloatArray
from attnstats.results import ConfidenceInterval

#: Quantiles of Q that stand for its distribution.
N_NODES = 200


def tau2_interval(effects: FloatArray, variances: FloatArray, confidence_level: float) -> ConfidenceInterval:
    """Return the Q-profile interval of tau² (Viechtbauer 2007), where Q(tau²) is no improbable chi-squared value."""
    tails = np.array([(1 - confidence_level) / 2, (1 + confidence_level) / 2])
    low, high = _tau2_at(effects, variances, np.asarray(chdtri(len(effects) - 1, tails)))
    return ConfidenceInterval(float(low), float(high), confidence_level, "Q-profile")


def prediction_interval(effects: FloatArray, variances: FloatArray, confidence_level: float) -> ConfidenceInterval:
    """Return the prediction interval of the true effect of another study.

    Every quantile of Q gives a tau², and with it θ_new ~ N(mean(tau²), tau² + 1/Σ w(tau²)); the interval holds the
    middle of the mixture over all quantiles (as in Nagashima, Noma and Furukawa 2019, there with the Q of fixed
    weights).
    """
    n = len(effects)
    tau2 = _tau2_at(effects, variances, np.asarray(chdtri(n - 1, (np.arange(N_NODES) + 0.5) / N_NODES)))
    weights = 1 / (variances + tau2[:, np.newaxis])
    means = weights @ effects / weights.sum(axis=1)
    spreads = np.sqrt(tau2 + 1 / weights.sum(axis=1))
    reach = float(np.ptp(means) + 10 * spreads.max())

    def below(value: float, share: float) -> float:
        return float(ndtr((value - means) / spreads).mean()) - share

    low, high = (
        float(brentq(below, means.min() - reach, means.max() + reach, args=(share,), xtol=1e-9 * reach))
        for share in ((1 - confidence_level) / 2, (1 + confidence_level) / 2)
    )
    return ConfidenceInterval(low, high, confidence_level, "confidence distribution of tau²")


def _tau2_at(effects: FloatArray, variances: FloatArray, values: FloatArray) -> FloatArray:
    """Return the tau² at which Q takes each of the values, zero where Q(0) is below."""
    tau2: FloatArray = np.zeros(len(values))
    while True:
        weights = 1 / (variances + tau2[:, np.newaxis])
        means = weights @ effects / weights.sum(axis=1)
        squares = weights * (effects - means[:, np.newaxis]) ** 2
        slopes = np.maximum((weights * squares).sum(axis=1), np.finfo(float).tiny)  # zero where all effects agree
        steps = np.maximum(0.0, squares.sum(axis=1) - values) / slopes
        tau2 = tau2 + steps
        if (steps <= 1e-10 * tau2).all():
            return np.asarray(tau2)
