import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm, rankdata

from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.information import Gaussian, GaussianCopula
from attnstats.information.parametric._class_gaussians import class_terms


def correlated(rho, n, rng):
    x = rng.normal(size=n)
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)


def two_classes(distance, dim, n, rng):
    y = rng.integers(2, size=n)
    x = rng.normal(size=(n, dim))
    x[:, 0] += distance * y
    return x, y


def two_classes_truth(distance):
    """log 2 - E log(1 + likelihood ratio) of two equally likely unit normals."""

    def integrand(z):
        return norm.pdf(z) * np.log1p(np.exp(-distance * z - distance**2 / 2))

    return np.log(2) - quad(integrand, -12, 12)[0]


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.95])
def test_gaussian_truth(rho):
    # 20 samples of n = 1000; the sd of the mean is below 0.01, ranks cost 1/n more.
    rng = np.random.default_rng(0)
    values = [GaussianCopula().estimate(*correlated(rho, 1000, rng)) for _ in range(20)]
    assert np.mean(values) == pytest.approx(-np.log(1 - rho**2) / 2, abs=0.03)


def test_is_the_gaussian_estimate_of_the_scores():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 80, 2))
    x[:, 1], z = rng.integers(30, size=(2, 80)).astype(float)  # a variable may have ties where the other has none
    scores = [norm.ppf(rankdata(v, axis=0) / 81) for v in (x, y, z)]
    np.testing.assert_allclose(GaussianCopula().pointwise(x, y), Gaussian().pointwise(*scores[:2]), atol=1e-12)
    np.testing.assert_allclose(
        GaussianCopula().conditional_pointwise(x, y, z), Gaussian().conditional_pointwise(*scores), atol=1e-12
    )


def test_equals_frites():
    # frites 0.4.6: log(2) * gcmi_nd_cc(x.T, y.T, mvaxis=0, traxis=-1), the same with gccmi_nd_ccc(..., z[None], ...),
    # and log(2) * gccmi_1d_ccd(x[:, :1].T, y[:, :1].T, i % 3).
    i = np.arange(60)
    x = np.stack([np.sin(1.7 * i), np.cos(0.9 * i**1.3)], axis=1)
    y = np.stack([np.sin(0.31 * i**1.5) + x[:, 0], 0.5 * x[:, 1] + np.cos(2.3 * i)], axis=1)
    z = np.sin(0.7 * i * i) + 0.3 * x[:, 0]
    assert GaussianCopula().estimate(x, y) == pytest.approx(0.48205255960346044, abs=1e-12)
    assert GaussianCopula().conditional_pointwise(x, y, z).mean() == pytest.approx(0.4737219259608061, abs=1e-12)
    within = GaussianCopula().conditional_pointwise(x[:, 0], y[:, 0], i % 3).mean()
    assert within == pytest.approx(0.5727429989935897 * np.log(2), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_increasing_transforms_change_nothing_at_all(seed, labels):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(60, 2)), rng.normal(size=60)
    y = (y > 0).astype(int) if labels else y + x[:, 0]
    twisted = np.column_stack([np.exp(3 * x[:, 0]), x[:, 1] ** 3 * 1e-9 + 7e-10])
    np.testing.assert_array_equal(GaussianCopula().pointwise(twisted, y), GaussianCopula().pointwise(x, y))
    if not labels:
        np.testing.assert_array_equal(GaussianCopula().pointwise(x, np.sinh(y)), GaussianCopula().pointwise(x, y))


def test_heavy_tails_do_not_matter():
    # The copula of a Gaussian pair with Cauchy margins, where the plain Gaussian estimate sees little.
    x, y = correlated(0.8, 2000, np.random.default_rng(2))
    x, y = np.tan(np.pi * (norm.cdf(x) - 0.5)), np.tan(np.pi * (norm.cdf(y) - 0.5))
    assert GaussianCopula().estimate(x, y) == pytest.approx(-np.log(0.36) / 2, abs=0.06)
    assert Gaussian().estimate(x, y) < 0.4


def test_one_column_against_one_is_a_lower_bound():
    # y is x or -x, nearly: well over 1 nat in truth, and no correlation of the scores.
    rng = np.random.default_rng(3)
    x = rng.normal(size=2000)
    y = x * rng.choice([-1, 1], size=2000) + 0.1 * rng.normal(size=2000)
    assert GaussianCopula().estimate(x, y) == pytest.approx(0, abs=0.01)


def test_class_terms_equal_refitting():
    """Half the terms at the fit to all, half at the fit without the sample."""
    rng = np.random.default_rng(4)
    x, codes = rng.normal(size=(40, 3)), rng.permutation(np.arange(40) % 3)
    x[codes == 1] *= 2.0
    x[codes == 2] += 1.0
    shares = np.bincount(codes) / 40

    def log_posterior(point, code, keep):
        densities = [
            share * multivariate_normal(*_moments(x[keep & (codes == each)])).pdf(point)
            for each, share in enumerate(shares)
        ]
        return np.log(densities[code] / sum(densities))

    def _moments(rows):
        return rows.mean(axis=0), np.cov(rows.T)

    everyone = np.ones(40, dtype=bool)
    expected = [
        (log_posterior(x[i], codes[i], everyone) + log_posterior(x[i], codes[i], np.arange(40) != i)) / 2
        - np.log(shares[codes[i]])
        for i in range(40)
    ]
    np.testing.assert_allclose(class_terms(x, codes), expected, atol=1e-10)


