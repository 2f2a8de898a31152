"""Attention replaced: by equal weights, by its own weights shuffled, by those of an untrained scorer."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attnstats.ablation.interface import AttentionModel
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace, RealArray

__all__ = ["Permuted", "RandomScorer", "Uniform"]


@dataclass(frozen=True)
class Uniform:
    """Every real token gets the same weight (Wiegreffe & Pinter 2019).

    Equal weights order nothing: the agreement of this control with any order is tau-a = 0 by definition.
    """

    name: ClassVar[str] = "uniform"
    holds_fixed: ClassVar[str] = "encoder, output head"
    orders_tokens: ClassVar[bool] = False

    def attention(self, trace: AttentionTrace, model: AttentionModel | None, rng: np.random.Generator) -> RealArray:  # noqa: ARG002
        """Return 1 / length at every real token."""
        return trace.mask / trace.lengths[:, np.newaxis]


@dataclass(frozen=True)
class Permuted:
    """The trained weights of each example, shuffled among its real tokens (Jain & Wallace 2019)."""

    name: ClassVar[str] = "permuted"
    holds_fixed: ClassVar[str] = "encoder, output head, the weights of each example as a set"
    orders_tokens: ClassVar[bool] = True

    def attention(self, trace: AttentionTrace, model: AttentionModel | None, rng: np.random.Generator) -> RealArray:  # noqa: ARG002
        """Return each row of attention in a random order; padding stays where it is."""
        # Sorting random keys shuffles every row at once; padding gets an infinite key and stays at the end.
        shuffled = np.argsort(np.where(trace.mask, rng.random(trace.mask.shape), np.inf), axis=1)
        places = np.argsort(~trace.mask, axis=1, kind="stable")
        result = np.zeros_like(trace.attention)
        np.put_along_axis(result, places, np.take_along_axis(trace.attention, shuffled, axis=1), axis=1)
        return np.where(trace.mask, result, 0)


@dataclass(frozen=True)
class RandomScorer:
    """The scorer of the trained model, frozen at a fresh random initialisation, over the trained hidden states."""

    name: ClassVar[str] = "random_scorer"
    holds_fixed: ClassVar[str] = "encoder, output head, kind of scorer, normalizer"
    orders_tokens: ClassVar[bool] = True

    def attention(self, trace: AttentionTrace, model: AttentionModel | None, rng: np.random.Generator) -> RealArray:
        """Return the attention of a scorer that has learnt nothing."""
        if model is None:
            raise InvalidInputError("model: RandomScorer needs the trained model; got None")
        return model.random_scorer_attention(trace.hidden, trace.mask, rng)
