import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma
from scipy.stats import multivariate_normal

from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.information import Gaussian


def truth(covariance, dim_x):
    """I(X; Y) of a joint normal with the x columns first."""
    log_determinants = [
        np.linalg.slogdet(block)[1] for block in (covariance[:dim_x, :dim_x], covariance[dim_x:, dim_x:], covariance)
    ]
    return (log_determinants[0] + log_determinants[1] - log_determinants[2]) / 2


def joint(dims, seed):
    """A random covariance with strong dependence among all columns."""
    factor = np.random.default_rng(seed).normal(size=(sum(dims), sum(dims) + 2))
    return factor @ factor.T


def sample(covariance, dims, n, rng):
    draws = rng.normal(size=(n, len(covariance))) @ np.linalg.cholesky(covariance).T
    return np.split(draws, np.cumsum(dims)[:-1], axis=1)


def fixed_waves():
    i = np.arange(60)
    x = np.stack([np.sin(1.7 * i), np.cos(0.9 * i**1.3)], axis=1)
    y = np.stack([np.sin(0.31 * i**1.5) + x[:, 0], 0.5 * x[:, 1] + np.cos(2.3 * i)], axis=1)
    return x, y, np.sin(0.7 * i * i) + 0.3 * x[:, 0]


@pytest.mark.parametrize(("dim_x", "dim_y"), [(1, 1), (3, 1), (2, 4)])
def test_equals_the_log_determinants(dim_x, dim_y):
    n = 50
    x, y = sample(joint((dim_x, dim_y), 0), (dim_x, dim_y), n, np.random.default_rng(1))
    plug_in = truth(np.cov(np.hstack([x, y]).T), dim_x)
    bias = [sum(digamma((n - i) / 2) for i in range(1, d + 1)) for d in (dim_x, dim_y, dim_x + dim_y)]
    assert Gaussian(bias_correction=False).estimate(x, y) == pytest.approx(plug_in, abs=1e-12)
    assert Gaussian().estimate(x, y) == pytest.approx(plug_in - (bias[0] + bias[1] - bias[2]) / 2, abs=1e-12)


def test_conditional_equals_the_log_determinants():
    n = 50
    x, y, z = sample(joint((2, 1, 3), 2), (2, 1, 3), n, np.random.default_rng(3))

    def half(*blocks):
        columns = np.hstack(blocks)
        bias = sum(digamma((n - i) / 2) for i in range(1, columns.shape[1] + 1))
        return (np.linalg.slogdet(np.atleast_2d(np.cov(columns.T)))[1] - bias) / 2

    expected = half(x, z) + half(y, z) - half(z) - half(x, y, z)
    assert Gaussian().conditional_pointwise(x, y, z).mean() == pytest.approx(expected, abs=1e-12)


def test_equals_frites():
    # frites 0.4.6: log(2) * mi_nd_gg(x.T, y.T, mvaxis=0, traxis=-1) and cmi_nd_ggg(x.T, y.T, z[None], ...) of these
    # waves, which divides by n - 1 and subtracts the same psi terms.
    x, y, z = fixed_waves()
    assert Gaussian().estimate(x, y) == pytest.approx(0.5328311942814619, abs=1e-12)
    assert Gaussian().conditional_pointwise(x, y, z).mean() == pytest.approx(0.5268471950293998, abs=1e-12)


@pytest.mark.parametrize(("dims", "n"), [((1, 1), 5), ((2, 3), 10), ((25, 25), 60)])
def test_unbiased_at_any_n(dims, n):
    # 400 samples; four standard errors. Without the correction the bias is 1.5 nats in 2 + 3 and 10 in 25 + 25.
    rng = np.random.default_rng(4)
    covariance = joint(dims, 5) + 20 * np.eye(sum(dims))
    values = np.array([Gaussian().estimate(*sample(covariance, dims, n, rng)) for _ in range(400)])
    assert values.mean() == pytest.approx(truth(covariance, dims[0]), abs=4 * values.std() / 20)
    plug_in = Gaussian(bias_correction=False).estimate(*sample(covariance, dims, n, rng))
    assert plug_in > values.mean()


def test_conditional_is_unbiased_for_a_common_cause():
    # x and y share two causes: I(X; Y | Z) = 0 at n = 12. 400 samples; four standard errors.
    rng = np.random.default_rng(6)
    values = []
    for _ in range(400):
        z = rng.normal(size=(12, 2))
        x, y = z + 0.3 * rng.normal(size=(2, 12, 2))
        values.append(Gaussian().conditional_pointwise(x, y, z).mean())
    assert abs(np.mean(values)) < 4 * np.std(values) / 20


def test_local_terms_are_the_log_density_ratio():
    x, y = sample(joint((2, 2), 7), (2, 2), 40, np.random.default_rng(8))
    joined = np.hstack([x, y])
    densities = [multivariate_normal(v.mean(axis=0), np.cov(v.T, bias=True)).logpdf(v) for v in (joined, x, y)]
    expected = densities[0] - densities[1] - densities[2]
    np.testing.assert_allclose(Gaussian(bias_correction=False).pointwise(x, y), expected, atol=1e-10)


