"""Discrete channels with known mutual information."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr

from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_float_array,
    as_generator,
    check_between,
    check_count,
)
from attnstats.exceptions import InvalidInputError


@dataclass(frozen=True, eq=False, repr=False)
class DiscreteChannel:
    """A symbol X from a prior, and the output Y of a memoryless channel.

    I(X; Y) = H(Y) - sum over x of p(x) H(Y | X = x). The named channels have a uniform prior unless another is given.

    Parameters
    ----------
    prior : array_like of shape (n_inputs,)
        Probability of each input symbol, with sum 1.
    transition : array_like of shape (n_inputs, n_outputs)
        Probability of each output symbol given the input; each row has sum 1.

    Raises
    ------
    InvalidInputError
        If a parameter has the wrong shape, or is no probability.

    References
    ----------
    Cover and Thomas (2006), Elements of information theory, section 7.1.

    Examples
    --------
    >>> DiscreteChannel([0.5, 0.5], [[0.9, 0.1], [0.1, 0.9]])
    DiscreteChannel(n_inputs=2, n_outputs=2), MI = 0.3681 nats
    >>> x, y = DiscreteChannel.from_joint([[0.5, 0.0], [0.0, 0.5]]).sample(1000, rng=0)
    >>> bool((x == y).all())
    True
    """

    prior: FloatArray
    transition: FloatArray

    def __init__(self, prior: ArrayLike, transition: ArrayLike) -> None:
        inputs = as_float_array(prior, "prior", ndim=1)
        rows = as_float_array(transition, "transition", ndim=2)
        if len(inputs) != len(rows) or not rows.size:
            raise InvalidInputError(
                f"transition: must have a row for each input and at least one output; got {rows.shape} for"
                f" {len(inputs)} inputs"
            )
        object.__setattr__(self, "prior", _distribution(inputs, "prior"))
        object.__setattr__(self, "transition", _distribution(rows, "transition"))

    @classmethod
    def from_joint(cls, joint: ArrayLike) -> Self:
        """Return the channel of a table of joint probabilities, shape (n_inputs, n_outputs), with sum 1."""
        table = as_float_array(joint, "joint", ndim=2)
        table = _distribution(table.ravel(), "joint").reshape(table.shape)
        prior = table.sum(axis=1)
        if not prior.all():
            raise InvalidInputError(f"joint: every row must have a positive sum; got sums {prior.tolist()}")
        return cls(prior, table / prior[:, np.newaxis])

    @classmethod
    def binary_symmetric(cls, flip: float, *, one: float = 0.5) -> Self:
        """Return the channel that flips a bit with probability `flip`; `one` is the probability of input 1."""
        return cls(_bit(one), [[1 - flip, flip], [flip, 1 - flip]])

    @classmethod
    def binary_erasure(cls, erasure: float, *, one: float = 0.5) -> Self:
        """Return the channel that loses a bit, to output 2, with probability `erasure`; `one` is that of input 1.

        The information is (1 - erasure) h(one) nats, with h the binary entropy.
        """
        return cls(_bit(one), [[1 - erasure, 0.0, erasure], [0.0, 1 - erasure, erasure]])

    @classmethod
    def z(cls, flip: float, *, one: float = 0.5) -> Self:
        """Return the Z-channel, which turns 1 into 0 with probability `flip` and never 0 into 1."""
        return cls(_bit(one), [[1.0, 0.0], [flip, 1 - flip]])

    @classmethod
    def noisy_typewriter(cls, n_letters: int = 26) -> Self:
        """Return the channel that keeps a letter or gives the next, each with probability 1/2: ln(n_letters/2) nats."""
        check_count(n_letters, "n_letters", minimum=2)
        same = np.eye(n_letters)
        return cls(np.full(n_letters, 1 / n_letters), (same + np.roll(same, 1, axis=1)) / 2)

    @property
    def mutual_information(self) -> float:
        """I(X; Y) in nats, exact."""
        output = self.prior @ self.transition
        return float(entr(output).sum() - self.prior @ entr(self.transition).sum(axis=1))

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[IntArray, IntArray]:
        """Return n inputs and their outputs, numbered from 0, shape (n,) each."""
        check_count(n, "n")
        generator = as_generator(rng)
        x = generator.choice(len(self.prior), size=n, p=self.prior)
        # Dividing makes the last sums exactly 1; otherwise rounding could draw a symbol of probability 0.
        cumulative = np.cumsum(self.transition, axis=1)
        cumulative /= cumulative[:, -1:]
        return x, (generator.random(n)[:, np.newaxis] >= cumulative[x]).sum(axis=1)

    def __repr__(self) -> str:
        n_inputs, n_outputs = self.transition.shape
        return f"DiscreteChannel(n_inputs={n_inputs}, n_outputs={n_outputs}), MI = {self.mutual_information:.4g} nats"


@dataclass(frozen=True)
class XORBits:
    """Independent fair bits X, and Y their exclusive or, flipped with some probability.

    Y is independent of every proper subset of the bits. I(X; Y) = ln 2 - h(flip), with h the binary entropy.

    Parameters
    ----------
    n_bits : int, default 2
        Bits of X.
    flip : float, default 0.1
        Probability that Y is flipped.

    Raises
    ------
    InvalidInputError
        If a parameter is out of range.

    Examples
    --------
    >>> x, y = XORBits(n_bits=2, flip=0.0).sample(100, rng=0)
    >>> bool((y == x[:, 0] ^ x[:, 1]).all())
    True
    """

    n_bits: int = 2
    flip: float = 0.1

    def __post_init__(self) -> None:
        check_count(self.n_bits, "n_bits")
        check_between(self.flip, "flip", 0, 1)

    @property
    def mutual_information(self) -> float:
        """I(X; Y) in nats, exact."""
        return log(2) - binary_entropy(self.flip)

    def sample(self, n: int, *, rng: RNGLike = None) -> tuple[IntArray, IntArray]:
        """Return n rows of bits, shape (n, n_bits), and their noisy exclusive ors, shape (n,)."""
        check_count(n, "n")
        generator = as_generator(rng)
        x = generator.integers(2, size=(n, self.n_bits))
        return x, (x.sum(axis=1) + (generator.random(n) < self.flip)) % 2


def binary_entropy(p: float) -> float:
    """Return the entropy in nats of a bit that is 1 with probability p."""
    return float(entr(p) + entr(1 - p))


def _bit(one: float) -> tuple[float, float]:
    check_between(one, "one", 0, 1)
    return 1 - one, one


def _distribution(probabilities: FloatArray, name: str) -> FloatArray:
    """Return a read-only copy of probabilities that sum to 1 along the last axis."""
    totals = probabilities.sum(axis=-1)
    if not probabilities.size or probabilities.min() < 0 or not np.allclose(totals, 1, rtol=0, atol=1e-9):
        raise InvalidInputError(f"{name}: must be probabilities with sum 1; got {probabilities.tolist()}")
    normalised: FloatArray = probabilities / totals[..., np.newaxis]
    normalised.flags.writeable = False
    return normalised
