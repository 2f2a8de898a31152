import warnings
from typing import ClassVar

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError, UnreliableEstimateWarning
from attnstats.information import KSG, Binned, EqualWidth, Gaussian, PlugIn, Probe, Ross, mutual_information
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


@pytest.mark.slow
def test_ross_is_warned_of_where_its_bias_is_large():
    # Bias in standard errors, from 2,000 simulations: 0.4 in three dimensions with 500 samples; in one it is 0.2.
    def classes(dim):
        y = rng.integers(2, size=500)
        x = rng.normal(size=(500, dim))
        x[:, 0] += 2 * y
        return x, y

    rng = np.random.default_rng(8)
    assert sum(warned(*classes(3), Ross()) for _ in range(10)) >= 5
    assert sum(warned(*classes(1), Ross()) for _ in range(10)) <= 2


class Counted(KSG):
    sizes: ClassVar[list[int]] = []

    def estimate(self, x, y, **options):
        self.sizes.append(len(x))
        return super().estimate(x, y, **options)


def test_the_warning_can_be_turned_off():
    rng = np.random.default_rng(2)
    x, y = gaussian(300, 5, 0.41, rng)
    assert warned(x, y, KSG())
    assert not warned(x, y, KSG(), bias_warning=False)
    mutual_information(x, y, Counted(), interval=HalfSampling(20), bias_warning=False, rng=0)
    assert Counted.sizes == [150] * 20  # the halves of the interval, and no surrogate of the whole sample
    with pytest.raises(InvalidInputError, match="bias_warning: must be"):
        mutual_information(x, y, KSG(), bias_warning="off")


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
        UnreliableEstimateWarning, match=r"bias is likely more than 0.33 of .*Gaussian dependence with these margins"
    ) as w:
        mutual_information(x, y, KSG(), interval=HalfSampling(20), rng=0)
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
