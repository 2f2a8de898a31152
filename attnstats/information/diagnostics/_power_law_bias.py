"""The bias of an estimate, by a power law through the estimates from halves of the sample, quarters, and so on."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple, Self

import numpy as np

from attnstats._validation import FloatArray

#: Rates that are tried where the rate is fitted. A slower one cannot be told from a logarithm with a few halvings.
_RATES = np.linspace(0.25, 2, 176)


class PowerLawBias(NamedTuple):
    """A bias b of the whole sample, of size n, that is b 2^(l rate) in a part of size n / 2^l."""

    bias: float
    error: float  # standard error of the bias at this rate
    rate: float
    misfit: float  # weighted sum of squares

    @classmethod
    def seen_in(cls, differences: FloatArray, own_error: float) -> tuple[Self, bool]:
        """Return the law of the best rate, or that of rate 1 where the bias is within 3 errors; and whether it was."""
        law = cls.at(1.0, differences, own_error)
        if abs(law.bias) <= 3 * law.error:
            return law, False
        return min((cls.at(rate, differences, own_error) for rate in _RATES.tolist()), key=lambda law: law.misfit), True

    @classmethod
    def at(cls, rate: float, differences: FloatArray, own_error: float) -> Self:
        """Return the law of a given rate, by weighted least squares.

        `differences`, shape (n_repeats, n_halvings), are mean estimates from the 2^l parts of size n / 2^l less that of
        the whole, and `own_error` is the standard error of the latter which the former do not share.
        """
        rise = 2.0 ** (rate * np.arange(1, differences.shape[1] + 1)) - 1
        weight = 1 / (differences.var(axis=0, ddof=1) / len(differences) + own_error**2)
        coefficients = weight * rise / (weight * rise**2).sum()
        biases = differences @ coefficients
        bias = float(biases.mean())
        error = float(np.hypot(biases.std(ddof=1) / sqrt(len(biases)), own_error * coefficients.sum()))
        return cls(bias, error, float(rate), float((weight * (differences.mean(axis=0) - bias * rise) ** 2).sum()))
