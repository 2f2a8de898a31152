import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, multivariate_t, norm, t

from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.information import CCA, Gaussian, GaussianCopula, HeldOutPairs, StudentCopula, mutual_information
from attnstats.information.parametric._tied_columns import TiedPair


def entropy(shares):
    shares = np.asarray(shares)[np.asarray(shares) > 0]
    return float(-(shares * np.log(shares)).sum())


def information(table):
    return entropy(table.sum(axis=0)) + entropy(table.sum(axis=1)) - entropy(table.ravel())


def cut_normals(rho, levels):
    """Probabilities of two normals cut into equally likely levels, by scipy's bivariate normal."""
    edges = norm.ppf(np.clip(np.arange(levels + 1) / levels, 1e-12, 1 - 1e-12))
    pair = multivariate_normal(cov=[[1, rho], [rho, 1]])
    below = pair.cdf(np.stack(np.meshgrid(edges, edges, indexing="ij"), axis=-1))
    return np.diff(np.diff(below, axis=0), axis=1)


def expand(table, n):
    """Two columns whose cells occur as often as a table of probabilities says, n times in all, rounded."""
    counts = np.rint(table * n).astype(int).ravel()
    cells = np.repeat(np.arange(counts.size), counts)
    x, y = np.divmod(cells, table.shape[1])
    return x.astype(float), y.astype(float)


def student_rectangles(rho, df, edges_x, edges_y):
    """Probabilities of rectangles of ranks under a Student copula, by scipy's distribution function."""
    pair = multivariate_t(shape=[[1, rho], [rho, 1]], df=df)
    inside = [np.clip(t.ppf(edges, df), -1e4, 1e4) for edges in (edges_x, edges_y)]
    below = np.array([[pair.cdf([a, b], random_state=0, maxpts=100_000) for b in inside[1]] for a in inside[0]])
    return np.diff(np.diff(below, axis=0), axis=1)


@pytest.mark.parametrize("rho", [-0.99, -0.4, 0.0, 0.6, 0.95])
@pytest.mark.parametrize("levels", [2, 3, 7])
@pytest.mark.parametrize("estimator", [GaussianCopula(), StudentCopula()])
def test_a_table_of_cut_normals_has_its_own_information(rho, levels, estimator):
    # The sample is the table itself, so that only the quadrature and the correction 1 / 2n remain.
    table = cut_normals(rho, levels)
    value = estimator.estimate(*expand(table, 100_000))
    assert value == pytest.approx(information(table), abs=5e-4)


@pytest.mark.slow
def test_masses_are_those_of_scipy():
    # Levels from 4 to 70 % of the samples, so that sides of every length occur; Student with 3 degrees of freedom.
    table = np.outer([4, 26, 40, 30], [70, 4, 26])
    pair = TiedPair(*expand(table / table.sum(), table.sum()))
    edges = [np.concatenate([[0], np.cumsum(table.sum(axis=side)) / table.sum()]) for side in (1, 0)]
    for rho in (-0.7, 0.3):
        masses = pair._pieces[int(rho < 0)].quantiles(3.0).masses(abs(rho), 3.0, table.size)
        expected = student_rectangles(rho, 3, *edges)
        np.testing.assert_allclose(masses.reshape(table.shape), expected, atol=4e-4)  # scipy's own error is 1e-4


@pytest.mark.slow
def test_student_cells_have_the_information_of_their_table():
    # A Student copula with rho 0 and one degree of freedom, cut into 6 equal levels: 0.094 nats of the 0.224.
    edges = np.arange(7) / 6
    table = np.maximum(student_rectangles(0.0, 1, edges, edges), 0)
    value = StudentCopula().estimate(*expand(table / table.sum(), 200_000))
    assert value == pytest.approx(information(table), abs=2e-3)
    assert GaussianCopula().estimate(*expand(table, 200_000)) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("estimator", [GaussianCopula(), StudentCopula()])
@pytest.mark.parametrize("levels", [2, 3, 5])
def test_independent_columns_of_few_levels(estimator, levels):
    # Independent: 0. Mean ranks under a Student density said 0.48, 0.28 and 0.06. sd of the mean 0.0006.
    rng = np.random.default_rng(0)
    values = [estimator.estimate(*rng.integers(levels, size=(2, 300)).astype(float)) for _ in range(10)]
    assert abs(np.mean(values)) < 0.003


