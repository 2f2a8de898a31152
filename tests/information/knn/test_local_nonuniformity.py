import numpy as np
import pytest

from attnstats.exceptions import DuplicateSamplesError, InvalidInputError, TooFewSamplesError
from attnstats.information import KSG, LocalNonuniformity
from attnstats.information.knn.local_nonuniformity import _threshold
from attnstats.information.margins import AsMeasured, Standardized


@pytest.mark.parametrize("dim", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("margin", ["normal", "uniform"])
def test_independent_data_average_to_zero(dim, margin):
    # Ten samples of n = 400: the sd of the mean is about 0.006; a false correction adds under 0.01.
    rng = np.random.default_rng(dim)
    draw = rng.normal if margin == "normal" else rng.uniform
    estimator = LocalNonuniformity(k=2 * dim + 5)
    values = [estimator.estimate(draw(size=(400, dim)), draw(size=(400, dim))) for _ in range(10)]
    assert np.mean(values) == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("noise", [1e-2, 1e-4, 1e-8])
def test_strong_dependence(noise):
    # y = x + noise: for small noise I = h(x) - h(noise) = -log(noise); KSG stays below psi(n) - psi(k).
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    y = x + noise * rng.normal(size=500)
    truth = 0.5 * np.log1p(noise**-2.0)
    corrected, bare = LocalNonuniformity().estimate(x, y), KSG(k=10, algorithm=2).estimate(x, y)
    assert bare < 4.5
    assert abs(corrected - truth) < abs(bare - truth)
    if noise < 1e-3:  # the slice is far thinner than its length
        assert corrected == pytest.approx(truth, rel=0.1)


def test_strong_dependence_in_three_and_three_dimensions():
    # The error of the corrected estimate grows with the dimension: 20 % here, where KSG misses 60 %.
    rng = np.random.default_rng(1)
    x = rng.normal(size=(500, 3))
    y = x + 1e-3 * rng.normal(size=(500, 3))
    truth = 1.5 * np.log1p(1e6)
    assert LocalNonuniformity().estimate(x, y) == pytest.approx(truth, rel=0.2)
    assert KSG(k=10).estimate(x, y) < 0.4 * truth


def test_without_an_accepted_correction_it_is_algorithm_2():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 300))
    bare = KSG(k=10, algorithm=2, margins=Standardized()).pointwise(x, y)
    np.testing.assert_allclose(LocalNonuniformity(alpha=1e-9).pointwise(x, y), bare, atol=1e-12)


def test_correction_by_hand():
    # Neighbours of the first sample at (1, 1), (-1, -1), (.1, -.1): V = 4, W = (2 sqrt 2) (2 * .1 sqrt 2) = 0.8.
    x, y = np.array([0, 1, -1, 0.1, 9, 10, 11.5]), np.array([0, 1, -1, -0.1, 5, 7, 4.5])
    estimator = LocalNonuniformity(k=3, alpha=0.99, margins=AsMeasured())
    term = estimator.pointwise(x, y)[0] - KSG(k=3, algorithm=2, margins=AsMeasured()).pointwise(x, y)[0]
    assert term == pytest.approx(np.log(4 / 0.8), abs=1e-12)


def test_threshold_falls_with_the_dimension_and_rises_with_k():
    assert _threshold(10, 1, 1) > _threshold(10, 2, 2) > _threshold(10, 3, 3)
    assert _threshold(20, 2, 2) > _threshold(10, 2, 2)


def test_units_do_not_matter():
    rng = np.random.default_rng(3)
    x = rng.normal(size=200)
    y = x + 0.01 * rng.normal(size=200)
    value = LocalNonuniformity().estimate(x, y)
    assert LocalNonuniformity().estimate(x * 1e6, y) == pytest.approx(value, abs=1e-9)
    assert LocalNonuniformity().estimate(x * 1e-12, y * 1e-12) == pytest.approx(value, abs=1e-9)
    assert LocalNonuniformity().estimate(np.column_stack([x, np.ones(200)]), y) == pytest.approx(value, abs=1e-9)


def test_bad_input():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 100, 3))
    with pytest.raises(TooFewSamplesError, match="k for 6 columns of x and y: must be at least 7; got 6"):
        LocalNonuniformity(k=6).estimate(x, y)
    with pytest.raises(DuplicateSamplesError):
        LocalNonuniformity().estimate(np.tile(x, (2, 1)), np.tile(y, (2, 1)))
    with pytest.raises(InvalidInputError, match="neighbours must not lie in a plane; got 100 samples"):
        LocalNonuniformity().estimate(np.arange(100.0), np.arange(100.0))
    with pytest.raises(InvalidInputError, match="alpha: must lie strictly between 0 and 1; got 2"):
        LocalNonuniformity(alpha=2)
