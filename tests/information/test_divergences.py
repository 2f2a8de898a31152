"""Divergences of samples from distributions whose divergence is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.spatial.distance import cdist
from scipy.stats import norm

from attnstats.exceptions import ConstantInputError, DuplicateSamplesError, InvalidInputError, TooFewSamplesError
from attnstats.information import KSG, Ross, jensen_shannon_divergence, kl_divergence, mutual_information
from attnstats.resampling import Permutation


@pytest.mark.parametrize(("n", "m", "dim", "k"), [(30, 41, 1, 1), (40, 25, 2, 3), (25, 60, 4, 5)])
def test_it_is_the_formula(n, m, dim, k):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(n, dim)), 1 + 2 * rng.normal(size=(m, dim))
    scale = np.concatenate([x, y]).std(axis=0)
    within = np.sort(cdist(x / scale, x / scale, "chebyshev"), axis=1)[:, k]
    between = np.sort(cdist(x / scale, y / scale, "chebyshev"), axis=1)[:, k - 1]
    expected = dim / n * np.log(between / within).sum() + np.log(m / (n - 1))
    assert kl_divergence(x, y, k=k) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("shift", "spread"), [(0, 1), (1, 1), (0.5, 2)])
def test_normal_samples_have_the_known_divergence(shift, spread):
    """log s + (1 + d^2) / (2 s^2) - 1/2 of N(0, 1) from N(d, s^2), in each of two columns."""
    rng = np.random.default_rng(1)
    found = [kl_divergence(rng.normal(size=(3000, 2)), shift + spread * rng.normal(size=(4000, 2))) for _ in range(10)]
    truth = 2 * (np.log(spread) + (1 + shift**2) / (2 * spread**2) - 0.5)
    assert np.mean(found) == pytest.approx(truth, abs=0.08)


@pytest.mark.parametrize("sizes", [(4000, 4000), (6000, 2000)])
def test_the_mixture_has_the_shares_of_the_samples(sizes):
    share = sizes[0] / sum(sizes)

    def integrand(z):
        p, q = norm.pdf(z), norm.pdf(z, loc=1)
        mixture = share * p + (1 - share) * q
        return share * p * np.log(p / mixture) + (1 - share) * q * np.log(q / mixture)

    truth = quad(integrand, -8, 9)[0]
    rng = np.random.default_rng(2)
    found = [jensen_shannon_divergence(rng.normal(size=sizes[0]), 1 + rng.normal(size=sizes[1])) for _ in range(5)]
    assert np.mean(found) == pytest.approx(truth, abs=0.01)


def test_it_is_the_information_about_the_sample():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(200, 2)), 0.5 + rng.normal(size=(150, 2))
    joined, labels = np.concatenate([x, y]), np.repeat(["x", "y"], [200, 150])
    whole = mutual_information(joined, labels, Ross(), null=Permutation(39), rng=0)
    assert jensen_shannon_divergence(x, y, rng=0) == whole.value
    assert whole.pvalue == 1 / 40


def test_far_samples_are_told_apart_wholly():
    """Whole numbers too large for float64's steps, too, on one origin."""
    x, y = np.random.default_rng(4).normal(size=(2, 100))
    assert jensen_shannon_divergence(x, y + 1000) == pytest.approx(np.log(2), abs=0.01)
    assert kl_divergence(x, y + 1000) > 5
    one, other = np.arange(60), 2**40 + np.arange(60)
    assert jensen_shannon_divergence(one, other) > 0.6


@settings(deadline=None, max_examples=20)
@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.integers(0, 99))
def test_units_and_origins_change_nothing(factor, origin, seed):
    x, y = np.random.default_rng(seed).normal(size=(2, 40, 2))
    columns = np.array([factor, 1])
    assert kl_divergence(x * columns + origin, y * columns + origin) == pytest.approx(kl_divergence(x, y), abs=1e-6)


def test_extreme_units_neither_overflow_nor_vanish():
    x, y = np.random.default_rng(5).normal(size=(2, 50))
    for unit in (1e307, 1e-307):
        assert kl_divergence(x * unit, y * unit) == pytest.approx(kl_divergence(x, y), abs=1e-6)


def test_what_has_no_divergence_is_refused():
    x, y = np.random.default_rng(6).normal(size=(2, 20))
    with pytest.raises(InvalidInputError, match="y: must have the columns of x, 1; got 2"):
        kl_divergence(x, np.column_stack([y, y]))
    with pytest.raises(InvalidInputError, match=r"x: must have shape \(n,\) or \(n, dim\)"):
        jensen_shannon_divergence(np.ones((2, 2, 2)), y)
    with pytest.raises(ConstantInputError, match="column 0 does not"):
        kl_divergence(np.ones(9), np.ones(8))
    with pytest.raises(TooFewSamplesError, match="number of samples of y with k=5"):
        kl_divergence(x, y[:4], k=5)
    with pytest.raises(DuplicateSamplesError, match="x: continuous samples must not coincide"):
        kl_divergence(np.repeat(x, 4), y)
    with pytest.raises(DuplicateSamplesError, match="y: continuous samples must not coincide; got 2 of x"):
        kl_divergence(x, np.concatenate([x[:2], y]), k=1)
    with pytest.raises(InvalidInputError, match=r"estimator: must take classes, as Ross\(\) does; got KSG"):
        jensen_shannon_divergence(x, y, KSG())