@pytest.mark.parametrize("estimator", [GaussianCopula(), StudentCopula()])
def test_levels_against_a_measurement(estimator):
    # A normal cut at its quintiles against another, rho .6: by integration over x of the levels given it.
    x = np.linspace(-8, 8, 20_001)
    edges = np.concatenate([[-np.inf], norm.ppf([0.2, 0.4, 0.6, 0.8]), [np.inf]])
    given = np.diff(norm.cdf((edges - 0.6 * x[:, np.newaxis]) / 0.8), axis=1)
    weights = norm.pdf(x) * (x[1] - x[0])
    truth = entropy(np.full(5, 0.2)) + float(weights @ (given * np.log(np.maximum(given, 1e-300))).sum(axis=1))
    rng = np.random.default_rng(1)
    values = []
    for _ in range(10):
        x, noise = rng.normal(size=(2, 500))
        y = np.searchsorted(edges[1:-1], 0.6 * x + 0.8 * noise) / 3  # no whole numbers, so no class
        values.append([estimator.estimate(x, y), estimator.estimate(y, x)])
    values = np.array(values)
    assert values[:, 0] == pytest.approx(values[:, 1], abs=1e-3)  # the search ends at another df
    assert values.mean() == pytest.approx(truth, abs=4 * values[:, 0].std() / np.sqrt(10))


@pytest.mark.parametrize("estimator", [GaussianCopula(), StudentCopula()])
def test_columns_that_determine_each_other_share_their_entropy(estimator):
    x = np.repeat([0.0, 1.0, 5.0], [10, 20, 70])
    assert estimator.estimate(x, -x) == pytest.approx(entropy([0.1, 0.2, 0.7]), abs=0.01)
    assert estimator.estimate(x, (x > 0).astype(float)) == pytest.approx(entropy([0.1, 0.9]), abs=0.01)


@pytest.mark.parametrize("digits", [1, 2, 3])
@pytest.mark.parametrize("estimator", [GaussianCopula(), StudentCopula()])
def test_rounding_hardly_changes_the_estimate(digits, estimator):
    rng = np.random.default_rng(2)
    x, noise = rng.normal(size=(2, 300))
    y = 0.6 * x + 0.8 * noise
    # To one digit, some 50 levels: 0.001 nats are lost in truth.
    rounded = estimator.estimate(np.round(x, digits), np.round(y, digits))
    assert rounded == pytest.approx(estimator.estimate(x, y), abs=0.006)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 30), st.integers(2, 300), st.floats(-0.99, 0.99), st.integers(0, 10_000))
def test_never_above_the_entropy_of_either_and_a_matter_of_order(levels_x, levels_y, rho, seed):
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(size=(2, 200))
    y = rho * x + np.sqrt(1 - rho**2) * noise
    x, y = np.floor(norm.cdf(x) * levels_x) / 3, np.floor(norm.cdf(y) * levels_y) / 3
    value = GaussianCopula().estimate(x, y)
    for side in (x, y):
        assert value <= entropy(np.unique(side, return_counts=True)[1] / 200)
    assert GaussianCopula().estimate(np.exp(x / 10), y**3) == value
    assert GaussianCopula().estimate(-x, y) == pytest.approx(value, abs=1e-6)
    order = rng.permutation(200)
    assert GaussianCopula().estimate(x[order], y[order]) == pytest.approx(value, abs=1e-9)


def test_the_result_says_what_was_done():
    x, y = np.random.default_rng(3).integers(5, size=(2, 100)).astype(float)
    for estimator in (GaussianCopula(), StudentCopula()):
        assert "equal values: fitted to the cells of 5 x 5 levels" in estimator.local_terms(x, y).notes
    apart = np.arange(100.0)
    assert not GaussianCopula().local_terms(apart, apart[::-1] ** 2 % 97 + apart / 1000).notes
    table = np.column_stack([x, apart])
    assert GaussianCopula().local_terms(table, np.sin(apart)).notes == ("equal values share their mean rank",)
    assert mutual_information(table, np.sin(apart), GaussianCopula()).notes