@pytest.mark.parametrize("distance", [0.0, 1.0, 3.0])
def test_two_classes_truth(distance):
    # 20 samples of n = 1000. The scores of a mixture are not normal within classes, which costs up to 0.02 nats.
    rng = np.random.default_rng(5)
    values = [GaussianCopula().estimate(*two_classes(distance, 1, 1000, rng)) for _ in range(20)]
    assert two_classes_truth(distance) - 0.04 < np.mean(values) < two_classes_truth(distance) + 0.01


@pytest.mark.parametrize(("dim", "n", "tolerance"), [(1, 100, 0.004), (5, 400, 0.004), (20, 2000, 0.02)])
def test_class_bias_cancels(dim, n, tolerance):
    # Independent classes; the plug-in is above by (parameters of a class) / 2n: 0.01, 0.025 and 0.06 nats.
    rng = np.random.default_rng(6)
    values = [GaussianCopula().estimate(rng.normal(size=(n, dim)), rng.integers(2, size=n)) for _ in range(60)]
    assert abs(np.mean(values)) < tolerance + 4 * np.std(values) / np.sqrt(60)


def test_logistic_label_in_64_dimensions():
    # P(y = 1 | x) = expit(2 w.x), |w| = 1: log 2 - E h = 0.2374 by quadrature below; Gaussian classes do not hold
    # exactly. One sample of n = 10,000, sd 0.006.
    rng = np.random.default_rng(7)
    x = rng.normal(size=(10_000, 64))
    y = rng.random(10_000) < 1 / (1 + np.exp(-2 * x[:, ::4].sum(axis=1) / 4))

    def entropy(z):
        return norm.pdf(z) * (np.log1p(np.exp(-2 * z)) + 2 * z / (1 + np.exp(2 * z)))

    truth = np.log(2) - quad(entropy, -12, 12)[0]
    assert truth - 0.03 < GaussianCopula().estimate(x, y) < truth + 0.02


def test_never_more_than_the_entropy_of_the_class():
    # 20 columns that each separate the classes: the difference of Gaussian entropies would be 1.8 nats.
    rng = np.random.default_rng(8)
    y = np.arange(400) % 2
    x = rng.normal(size=(400, 20)) + 8 * y[:, np.newaxis]
    assert 0.6 < GaussianCopula().estimate(x, y) <= np.log(2) + 1e-12


def test_labels_given_a_continuous_z():
    # y depends on x and z; the chain rule with scores of all columns: I(X; Y | Z) = I(X, Z; Y) - I(Z; Y).
    rng = np.random.default_rng(9)
    z = rng.normal(size=2000)
    y = (z + rng.normal(size=2000) > 0).astype(int)
    local = GaussianCopula().conditional_pointwise(rng.normal(size=2000) + z, y, z)  # x tells of y through z alone
    assert local.mean() == pytest.approx(0, abs=0.01)
    x = z + 2 * y + rng.normal(size=2000)
    expected = GaussianCopula().estimate(np.column_stack([x, z]), y) - GaussianCopula().estimate(z, y)
    assert GaussianCopula().conditional_pointwise(x, y, z).mean() == pytest.approx(expected, abs=1e-12)
    assert expected > 0.2
    unconditional = GaussianCopula().conditional_pointwise(x, y, np.zeros(2000))
    np.testing.assert_allclose(unconditional, GaussianCopula().pointwise(x, y), atol=1e-12)


def test_permuted_estimates_equal_the_long_way():
    rng = np.random.default_rng(10)
    x, y = rng.normal(size=(60, 2)), rng.normal(size=60)
    rows = np.array([rng.permutation(60) for _ in range(5)])
    for values in (y, np.where(y > 0, "pos", "neg")):
        expected = [GaussianCopula().estimate(x, values[row]) for row in rows]
        np.testing.assert_allclose(GaussianCopula().permuted_estimates(x, values, rows), expected, atol=1e-12)


def test_bad_input():
    rng = np.random.default_rng(11)
    x, y = rng.normal(size=(20, 3)), np.arange(20) % 2
    with pytest.raises(InvalidInputError, match="x and y: must not determine each other"):
        GaussianCopula().estimate(x[:, 0], np.exp(x[:, 0]))
    with pytest.raises(ConstantInputError, match="x: must vary"):
        GaussianCopula().estimate(np.ones(20), y)
    with pytest.raises(ConstantInputError, match="y: must hold at least two classes; got 1"):
        GaussianCopula().estimate(x, np.zeros(20, int))
    y[:17] = 0
    with pytest.raises(
        TooFewSamplesError,
        match=r"members of the smallest class with 3 independent columns of x \(y is read as 2 classes.*got 2",
    ):
        GaussianCopula().estimate(x, y)
    x[:15, 0] = 1.0
    with pytest.raises(ConstantInputError, match="x: columns must not be linearly dependent within a class of y"):
        GaussianCopula().estimate(x, np.arange(20) < 15)


def test_a_member_that_alone_spans_a_direction_of_its_class_is_refused():
    # Without its last member the first class lies on a line, so its left-out density has no covariance.
    line = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [0.0, 1.0]]
    x = np.array([*line, *np.random.default_rng(0).normal(size=(9, 2))])
    with pytest.raises(ConstantInputError, match="without one of its members"):
        class_terms(x, np.repeat([0, 1], [5, 9]))


def test_a_condition_near_the_largest_float_is_ranked():
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 60))
    y = rng.integers(2, size=60)
    huge = np.where(z > 0, 1, -1) * (1.7e308 - 1e300 * np.abs(z))
    copula = GaussianCopula()
    assert (
        copula.conditional_pointwise(x, y, huge) == copula.conditional_pointwise(x, y, np.argsort(np.argsort(huge)))
    ).all()
