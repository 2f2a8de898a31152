"""Every rule of `MIEstimator`, checked on every estimator that the package exports."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from attnstats import information
from attnstats.exceptions import AttnstatsError, DuplicateSamplesError, InvalidInputError, NonFiniteError
from attnstats.information.interface import exported_estimators

ESTIMATORS = list(exported_estimators(information).values())
VARIATIONAL = {kind for kind in ESTIMATORS if kind.__module__.startswith("attnstats.information.variational")}
SLOW = {*VARIATIONAL, information.BestBound}
#: Of a density, which does not allow samples that coincide.
REFUSES_COPIES = {
    information.KSG,
    information.CanonicalKSG,
    information.KozachenkoLeonenko,
    information.LocalNonuniformity,
    information.BestBound,
}
#: A variational estimate trains networks: few epochs and repeats hold down its share of the time here.
SHORT = information.NetworkTraining(max_epochs=8, patience=4)
every_estimator = pytest.mark.parametrize("kind", ESTIMATORS, ids=lambda kind: kind.__name__)


def made(kind):
    return kind(training=SHORT) if kind in VARIATIONAL else kind()


def independent(kind, n, rng):
    return rng.normal(size=(n, 1)), rng.integers(2, size=n) if kind.discrete_y else rng.normal(size=n)


def dependent(kind, n, rng):
    x = rng.normal(size=(n, 1))
    y = x[:, 0] + 0.5 * rng.normal(size=n)
    return x, (y > 0).astype(int) if kind.discrete_y else y


def test_the_exports_are_found():
    assert {kind.__name__ for kind in ESTIMATORS} >= {"KSG", "Ross", "Binned", "Probe"}


@every_estimator
def test_frozen_with_a_repr_that_rebuilds_it(kind):
    estimator = made(kind)
    assert dataclasses.is_dataclass(kind)
    assert eval(repr(estimator), {name: getattr(information, name) for name in information.__all__}) == estimator
    for field in dataclasses.fields(kind):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(estimator, field.name, getattr(estimator, field.name))
    assert hash(estimator) == hash(made(kind))


@every_estimator
def test_declares_what_it_accepts(kind):
    flags = kind.discrete_x, kind.discrete_y, kind.discrete_z, kind.continuous_y, kind.held_out
    assert all(isinstance(flag, bool) for flag in flags)
    assert kind.discrete_y or kind.continuous_y


@pytest.mark.slow
@every_estimator
def test_mean_of_pointwise_is_the_estimate(kind):
    x, y = dependent(kind, 200, np.random.default_rng(0))
    local = made(kind).pointwise(x, y, rng=1)
    assert local.shape == (200,)
    assert local.dtype == np.float64
    assert local.mean() == pytest.approx(made(kind).estimate(x, y, rng=1), abs=1e-12)


@pytest.mark.slow
@every_estimator
def test_finds_dependence(kind):
    x, y = dependent(kind, 400, np.random.default_rng(1))
    assert made(kind).estimate(x, y, rng=0) > 0.25


@every_estimator
def test_same_seed_same_number_and_no_global_state(kind):
    x, y = dependent(kind, 200, np.random.default_rng(2))
    before = np.random.get_state()[1].copy()  # noqa: NPY002 (that it is left alone)
    values = [made(kind).estimate(x, y, rng=each) for each in (7, 7, np.random.default_rng(7))]
    assert values[0] == values[1] == values[2]
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.slow
@every_estimator
def test_order_of_samples_does_not_matter(kind):
    # Exact up to the rounding of means; the folds of a randomised estimator change, by less than its sd. That of a
    # network or of a projection at n = 400 is 0.03 to 0.05, and more for CLUB, which is larger.
    rng = np.random.default_rng(3)
    x, y = dependent(kind, 400, rng)
    order = rng.permutation(400)
    randomised = made(kind).estimate(x, y, rng=0) != made(kind).estimate(x, y, rng=1)
    learned = kind in VARIATIONAL or kind is information.CanonicalKSG
    tolerance = (0.25 if learned else 0.05) if randomised else 1e-10
    value = made(kind).estimate(x, y, rng=0)
    assert made(kind).estimate(x[order], y[order], rng=0) == pytest.approx(value, abs=tolerance)


@pytest.mark.slow
@every_estimator
def test_independent_data_average_to_zero_and_are_not_clipped(kind):
    # A held-out bound lies below zero by about (parameters) / 2n = 0.005; the rest is Monte Carlo error.
    rng = np.random.default_rng(4)
    repeats = 8 if kind in VARIATIONAL else 60
    values = np.array([made(kind).estimate(*independent(kind, 200, rng), rng=rng) for _ in range(repeats)])
    assert abs(values.mean()) < 3 * values.std(ddof=1) / np.sqrt(repeats) + 0.006
    # CCA shrinks what looks independent to zero itself; DarbellayVajda is a divergence of frequencies.
    assert values.min() < 0 or kind in (information.CCA, information.DarbellayVajda)


@every_estimator
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_values_are_refused_by_name(kind, bad):
    x, y = dependent(kind, 50, np.random.default_rng(5))
    with pytest.raises(NonFiniteError, match="y: "):
        made(kind).estimate(x, np.append(y[:-1].astype(float), bad), rng=0)
    x[3, 0] = bad
    with pytest.raises(NonFiniteError, match="x: "):
        made(kind).estimate(x, y, rng=0)


@every_estimator
def test_permuted_estimates_are_those_of_permuted_pairs(kind):
    if kind in SLOW or kind.held_out:
        pytest.skip("draws its folds anew, or has no faster way")
    rng = np.random.default_rng(11)
    x, y = dependent(kind, 60, rng)
    rows = np.array([rng.permutation(60) for _ in range(3)])
    expected = [made(kind).estimate(x, y[row], rng=0) for row in rows]
    np.testing.assert_allclose(made(kind).permuted_estimates(x, y, rows), expected, atol=1e-12)


@every_estimator
def test_lengths_must_agree(kind):
    x, y = dependent(kind, 50, np.random.default_rng(6))
    with pytest.raises(InvalidInputError, match="same length"):
        made(kind).estimate(x, y[:-1], rng=0)
    with pytest.raises(InvalidInputError, match="same length"):
        made(kind).estimate(x, y, groups=np.arange(49), rng=0)


@every_estimator
def test_inputs_are_left_alone(kind):
    x, y = dependent(kind, 100, np.random.default_rng(7))
    x.flags.writeable = y.flags.writeable = False
    made(kind).estimate(x, y, groups=np.arange(100), rng=0)


@every_estimator
def test_duplicates_have_a_meaning_or_are_refused(kind):
    x, y = dependent(kind, 100, np.random.default_rng(8))
    x, y = np.repeat(x, 5, axis=0), np.repeat(y, 5)
    if kind in REFUSES_COPIES:
        with pytest.raises(DuplicateSamplesError):
            made(kind).estimate(x, y, rng=0)
    else:
        assert np.isfinite(made(kind).estimate(x, y, rng=0))


def containers(values):
    """Yield equal values as other people hold them; `values` are whole numbers that float16 holds."""
    for dtype in (np.int64, np.float16, np.float32, object):
        yield values.astype(dtype)
    yield np.ma.masked_array(values)
    for dtype in ("Int64", "Float64", "int64[pyarrow]"):
        yield pd.DataFrame(values.reshape(len(values), -1), dtype=dtype)
    yield values.astype(int).tolist()


def outcome(estimator, x, y):
    """Return the number, or the refusal: both must be the same for equal values."""
    try:
        return estimator.estimate(x, y, rng=0)
    except AttnstatsError as error:
        return str(error)


@pytest.mark.slow
@every_estimator
def test_equal_values_give_equal_numbers(kind):
    # A permutation of 0..119 and a shuffled one: whole numbers that the class rule calls measurements.
    rng = np.random.default_rng(9)
    x = rng.permutation(120).astype(float)
    y = np.argsort(np.argsort(x + 30 * rng.normal(size=120))).astype(float)
    if not kind.continuous_y:
        y = np.floor(y / 60)
    expected = outcome(made(kind), x, y)
    step = 5 if kind in SLOW else 1
    for same_x, same_y in list(zip(containers(x), containers(y), strict=True))[::step]:
        assert outcome(made(kind), same_x, y) == expected
        assert outcome(made(kind), x, same_y) == expected


@every_estimator
def test_equal_classes_give_equal_numbers(kind):
    if not kind.discrete_y:
        pytest.skip("takes measurements alone")
    rng = np.random.default_rng(10)
    y = rng.integers(2, size=120)
    x = rng.normal(size=120) + y
    expected = made(kind).estimate(x, y, rng=0)
    named = np.where(y == 1, "yes", "no")
    some = [y.astype(float), named] if kind in SLOW else [*containers(y), y == 1, named]
    some += [pd.Series(named, dtype="string"), pd.Categorical(named, categories=["yes", "no", "never"])]
    for same in some:
        assert made(kind).estimate(x, same, rng=0) == expected
    with pytest.raises(NonFiniteError, match="y: must have no missing values; got 1 of 120, the first in row 7"):
        made(kind).estimate(x, np.where(np.arange(120) == 7, None, named.astype(object)), rng=0)
