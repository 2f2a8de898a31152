"""Attention that does not depend on the text: equal, shuffled or random weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attnstats._validation import RealArray, check_positive
from attnstats.ablation.interventions._weights import masked_softmax
from attnstats.ablation.interventions.interface import OutputHead
from attnstats.trace import AttentionTrace


@dataclass(frozen=True)
class Uniform:
    """The same weight for every real token (Wiegreffe & Pinter 2019): agreement with any order is tau-a = 0."""

    name: ClassVar[str] = "uniform"
    holds_fixed: ClassVar[str] = "encoder, output head"
    orders_tokens: ClassVar[bool] = False

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:  # noqa: ARG002
        """Return 1 / length at every real token."""
        return trace.mask / trace.lengths[:, np.newaxis]


@dataclass(frozen=True)
class Permuted:
    """The trained weights of each example, shuffled among its real tokens (Jain & Wallace 2019)."""

    name: ClassVar[str] = "permuted"
    holds_fixed: ClassVar[str] = "encoder, output head, the weights of each example as a set"
    orders_tokens: ClassVar[bool] = True

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:  # noqa: ARG002
        """Return each row of attention in a random order; padding stays where it is."""
        # Sorting random keys shuffles every row at once; padding gets an infinite key and stays at the end.
        shuffled = np.argsort(np.where(trace.mask, rng.random(trace.mask.shape), np.inf), axis=1)
        places = np.argsort(~trace.mask, axis=1, kind="stable")
        result = np.zeros_like(trace.attention)
        np.put_along_axis(result, places, np.take_along_axis(trace.attention, shuffled, axis=1), axis=1)
        return np.where(trace.mask, result, 0)


@dataclass(frozen=True)
class Dirichlet:
    """Weights drawn from a symmetric Dirichlet distribution over the real tokens of each example.

    Parameters
    ----------
    concentration : float
        At 1 all weights are equally likely; below 1 a few tokens have most of the weight, far above 1 weights are
        nearly equal.

    Raises
    ------
    InvalidInputError
        If the concentration is not above zero.
    """

    name: ClassVar[str] = "dirichlet"
    holds_fixed: ClassVar[str] = "encoder, output head"
    orders_tokens: ClassVar[bool] = True
    concentration: float = 1.0

    def __post_init__(self) -> None:
        check_positive(self.concentration, "concentration")

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:  # noqa: ARG002
        """Return random weights."""
        shape = trace.mask.shape
        # Gamma(c) = Gamma(c + 1) U^(1/c): in logs it cannot underflow, however small the concentration c. Below 1 the
        # logs are multiplied by c, so that they cannot overflow either.
        scale = min(self.concentration, 1.0)
        logs = scale * np.log(rng.gamma(self.concentration + 1, size=shape))
        return masked_softmax(logs - rng.exponential(size=shape) * (scale / self.concentration), trace.mask, scale)
