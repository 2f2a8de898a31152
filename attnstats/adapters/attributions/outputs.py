"""Which number of the output is attributed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import torch


class ClassOutput(ABC):
    """A number that a model gives to one class."""

    label: ClassVar[str]

    @abstractmethod
    def of(self, logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """Return it for one class of each text, shape (n_texts,), from scores before the softmax."""


@dataclass(frozen=True)
class ClassProbability(ClassOutput):
    """The probability of the class, as `attnstats.models` attributes it.

    Where it is almost one, it hardly changes with any word, and gradients are tiny; those of two classes are still in
    the order of the gradients of the difference between the logits.

    Examples
    --------
    >>> from attnstats.adapters import ClassProbability
    >>> ClassProbability().label
    'probability'
    """

    label: ClassVar[str] = "probability"

    def of(self, logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """Return the probability, shape (n_texts,)."""
        return logits.softmax(dim=1).gather(1, classes[:, None])[:, 0]


@dataclass(frozen=True)
class ClassLogit(ClassOutput):
    """The score of the class before the softmax, which also grows with what speaks for every class.

    Examples
    --------
    >>> from attnstats.adapters import ClassLogit
    >>> ClassLogit().label
    'logit'
    """

    label: ClassVar[str] = "logit"

    def of(self, logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """Return the logit, shape (n_texts,)."""
        return logits.gather(1, classes[:, None])[:, 0]
