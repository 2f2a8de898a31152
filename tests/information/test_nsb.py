from itertools import pairwise
from math import lgamma

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import digamma, polygamma

from attnstats.information import NSB

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
