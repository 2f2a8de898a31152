"""What an intervention on attention is, and what it may ask of a trained model."""

from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import BoolArray
from attnstats.trace import AttentionTrace, RealArray

__all__ = ["Ablation", "AttentionModel"]


class AttentionModel(Protocol):
    """What an intervention may ask of a trained model; any framework's model can be wrapped to answer."""

    def predict_from_attention(self, hidden: RealArray, attention: RealArray) -> NDArray[np.floating[Any]]:
        """Return class probabilities, shape (n_examples, n_classes), of the output head under another attention."""
        ...

    def random_scorer_attention(
        self, hidden: RealArray, mask: BoolArray, rng: np.random.Generator
    ) -> NDArray[np.floating[Any]]:
        """Return attention, shape (n_examples, n_tokens), of the same scorer freshly initialised at random."""
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

    def attention(self, trace: AttentionTrace, model: AttentionModel | None, rng: np.random.Generator) -> RealArray:
        """Return the attention that replaces the trained one, shape (n_examples, n_tokens)."""
        ...
