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
from attnstats.information.projections.critic import HeldOutPairs, bound, gaussian_log_ratio, neighbor_log_ratios


def levels(known, new):
    """The sixteenth of an octave in which the largest standardised difference of two rows lies."""
    scale = known.std(axis=0)
    distances = np.abs(np.float32(known / scale) - np.float32(new / scale)).max(axis=1)
    return distances.view(np.int32) >> 19


def neighbor_definition(x, y, known_x, known_y, k):
    in_x, in_y = levels(known_x, x), levels(known_y, y)
    radius = np.sort(np.maximum(in_x, in_y))[k - 1]
    counts = [(each <= radius).sum() for each in (np.maximum(in_x, in_y), in_x, in_y)]
    return digamma(counts[0]) + digamma(len(known_x)) - digamma(counts[1]) - digamma(counts[2])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), dim_x=st.integers(1, 3), dim_y=st.integers(1, 3), decimals=st.sampled_from([0, 1, 8]))
def test_neighbor_log_ratios_are_their_definition(seed, dim_x, dim_y, decimals):
    # Rounded to whole numbers most distances tie, many at zero.
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(80, dim_x)).round(decimals), rng.normal(size=(80, dim_y)).round(decimals)
    fold = HeldOutPairs.draw(np.arange(80), rng, 80).folds[3]
    sizes = ((1, 1), (dim_x, dim_y))
    expected = [
        [
            np.mean([neighbor_definition(a[i], b[j], a[fold.training], b[fold.training], k) for k in (5, 20)])
            for i, j in zip(fold.left, fold.right, strict=True)
        ]
        for a, b in ((x[:, :p], y[:, :q]) for p, q in sizes)
    ]
    np.testing.assert_allclose(neighbor_log_ratios(x, y, fold, sizes), expected, atol=1e-12)


def test_gaussian_log_ratio_is_that_of_the_densities():
    rng = np.random.default_rng(0)
    values = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=500)
    fold = HeldOutPairs.draw(np.arange(500), rng, 500).folds[0]
    values -= values[fold.training].mean(axis=0)
    x, y = values.T / values[fold.training].std(axis=0)[:, np.newaxis]
    rho = np.corrcoef(values[fold.training].T)[0, 1]
    pairs = np.column_stack([x[fold.left], y[fold.right]])
    ratio = multivariate_normal([0, 0], [[1, rho], [rho, 1]]).logpdf(pairs) - norm.logpdf(pairs).sum(axis=1)
    np.testing.assert_allclose(gaussian_log_ratio(values[:, :1], values[:, 1:], fold), ratio, atol=1e-10)


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


@pytest.mark.parametrize(("groups", "max_rows"), [(np.arange(40), 40), (np.repeat(np.arange(40), 4), 100)])
def test_pairs_cross_groups_of_the_same_fold_alone(groups, max_rows):
    pairs = HeldOutPairs.draw(groups, np.random.default_rng(0), max_rows)
    for number, fold in enumerate(pairs.folds):
        assert (pairs.fold[fold.test] == number).all()
        assert set(pairs.fold[fold.training]) == set(range(len(pairs.folds))) - {number}
        assert set(fold.half) < set(fold.training)
        crossed = slice(len(fold.test), None)
        assert (fold.left[: len(fold.test)] == fold.right[: len(fold.test)]).all()
        assert (groups[fold.left[crossed]] != groups[fold.right[crossed]]).all()
        assert set(fold.left[crossed]) == set(fold.right[crossed]) == set(fold.test)
    assert all(len(set(pairs.fold[groups == group])) == 1 for group in groups)
    assert max_rows - 4 < len(pairs.rows) <= max_rows


def test_corrected_bound_by_hand():
    # Ten folds of 10 rows: from 50 to 90 rows the bound rises by .4, so at most .4 * 50 / 40 is left to come.
    pairs = HeldOutPairs.draw(np.arange(100), np.random.default_rng(0), 100)
    assert pairs.corrected(0.2, 0.6, 5.0) == pytest.approx(1.1)
    assert pairs.corrected(0.2, 0.6, 0.9) == 0.9  # no more than the family's own estimate
    assert pairs.corrected(0.2, 0.6, 0.1) == 0.6
    assert pairs.corrected(0.7, 0.6, 5.0) == 0.6


def bounds_of(families, x, y, rng):
    pairs = HeldOutPairs.draw(np.arange(len(x)), rng, len(x))
    return np.array([family.evidence(x, y, pairs, rng).bound for family in families])


def test_bounds_do_not_exceed_the_truth():
    # Twenty independent columns: whatever a family learns there, the other rows disprove it. sd about 0.02.
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 600, 10))
    families = (GaussianCopula(), StudentCopula(), CanonicalKSG(AllColumns()), CanonicalKSG())
    assert bounds_of(families, normal_scores(x), normal_scores(y), rng).max() < 0.06


def test_bounds_rank_the_families():
    # Uncorrelated Student vectors: only the Student copula knows; truth 0.43 nats.
    rng = np.random.default_rng(3)
    values = rng.normal(size=(1500, 4)) / np.sqrt(rng.chisquare(1, size=(1500, 1)))
    scores = normal_scores(values)
    families = (GaussianCopula(), StudentCopula(), CanonicalKSG(AllColumns()))
    gaussian, student, neighbors = bounds_of(families, scores[:, :2], scores[:, 2:], rng)
    assert gaussian < 0.02 < neighbors < student
    assert student == pytest.approx(0.43, abs=0.1)


def test_many_columns_do_not_hide_a_gaussian():
    # 25 + 25 columns, 500 rows: the critic pays for 625 correlations, for which the estimate is corrected.
    rng = np.random.default_rng(4)
    x, noise = rng.normal(size=(2, 500, 25))
    y = np.column_stack([0.8 * x[:, :2] + 0.6 * noise[:, :2], noise[:, 2:]])
    families = (GaussianCopula(), CanonicalKSG(AllColumns()), CanonicalKSG())
    gaussian, *others = bounds_of(families, normal_scores(x), normal_scores(y), rng)
    assert max(others) < gaussian < 1.02 + 0.15  # truth: -log(1 - .8^2) nats; sd .05
