"""Attention of another scorer: untrained, trained on shuffled labels, or trained separately from the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attnstats._validation import RealArray
from attnstats.ablation.interventions.interface import AttentionModel, OutputHead, RetrainableScorer
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace


@dataclass(frozen=True)
class RandomScorer:
    """The scorer of the trained model with fresh random weights, over the trained hidden states."""

    name: ClassVar[str] = "random_scorer"
    holds_fixed: ClassVar[str] = "encoder, output head, kind of scorer, normalizer"
    orders_tokens: ClassVar[bool] = True

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return the attention of the untrained scorer."""
        if not isinstance(model, AttentionModel):
            raise _missing(model, "RandomScorer", "random_scorer_attention(hidden, mask, rng)")
        return model.random_scorer_attention(trace.hidden, trace.mask, rng)


@dataclass(frozen=True)
class ShuffledLabelScorer:
    """A scorer of the same kind, trained on shuffled labels: what training does where there is nothing to learn."""

    name: ClassVar[str] = "shuffled_labels"
    holds_fixed: ClassVar[str] = "encoder, output head, kind of scorer, normalizer, training of the scorer"
    orders_tokens: ClassVar[bool] = True

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return the attention of the scorer trained on shuffled labels."""
        if not isinstance(model, RetrainableScorer):
            raise _missing(model, "ShuffledLabelScorer", "shuffled_label_attention(hidden, mask, rng)")
        return model.shuffled_label_attention(trace.hidden, trace.mask, rng)


@dataclass(frozen=True)
class SeparateScorer:
    """Encoder and head trained under uniform attention and frozen, then the scorer trained alone.

    It separates what the scorer learns from what both learn together. `ablate` returns the trace of this second model.
    """

    name: ClassVar[str] = "separate_scorer"
    holds_fixed: ClassVar[str] = "architecture, texts, seed, order of the training data"
    orders_tokens: ClassVar[bool] = True

    def retrained(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> AttentionTrace:
        """Return the trace of the second model."""
        if not isinstance(model, RetrainableScorer):
            raise _missing(model, "SeparateScorer", "separate_scorer_trace(rng)")
        second = model.separate_scorer_trace(rng)
        if not np.array_equal(second.mask, trace.mask):
            raise InvalidInputError(
                "model: the separately trained scorer must be traced on the texts of the trace; got other masks"
            )
        return second

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return the second model's attention over its own hidden states."""
        return self.retrained(trace, model, rng).attention


def _missing(model: OutputHead | None, ablation: str, method: str) -> InvalidInputError:
    return InvalidInputError(f"model: {ablation} needs the trained model, with {method}; got {type(model).__name__}")
