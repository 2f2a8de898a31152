import warnings

import numpy as np
import pytest

from attnstats.exceptions import UnreliableEstimateWarning
from attnstats.information import KSG, Binned, EqualWidth, Gaussian, PlugIn, Probe, Ross, mutual_information
from attnstats.information.bias import GaussianSurrogate
from attnstats.resampling import DeleteD, HalfSampling


def gaussian(n, dim, information, rng):
    squared = -np.expm1(-2 * information / dim)
    x, noise = rng.normal(size=(2, n, dim))
    return x, np.sqrt(squared) * x + np.sqrt(1 - squared) * noise


def warned(x, y, estimator, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UnreliableEstimateWarning)
        mutual_information(x, y, estimator, interval=HalfSampling(20), rng=0, **options)
    return bool(caught)


@pytest.mark.parametrize("information", [0.0, 0.5, 2.0])
def test_surrogate_has_the_covariances_and_the_information_asked_for(information):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4_000, 3)) @ rng.normal(size=(3, 3))
    y = np.column_stack([x[:, 0] + rng.normal(size=4_000), 1e-3 * (x @ [1.0, -1, 0]) + 1e-2 * rng.normal(size=4_000)])
    surrogate = GaussianSurrogate(x, y, information)
    drawn_x, drawn_y = (np.vstack(each) for each in zip(*(surrogate.sample(rng) for _ in range(25)), strict=True))
    for drawn, given in ((drawn_x, x), (drawn_y, y)):
        scale = np.sqrt(np.outer(given.var(axis=0), given.var(axis=0)))
        # 100,000 draws: each covariance within four errors.
        np.testing.assert_allclose(np.cov(drawn.T) / scale, np.cov(given.T) / scale, atol=0.02)

    def log_det(values):
        return np.linalg.slogdet(np.corrcoef(values.T))[1]

    found = (log_det(drawn_x) + log_det(drawn_y) - log_det(np.hstack([drawn_x, drawn_y]))) / 2
    assert found == pytest.approx(information, abs=0.02)


def test_surrogate_of_more_columns_than_rows_and_of_a_constant_column():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(20, 30)), rng.normal(size=(20, 2))
    x[:, 4] = 7.0
    drawn_x, drawn_y = GaussianSurrogate(x, y, 0.3).sample(rng)
    assert (drawn_x.shape, drawn_y.shape) == ((20, 30), (20, 2))
    assert np.isfinite(drawn_x).all()
    assert np.ptp(drawn_x[:, 4]) == 0


@pytest.mark.parametrize(
    ("dim", "information", "n", "least", "most"),
    [
        # Bias in standard errors, from 400 simulations: 0.06, 0.0, -1.2 and -2.1.
        (1, 0.41, 300, 0, 1),
        (3, 0.0, 300, 0, 1),
        (3, 1.0, 300, 9, 10),
        (5, 0.41, 300, 8, 10),
    ],
)
def test_ksg_is_warned_of_where_its_bias_is_large(dim, information, n, least, most):
    rng = np.random.default_rng(2)
    assert least <= sum(warned(*gaussian(n, dim, information, rng), KSG()) for _ in range(10)) <= most


def test_labels_are_judged_on_halves():
    rng = np.random.default_rng(3)
    x, y = rng.integers(8, size=(2, 140))  # 64 cells: the plug-in estimate is high by 49 / 280 nats
    assert warned(x, y, Binned(entropy=PlugIn()))
    x, y = rng.integers(2, size=(2, 2_000))
    assert not warned(x, np.where(rng.random(2_000) < 0.2, y, x), Binned(entropy=PlugIn()))
    y = rng.integers(2, size=400)
    assert not warned(rng.normal(size=400) + 2 * y, y, Ross())
    assert not warned(rng.normal(size=(200, 30)) + y[:200, np.newaxis] / 5, y[:200], Probe())  # says itself it is low


def test_a_bias_that_cannot_be_judged_is_said_to_be_so():
    x, y = np.random.default_rng(7).integers(8, size=(2, 100))  # halves have fewer samples than cells
    with pytest.warns(
        UnreliableEstimateWarning, match="bias cannot be judged on halves of the sample: x and y: the cells"
    ):
        mutual_information(x, y, Binned(), interval=DeleteD(d=10, n_resamples=20), rng=0)


def test_the_warning_says_what_is_wrong_and_points_at_the_call():
    x, y = gaussian(200, 5, 1.0, np.random.default_rng(4))
    with pytest.warns(
        UnreliableEstimateWarning, match=r"bias is likely more than 0.4 times.*Gaussian data of this size"
    ) as w:
        mutual_information(x, y, interval=HalfSampling(20), rng=0)
    assert w[0].filename == __file__


def test_coarse_bins_are_known_to_lose_information():
    x, y = gaussian(2_000, 1, 1.0, np.random.default_rng(5))
    assert warned(x, y, Binned(EqualWidth(3)))


def test_more_than_log_n_is_warned_of_without_an_interval():
    rng = np.random.default_rng(6)
    x = rng.normal(size=50)
    with pytest.warns(UnreliableEstimateWarning, match=r"exceeds log n = 3\.91") as w:
        assert mutual_information(x, x + 1e-6 * rng.normal(size=50), Gaussian()).value > np.log(50)
    assert w[0].filename == __file__
    mutual_information(x, x + 0.1 * rng.normal(size=50), Gaussian())
