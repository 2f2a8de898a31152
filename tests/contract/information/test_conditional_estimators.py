"""Every rule of conditional information, checked on every exported estimator that writes `conditional_pointwise`."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from attnstats import information
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.information import MIEstimator
from attnstats.information.interface import exported_estimators

#: More than the 8^3 cells that three binned columns have by default.
N = 600
ESTIMATORS = [
    kind
    for kind in exported_estimators(information).values()
    if kind.conditional_pointwise is not MIEstimator.conditional_pointwise
]
every_estimator = pytest.mark.parametrize("kind", ESTIMATORS, ids=lambda kind: kind.__name__)
of_continuous_y = pytest.mark.parametrize(
    "kind", [kind for kind in ESTIMATORS if kind.continuous_y], ids=lambda kind: kind.__name__
)


def value(kind, x, y, z, rng=0):
    return float(kind().conditional_pointwise(x, y, z, rng=rng).mean())


def as_y(kind, y):
    return y if kind.continuous_y else (y > 0).astype(int)


def chain(n, rng):
    """x -> z -> y: dependent, but not given z."""
    x = rng.normal(size=n)
    z = x + rng.normal(size=n)
    return x, z + rng.normal(size=n), z


def collider(n, rng):
    """x -> z <- y: independent, but not given z, where the correlation is -1/2 and the information log(4/3) / 2."""
    x, y = rng.normal(size=(2, n))
    return x, y, x + y + rng.normal(size=n)


def confounded(n, rng):
    """x and y share z, and y depends on x besides."""
    z = rng.normal(size=n)
    x = z + rng.normal(size=n)
    return x, z + x + 0.5 * rng.normal(size=n), z


def test_the_exports_are_found():
    assert {kind.__name__ for kind in ESTIMATORS} >= {"CCA", "Gaussian", "GaussianCopula"}


@every_estimator
def test_local_terms_are_finite(kind):
    x, y, z = confounded(N, np.random.default_rng(0))
    local = kind().conditional_pointwise(x, as_y(kind, y), z, rng=1)
    assert local.shape == (N,)
    assert local.dtype == np.float64
    assert np.isfinite(local).all()
    assert local.mean() > 0.05


@every_estimator
def test_conditionally_independent_data_average_to_zero(kind):
    # The unconditional information is 0.20 nats (0.1 with labels). What is left comes from bins as wide as an eighth of
    # the sample, from neighbourhoods, and from the smaller of two bounds taken from the larger.
    rng = np.random.default_rng(1)
    values = []
    for _ in range(6):
        x, y, z = chain(1500, rng)
        values.append(value(kind, x, as_y(kind, y), z))
    assert abs(np.mean(values)) < 0.06


@of_continuous_y
def test_gaussian_truth(kind):
    rng = np.random.default_rng(2)
    values = [value(kind, *collider(1500, rng)) for _ in range(6)]
    assert np.mean(values) == pytest.approx(np.log(4 / 3) / 2, abs=0.06)


@of_continuous_y
def test_symmetric(kind):
    x, y, z = confounded(N, np.random.default_rng(3))
    assert value(kind, x, y, z) == pytest.approx(value(kind, y, x, z), abs=1e-10)


@every_estimator
def test_chain_rule(kind):
    # I(X; Y | Z) + I(Z; Y) = I(X, Z; Y): an identity for estimates made of the same parts, else up to their biases.
    x, y, z = confounded(2000, np.random.default_rng(4))
    y = as_y(kind, y)
    parts = value(kind, x, y, z) + kind().estimate(z, y, rng=0)
    assert parts == pytest.approx(kind().estimate(np.column_stack([x, z]), y, rng=0), abs=0.1)


@every_estimator
def test_order_of_samples_does_not_matter(kind):
    # Exact up to the rounding of means; the folds of a randomised estimator change, by less than its sd.
    rng = np.random.default_rng(5)
    x, y, z = confounded(N, rng)
    y = as_y(kind, y)
    order = rng.permutation(N)
    randomised = value(kind, x, y, z, rng=0) != value(kind, x, y, z, rng=1)
    tolerance = 0.05 if randomised else 1e-10
    assert value(kind, x[order], y[order], z[order]) == pytest.approx(value(kind, x, y, z), abs=tolerance)


@every_estimator
def test_same_seed_same_number_and_no_global_state(kind):
    x, y, z = confounded(N, np.random.default_rng(6))
    y = as_y(kind, y)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 (that it is left alone)
    values = [value(kind, x, y, z, rng=each) for each in (7, 7, np.random.default_rng(7))]
    assert values[0] == values[1] == values[2]
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@every_estimator
@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("place", ["x", "y", "z"])
def test_missing_values_are_refused_by_name(kind, bad, place):
    x, y, z = confounded(N, np.random.default_rng(8))
    arrays = {"x": x, "y": as_y(kind, y).astype(float), "z": z}
    arrays[place][3] = bad
    with pytest.raises(NonFiniteError, match=f"{place}: "):
        value(kind, **arrays)


@every_estimator
def test_lengths_must_agree(kind):
    x, y, z = confounded(N, np.random.default_rng(9))
    y = as_y(kind, y)
    for arrays in ((x[:-1], y, z), (x, y[:-1], z), (x, y, z[:-1])):
        with pytest.raises(InvalidInputError, match="same length"):
            value(kind, *arrays)
    with pytest.raises(InvalidInputError, match="same length"):
        kind().conditional_pointwise(x, y, z, groups=np.arange(N - 1), rng=0)


@every_estimator
def test_inputs_are_left_alone(kind):
    x, y, z = confounded(N, np.random.default_rng(10))
    y = as_y(kind, y)
    for array in (x, y, z):
        array.flags.writeable = False
    kind().conditional_pointwise(x, y, z, groups=np.arange(N), rng=0)


@every_estimator
def test_several_columns_of_each(kind):
    # The second column of x is a weak second look, that of z only noise.
    rng = np.random.default_rng(11)
    x, y, z = confounded(1000, rng)
    y = as_y(kind, y)
    noise = rng.normal(size=(2, 1000))
    if kind is information.Binned:  # five columns of two bins each still fit
        kind = partial(kind, information.Quantile(2))
    local = kind().conditional_pointwise(
        np.column_stack([x, x + 9 * noise[0]]), y, np.column_stack([z, noise[1]]), rng=0
    )
    assert np.isfinite(local).all()
    assert local.mean() > 0.05


@every_estimator
def test_equal_values_give_equal_numbers(kind):
    # Whole numbers of many values are measurements and of few are classes, whatever their type.
    rng = np.random.default_rng(11)
    z = rng.permutation(N) % 3
    x, y = rng.permutation(N) + 200 * z, as_y(kind, rng.permutation(N) + 200 * z - N)
    z_measured = rng.permutation(N)
    for given in (z, z_measured):
        expected = value(kind, x.astype(float), y.astype(float), given.astype(float))
        for dtype in (np.int64, object, "Int64"):
            same = (pd.Series(each, dtype=dtype) for each in (x, y, given))
            assert value(kind, *same) == expected
    if kind is not information.KSG:  # which takes measurements alone
        assert value(kind, x, y, np.array(["a", "b", "c"])[z]) == value(kind, x, y, z)


@every_estimator
def test_a_condition_that_is_none_is_refused(kind):
    # Without it the number would be the unconditional information.
    x, y = np.random.default_rng(0).normal(size=(2, 60))
    with pytest.raises(InvalidInputError, match="z: must"):
        kind().conditional_pointwise(x, as_y(kind, y), None)
