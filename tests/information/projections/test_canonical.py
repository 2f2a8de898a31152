import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.information.projections._moments import _leading
from attnstats.information.projections.canonical import AllColumns, KernelProjection, LinearProjection

PROJECTIONS = [AllColumns(), LinearProjection(), KernelProjection()]


def correlations(x, y):
    return np.array([np.corrcoef(first, second)[0, 1] for first, second in zip(x.T, y.T, strict=True)])


def rows(n, rng, dim=6, rho=0.8):
    x, y = rng.normal(size=(2, n, dim))
    y[:, 0] = rho * x[:, 3] + np.sqrt(1 - rho**2) * y[:, 0]
    return x, y


def test_linear_components_have_the_canonical_correlation():
    # One pair of columns correlates by 0.8; sd of a correlation at n = 2000 is 0.01, that of zero 0.02.
    x, y = rows(2000, np.random.default_rng(1))
    fit = LinearProjection().cross_fit(x, y, np.arange(2000) % 10, np.random.default_rng(0))
    rho = correlations(fit.x, fit.y)
    assert rho[0] == pytest.approx(0.8, abs=0.04)
    assert np.abs(rho[1:]).max() < 0.1
    assert fit.sizes == ((1, 1), (2, 2), (3, 3))


def test_components_of_noise_do_not_correlate_out_of_sample():
    # In the sample, 40 + 40 columns of noise at n = 400 correlate by about 0.6.
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 400, 40))
    fit = LinearProjection().cross_fit(x, y, np.arange(400) % 10, rng)
    assert np.abs(correlations(fit.x, fit.y)).max() < 0.2


def test_kernel_components_see_what_does_not_correlate():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(1000, 2))
    y = (x**2).sum(axis=1, keepdims=True) + 0.3 * rng.normal(size=(1000, 1))
    linear = LinearProjection().cross_fit(x, y, np.arange(1000) % 10, rng)
    kernel = KernelProjection().cross_fit(x, y, np.arange(1000) % 10, rng)
    assert correlations(linear.x, linear.y)[0] < 0.3
    assert correlations(kernel.x, kernel.y)[0] > 0.85


@pytest.mark.parametrize("projection", PROJECTIONS, ids=repr)
def test_what_was_settled_finds_the_same_components_again(projection):
    x, y = rows(1500, np.random.default_rng(4))
    folds = np.arange(1500) % 10
    fit = projection.cross_fit(x, y, folds, np.random.default_rng(0))
    again = fit.settled.cross_fit(x, y, folds, np.random.default_rng(1))
    assert abs(correlations(again.x, fit.x)[0]) > 0.95
    assert fit.x.shape == (1500, fit.sizes[-1][0])


def test_leading_vectors_are_those_of_the_whole_decomposition():
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(150, 120)) / 100
    matrix += np.outer(rng.normal(size=150), rng.normal(size=120)) / 50
    left, right = _leading(matrix, 1)
    expected_left, _, expected_right = np.linalg.svd(matrix)
    assert abs(left[:, 0] @ expected_left[:, 0]) == pytest.approx(1, abs=1e-6)
    assert abs(right[:, 0] @ expected_right[0]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=repr)
def test_a_row_does_not_move_its_own_components(projection):
    # Only through the turn to the common axes, which moves all of a fold alike: here the telling one.
    x, y = rows(500, np.random.default_rng(5))
    before = projection.cross_fit(x, y, np.arange(500) % 10, np.random.default_rng(0))
    changed = y.copy()
    changed[7] = -changed[7]
    after = projection.cross_fit(x, changed, np.arange(500) % 10, np.random.default_rng(0))
    assert after.x[7, 0] == pytest.approx(before.x[7, 0], abs=0.1)


@pytest.mark.parametrize(
    "bad", [{"max_components": 0}, {"widths": ()}, {"widths": (1.0, -1.0)}, {"n_features": 2}], ids=repr
)
def test_parameters_are_checked(bad):
    with pytest.raises(InvalidInputError, match=next(iter(bad))):
        KernelProjection(**bad)
