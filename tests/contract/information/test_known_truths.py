"""Every rule of `KnownTruth`, checked on an example of everything that the package exports as one."""

import inspect

import numpy as np
import pytest

from attnstats import datasets
from attnstats.datasets import (
    AdditiveNoise,
    BimodalMixture,
    ClassConditionalGaussians,
    DiscreteChannel,
    GaussianJoint,
    KnownTruth,
    LogisticLabels,
    StudentJoint,
    Transformed,
    XORBits,
    XORLabels,
    asinh,
    spiral,
)
from attnstats.exceptions import InvalidInputError
from attnstats.information import Binned, mutual_information

GAUSSIAN = GaussianJoint([[2.0, 0.5, 0.3], [0.5, 1.0, -0.4], [0.3, -0.4, 1.5]], dim_x=1)
EXAMPLES = [
    GAUSSIAN,
    StudentJoint(GAUSSIAN, df=3),
    AdditiveNoise(0.3),
    BimodalMixture(separation=3, correlation=0.5),
    Transformed(GAUSSIAN, asinh, spiral),
    ClassConditionalGaussians([[0, 0], [1, 1], [2, -1]]),
    LogisticLabels(4, norm=2, intercept=0.5),
    XORLabels(3),
    DiscreteChannel([0.3, 0.7], [[0.9, 0.1, 0.0], [0.2, 0.2, 0.6]]),
    XORBits(n_bits=2),
]
every_example = pytest.mark.parametrize("joint", EXAMPLES, ids=lambda joint: type(joint).__name__)


def test_there_is_an_example_of_every_export():
    exports = (getattr(datasets, name) for name in datasets.__all__)
    kinds = {each for each in exports if inspect.isclass(each) and isinstance(each, KnownTruth)} - {KnownTruth}
    assert {type(example) for example in EXAMPLES} == kinds


@every_example
def test_information_is_a_positive_number(joint):
    assert isinstance(joint, KnownTruth)
    assert type(joint.mutual_information) is float
    assert joint.mutual_information > 0


@every_example
def test_repr_is_one_line(joint):
    assert repr(joint).startswith(type(joint).__name__)
    assert "\n" not in repr(joint)


@every_example
def test_samples_are_floats_in_columns_or_integers(joint):
    for values in joint.sample(7, rng=0):
        assert len(values) == 7
        assert (values.dtype, values.ndim) == (np.float64, 2) if values.dtype.kind == "f" else values.dtype == np.int64
        assert np.isfinite(values).all()


@every_example
def test_the_generator_decides_and_nothing_else(joint):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 (that it is left alone)
    one, same, generator = joint.sample(50, rng=0), joint.sample(50, rng=0), np.random.default_rng(0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    for first, second, third in zip(one, same, joint.sample(50, rng=generator), strict=True):
        np.testing.assert_array_equal(first, second)
        np.testing.assert_array_equal(first, third)
    assert (joint.sample(50, rng=generator)[0] != one[0]).any()  # the generator moves on


@every_example
@pytest.mark.parametrize("bad", [0, 2.5, True])
def test_the_size_is_a_positive_integer(joint, bad):
    with pytest.raises(InvalidInputError, match="n: must be an integer of at least 1"):
        joint.sample(bad, rng=0)


@every_example
def test_the_seed_is_a_seed(joint):
    with pytest.raises(InvalidInputError, match="rng: must be"):
        joint.sample(5, rng="seed")


@every_example
def test_pairs_of_a_sample_belong_together(joint):
    """Some of the information is seen by bins, and none of it in shuffled pairs (sd about 0.003, bias removed)."""
    x, y = joint.sample(20_000, rng=1)
    x = x if x.ndim == 1 else x[:, :2]
    seen = mutual_information(x, y, Binned()).value
    assert 0.05 < seen < joint.mutual_information + 0.05
    shuffled = np.random.default_rng(2).permutation(y)
    assert abs(mutual_information(x, shuffled, Binned()).value) < 0.02
