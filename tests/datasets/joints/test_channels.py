import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import chisquare, entropy

from attnstats.datasets import DiscreteChannel, KnownTruth, XORBits
from attnstats.exceptions import InvalidInputError
from attnstats.information import Binned, MillerMadow

JOINT = np.array([[0.2, 0.05, 0.0], [0.1, 0.05, 0.1], [0.0, 0.2, 0.3]])
EVERY = {
    "table": DiscreteChannel.from_joint(JOINT),
    "binary symmetric": DiscreteChannel.binary_symmetric(0.2, one=0.3),
    "binary erasure": DiscreteChannel.binary_erasure(0.4),
    "z": DiscreteChannel.z(0.5, one=0.4),
    "noisy typewriter": DiscreteChannel.noisy_typewriter(6),
    "xor": XORBits(3, 0.15),
}
every_truth = pytest.mark.parametrize("truth", EVERY.values(), ids=EVERY)


def binary_entropy(p):
    return entropy([p, 1 - p])


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_closed_forms(p):
    # Cover and Thomas (2006), sections 7.1.4 and 7.1.5, and exercise 7.8 for the Z-channel at error 1/2.
    assert DiscreteChannel.binary_symmetric(p).mutual_information == pytest.approx(np.log(2) - binary_entropy(p))
    assert DiscreteChannel.binary_erasure(p).mutual_information == pytest.approx((1 - p) * np.log(2))
    assert DiscreteChannel.binary_erasure(p, one=0.3).mutual_information == pytest.approx((1 - p) * binary_entropy(0.3))
    assert DiscreteChannel.noisy_typewriter().mutual_information == pytest.approx(np.log(13))
    assert XORBits(4, p).mutual_information == pytest.approx(np.log(2) - binary_entropy(p))


@pytest.mark.parametrize("error", [0.1, 0.5, 0.8])
def test_capacity_of_the_z_channel(error):
    # log(1 + (1 - p) p^(p / (1 - p))); 0.322 bits at p = 1/2, with 1 sent in 2 of 5 cases.
    best = minimize_scalar(lambda one: -DiscreteChannel.z(error, one=one).mutual_information, bounds=(0, 1))
    assert -best.fun == pytest.approx(np.log1p((1 - error) * error ** (error / (1 - error))), abs=1e-8)
    if error == 0.5:
        assert best.x == pytest.approx(0.4, abs=1e-4)
        assert -best.fun / np.log(2) == pytest.approx(0.322, abs=5e-4)


def test_information_of_a_table_is_its_divergence_from_the_margins():
    margins = np.outer(JOINT.sum(axis=1), JOINT.sum(axis=0))
    expected = entropy(JOINT.ravel(), margins.ravel())
    assert DiscreteChannel.from_joint(JOINT).mutual_information == pytest.approx(expected, abs=1e-12)
    assert DiscreteChannel.from_joint(margins).mutual_information == pytest.approx(0, abs=1e-12)


@every_truth
def test_estimate_from_many_samples(truth):
    # n = 1e5, bias removed: the sd of the estimate is below 0.003 for each of these.
    x, y = truth.sample(100_000, rng=0)
    assert isinstance(truth, KnownTruth)
    assert Binned(entropy=MillerMadow()).estimate(x, y) == pytest.approx(truth.mutual_information, abs=0.009)


def test_sample_follows_the_table_and_draws_nothing_impossible():
    x, y = DiscreteChannel.from_joint(JOINT).sample(20_000, rng=1)
    counts = np.bincount(3 * x + y, minlength=9)
    possible = JOINT.ravel() > 0
    assert not counts[~possible].any()
    assert chisquare(counts[possible], 20_000 * JOINT.ravel()[possible]).pvalue > 0.001


def test_every_bit_of_an_exclusive_or_matters_only_with_the_others():
    x, y = XORBits(3, 0.0).sample(20_000, rng=2)
    np.testing.assert_array_equal(y, x[:, 0] ^ x[:, 1] ^ x[:, 2])
    assert Binned().estimate(x[:, :2], y) == pytest.approx(0, abs=0.001)
    flipped = XORBits(3, 0.25).sample(20_000, rng=3)
    assert ((flipped[0].sum(axis=1) + flipped[1]) % 2).mean() == pytest.approx(0.25, abs=0.015)  # five sd


@every_truth
def test_sample_obeys_the_seed(truth):
    first, again = truth.sample(50, rng=7), truth.sample(50, rng=np.random.default_rng(7))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype.kind == "i"
        assert len(one) == 50
    with pytest.raises(InvalidInputError, match="n: must be an integer of at least 1; got 0"):
        truth.sample(0)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.tuples(st.integers(1, 5), st.integers(1, 5)))
def test_information_lies_between_zero_and_both_entropies(seed, shape):
    rng = np.random.default_rng(seed)
    prior, transition = rng.dirichlet(np.ones(shape[0])), rng.dirichlet(np.full(shape[1], 0.3), size=shape[0])
    value = DiscreteChannel(prior, transition).mutual_information
    assert -1e-12 <= value <= min(entropy(prior), entropy(prior @ transition)) + 1e-12


def test_bad_input():
    with pytest.raises(InvalidInputError, match="prior: must be probabilities with sum 1"):
        DiscreteChannel([0.5, 0.6], np.eye(2))
    with pytest.raises(InvalidInputError, match="transition: must be probabilities with sum 1"):
        DiscreteChannel.binary_symmetric(1.2)
    with pytest.raises(InvalidInputError, match="transition: must have a row for each input"):
        DiscreteChannel([1.0], np.eye(2))
    with pytest.raises(InvalidInputError, match="joint: every row must have a positive sum"):
        DiscreteChannel.from_joint([[1.0, 0.0], [0.0, 0.0]])
    with pytest.raises(InvalidInputError, match="one: must lie between 0 and 1; got 2"):
        DiscreteChannel.z(0.1, one=2)
    with pytest.raises(InvalidInputError, match="n_letters"):
        DiscreteChannel.noisy_typewriter(1)
    with pytest.raises(InvalidInputError, match="flip: must lie between 0 and 1"):
        XORBits(2, -0.1)
    with pytest.raises(InvalidInputError, match="n_bits"):
        XORBits(0)


def test_parameters_cannot_be_changed():
    channel = DiscreteChannel.binary_symmetric(0.1)
    with pytest.raises(ValueError, match="read-only"):
        channel.prior[0] = 0.3