def test_permuted_estimates_equal_the_long_way():
    rng = np.random.default_rng(4)
    x, y = rng.integers(4, size=(2, 80)).astype(float)
    rows = np.array([rng.permutation(80) for _ in range(3)])
    expected = [GaussianCopula().estimate(x, y[row]) for row in rows]
    np.testing.assert_allclose(GaussianCopula().permuted_estimates(x, y, rows), expected, atol=1e-12)


def test_whole_numbers_are_levels_in_order_and_text_is_not():
    # The Likert case: truth 0.176 by the cells of cut normals. As text the five classes are Gaussians of the scores.
    x, y = expand(cut_normals(0.6, 5), 2000)
    assert GaussianCopula().estimate(x.astype(int), y.astype(int)) == GaussianCopula().estimate(x / 3, y / 3)
    text = GaussianCopula().estimate(x, y.astype(str))
    assert text < GaussianCopula().estimate(x, y) < information(cut_normals(0.6, 5)) + 0.001
    assert text > 0.1


def test_vectors_of_few_levels_are_refused():
    rng = np.random.default_rng(5)
    x, y = rng.integers(5, size=(2, 200, 2)) / 3  # no whole numbers, so no classes
    measured = rng.normal(size=200)
    with pytest.raises(InvalidInputError, match=r"x and y: in GaussianCopula of vectors .* got 0.04"):
        GaussianCopula().estimate(x, y)
    with pytest.raises(InvalidInputError, match="GaussianCopula given a continuous z"):
        GaussianCopula().conditional_pointwise(x[:, 0], y[:, 0], measured)
    with pytest.raises(InvalidInputError, match=r"x and y: in StudentCopula of vectors .* got 0.04"):
        StudentCopula().estimate(x, measured)
    with pytest.raises(ConstantInputError, match="x: must vary"):
        GaussianCopula().estimate(np.ones(200), y[:, 0])


def test_one_measured_column_against_levels_is_a_lower_bound():
    # Two flags of two normals against the sum of both and noise. Truth by the mixture of four normals.
    shifts = np.array([-2.0, 0.0, 0.0, 2.0])
    points = np.linspace(-12, 12, 20_001)
    density = norm.pdf(points[:, np.newaxis], shifts, 1).mean(axis=1)
    truth = -(density * np.log(density)).sum() * (points[1] - points[0]) - norm.entropy()
    rng = np.random.default_rng(6)
    flags = rng.choice([-1.0, 1.0], size=(20_000, 2))
    value = GaussianCopula().estimate(flags, flags.sum(axis=1) + rng.normal(size=20_000))
    assert truth - 0.03 < value < truth + 0.01


def test_a_repeated_column_adds_nothing():
    rng = np.random.default_rng(7)
    x, noise = rng.normal(size=(2, 400))
    y = 0.7 * x + np.sqrt(0.51) * noise
    both = np.column_stack([x, x, -np.exp(x)])
    for estimator in (GaussianCopula(), StudentCopula()):
        assert estimator.estimate(both, y) == pytest.approx(estimator.estimate(x, y), abs=1e-9)
        assert estimator.estimate(y, both) == pytest.approx(estimator.estimate(y, x), abs=1e-9)
    assert Gaussian().estimate(both[:, :2], y) == pytest.approx(Gaussian().estimate(x, y), abs=1e-9)
    pairs = HeldOutPairs.draw(np.arange(400), rng, 400)
    bounds = [StudentCopula().evidence(each, y[:, np.newaxis], pairs, rng).bound for each in (both[:, :2], both[:, :1])]
    assert bounds[0] == pytest.approx(bounds[1], abs=1e-9)


@pytest.mark.parametrize("estimator", [Gaussian(), CCA()])
def test_a_gaussian_of_flags_says_no_more_than_their_entropy(estimator):
    # 98 of 100 flags agree: log 2 at most, where the Gaussian of their correlation .96 has 1.27 nats.
    x = np.repeat([0.0, 1.0], 50)
    y = x.copy()
    y[[0, 99]] = y[[99, 0]]
    with pytest.raises(InvalidInputError, match=r"cannot exceed the entropy of x, 0\.698"):
        estimator.estimate(x, y)
    y[[5, 10, 15, 20, 25, 60, 65, 70, 75, 80]] = 0.5
    assert estimator.estimate(x, np.random.default_rng(8).permutation(y)) < 0.1
