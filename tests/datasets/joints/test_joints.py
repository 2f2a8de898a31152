"""The joints with known mutual information against Monte Carlo of their densities, quadrature and enumeration."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import entr
from scipy.stats import kstest, multivariate_normal, multivariate_t, norm

from attnstats.datasets import (
    AdditiveNoise,
    BimodalMixture,
    ClassConditionalGaussians,
    GaussianJoint,
    LogisticLabels,
    StudentJoint,
    Transformed,
    XORLabels,
    asinh,
    half_cube,
    normal_cdf,
    spiral,
    swiss_roll,
    wiggly,
)
from attnstats.datasets.joints._normal_expectation import normal_nodes
from attnstats.exceptions import InvalidInputError

N = 200_000
PLAIN = GaussianJoint([[2.0, 0.5, 0.3], [0.5, 1.0, -0.4], [0.3, -0.4, 1.5]], dim_x=1)
UNEQUAL = ClassConditionalGaussians(
    [[0, 0, 0], [1, 0, 0.5]], [np.eye(3), [[2, 0.5, 0], [0.5, 1, 0], [0, 0, 0.5]]], [0.3, 0.7]
)


def assert_mean_is(local, truth, n_errors=4):
    """The mean of Monte Carlo terms lies within `n_errors` of its standard errors (one failure in 16,000 seeds)."""
    assert abs(local.mean() - truth) < n_errors * local.std() / np.sqrt(len(local))


@pytest.mark.parametrize(
    "joint",
    [PLAIN, GaussianJoint.dense(2, 3, 0.5), GaussianJoint.dense(1, 1, -0.9), GaussianJoint.sparse(5, 4, 2, -0.8)],
)
def test_gaussian_information_is_the_mean_log_density_ratio(joint):
    x, y = joint.sample(N, rng=0)
    covariance, dim = joint.covariance, joint.dim_x
    of_x = multivariate_normal(cov=covariance[:dim, :dim]).logpdf(x)
    of_y = multivariate_normal(cov=covariance[dim:, dim:]).logpdf(y)
    of_both = multivariate_normal(cov=covariance).logpdf(np.hstack([x, y]))
    assert_mean_is(of_both - of_x - of_y, joint.mutual_information)
    # 5 standard errors of each covariance, sqrt((s_ii s_jj + s_ij²) / n), at most sqrt(2 s_ii s_jj / n).
    bound = 5 * np.sqrt(2 * np.outer(np.diag(covariance), np.diag(covariance)) / N)
    assert (np.abs(np.cov(np.hstack([x, y]).T) - covariance) < bound).all()


def test_gaussian_closed_forms():
    assert GaussianJoint.dense(1, 1, 0.75).mutual_information == pytest.approx(-0.5 * np.log(1 - 0.75**2), abs=1e-12)
    assert GaussianJoint.sparse(25, 25, 2, 0.8).mutual_information == pytest.approx(-np.log(1 - 0.64), abs=1e-12)
    assert GaussianJoint.sparse(3, 2, 0, 0.8).mutual_information == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("df", [1, 2.5, 30])
@pytest.mark.parametrize("gaussian", [PLAIN, GaussianJoint.dense(3, 2, 0.0)])
def test_student_information_is_the_mean_log_density_ratio(df, gaussian):
    joint = StudentJoint(gaussian, df)
    x, y = joint.sample(N, rng=1)
    scale, dim = gaussian.covariance, gaussian.dim_x
    of_x = multivariate_t(shape=scale[:dim, :dim], df=df).logpdf(x)
    of_y = multivariate_t(shape=scale[dim:, dim:], df=df).logpdf(y)
    of_both = multivariate_t(shape=scale, df=df).logpdf(np.hstack([x, y]))
    assert_mean_is(of_both - of_x - of_y, joint.mutual_information)
    assert kstest(x[:, 0] / np.sqrt(scale[0, 0]), "t", args=(df,)).pvalue > 1e-3


def test_student_of_many_degrees_of_freedom_is_gaussian():
    assert StudentJoint(PLAIN, 1e6).mutual_information == pytest.approx(PLAIN.mutual_information, abs=1e-5)


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 0.75, 3.0])
def test_additive_noise_by_quadrature(epsilon):
    # The density of Y: the overlap of (y - epsilon, y + epsilon) with (0, 1), over 2 epsilon.
    def minus_p_log_p(y):
        p = max(0.0, min(1.0, y + epsilon) - max(0.0, y - epsilon)) / (2 * epsilon)
        return -p * np.log(p) if p > 0 else 0.0

    corners = sorted({-epsilon, epsilon, 1 - epsilon, 1 + epsilon})
    entropy = sum(quad(minus_p_log_p, a, b)[0] for a, b in pairwise(corners))
    assert AdditiveNoise(epsilon).mutual_information == pytest.approx(entropy - np.log(2 * epsilon), abs=1e-8)
    x, y = AdditiveNoise(epsilon).sample(N, rng=2)
    assert kstest(x[:, 0], "uniform").pvalue > 1e-3
    assert kstest((y - x)[:, 0], "uniform", args=(-epsilon, 2 * epsilon)).pvalue > 1e-3


@pytest.mark.parametrize(("separation", "correlation"), [(1.0, 0.3), (3.0, -0.5), (5.0, 0.6)])
def test_bimodal_mixture_by_two_dimensional_quadrature(separation, correlation):
    s = separation / 2
    clusters = [multivariate_normal([c, c], [[1, correlation], [correlation, 1]]) for c in (-s, s)]
    axis = np.linspace(-s - 8, s + 8, 801)  # the rectangle rule converges faster than any power of the step
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    p = (clusters[0].pdf(grid) + clusters[1].pdf(grid)) / 2
    margin = (norm.pdf(axis + s) + norm.pdf(axis - s)) / 2
    information = (p * (np.log(p) - np.log(np.outer(margin, margin)))).sum() * (axis[1] - axis[0]) ** 2
    joint = BimodalMixture(separation, correlation)
    assert joint.mutual_information == pytest.approx(information, abs=1e-8)
    x, y = joint.sample(N, rng=3)
    variance, covariance = 1 + s**2, correlation + s**2
    assert np.cov(x[:, 0], y[:, 0]) == pytest.approx(
        np.array([[variance, covariance], [covariance, variance]]), abs=0.02 * variance
    )


@pytest.mark.parametrize(
    "joint",
    [
        ClassConditionalGaussians([[0, 0], [1, 1], [2, -1]], [[1, 0.5], [0.5, 2]], [0.2, 0.3, 0.5]),  # two dimensions
        ClassConditionalGaussians([[0, 0], [1, 1]], [np.eye(2), [[2, 0.5], [0.5, 0.3]]]),
        UNEQUAL,  # quasi-Monte Carlo
    ],
)
def test_gaussian_classes_by_monte_carlo(joint):
    x, y = joint.sample(N, rng=4)
    covariances = np.broadcast_to(joint.covariances, (len(joint.means), *joint.covariances.shape[-2:]))
    density = np.column_stack([multivariate_normal(m, c).pdf(x) for m, c in zip(joint.means, covariances, strict=True)])
    local = np.log(density[np.arange(N), y]) - np.log(density @ joint.probabilities)
    assert_mean_is(local, joint.mutual_information)
    for label, probability in enumerate(joint.probabilities):
        members = x[y == label]
        assert abs(len(members) / N - probability) < 5 * np.sqrt(probability / N)
        sd = np.sqrt(np.diag(covariances[label]) / len(members))
        assert (np.abs(members.mean(axis=0) - joint.means[label]) < 5 * sd).all()
        assert np.cov(members.T) == pytest.approx(covariances[label], abs=0.05)


def test_gaussian_classes_in_one_dimension_by_quadrature():
    joint = ClassConditionalGaussians([[0.0], [1.0]], [[[1.0]], [[4.0]]], [0.25, 0.75])

    def integrand(x):
        parts = 0.25 * norm.pdf(x), 0.75 * norm.pdf(x, 1, 2)
        return sum(p * np.log(p / share / sum(parts)) for p, share in zip(parts, (0.25, 0.75), strict=True) if p > 0)

    assert joint.mutual_information == pytest.approx(quad(integrand, -20, 25, limit=200)[0], abs=1e-7)


def test_gaussian_classes_reduce_to_the_discriminant():
    """Of 40 dimensions and any shared covariance only the Mahalanobis distance of two means matters."""
    rng = np.random.default_rng(5)
    root, shift = rng.normal(size=(40, 40)), rng.normal(size=40)
    covariance = root @ root.T
    distance = np.sqrt(shift @ np.linalg.solve(covariance, shift))
    in_many = ClassConditionalGaussians([np.zeros(40), shift], covariance, [0.4, 0.6])
    in_one = ClassConditionalGaussians([[0], [distance]], probabilities=[0.4, 0.6])
    assert in_many.mutual_information == pytest.approx(in_one.mutual_information, abs=1e-7)
    assert ClassConditionalGaussians(np.zeros((3, 2))).mutual_information == 0
    assert ClassConditionalGaussians([[0], [50]]).mutual_information == pytest.approx(np.log(2), abs=1e-9)


def test_quasi_monte_carlo_agrees_with_the_grid():
    means = [[0.0, 0, 0], [2, 0, 0], [-1, 1, 0]]
    exact = ClassConditionalGaussians(means).mutual_information
    by_points = ClassConditionalGaussians(means, np.tile(np.eye(3), (3, 1, 1))).mutual_information
    assert by_points == pytest.approx(exact, abs=1e-4)
    assert by_points != exact  # it took the other way


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_nodes_integrate_normal_moments(dim):
    nodes, weights = normal_nodes(dim)
    tolerance = 1e-9 if dim < 3 else 2e-3
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(weights @ nodes, 0, atol=tolerance)
    np.testing.assert_allclose((nodes.T * weights) @ nodes, np.eye(dim), atol=tolerance)


@pytest.mark.parametrize(("norm_w", "intercept"), [(0.0, 1.0), (2.0, 0.0), (3.0, -1.0)])
def test_logistic_labels_by_two_dimensional_quadrature(norm_w, intercept):
    joint = LogisticLabels(2, norm_w, intercept)

    def p_one(x):
        return 1 / (1 + np.exp(-intercept - norm_w / np.sqrt(2) * x.sum(axis=-1)))

    axis = np.linspace(-9, 9, 601)
    weights = np.outer(norm.pdf(axis), norm.pdf(axis)) * (axis[1] - axis[0]) ** 2
    p = p_one(np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1))

    def h(p):
        return entr(p) + entr(1 - p)

    information = h((weights * p).sum()) - (weights * h(p)).sum()
    assert joint.mutual_information == pytest.approx(information, abs=1e-8)
    x, y = joint.sample(N, rng=6)
    z = (y - p_one(x)) / np.sqrt(p_one(x) * (1 - p_one(x)))
    assert abs(z.mean()) < 4 / np.sqrt(N)
    assert abs((z * x[:, 0]).mean()) < 4 / np.sqrt(N)


def test_published_truths():
    assert LogisticLabels(64, norm=2).mutual_information == pytest.approx(0.231, abs=5e-4)
    assert XORLabels(16).mutual_information == pytest.approx(0.368, abs=5e-4)


def test_xor_shows_in_pairs_of_signs_only():
    joint = XORLabels(3, flip=0.2)
    x, y = joint.sample(N, rng=7)
    counts = np.zeros((2, 2, 2))
    np.add.at(counts, (*(x[:, :2] > 0).astype(int).T, y), 1 / N)
    expected = np.array([[[0.05, 0.2], [0.2, 0.05]], [[0.2, 0.05], [0.05, 0.2]]])
    np.testing.assert_allclose(counts, expected, atol=0.005)  # 5 standard errors
    information = (expected * np.log(expected / 0.25 / 0.5)).sum()
    assert joint.mutual_information == pytest.approx(information, abs=1e-12)
    assert XORLabels(2, flip=0.5).mutual_information == pytest.approx(0, abs=1e-12)
    assert XORLabels(2, flip=0).mutual_information == pytest.approx(np.log(2), abs=1e-12)


def test_transformed_is_the_base_transformed():
    joint = Transformed(PLAIN, half_cube, wiggly)
    (x, y), (base_x, base_y) = joint.sample(50, rng=8), PLAIN.sample(50, rng=8)
    np.testing.assert_allclose(x, np.sign(base_x) * np.abs(base_x) ** 1.5)
    np.testing.assert_array_equal(y, wiggly(base_y))
    assert joint.mutual_information == PLAIN.mutual_information
    nested = Transformed(Transformed(PLAIN, normal_cdf), partial(np.multiply, 2.0))
    np.testing.assert_allclose(nested.sample(50, rng=8)[0], 2 * norm.cdf(base_x))


@pytest.mark.parametrize("transform", [half_cube, asinh, wiggly, normal_cdf])
@settings(deadline=None, max_examples=50)
@given(low=st.floats(-5, 5), step=st.floats(1e-3, 5))
def test_transforms_of_one_column_increase(transform, low, step):
    below, above = transform(np.array([[low], [low + step]]))[:, 0]
    assert below < above


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=4), st.floats(-2, 2))
def test_spiral_is_undone_by_the_opposite_turn(row, speed):
    values = np.array([row])
    np.testing.assert_allclose(spiral(spiral(values, speed=speed), speed=-speed), values, atol=1e-9)


def test_swiss_roll_can_be_unrolled():
    u = np.linspace(0, 1, 101)[:, np.newaxis]
    rolled = swiss_roll(u)
    radius = np.sqrt((rolled**2).sum(axis=1))
    np.testing.assert_allclose((radius * 21 * 2 / (3 * np.pi) - 1) / 2, u[:, 0], atol=1e-12)
    angle = 21 * radius
    np.testing.assert_allclose(rolled, np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, np.newaxis])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GaussianJoint([[1, 0.5]], 1), "covariance: must be square"),
        (lambda: GaussianJoint([[1, 0.5], [0.4, 1]], 1), "covariance: must be square and symmetric"),
        (lambda: GaussianJoint([[1, 2], [2, 1]], 1), "covariance: must be positive definite"),
        (lambda: GaussianJoint(np.eye(2), 2), "dim_x: must be below the 2 columns"),
        (lambda: GaussianJoint(np.eye(2), 0), "dim_x: must be an integer of at least 1"),
        (lambda: GaussianJoint.dense(2, 1, -0.5), "correlation: must lie strictly between -0.5 and 1"),
        (lambda: GaussianJoint.sparse(2, 3, 3, 0.5), "n_pairs: must be at most 2"),
        (lambda: GaussianJoint.sparse(2, 3, 1, np.nan), "correlation: must be a finite number"),
        (lambda: StudentJoint(PLAIN, 0), "df: must be a finite number above 0"),
        (lambda: StudentJoint(np.eye(2), 3), "gaussian: must be a GaussianJoint"),
        (lambda: AdditiveNoise(0), "epsilon: must be"),
        (lambda: BimodalMixture(-1, 0.5), "separation: must be"),
        (lambda: BimodalMixture(1, 1.0), "correlation: must lie"),
        (lambda: ClassConditionalGaussians([[0, 0]]), "means: must have shape"),
        (lambda: ClassConditionalGaussians([[0], [1]], np.eye(2)), r"covariances: must have shape \(1, 1\)"),
        (lambda: ClassConditionalGaussians([[0], [1]], [[-1]]), "covariances: must be symmetric and positive"),
        (lambda: ClassConditionalGaussians([[0], [1]], probabilities=[0.5, 0.6]), "probabilities: must be 2 positive"),
        (lambda: LogisticLabels(0, 1), "dim_x: must be"),
        (lambda: LogisticLabels(1, -1), "norm: must be"),
        (lambda: LogisticLabels(1, 1, np.inf), "intercept: must be"),
        (lambda: XORLabels(1), "dim_x: must be an integer of at least 2"),
        (lambda: XORLabels(2, 1.5), "flip: must lie"),
        (lambda: Transformed(GaussianJoint, asinh), "base: must be a joint"),
        (lambda: Transformed(PLAIN, "asinh"), "transform_x: must be a function"),
        (lambda: spiral(np.zeros((3, 1))), "values: must have shape"),
        (lambda: swiss_roll(np.zeros((3, 2))), "values: must have shape"),
        (lambda: swiss_roll(np.array([[1.5]])), "values: must lie in"),
    ],
)
def test_bad_parameters_are_refused_by_name(make, message):
    with pytest.raises(InvalidInputError, match=message):
        make()


@pytest.mark.parametrize("transform", [half_cube, asinh, wiggly, normal_cdf])
def test_transforms_take_lists_and_half_precision_and_compute_in_double(transform):
    exact = transform(np.array([-2.0, 0.5, 3.0]))
    np.testing.assert_array_equal(transform([-2.0, 0.5, 3.0]), exact)
    np.testing.assert_array_equal(transform(np.array([-2.0, 0.5, 3.0], dtype=np.float16)), exact)


def test_transforms_refuse_what_is_no_number_and_images_that_are_infinite():
    with pytest.raises(InvalidInputError, match="values: must"):
        asinh(["a"])
    with pytest.raises(InvalidInputError, match=r"values: must have finite images under half_cube; got 1e\+250"):
        half_cube([1.0, 1e250])  # its power 1.5 is 1e375
    with pytest.raises(InvalidInputError, match="speed: must be a finite number"):
        spiral([[1.0, 2.0]], speed="fast")


def test_clusters_far_apart_tell_their_sign_and_nothing_more():
    # Far apart the sign is known from either variable, so I(X; Y) = ln 2 + I within, -log(1 - r²)/2.
    assert BimodalMixture(1e300, 0.5).mutual_information == pytest.approx(np.log(2) - np.log(1 - 0.25) / 2, abs=1e-12)
