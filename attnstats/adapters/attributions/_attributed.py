"""Texts, the class of each that is attributed, and how its output changes with the embeddings of the tokens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.adapters.attributions.outputs import ClassLogit, ClassOutput
from attnstats.adapters.erasure._erasure import Erasure
from attnstats.adapters.erasure.stand_ins import StandIn
from attnstats.exceptions import NonFiniteError

if TYPE_CHECKING:
    import torch


class LeftOut(NamedTuple):
    """Outputs without one unit each: the place of its text in the batch, its number, and the scores of the classes."""

    places: IntArray
    units: IntArray
    logits: FloatArray


@dataclass(frozen=True, eq=False)
class AttributedTexts(ABC):
    """Some texts of equal length, padded or not.

    Parameters
    ----------
    logits : ndarray, shape (n_texts, n_classes)
        Scores of the classes.
    classes : ndarray of int, shape (n_texts,)
        The class that is attributed.
    output : ClassOutput
        Which number of that class is.
    """

    logits: FloatArray
    classes: IntArray
    output: ClassOutput

    @property
    def n_texts(self) -> int:
        """Number of texts."""
        return len(self.logits)

    @property
    @abstractmethod
    def n_units(self) -> int:
        """Number of units that have a score, of the longest text."""

    @property
    @abstractmethod
    def most(self) -> int:
        """How many texts run together at most."""

    @property
    @abstractmethod
    def kept(self) -> BoolArray:
        """Tokens that stand in a baseline too, shape (n_texts, n_tokens)."""

    @property
    @abstractmethod
    def one_column(self) -> bool:
        """Whether the model gives one column, the log-odds of class 1 of two."""

    @property
    @abstractmethod
    def embedded(self) -> torch.Tensor:
        """Embeddings of the tokens, shape (n_texts, n_tokens, dim)."""

    @abstractmethod
    def by_unit(self, of_tokens: torch.Tensor, places: IntArray | None = None) -> FloatArray:
        """Return the sums of the scores of tokens, shape (n_texts, n_tokens), over those of each unit.

        Rows stand for all texts of the batch, or for those at some places.
        """

    @abstractmethod
    def slopes(self, places: IntArray, vectors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the output where these vectors are the embeddings of texts, and its gradient by them.

        Parameters
        ----------
        places : ndarray of int, shape (n_places,)
            Which texts of the batch; they may recur.
        vectors : Tensor, shape (n_places, n_tokens, dim)
            What stands in for their embeddings.
        """

    @abstractmethod
    def vector(self, stand_in: StandIn) -> torch.Tensor:
        """Return the embedding that stands where a token was, shape (dim,)."""

    @abstractmethod
    def without(self, erasure: Erasure) -> LeftOut:
        """Return the outputs of the texts without each of their units, one at a time."""

    def value(self, logits: torch.Tensor, places: IntArray) -> torch.Tensor:
        """Return the attributed number of the texts at these places of the batch, shape (n_places,)."""
        import torch

        found = self.output.of(logits, torch.as_tensor(self.classes[places], device=logits.device))
        # Each class has half of the log-odds.
        return found * 2 if self.one_column and isinstance(self.output, ClassLogit) else found

    @cached_property
    def intact(self) -> FloatArray:
        """The attributed number of each text, shape (n_texts,)."""
        import torch

        return np.asarray(self.value(torch.as_tensor(self.logits), np.arange(self.n_texts)).numpy())


def check_rows_finite(values: FloatArray, name: str, rows: IntArray) -> None:
    """Raise if a row of values, of the text of this number, holds one that is not finite."""
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        raise NonFiniteError(f"{name}: must be finite; got NaN or infinity in text {rows[~finite].min()}")
