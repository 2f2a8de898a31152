"""The difference of two informations: its values, and how often its interval holds the truth."""

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.information import Gaussian, mutual_information, mutual_information_difference
from attnstats.resampling import HalfSampling


def samples(rng, n, noise):
    y = rng.normal(size=n)
    return y + noise * rng.normal(size=n), y


def truth(*noises):
    one, other = (0.5 * np.log(1 + 1 / noise**2) for noise in noises)
    return one - other


def test_it_is_the_difference_of_both_estimates():
    rng = np.random.default_rng(0)
    first, second = samples(rng, 200, 1.0), samples(rng, 150, 2.0)
    found = mutual_information_difference(first, second, Gaussian(), paired=False, rng=1)
    one, two = (mutual_information(*each, Gaussian(), rng=1).value for each in (first, second))
    assert (found.first, found.second) == (one, two)
    assert found.value == one - two
    assert found.value in found.interval
    assert repr(found).startswith("difference in MI = ")
    back = mutual_information_difference(second, first, Gaussian(), paired=False, rng=1)
    assert back.value == -found.value
    assert back.interval.low == pytest.approx(-found.interval.high, abs=0.1)


def test_the_same_twice_differs_by_nothing_where_it_is_paired():
    x, y = samples(np.random.default_rng(1), 200, 1.0)
    noise = 0.01 * np.random.default_rng(2).normal(size=200)
    found = mutual_information_difference((x, y), (x + noise, y), Gaussian(), paired=True, rng=0)
    apart = mutual_information_difference((x, y), (x + noise, y), Gaussian(), paired=False, rng=0)
    assert found.interval.high - found.interval.low < 0.1 * (apart.interval.high - apart.interval.low)
    assert "100 pairs" not in repr(found)
    assert "200 pairs" in repr(found)


def test_numbers_do_not_hang_on_workers():
    rng = np.random.default_rng(3)
    pair = samples(rng, 100, 1.0), samples(rng, 100, 2.0)
    for paired in (True, False):
        one, two = (mutual_information_difference(*pair, Gaussian(), paired=paired, n_jobs=n, rng=0) for n in (1, 2))
        assert one == two


def test_what_does_not_fit_is_refused():
    x, y = samples(np.random.default_rng(4), 60, 1.0)
    for wrong in ((x,), x, "xy", 3):
        with pytest.raises(InvalidInputError, match=r"second: must be a pair \(x, y\)"):
            mutual_information_difference((x, y), wrong, Gaussian(), paired=True)
    with pytest.raises(InvalidInputError, match="second: x and y: must have"):
        mutual_information_difference((x, y), (x[:9], y), Gaussian(), paired=False)
    with pytest.raises(InvalidInputError, match="first"):
        mutual_information_difference((x, y), (x[:50], y[:50]), Gaussian(), paired=True)
    with pytest.raises(InvalidInputError, match="groups: must be None unless"):
        mutual_information_difference((x, y), (x, y), Gaussian(), paired=False, groups=np.arange(60))
    with pytest.raises(InvalidInputError, match="interval: must be an object such as HalfSampling"):
        mutual_information_difference((x, y), (x, y), Gaussian(), paired=True, interval=0.95)


@pytest.mark.slow
@pytest.mark.parametrize("paired", [True, False])
def test_the_interval_holds_the_truth_as_often_as_it_says(paired):
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(100):
        first = samples(rng, 300, 1.0)
        y = first[1] if paired else rng.normal(size=200)
        second = y + 1.5 * rng.normal(size=len(y)), y
        found = mutual_information_difference(
            first, second, Gaussian(), paired=paired, interval=HalfSampling(40), rng=rng
        )
        covered += truth(1.0, 1.5) in found.interval
    assert 0.95 * 100 - 4 * np.sqrt(100 * 0.95 * 0.05) < covered