def test_labels_z_split_the_sample():
    rng = np.random.default_rng(9)
    x, y = rng.normal(size=(2, 90))
    y += x
    z = np.repeat(["a", "b", "c"], 30)
    local = Gaussian().conditional_pointwise(x, y, z)
    for value in "abc":
        np.testing.assert_array_equal(local[z == value], Gaussian().pointwise(x[z == value], y[z == value]))
    two_columns = np.column_stack([np.arange(90) // 30, np.zeros(90, int)])
    np.testing.assert_array_equal(Gaussian().conditional_pointwise(x, y, two_columns), local)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 3))
def test_linear_maps_change_nothing(seed, dim_x, dim_y):
    rng = np.random.default_rng(seed)
    x, y = sample(joint((dim_x, dim_y), seed), (dim_x, dim_y), 30, rng)
    expected = Gaussian().pointwise(x, y)
    mixed = x @ (rng.normal(size=(dim_x, dim_x)) + 3 * np.eye(dim_x)) + 5
    np.testing.assert_allclose(Gaussian().pointwise(mixed, y), expected, atol=1e-8)
    np.testing.assert_allclose(Gaussian().pointwise(y, x), expected, atol=1e-8)
    np.testing.assert_allclose(Gaussian().pointwise(x * 1e-12, y * 1e12), expected, atol=1e-8)


def test_redundant_columns_carry_nothing():
    x, y = sample(joint((2, 1), 10), (2, 1), 50, np.random.default_rng(11))
    expected = Gaussian().estimate(x, y)
    redundant = np.hstack([x, x @ [[1.0], [2.0]], np.full((50, 1), 0.1), x[:, :1]])
    assert Gaussian().estimate(redundant, y) == pytest.approx(expected, abs=1e-10)
    assert Gaussian().estimate(y, redundant) == pytest.approx(expected, abs=1e-10)
    z = x[:, :1]  # given z, only one column of x is left to vary
    given_z = Gaussian().conditional_pointwise(x, y, z).mean()
    assert given_z == pytest.approx(Gaussian().conditional_pointwise(x[:, 1:], y, z).mean(), abs=1e-10)
    nothing = Gaussian().conditional_pointwise(x, y, np.ones(50)).mean()
    assert nothing == pytest.approx(expected, abs=1e-12)


def test_keeps_its_digits_next_to_determinism():
    # The noise is made orthogonal to x, so 1 - rho^2 = s^2 / (1 + s^2), 1e-20 here: far below the rounding of rho.
    rng = np.random.default_rng(12)
    x = rng.normal(size=200)
    noise = rng.normal(size=200)
    x, noise = np.linalg.qr(np.column_stack([np.ones(200), x, noise]))[0].T[1:]
    value = Gaussian(bias_correction=False).estimate(x, x + 1e-10 * noise)
    assert value == pytest.approx(10 * np.log(10), abs=1e-5)


def test_permuted_estimates_equal_the_long_way():
    x, y = sample(joint((2, 2), 13), (2, 2), 40, np.random.default_rng(14))
    rows = np.array([np.random.default_rng(seed).permutation(40) for seed in range(5)])
    for estimator in (Gaussian(), Gaussian(bias_correction=False)):
        expected = [estimator.estimate(x, y[row]) for row in rows]
        np.testing.assert_allclose(estimator.permuted_estimates(x, y, rows), expected, atol=1e-12)


def test_bad_input():
    rng = np.random.default_rng(15)
    x, y = rng.normal(size=(2, 20, 3))
    with pytest.raises(TooFewSamplesError, match=r"number of samples of x and y with 6 columns in all: .* 7; got 6"):
        Gaussian().estimate(x[:6], y[:6])
    assert np.isfinite(Gaussian().estimate(x[:7], y[:7]))
    with pytest.raises(TooFewSamplesError, match="x and y and z with 7 columns"):
        Gaussian().conditional_pointwise(x[:7], y[:7], np.arange(7.0))
    with pytest.raises(ConstantInputError, match="x: must vary; got the same value in all 20 samples"):
        Gaussian().estimate(np.full((20, 2), 0.1), y)
    with pytest.raises(ConstantInputError, match="x: must vary given z; got a linear function of z"):
        Gaussian().conditional_pointwise(y @ [1.0, 2.0, 3.0], x, y)
    with pytest.raises(InvalidInputError, match="x and y: must not determine each other; got a canonical correlation"):
        Gaussian().estimate(x, np.column_stack([y[:, 0], x @ [1.0, -1.0, 2.0]]))
    with pytest.raises(InvalidInputError, match="z has 19"):
        Gaussian().conditional_pointwise(x, y, np.arange(19.0))
    with pytest.raises(NonFiniteError, match="z: must be finite"):
        Gaussian().conditional_pointwise(x, y, np.full(20, np.nan))
    with pytest.raises(TooFewSamplesError) as caught:
        Gaussian().conditional_pointwise(x, y, np.arange(20) < 3)
    assert caught.value.__notes__ == ["in the 3 samples where z is True"]
