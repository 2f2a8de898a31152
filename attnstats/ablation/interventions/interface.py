"""The structural protocols of interventions on attention, and of the trained models that some of them need."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from attnstats._validation import BoolArray, RealArray
from attnstats.trace import AttentionTrace


@runtime_checkable
class OutputHead(Protocol):
    """A model whose output can be recomputed under another attention."""

    def predict_from_attention(self, hidden: RealArray, attention: RealArray) -> RealArray:
        """Return class probabilities, shape (n_examples, n_classes), under another attention."""
        ...


@runtime_checkable
class AttentionModel(OutputHead, Protocol):
    """A model whose attention scorer can be initialised again."""

    def random_scorer_attention(self, hidden: RealArray, mask: BoolArray, rng: np.random.Generator) -> RealArray:
        """Return attention, shape (n_examples, n_tokens), of the same scorer with fresh random weights."""
        ...


@runtime_checkable
class LinearHead(OutputHead, Protocol):
    """A model whose output is the softmax of a linear map of the context c = Σ a_t h_t."""

    def token_logits(self, hidden: RealArray) -> RealArray:
        """Return W h_t + b, shape (n_examples, n_tokens, n_classes): the output's logits are Σ a_t (W h_t + b)."""
        ...


@runtime_checkable
class SwappableNormalizer(OutputHead, Protocol):
    """A model whose trained scores can be normalised differently at inference."""

    def attention_at_temperature(
        self, hidden: RealArray, mask: BoolArray, temperature: float, rng: np.random.Generator
    ) -> RealArray:
        """Return softmax(e / temperature) of the trained scores e, shape (n_examples, n_tokens), without noise."""
        ...

    def attention_with_noise(
        self, hidden: RealArray, mask: BoolArray, temperature: float, rng: np.random.Generator
    ) -> RealArray:
        """Return Gumbel-softmax of the trained scores, shape (n_examples, n_tokens), with its noise on."""
        ...


@runtime_checkable
class RetrainableScorer(OutputHead, Protocol):
    """A model that can train another scorer of the same kind."""

    def shuffled_label_attention(self, hidden: RealArray, mask: BoolArray, rng: np.random.Generator) -> RealArray:
        """Return attention, shape (n_examples, n_tokens), of a scorer trained on shuffled labels, all else frozen."""
        ...

    def separate_scorer_trace(self, rng: np.random.Generator) -> AttentionTrace:
        """Return the trace, on the same texts, of a model whose scorer was trained after encoder and head.

        These are trained under uniform attention, from the same seed and order of the data, and then frozen.
        """
        ...


@runtime_checkable
class ErasableInput(Protocol):
    """A model that can be run on the texts of its trace with some tokens deleted."""

    def predict_without(self, erased: BoolArray) -> RealArray:
        """Return class probabilities, (n_examples, n_classes), without what `erased`, (n_examples, n_tokens), marks."""
        ...


@runtime_checkable
class Ablation(Protocol):
    """An intervention that replaces the trained attention.

    Attributes
    ----------
    name : str
        Name in the ``ablation`` column of the results frame.
    holds_fixed : str
        What the intervention does not change.
    orders_tokens : bool
        False if its attention ranks no token above another: agreement with any order is then zero by definition.
    """

    name: ClassVar[str]
    holds_fixed: ClassVar[str]
    orders_tokens: ClassVar[bool]

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return the attention that replaces the trained one, shape (n_examples, n_tokens)."""
        ...


@runtime_checkable
class RetrainedAblation(Ablation, Protocol):
    """An intervention that changes the hidden states too, and so gives a whole trace."""

    def retrained(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> AttentionTrace:
        """Return the trace of the retrained model on the same texts."""
        ...


def label_of(ablation: Ablation) -> str:
    """Return the name of an intervention with its parameters, as in the ``ablation`` column of the results frame.

    Examples
    --------
    >>> from attnstats.ablation import Temperature, Uniform
    >>> label_of(Uniform()), label_of(Temperature(0.5))
    ('uniform', 'temperature(temperature=0.5)')
    """
    names: list[str] = [each.name for each in fields(ablation)] if is_dataclass(ablation) else []
    values = [(name, getattr(ablation, name)) for name in names]
    shown = ", ".join(f"{name}={value!r}" for name, value in values if isinstance(value, bool | int | float | str))
    return f"{ablation.name}({shown})" if shown else ablation.name
