"""What every method object and every correction of `attnstats.comparison` promises."""

import dataclasses
import inspect
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats import comparison
from attnstats.comparison import adjust_pvalues

CLASSES = [each for name in comparison.__all__ if inspect.isclass(each := getattr(comparison, name))]
METHODS = [
    each()
    for each in CLASSES
    if dataclasses.is_dataclass(each)
    and all(field.default is not dataclasses.MISSING for field in dataclasses.fields(each))
]
#: A correction that adjusts p-values has one argument; one that needs the joint null has two.
CORRECTIONS = [
    each for each in METHODS if hasattr(each, "adjust") and len(inspect.signature(each.adjust).parameters) == 1
]
JOINT = [each for each in METHODS if hasattr(each, "adjust") and each not in CORRECTIONS]


def test_the_methods_are_found():
    assert {type(each).__name__ for each in CORRECTIONS} >= {"Holm", "Hochberg", "BenjaminiHochberg"}
    assert {type(each).__name__ for each in JOINT} >= {"MaxT", "MinP"}
    assert {type(each).__name__ for each in METHODS} >= {"REML", "KnappHartung", "Williams", "PairedG", "Simes"}


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_method_is_a_frozen_value(method):
    assert type(method).__dataclass_params__.frozen
    assert method == type(method)()
    assert hash(method) == hash(type(method)())
    assert pickle.loads(pickle.dumps(method)) == method
    assert "\n" not in repr(method)
    assert eval(repr(method), vars(comparison)) == method


@pytest.mark.parametrize("kind", [each for each in CLASSES if dataclasses.is_dataclass(each)])
def test_a_result_is_frozen_too(kind):
    assert kind.__dataclass_params__.frozen


def test_corrections_have_names_of_their_own():
    names = [each.name for each in [*CORRECTIONS, *JOINT]]
    assert len(set(names)) == len(names)
    assert all(name.islower() and name.isidentifier() for name in names)


@pytest.mark.parametrize("correction", CORRECTIONS, ids=repr)
@settings(max_examples=25, deadline=None)
@given(
    pvalues=st.lists(st.floats(1e-9, 1) | st.sampled_from([0.01, 0.05]), min_size=1, max_size=9),
    seed=st.integers(0, 10**6),
)
def test_a_correction_keeps_the_order_and_lowers_nothing(correction, pvalues, seed):
    values = np.array(pvalues)
    adjusted = adjust_pvalues(values, correction)
    assert (adjusted >= values * (1 - 1e-12)).all()
    assert adjusted.max() <= 1
    assert (np.diff(adjusted[np.argsort(values)]) >= 0).all()
    order = np.random.default_rng(seed).permutation(len(values))
    assert adjust_pvalues(values[order], correction) == pytest.approx(adjusted[order], rel=1e-12)


@pytest.mark.parametrize("joint", JOINT, ids=repr)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n_hypotheses=st.integers(1, 6))
def test_a_joint_correction_keeps_the_order_and_lowers_nothing(joint, seed, n_hypotheses):
    rng = np.random.default_rng(seed)
    null = rng.normal(size=(60, n_hypotheses)).round(1)
    raw, adjusted = joint.adjust(null[0], [null[:25], null[25:]])
    assert (adjusted >= raw).all()
    assert raw.min() >= 1 / 60
    assert adjusted.max() <= 1
    order = rng.permutation(n_hypotheses)
    assert joint.adjust(null[0, order], [null[:, order]])[1] == pytest.approx(adjusted[order])
