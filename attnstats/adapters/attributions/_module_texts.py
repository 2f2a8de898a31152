"""The texts of a batch of a PyTorch module, and how its output changes with their embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.adapters.attributions._attributed import AttributedTexts, LeftOut
from attnstats.adapters.attributions._module_on_batch import ModuleOnBatch
from attnstats.adapters.erasure._erasure import Erasure
from attnstats.adapters.erasure.stand_ins import ZeroEmbedding
from attnstats.exceptions import InvalidInputError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class ModuleTexts(AttributedTexts):
    """The texts of a batch. The module always runs on the whole batch, whatever that is made of.

    Parameters
    ----------
    logits, classes, output
        As in `AttributedTexts`.
    on : ModuleOnBatch
        The module and the batch.
    real : ndarray of bool, shape (n_texts, n_tokens)
        Tokens that are no padding.
    """

    on: ModuleOnBatch
    real: BoolArray

    @property
    def n_units(self) -> int:
        """Number of tokens, padding included."""
        return int(self.real.shape[1])

    @property
    def most(self) -> int:
        """Number of texts."""
        return self.n_texts

    @property
    def kept(self) -> BoolArray:
        """Padding, shape (n_texts, n_tokens)."""
        return ~self.real

    @property
    def one_column(self) -> bool:
        """Whether the module gives one column, the log-odds of class 1 of two."""
        return self.on.one_column

    @property
    def embedded(self) -> torch.Tensor:
        """Embeddings of the tokens, shape (n_texts, n_tokens, dim)."""
        return self.on.embedded

    def by_unit(self, of_tokens: torch.Tensor, places: IntArray | None = None) -> FloatArray:
        """Return the scores of tokens, shape (n_texts, n_tokens), and zero at padding."""
        real = self.real if places is None else self.real[places]
        return np.where(real, of_tokens.double().cpu().numpy(), 0)

    def slopes(self, places: IntArray, vectors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the output where these vectors are the embeddings of texts, and its gradient by them."""
        import torch

        values = torch.empty(len(places), dtype=torch.float64, device=vectors.device)
        gradients = torch.empty_like(vectors)
        for once in _each_once(places):
            at, chosen = (torch.as_tensor(each, device=vectors.device) for each in (places[once], once))
            with torch.enable_grad():
                leaf = vectors[chosen].detach().clone().requires_grad_()
                logits = self.on.logits_from(self.embedded.index_put((at,), leaf))
                value = self.value(logits[at], places[once])
                found = torch.autograd.grad(value.sum(), leaf, allow_unused=True)[0] if value.requires_grad else None
            if found is None:
                raise InvalidInputError(
                    "embedding: must be what the output has a gradient by; the module computes the output without one, "
                    "or from something else; take LeaveOneOut(ZeroEmbedding())"
                )
            values[chosen], gradients[chosen] = value.detach(), found
        return values, gradients

    def vector(self, stand_in: Erasure) -> torch.Tensor:
        """Return zeros, shape (dim,)."""
        import torch

        if not isinstance(stand_in, ZeroEmbedding):
            raise InvalidInputError(
                "attribution: must put ZeroEmbedding() in the place of a token, since there is no tokenizer that knows "
                f"other tokens or shorter texts; got {stand_in!r}"
            )
        return torch.zeros(self.embedded.shape[-1], dtype=self.embedded.dtype, device=self.embedded.device)

    def without(self, erasure: Erasure) -> LeftOut:
        """Return the outputs of the texts without each of their tokens, one at a time."""
        vector = self.vector(erasure)
        logits = np.zeros((*self.real.shape, self.logits.shape[1]))
        for token in np.flatnonzero(self.real.any(axis=0)):
            vectors = self.embedded.clone()
            vectors[:, token] = vector
            logits[:, token] = self.on.logits_from(vectors).detach().cpu().numpy()
        places, tokens = np.nonzero(self.real)
        return LeftOut(places, tokens, logits[places, tokens])


def _each_once(places: IntArray) -> Iterator[IntArray]:
    """Return which of some places to take together, so that none recurs."""
    left = np.arange(len(places))
    while len(left):
        first = np.unique(places[left], return_index=True)[1]
        yield left[first]
        left = np.delete(left, first)
