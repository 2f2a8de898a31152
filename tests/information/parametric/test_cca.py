from dataclasses import dataclass
from time import process_time

import numpy as np
import pytest

from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.information import CCA, Gaussian, LeaveOneOutShrinkage, LedoitWolf, NoShrinkage, SchaferStrimmer


def common_factor(dim, n, rng):
    """Every column is one shared factor plus noise of its own, both of variance one."""
    return rng.normal(size=(2, n, dim)) + rng.normal(size=(n, 1))


def common_factor_truth(dim):
    # The covariance 1 + J of d columns has determinant 1 + d.
    return np.log(1 + dim) - np.log(1 + 2 * dim) / 2


def test_without_shrinkage_it_is_the_gaussian_estimate():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 3))
    y, z = x @ rng.normal(size=(3, 2)) + rng.normal(size=(80, 2)), x[:, :2] + rng.normal(size=(80, 2))
    np.testing.assert_allclose(CCA(NoShrinkage()).pointwise(x, y), Gaussian().pointwise(x, y), atol=1e-10)
    np.testing.assert_allclose(
        CCA(NoShrinkage()).conditional_pointwise(x, y, z), Gaussian().conditional_pointwise(x, y, z), atol=1e-10
    )


@dataclass(frozen=True)
class FixedWeight:
    value: float

    def weight(self, standardized):  # noqa: ARG002
        return self.value


def test_is_the_sum_over_canonical_correlations():
    # Unbiased for the shrunk population up to second order: 400 samples, four standard errors.
    rng = np.random.default_rng(1)
    shrunk = 0.8 * (np.eye(10) + 1) / 2 + 0.2 * np.eye(10)
    product = np.linalg.solve(shrunk[:5, :5], shrunk[:5, 5:]) @ np.linalg.solve(shrunk[5:, 5:], shrunk[5:, :5])
    expected = -np.log(1 - np.linalg.eigvals(product).real).sum() / 2
    values = np.array([CCA(FixedWeight(0.2)).estimate(*common_factor(5, 60, rng)) for _ in range(400)])
    assert values.mean() == pytest.approx(expected, abs=4 * values.std() / 20)  # 0.016; the plug-in is 0.09 above
    assert values.std() < 0.1


def test_25_and_25_columns():
    # Five samples each; the sd of a mean is below 0.02. Dense: 1.29 nats; sparse: two pairs at 0.8, 1.02 nats.
    rng = np.random.default_rng(2)
    dense, sparse = [], []
    for _ in range(5):
        dense.append(CCA().estimate(*common_factor(25, 2000, rng)))
        x, y = rng.normal(size=(2, 2000, 25))
        y[:, :2] = 0.8 * x[:, :2] + 0.6 * y[:, :2]
        sparse.append([CCA().estimate(x, y), CCA(SchaferStrimmer()).estimate(x, y), Gaussian().estimate(x, y)])
    assert np.mean(dense) == pytest.approx(common_factor_truth(25), abs=0.1)
    assert np.mean(sparse, axis=0) == pytest.approx([0.83, 0.35, -np.log(1 - 0.64)], abs=0.05)  # as documented


def test_more_columns_than_samples():
    # Ten samples of 40 + 40 columns, n = 60. Truth 1.52; the sd of a mean is about 0.06.
    rng = np.random.default_rng(3)
    value = np.mean([CCA().estimate(*common_factor(40, 60, rng)) for _ in range(10)])
    assert value == pytest.approx(common_factor_truth(40), abs=0.3)
    independent = [CCA().estimate(*rng.normal(size=(2, 60, 40))) for _ in range(10)]
    assert abs(np.mean(independent)) < 0.02


@pytest.mark.parametrize("shape", [(30, 90), (30, 30), (30, 12)])
def test_axes_of_rows_give_the_determinant_and_distances_of_the_shrunk_correlations(shape):
    from attnstats.information.parametric.shrinkage import principal_squares

    columns = np.random.default_rng(1).normal(size=shape)
    eigenvalues, squares = principal_squares(columns)
    shrunk = 0.7 * columns.T @ columns / len(columns) + 0.3 * np.eye(shape[1])
    spectrum = 0.7 * eigenvalues + 0.3
    absent = shape[1] - len(eigenvalues)
    np.testing.assert_allclose(np.log(spectrum).sum() + absent * np.log(0.3), np.linalg.slogdet(shrunk)[1], rtol=1e-9)
    distances = np.einsum("ij,ij->i", columns @ np.linalg.inv(shrunk), columns)
    np.testing.assert_allclose(squares @ (1 / spectrum), distances, rtol=1e-9)


def test_leave_one_out_weight_with_more_columns_than_samples_is_the_likeliest_on_its_grid():
    from scipy.stats import multivariate_normal

    columns = np.random.default_rng(2).normal(size=(20, 30)) + np.random.default_rng(3).normal(size=(20, 1))
    columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)

    def likelihood(weight):
        total = 0.0
        for left in range(20):
            rest = np.delete(columns, left, axis=0)
            shrunk = (1 - weight) * np.cov(rest.T, bias=True) * 20 / 19 + weight * np.eye(30)
            total += multivariate_normal.logpdf(columns[left], rest.mean(axis=0), shrunk)
        return total

    weight = LeaveOneOutShrinkage().weight(columns)
    best = likelihood(weight)
    assert best > max(likelihood(weight * 1.3), likelihood(weight / 1.3))


def test_thousands_of_columns_of_few_samples():
    x = np.random.default_rng(0).normal(size=(60, 2000))
    start = process_time()
    assert np.isfinite(CCA().estimate(x, x + np.random.default_rng(1).normal(size=x.shape)))
    with pytest.raises(InvalidInputError, match="singular correlation matrix of 2000 columns from 60 samples"):
        CCA(NoShrinkage()).estimate(x, -x)
    assert process_time() - start < 5


def test_units_and_constant_columns_change_nothing():
    rng = np.random.default_rng(4)
    x, y = common_factor(4, 50, rng)
    expected = CCA().pointwise(x, y)
    scaled = x * 10.0 ** np.arange(-150, 150, 75)
    np.testing.assert_allclose(CCA().pointwise(scaled, y), expected, atol=1e-9)
    np.testing.assert_allclose(CCA().pointwise(np.hstack([x, np.full((50, 1), 0.1)]), y), expected, atol=1e-12)
    np.testing.assert_allclose(CCA().conditional_pointwise(x, y, np.zeros(50)), expected, atol=1e-12)
    np.testing.assert_allclose(CCA().pointwise(y, x), expected, atol=1e-9)


def test_bad_input():
    x, y = common_factor(3, 20, np.random.default_rng(5))
    with pytest.raises(InvalidInputError, match="shrinkage: must be a rule such as LeaveOneOutShrinkage"):
        CCA(0.1)
    with pytest.raises(InvalidInputError, match="shrinkage: must be a rule"):
        CCA(LedoitWolf)
    with pytest.raises(ConstantInputError, match="y: must vary"):
        CCA().estimate(x, np.ones(20))
    with pytest.raises(
        InvalidInputError, match="without shrinkage; got a singular correlation matrix of 6 columns from 6"
    ):
        CCA(NoShrinkage()).estimate(x[:6], y[:6])
    with pytest.raises(InvalidInputError, match="singular correlation matrix of 6 columns from 20 samples"):
        CCA(NoShrinkage()).estimate(x, x)
