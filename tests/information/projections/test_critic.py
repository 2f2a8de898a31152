import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma
from scipy.stats import multivariate_normal, norm

from attnstats.information.knn.canonical_ksg import CanonicalKSG
from attnstats.information.margins import normal_scores
from attnstats.information.parametric.gaussian_copula import GaussianCopula
from attnstats.information.parametric.student_copula import StudentCopula
from attnstats.information.projections.canonical import AllColumns
from attnstats.information.projections.critic import (
    GaussianCritic,
    NeighborCritic,
    bound,
    held_out_bounds,
    independent_pairs,
)


def neighbor_definition(x, y, known_x, known_y, k):
    near_x = (np.abs(known_x - x) / known_x.std(axis=0)).max(axis=1)
    near_y = (np.abs(known_y - y) / known_y.std(axis=0)).max(axis=1)
    radius = np.sort(np.maximum(near_x, near_y))[k - 1]
    counts = (near_x < radius).sum(), (near_y < radius).sum()
    return digamma(k) + digamma(len(known_x)) - digamma(counts[0] + 1) - digamma(counts[1] + 1)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), dim_x=st.integers(1, 3), dim_y=st.integers(1, 3), decimals=st.sampled_from([1, 8]))
def test_neighbor_critic_is_its_definition(seed, dim_x, dim_y, decimals):
    rng = np.random.default_rng(seed)
    known_x, x = rng.normal(size=(60, dim_x)).round(decimals), rng.normal(size=(5, dim_x))
    known_y, y = rng.normal(size=(60, dim_y)).round(decimals), rng.normal(size=(5, dim_y))
    expected = [np.mean([neighbor_definition(x[i], y[i], known_x, known_y, k) for k in (5, 20)]) for i in range(len(x))]
    # Equal up to the rounding of a quotient of two standardised values, which may turn a tie of rounded values.
    tolerance = 1e-12 if decimals == 8 else 0.5
    np.testing.assert_allclose(NeighborCritic(known_x, known_y)(x, y), expected, atol=tolerance)


def test_gaussian_critic_is_the_log_density_ratio():
    rng = np.random.default_rng(0)
    known = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=500)
    known -= known.mean(axis=0)
    rho = np.corrcoef(known.T)[0, 1]
    scale = known.std(axis=0)
    new = rng.normal(size=(20, 2))
    ratio = multivariate_normal([0, 0], [[1, rho], [rho, 1]]).logpdf(new / scale) - norm.logpdf(new / scale).sum(axis=1)
    critic = GaussianCritic(known[:, :1], known[:, 1:])
    np.testing.assert_allclose(critic(new[:, :1], new[:, 1:]), ratio, atol=1e-10)


def test_bound_by_hand():
    assert bound(np.array([1.0, 3.0]), np.log(np.array([1.0, 3.0]))) == pytest.approx(2 - np.log(2))


def test_bound_of_the_true_ratio_is_the_information():
    # sd of both means at n = 20,000 is about 0.005.
    rng = np.random.default_rng(1)
    rho, n = 0.6, 20_000
    x = rng.normal(size=n)
    y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)

    def ratio(a, b):
        return -np.log1p(-(rho**2)) / 2 - (rho**2 * (a * a + b * b) - 2 * rho * a * b) / (2 * (1 - rho**2))

    assert bound(ratio(x, y), ratio(x, np.roll(y, 1))) == pytest.approx(-np.log1p(-(rho**2)) / 2, abs=0.03)


def test_independent_pairs_are_of_different_groups():
    groups = np.repeat(np.arange(10), 4)
    rows = np.arange(0, 40, 2)
    left, right = independent_pairs(rows, groups, np.random.default_rng(0))
    assert (groups[left] != groups[right]).all()
    assert set(left) == set(right) == set(rows)


def test_bounds_do_not_exceed_the_truth():
    # Twenty independent columns: whatever a family learns there, the other rows disprove it. sd about 0.02.
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 600, 10))
    families = (GaussianCopula(), StudentCopula(), CanonicalKSG(AllColumns()), CanonicalKSG())
    bounds = held_out_bounds(families, normal_scores(x), normal_scores(y), np.arange(600), rng)
    assert bounds.max() < 0.06


def test_bounds_rank_the_families():
    # Uncorrelated Student vectors: only the Student copula knows; truth 0.43 nats.
    rng = np.random.default_rng(3)
    values = rng.normal(size=(1500, 4)) / np.sqrt(rng.chisquare(1, size=(1500, 1)))
    scores = normal_scores(values)
    families = (GaussianCopula(), StudentCopula(), CanonicalKSG(AllColumns()))
    gaussian, student, neighbors = held_out_bounds(families, scores[:, :2], scores[:, 2:], np.arange(1500), rng)
    assert gaussian < 0.02 < neighbors < student
    assert student == pytest.approx(0.43, abs=0.1)
