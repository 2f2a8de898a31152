"""What an intervention on attention is, and what it may ask of a trained model.

A model offers the protocols that it can: the output under a new attention takes an `OutputHead`, some interventions
need more and say so. They are structural, so any framework's model can be wrapped to answer.
"""

from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import BoolArray
from attnstats.trace import AttentionTrace, RealArray

__all__ = [
    "Ablation",
    "AttentionModel",
    "ErasableInput",
    "LinearHead",
    "OutputHead",
    "RetrainableScorer",
    "RetrainedAblation",
    "SwappableNormalizer",
    "label_of",
]


@runtime_checkable
class OutputHead(Protocol):
    """A model whose output can be recomputed under another attention."""

    def predict_from_attention(self, hidden: RealArray, attention: RealArray) -> NDArray[np.floating[Any]]:
        """Return class probabilities, shape (n_examples, n_classes), of the output head under another attention."""
        ...


@runtime_checkable
class AttentionModel(OutputHead, Protocol):
    """A model with a scorer that can be initialised anew."""

    def random_scorer_attention(
        self, hidden: RealArray, mask: BoolArray, rng: np.random.Generator
    ) -> NDArray[np.floating[Any]]:
        """Return attention, shape (n_examples, n_tokens), of the same scorer freshly initialised at random."""
        ...


@runtime_checkable
class LinearHead(OutputHead, Protocol):
    """A model whose output is the softmax of a linear map of the context c = Σ a_t h_t."""

    def token_logits(self, hidden: RealArray) -> NDArray[np.floating[Any]]:
        """Return W h_t + b, shape (n_examples, n_tokens, n_classes).

        Weights sum to one, so the logits of the output are Σ a_t (W h_t + b).
        """
        ...


@runtime_checkable
class SwappableNormalizer(OutputHead, Protocol):
    """A model whose trained scores can be sent through another normalizer, at inference."""

    def attention_at_temperature(
        self, hidden: RealArray, mask: BoolArray, temperature: float, rng: np.random.Generator
    ) -> NDArray[np.floating[Any]]:
        """Return softmax(e / temperature) of the trained scores e, shape (n_examples, n_tokens), without noise."""
        ...

    def attention_with_noise(
        self, hidden: RealArray, mask: BoolArray, temperature: float, rng: np.random.Generator
    ) -> NDArray[np.floating[Any]]:
        """Return Gumbel-softmax of the trained scores, shape (n_examples, n_tokens), with its noise on."""
        ...


@runtime_checkable
class RetrainableScorer(OutputHead, Protocol):
    """A model that can train another scorer of the same kind."""

    def shuffled_label_attention(
        self, hidden: RealArray, mask: BoolArray, rng: np.random.Generator
    ) -> NDArray[np.floating[Any]]:
        """Return attention, shape (n_examples, n_tokens), of a fresh scorer trained on shuffled training labels.

        Encoder and output head are those of the trained model, frozen.
        """
        ...

    def separate_scorer_trace(self, rng: np.random.Generator) -> AttentionTrace:
        """Return the trace, on the same texts, of a model whose scorer was trained apart.

        Encoder and head are trained under uniform attention, from the same seed and order of the data, and then
        frozen; only then the scorer is trained.
        """
        ...


@runtime_checkable
class ErasableInput(Protocol):
    """A model that can be run again on the texts of its trace with some tokens deleted."""

    def predict_without(self, erased: BoolArray) -> NDArray[np.floating[Any]]:
        """Return class probabilities, shape (n_examples, n_classes), without the tokens marked True.

        `erased` has shape (n_examples, n_tokens) and leaves every text a token.
        """
        ...


@runtime_checkable
class Ablation(Protocol):
    """An intervention that puts another attention in the place of the trained one.

    Attributes
    ----------
    name : str
        Name in the ``ablation`` column of the results frame.
    holds_fixed : str
        What the intervention leaves as it was.
    orders_tokens : bool
        False if its attention ranks no token above another, so that agreement is zero by definition.
    """

    name: ClassVar[str]
    holds_fixed: ClassVar[str]
    orders_tokens: ClassVar[bool]

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return the attention that replaces the trained one, shape (n_examples, n_tokens)."""
        ...


@runtime_checkable
class RetrainedAblation(Ablation, Protocol):
    """An intervention that changes the hidden states too, and so gives a whole trace of its own."""

    def retrained(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> AttentionTrace:
        """Return the trace of the retrained model on the same texts."""
        ...


def label_of(ablation: Ablation) -> str:
    """Return the name of an intervention with its numbers and words: what tells two of a kind apart in a frame.

    Examples
    --------
    >>> from attnstats.ablation import Temperature, Uniform
    >>> label_of(Uniform()), label_of(Temperature(0.5))
    ('uniform', 'temperature(temperature=0.5)')
    """
    names: list[str] = [each.name for each in fields(ablation)] if is_dataclass(ablation) else []
    values = {name: getattr(ablation, name) for name in names}
    shown = ", ".join(
        f"{name}={value!r}" for name, value in values.items() if isinstance(value, bool | int | float | str)
    )
    return f"{ablation.name}({shown})" if shown else ablation.name
