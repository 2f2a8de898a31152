"""One vector in the place of every token that is erased: a token's embedding, or zero."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attnstats._validation import BoolArray, IntArray
from attnstats.adapters.erasure._erasure import Erased, Erasure, Inputs, whole
from attnstats.adapters.transformers._embedding import embedded
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts
from attnstats.adapters.transformers._own_tokenizer import number_embedded
from attnstats.exceptions import InvalidInputError

if TYPE_CHECKING:
    import torch


class StandIn(Erasure):
    """A vector that stands where a token was; positions, and the place from which a decoder answers, stay."""

    @abstractmethod
    def vector(self, on: ModelOnTexts) -> torch.Tensor:
        """Return the embedding that stands where a token was, shape (dim,)."""

    def of(self, on: ModelOnTexts, numbers: IntArray, rng: np.random.Generator) -> Erased:  # noqa: ARG002
        """Return the text as it is; its embeddings change."""

        def same(row: int, erased: BoolArray) -> Inputs:  # noqa: ARG001
            return whole(on, row)

        return same


@dataclass(frozen=True)
class MaskToken(StandIn):
    """The tokenizer's mask token, which masked language models have seen in training, stands where a token was.

    Examples
    --------
    >>> from attnstats.adapters import LeaveOneOut, MaskToken
    >>> LeaveOneOut(MaskToken())
    LeaveOneOut(erasure=MaskToken(), signed=False)
    """

    def vector(self, on: ModelOnTexts) -> torch.Tensor:
        """Return its embedding."""
        return _of_token(on, "mask", on.tokenizer.mask_token_id)


@dataclass(frozen=True)
class PadToken(StandIn):
    """The embedding of the tokenizer's padding token stands where a token was, as a token that is attended to.

    Examples
    --------
    >>> from attnstats.adapters import IntegratedGradients, PadToken
    >>> IntegratedGradients(baseline=PadToken())
    IntegratedGradients(steps=8, baseline=PadToken())
    """

    def vector(self, on: ModelOnTexts) -> torch.Tensor:
        """Return its embedding."""
        return _of_token(on, "padding", on.tokenizer.pad_token_id)


@dataclass(frozen=True)
class ZeroEmbedding(StandIn):
    """A zero vector stands where the embedding of a token was; its position is added as usual.

    Examples
    --------
    >>> from attnstats.adapters import IntegratedGradients, ZeroEmbedding
    >>> IntegratedGradients() == IntegratedGradients(baseline=ZeroEmbedding())
    True
    """

    def vector(self, on: ModelOnTexts) -> torch.Tensor:
        """Return zeros."""
        return _embedding_of(on, 0) * 0


def _of_token(on: ModelOnTexts, kind: str, token: int | None) -> torch.Tensor:
    if token is None:
        raise InvalidInputError(
            f"tokenizer: must have a {kind} token to put it in the place of others; got None; take ZeroEmbedding(), or "
            "erase by Deleted()"
        )
    if token >= (n_embedded := number_embedded(on.model)):
        raise InvalidInputError(
            f"tokenizer: must have a {kind} token that the model embeds; its {kind} token has number {token}, and "
            f"{type(on.model).__name__} embeds {n_embedded}; take ZeroEmbedding(), or erase by Deleted()"
        )
    return _embedding_of(on, token)


def _embedding_of(on: ModelOnTexts, token: int) -> torch.Tensor:
    import torch

    return embedded(on.model, torch.tensor([[token]], device=on.model.device))[0, 0]
