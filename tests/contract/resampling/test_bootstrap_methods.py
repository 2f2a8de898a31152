"""What every bootstrap method and every design of `attnstats.resampling` keeps to."""

import dataclasses
import inspect

import joblib
import numpy as np
import pytest

import attnstats.resampling as room
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.resampling import IID, Clustered, Crossed, Nested, Stratified, bootstrap_interval
from attnstats.resampling.bootstrap._method import BootstrapMethod

pytestmark = pytest.mark.filterwarnings("ignore::attnstats.exceptions.UndercoverageWarning")

METHODS = [
    each for each in map(room.__dict__.get, room.__all__) if inspect.isclass(each) and issubclass(each, BootstrapMethod)
]
VALUES = np.random.default_rng(0).exponential(size=48)
DESIGNS = {
    "IID": IID(),
    "Clustered": Clustered(np.arange(48) // 4),
    "Stratified": Stratified(np.arange(48) % 3),
    "Nested": Nested(np.arange(48) // 4),
}


def mean_by_python(x):
    return float(np.mean(x))


def test_all_methods_and_designs_are_found():
    assert len(METHODS) >= 5
    found = {name for name in room.__all__ if hasattr(getattr(room, name), "bind")}
    assert found == set(DESIGNS) | {"Crossed", "IndependentSamples"}  # which have tests of their own


@pytest.mark.parametrize("method", METHODS)
def test_methods_are_frozen_and_check_their_parameters(method):
    assert dataclasses.is_dataclass(method)
    assert method() == method(method().n_resamples)
    with pytest.raises(dataclasses.FrozenInstanceError):
        method().n_resamples = 3
    with pytest.raises(InvalidInputError, match="n_resamples"):
        method(1)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("method", METHODS)
def test_the_interval_holds_the_estimate_and_follows_the_seed(method, design):
    options = {"method": method(99), "design": DESIGNS[design]}
    one = bootstrap_interval(VALUES, np.mean, **options, rng=1)
    assert one.low < VALUES.mean() < one.high
    with joblib.parallel_config(backend="threading"):
        assert one == bootstrap_interval(VALUES, np.mean, **options, rng=1, n_jobs=2)
    assert one != bootstrap_interval(VALUES, np.mean, **options, rng=2)
    assert one.method.endswith(method.name)
    assert one.method.startswith(DESIGNS[design].prefix)
    wider = bootstrap_interval(VALUES, np.mean, **options, rng=1, confidence_level=0.99)
    assert wider.high - wider.low >= one.high - one.low  # equal where the calibrated level is 1 already


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("method", METHODS)
def test_shift_and_scale(method, design):
    options = {"method": method(99), "design": DESIGNS[design], "rng": 1}
    plain = bootstrap_interval(VALUES, np.mean, **options)
    moved = bootstrap_interval(4.0 * VALUES - 8.0, np.mean, **options)
    assert (moved.low, moved.high) == pytest.approx((4 * plain.low - 8, 4 * plain.high - 8), abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_finite_is_refused(method):
    with pytest.raises(NonFiniteError, match="data: must be finite"):
        bootstrap_interval([*VALUES, np.inf], np.mean, method=method(99))
    with pytest.raises(NonFiniteError, match="must"):
        bootstrap_interval(VALUES[:10], lambda _: np.nan, method=method(9), rng=0)


@pytest.mark.parametrize("method", METHODS)
def test_crossed_or_refused_by_name(method):
    table = VALUES.reshape(8, 6).repeat(2, axis=1) + np.random.default_rng(1).normal(size=(8, 12))
    if method(9).needs_jackknife:
        with pytest.raises(InvalidInputError, match=r"method: must be .* Crossed design"):
            bootstrap_interval(table, np.mean, method=method(99), design=Crossed(), rng=0)
    else:
        interval = bootstrap_interval(table, mean_by_python, method=method(49), design=Crossed(), rng=0)
        assert interval.low < table.mean() < interval.high
