"""The Bayesian entropy estimate of Nemenman, Shafee and Bialek."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, polygamma

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import ConvergenceError
from attnstats.information.discrete.entropy import check_counts


@dataclass(frozen=True, slots=True)
class EntropyPosterior:
    """Mean and standard deviation of an entropy under its posterior, in nats.

    Parameters
    ----------
    mean, sd : float
        Posterior mean and standard deviation; the latter is zero where only one value is possible.

    Examples
    --------
    >>> from attnstats.information import EntropyPosterior
    >>> EntropyPosterior(mean=2.1878, sd=0.1409)
    H = 2.188 nats, posterior sd 0.14
    """

    mean: float
    sd: float

    def summary(self) -> str:
        """Return mean and standard deviation in words."""
        return f"H = {self.mean:.3f} nats, posterior sd {self.sd:.2g}"

    def __repr__(self) -> str:
        return self.summary()


@dataclass(frozen=True)
class NSB:
    """The posterior mean of the entropy under a prior that is nearly flat in the entropy.

    The prior mixes symmetric Dirichlet priors over the K possible values, with the parameter beta weighted by
    d xi / d beta, where xi(beta) = psi(K beta + 1) - psi(beta + 1) is the mean entropy under beta. Needs the zeros
    among the counts. One possible value has entropy 0.

    Raises
    ------
    ConvergenceError
        If the integral over beta does not settle to 1e-10 of the largest possible entropy.

    References
    ----------
    Nemenman, Shafee, Bialek (2002), Entropy and inference, revisited, NeurIPS 14. Wolpert, Wolf (1995), Estimating
    functions of probability distributions from a finite set of samples, Physical Review E 52, 6841-6854 (moments for
    one beta). Trefethen, Weideman (2014), SIAM Review 56, 385-458 (the trapezoidal rule in log beta).

    Examples
    --------
    >>> from attnstats.information import NSB
    >>> NSB().posterior([4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1])
    H = 2.188 nats, posterior sd 0.14
    """

    def entropy(self, counts: ArrayLike) -> float:
        """Return the posterior mean of the entropy in nats."""
        return self.posterior(counts).mean

    def posterior(self, counts: ArrayLike) -> EntropyPosterior:
        """Return mean and standard deviation of the entropy under the posterior, in nats.

        Posteriors of entropies from one sample do not add up to one of information: see `mutual_information` for that.
        """
        counts = check_counts(counts)
        n, n_cells = int(counts.sum()), len(counts)
        if n_cells == 1:
            return EntropyPosterior(0.0, 0.0)
        values, repeats = np.unique(counts, return_counts=True)
        # The weight falls like beta on the left and like 1 / beta on the right, and is negligible at both ends.
        coarse = np.arange(-np.log(n_cells) - 60, 2 * np.log(n) + 60, 0.25)
        log_weight = _log_posterior(coarse, values, repeats)
        highest = log_weight.max()
        inside = coarse[log_weight > highest - 45]  # the rest weighs less than 1e-19 of the maximum
        low, high = inside[0] - 0.25, inside[-1] + 0.25
        previous = np.nan  # the trapezoidal rule converges exponentially here: its step is halved until it settles
        for doubling in range(6, 17):
            nodes = np.linspace(low, high, 2**doubling + 1)
            weight = np.exp(_log_posterior(nodes, values, repeats) - highest)
            mean = float((weight * _mean_entropy(nodes, values, repeats)).sum() / weight.sum())
            if abs(mean - previous) <= 1e-10 * np.log(n_cells):
                variance = float((weight * _mean_square(nodes, values, repeats, mean)).sum() / weight.sum())
                return EntropyPosterior(mean, float(np.sqrt(variance)))
            previous = mean
        raise ConvergenceError(f"NSB: the integral did not settle; the last two values were {previous} and {mean}")


def _log_posterior(log_beta: FloatArray, values: IntArray, repeats: IntArray) -> FloatArray:
    """Return the log of prior times likelihood per unit of log beta, up to a constant."""
    beta, n_cells, n = np.exp(log_beta), int(repeats.sum()), int((values * repeats).sum())
    likelihood = (repeats * _log_rising(beta[:, np.newaxis], values)).sum(axis=1) - _log_rising(beta * n_cells, n)
    # For large beta the two trigamma terms nearly cancel; there the difference of their asymptotic series is taken.
    small = np.minimum(beta, 100)
    near = beta * (n_cells * polygamma(1, n_cells * small + 1) - polygamma(1, small + 1))
    series = sum(
        coefficient * (n_cells ** -float(power) - 1) * beta ** (-1.0 - power)
        for power, coefficient in ((1, -1 / 2), (2, 1 / 6), (4, -1 / 30), (6, 1 / 42))
    )
    posterior: FloatArray = likelihood + np.log(np.where(beta < 100, near, beta * series))
    return posterior


def _log_rising(a: FloatArray, n: IntArray | int) -> FloatArray:
    """Return log of a (a + 1) ... (a + n - 1) / a^n, accurate for any a > 0."""
    large = np.maximum(a, 20.0)
    by_stirling = (large + n - 0.5) * np.log1p(n / large) - n + _stirling_rest(large + n) - _stirling_rest(large)
    directly = gammaln(a + n) - gammaln(a) - n * np.log(a)
    result: FloatArray = np.where(a < 20, directly, by_stirling)
    return result


def _stirling_rest(z: FloatArray) -> FloatArray:
    """Return log Gamma(z) - (z - 1/2) log z + z - log(2 pi) / 2, for z of at least 20."""
    inverse = 1 / z**2
    return (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / z


def _mean_entropy(log_beta: FloatArray, values: IntArray, repeats: IntArray) -> FloatArray:
    """Return the posterior mean of the entropy under each Dirichlet prior."""
    beta = np.exp(log_beta)
    total = (values * repeats).sum() + repeats.sum() * beta
    cell = values + beta[:, np.newaxis]
    mean: FloatArray = digamma(total + 1) - (repeats * cell * digamma(cell + 1)).sum(axis=1) / total
    return mean


def _mean_square(log_beta: FloatArray, values: IntArray, repeats: IntArray, about: float) -> FloatArray:
    """Return the posterior mean of (H - about)^2 under each Dirichlet prior."""
    # H - about is the sum of -p_i (log p_i + about), so its square is a sum over pairs i != j and over i alone.
    beta = np.exp(log_beta)[:, np.newaxis]
    cell = values + beta
    total = (repeats * cell).sum(axis=1, keepdims=True)
    shift = about - digamma(total + 2)
    rest = polygamma(1, total + 2)
    one = cell * (digamma(cell + 1) + shift)
    pairs = (repeats * one).sum(axis=1) ** 2 - (repeats * one**2).sum(axis=1)
    pairs -= rest[:, 0] * (total[:, 0] ** 2 - (repeats * cell**2).sum(axis=1))
    alone = cell * (cell + 1) * ((digamma(cell + 2) + shift) ** 2 + polygamma(1, cell + 2) - rest)
    result: FloatArray = (pairs + (repeats * alone).sum(axis=1)) / (total * (total + 1))[:, 0]
    return result
