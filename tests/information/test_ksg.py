import numpy as np
import pytest
from scipy.special import digamma

from attnstats.exceptions import ConstantInputError, DuplicateSamplesError, InvalidInputError, TooFewSamplesError
from attnstats.information import KSG


def gaussian(n, rho, rng, dim=1):
    x = rng.normal(size=(n, dim))
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=(n, dim))


def by_definition(x, y, k):
    """Equation 8 of Kraskov et al. (2004), written out."""
    n = len(x)
    total = 0.0
    for i in range(n):
        dx = [max(abs(x[j] - x[i])) for j in range(n) if j != i]
        dy = [max(abs(y[j] - y[i])) for j in range(n) if j != i]
        radius = sorted(max(a, b) for a, b in zip(dx, dy, strict=True))[k - 1]
        total += digamma(sum(a < radius for a in dx) + 1) + digamma(sum(b < radius for b in dy) + 1)
    return digamma(k) + digamma(n) - total / n


@pytest.mark.parametrize("dim", [1, 2, 10])
@pytest.mark.parametrize("k", [1, 3, 7])
def test_equals_the_definition(dim, k):
    x, y = gaussian(80, 0.7, np.random.default_rng(dim), dim)
    assert KSG(k=k, standardize=False).estimate(x, y) == pytest.approx(by_definition(x, y, k), abs=1e-12)


def test_standardize_equals_the_definition_on_standardised_columns():
    x, y = gaussian(80, 0.7, np.random.default_rng(0), 2)
    x = x * [1e-3, 50]
    assert KSG().estimate(x, y) == pytest.approx(by_definition(x / x.std(axis=0), y / y.std(axis=0), 3), abs=1e-12)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_gaussian_truth(rho):
    # 20 samples of n = 1000: the sd of the mean is below 0.008; the bias at this n below 0.01 nats.
    rng = np.random.default_rng(1)
    mean = np.mean([KSG(k=3).estimate(*gaussian(1000, rho, rng)) for _ in range(20)])
    assert mean == pytest.approx(-0.5 * np.log(1 - rho**2), abs=0.03)


@pytest.mark.parametrize("scale", [1e6, 1e-12, 1e150])
def test_units_do_not_matter(scale):
    x, y = gaussian(500, 0.75, np.random.default_rng(2))
    value = KSG().estimate(x, y)
    assert KSG().estimate(x * scale, y) == pytest.approx(value, abs=1e-12)
    assert KSG().estimate(x * scale, y * scale) == pytest.approx(value, abs=1e-12)


def test_symmetric_and_translation_invariant():
    x, y = gaussian(300, 0.6, np.random.default_rng(3), 2)
    assert KSG().estimate(x, y) == pytest.approx(KSG().estimate(y, x), abs=1e-12)
    assert KSG().estimate(x + 2.0**20, y) == pytest.approx(KSG().estimate(x, y), abs=1e-2)


def test_a_constant_column_among_others_changes_nothing():
    x, y = gaussian(300, 0.6, np.random.default_rng(4))
    assert KSG().estimate(np.hstack([x, np.full_like(x, 5)]), y) == KSG().estimate(x, y)


def test_copied_rows_are_refused():
    x, y = gaussian(200, 0.75, np.random.default_rng(5))
    with pytest.raises(DuplicateSamplesError, match=r"x and y: .* got 200 of 300 with an exact copy"):
        KSG().estimate(np.concatenate([x, x[:100]]), np.concatenate([y, y[:100]]))
    with pytest.raises(DuplicateSamplesError, match="use Binned"):
        KSG().estimate(np.round(2 * x) / 2, np.round(2 * y) / 2)


def test_bad_input():
    x, y = gaussian(20, 0.5, np.random.default_rng(6))
    with pytest.raises(TooFewSamplesError, match="at least 4; got 3"):
        KSG(k=3).estimate(x[:3], y[:3])
    with pytest.raises(ConstantInputError, match="y: must vary"):
        KSG().estimate(x, np.ones(20))
    with pytest.raises(InvalidInputError, match="k: must be an integer of at least 1; got 0"):
        KSG(k=0)
    with pytest.raises(InvalidInputError, match="groups"):
        KSG().estimate(x, y, groups=[0, 1])
