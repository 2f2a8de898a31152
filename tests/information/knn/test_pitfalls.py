"""Inputs on which estimators in use give a wrong number in silence: each is right here, or refused by name."""

import numpy as np
import pytest

from attnstats.exceptions import ConstantInputError, DuplicateSamplesError, NonFiniteError
from attnstats.information import KSG, DiscreteContinuousMixture, KozachenkoLeonenko, LocalNonuniformity, Ross

DENSITIES = [KSG(), KSG(algorithm=2), KSG(metric="euclidean"), KozachenkoLeonenko(), LocalNonuniformity()]
CONTINUOUS = [*DENSITIES, DiscreteContinuousMixture()]
EVERY = [*CONTINUOUS, Ross()]
TRUTH = -0.5 * np.log(1 - 0.75**2)  # 0.413 nats
SD = 0.05  # of each estimate at n = 1000, generously; two of them are the tolerance
every = pytest.mark.parametrize("estimator", EVERY, ids=repr)
continuous = pytest.mark.parametrize("estimator", CONTINUOUS, ids=repr)
densities = pytest.mark.parametrize("estimator", DENSITIES, ids=repr)


@pytest.fixture(scope="module")
def pair():
    rng = np.random.default_rng(0)
    x = rng.normal(size=1000)
    return x, 0.75 * x + np.sqrt(1 - 0.75**2) * rng.normal(size=1000)


def matching(estimator, y):
    return (y > 0).astype(int) if isinstance(estimator, Ross) else y


@pytest.mark.slow
@every
def test_columns_in_unlike_units(estimator, pair):
    x, y = pair
    value = estimator.estimate(x, matching(estimator, y))
    assert estimator.estimate(x * 1e6, matching(estimator, y)) == pytest.approx(value, abs=1e-9)
    if not isinstance(estimator, Ross):
        assert value == pytest.approx(TRUTH, abs=2 * SD)


@continuous
def test_both_columns_tiny(estimator, pair):
    x, y = pair
    assert estimator.estimate(x * 1e-12, y * 1e-12) == pytest.approx(estimator.estimate(x, y), abs=1e-9)


@densities
def test_half_of_the_rows_copied(estimator, pair):
    x, y = pair
    with pytest.raises(DuplicateSamplesError, match="got 1000 of 1500 with an exact copy"):
        estimator.estimate(np.append(x, x[:500]), np.append(y, y[:500]))


@densities
def test_rounded_values_without_a_density(estimator, pair):
    x, y = pair
    with pytest.raises(DuplicateSamplesError, match="must not coincide"):
        estimator.estimate(np.round(2 * x) / 2, np.round(2 * y) / 2)


def test_rounded_values_as_atoms(pair):
    # Rounding to half a standard deviation loses little: numerical integration gives 0.39 nats.
    x, y = pair
    value = DiscreteContinuousMixture().estimate(np.round(2 * x) / 2, np.round(2 * y) / 2)
    assert value == pytest.approx(0.39, abs=2 * SD)


@every
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_one_value_missing(estimator, pair, bad):
    x, y = pair
    x = x.copy()
    x[17] = bad
    with pytest.raises(NonFiniteError, match="x: must be finite; got 1 NaN or infinite"):
        estimator.estimate(x, matching(estimator, y))


@every
def test_a_constant_variable(estimator, pair):
    x, y = pair
    with pytest.raises(ConstantInputError, match="x: must vary"):
        estimator.estimate(np.ones(1000), matching(estimator, y))
    with pytest.raises(ConstantInputError, match="y: must"):
        estimator.estimate(x, matching(estimator, np.ones(1000)))


@every
def test_a_constant_column_adds_nothing(estimator, pair):
    x, y = pair
    wide = np.column_stack([np.full(1000, 7.0), x])
    value = estimator.estimate(x, matching(estimator, y))
    assert estimator.estimate(wide, matching(estimator, y)) == pytest.approx(value, abs=1e-9)
