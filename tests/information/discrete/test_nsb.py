from itertools import pairwise
from math import lgamma

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import digamma, entr, gammaln, polygamma

from attnstats.information import NSB, EntropyPosterior

TABLES = [[4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1], [10, 0, 3, 1, 1, 25, 0, 0], [2, 2], [5, 1], [2, 1, 0], [1, 1, 2], [3, 0]]


def nsb_by_quadrature(counts):
    """The two integrals over beta, mapped from (0, 1), with the plain formulas."""
    n, k = sum(counts), len(counts)

    def weight(beta):
        likelihood = lgamma(k * beta) - lgamma(n + k * beta) + sum(lgamma(c + beta) - lgamma(beta) for c in counts)
        return np.exp(likelihood + n * np.log(k)) * (k * polygamma(1, k * beta + 1) - polygamma(1, beta + 1))

    def mean(beta):
        total = n + k * beta
        return digamma(total + 1) - sum((c + beta) / total * digamma(c + beta + 1) for c in counts)

    def integral(function):
        # Nothing to speak of lies beyond beta = 1e4: there the weight falls like 1 / beta^2, and all means are log k.
        pieces = np.geomspace(1e-12, 1e4, 33)
        inside = sum(quad(function, low, high, epsrel=1e-12)[0] for low, high in pairwise(pieces))
        return quad(function, 0, 1e-12)[0] + inside

    tail = weight(1e4) * 1e4  # of 1 / beta^2
    return (integral(lambda beta: weight(beta) * mean(beta)) + tail * mean(1e4)) / (integral(weight) + tail)


@pytest.mark.parametrize("counts", TABLES, ids=str)
def test_nsb_by_quadrature(counts):
    # The tail of the reference is right to a relative 1e-4 of a share of 1e-4.
    assert NSB().entropy(counts) == pytest.approx(nsb_by_quadrature(counts), abs=3e-8)


@pytest.mark.parametrize("coincidences", [20, 60])
def test_nsb_far_below_full_sampling(coincidences):
    # Nemenman (2011), Entropy 13, 2013-2023: for many more cells than samples, and few coincidences D among n of them,
    # H = Euler - ln 2 + 2 ln n - psi(D), up to terms of order D / n and, as the posterior has an sd of about
    # 1 / sqrt(D) and may not pass the log of the number of cells, while that lies several sd higher.
    n = 2000
    counts = np.zeros(3_000_000, dtype=int)
    counts[: n - coincidences] = 1
    counts[:coincidences] = 2
    expected = np.euler_gamma - np.log(2) + 2 * np.log(n) - digamma(coincidences)
    assert NSB().entropy(counts) == pytest.approx(expected, abs=0.05)


def test_nsb_is_stable_where_gamma_functions_cancel():
    # A uniform table of a million samples: the posterior puts beta near infinity; the truth is log 10.
    assert NSB().entropy([100_000] * 10) == pytest.approx(np.log(10), abs=1e-5)
    assert NSB().entropy([10**9, 0]) == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("counts", TABLES, ids=str)
def test_posterior_sd_is_that_of_drawn_distributions(counts):
    # beta from a fine grid of its posterior, by the plain formulas; then probabilities from the Dirichlet posterior.
    # With 100,000 draws an sd has a relative Monte Carlo error of about 0.4 %.
    rng = np.random.default_rng(len(counts))
    n, k = sum(counts), len(counts)
    beta = np.geomspace(1e-8, 1e5, 4001)
    log_weight = gammaln(k * beta) - gammaln(n + k * beta) + np.log(beta)
    log_weight += sum(gammaln(c + beta) - gammaln(beta) for c in counts)
    log_weight += np.log(k * polygamma(1, k * beta + 1) - polygamma(1, beta + 1))
    weight = np.exp(log_weight - log_weight.max())
    drawn = rng.choice(beta, size=100_000, p=weight / weight.sum())
    p = rng.standard_gamma(np.array(counts) + drawn[:, np.newaxis])
    p /= p.sum(axis=1, keepdims=True)
    entropies = entr(p).sum(axis=1)
    posterior = NSB().posterior(counts)
    assert posterior.mean == NSB().entropy(counts)
    assert posterior.mean == pytest.approx(entropies.mean(), abs=5 * entropies.std() / 300)
    assert posterior.sd == pytest.approx(entropies.std(), rel=0.02)


def test_posterior_of_large_and_of_certain_tables():
    # From n samples the variance of the plug-in is that of log p over n, which for (p, q) is p q log(p / q)^2.
    expected = np.log(4) * np.sqrt(0.8 * 0.2 / 1e6)
    assert NSB().posterior([800_000, 200_000]).sd == pytest.approx(expected, rel=1e-3)
    assert NSB().posterior([7]) == EntropyPosterior(0.0, 0.0)
    assert repr(NSB().posterior([2, 2])) == "H = 0.626 nats, posterior sd 0.092"
