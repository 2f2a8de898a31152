"""Texts of equal length for a transformer, and how its output changes with what it computes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.adapters.attributions._attributed import AttributedTexts, LeftOut
from attnstats.adapters.attributions.outputs import ClassOutput
from attnstats.adapters.erasure._erasure import ErasedTexts, Erasure
from attnstats.adapters.erasure.stand_ins import StandIn
from attnstats.adapters.transformers._embedding import embedded, embedding_gives
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts
from attnstats.adapters.transformers._passed import inputs_of, logits_of, run, weights_of
from attnstats.adapters.transformers._shown import Shown
from attnstats.exceptions import InvalidInputError
from attnstats.trace import Query
from attnstats.trace.transformer.units import added

if TYPE_CHECKING:
    import torch


class UnitScores(NamedTuple):
    """Scores of the units of a batch, shape (n_texts, n_units).

    If they sum to the change in output from a baseline, also the output there, and by how much each may miss it.
    """

    scores: FloatArray
    baseline: FloatArray | None = None
    tolerance: float = 0.0


class TransformerAttribution(ABC):
    """A way to share the output of a transformer out among the words of its texts."""

    #: Whether the model must return its attention weights.
    reads_attention: ClassVar[bool] = False

    @abstractmethod
    def of_batch(self, batch: Batch) -> UnitScores:
        """Return the scores of the units of some texts; values at padding are ignored."""

    def attributed(self, output: ClassOutput) -> str:
        """Return in words what is shared out."""
        return f"{output.label} of one class"


class EmbeddingAttribution(TransformerAttribution):
    """One by the embeddings of tokens alone, which any model has that embeds them."""

    @abstractmethod
    def of_batch(self, batch: AttributedTexts) -> UnitScores:
        """Return the scores of the units of some texts; values at padding are ignored."""


@dataclass(frozen=True, eq=False)
class Batch(AttributedTexts):
    """Some texts of equal length, for a transformer.

    Parameters
    ----------
    logits, classes, output
        As in `AttributedTexts`.
    on : ModelOnTexts
        The model and all texts.
    shown : Shown
        The units of all texts.
    rows : ndarray of int, shape (n_texts,)
        Numbers of the texts of the batch.
    """

    on: ModelOnTexts
    shown: Shown
    rows: IntArray

    @property
    def n_units(self) -> int:
        """Number of units of the longest of all texts."""
        return int(self.shown.mask.shape[1])

    @property
    def most(self) -> int:
        """How many texts run together at most."""
        return self.on.most

    @property
    def kept(self) -> BoolArray:
        """Tokens that the tokenizer added, shape (n_texts, n_tokens)."""
        return np.stack([self.on.tokens.special[row] for row in self.rows])

    @property
    def one_column(self) -> bool:
        """Whether the model gives one column, the log-odds of class 1 of two."""
        return self.on.one_column

    @property
    def n_tokens(self) -> int:
        """Number of tokens of each text."""
        return len(self.on.tokens.word[self.rows[0]])

    @property
    def units(self) -> IntArray:
        """Unit of each token, -1 where it is left out, shape (n_texts, n_tokens)."""
        return np.asarray(self.shown.numbers[self.rows, : self.n_tokens])

    def by_unit(self, of_tokens: torch.Tensor, places: IntArray | None = None) -> FloatArray:
        """Return the sums of the scores of tokens, shape (n_texts, n_tokens), over those of each unit."""
        units = self.units if places is None else self.units[places]
        return added(of_tokens.double().cpu().numpy(), units, self.n_units)

    @cached_property
    def embedded(self) -> torch.Tensor:
        """Embeddings of the tokens, shape (n_texts, n_tokens, dim)."""
        return embedded(self.on.model, self._inputs["input_ids"])

    def slopes(self, places: IntArray, vectors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the output where these vectors are the embeddings of texts, and its gradient by them."""
        import torch

        with self._differentiated(places, vectors) as (outputs, leaf):
            value = self.value(logits_of(self.on.model, outputs, self.on.answers), places)
            found = torch.autograd.grad(value.sum(), leaf, allow_unused=True)[0] if value.requires_grad else None
            if found is None:
                raise InvalidInputError(
                    f"attribution: must be another than one by gradients; the output of {type(self.on.model).__name__} "
                    "has none by its embeddings, as of a quantised model; take LeaveOneOut()"
                )
            return value.detach(), found

    def vector(self, stand_in: StandIn) -> torch.Tensor:
        """Return the embedding that stands where a token was, shape (dim,)."""
        return stand_in.vector(self.on)

    def without(self, erasure: Erasure) -> LeftOut:
        """Return the outputs of the texts without each of their units, one at a time."""
        units = self.units
        places, left_out = np.nonzero(self.shown.mask[self.rows])
        texts = ErasedTexts(self.on, erasure, self.shown.numbers, np.random.default_rng())  # which none draws from
        erased = list(units[places] == left_out[:, np.newaxis])
        return LeftOut(places, left_out, texts.logits(self.rows[places], erased))

    def attention_and_slopes(self) -> dict[int, tuple[torch.Tensor, torch.Tensor]]:
        """Return the attention of each layer and the gradient by it, shape (n_texts, n_heads, n_tokens, n_tokens)."""
        import torch

        every = np.arange(len(self.rows))
        asked = {"output_attentions": True, "output_hidden_states": True}
        with self._differentiated(every, self.embedded, **asked) as (outputs, _):
            weights = weights_of(self.on.model, outputs, self.n_tokens)
            value = self.value(logits_of(self.on.model, outputs, self.on.answers), every).sum()
            found = torch.autograd.grad(value, list(weights.values()), allow_unused=True)
        if any(each is None for each in found):
            raise InvalidInputError(
                f"attribution: must be another than one by the gradient of attention; {type(self.on.model).__name__} "
                "returns copies of its weights, on which its output does not depend"
            )
        return {layer: (each.detach(), slope) for (layer, each), slope in zip(weights.items(), found, strict=True)}

    def attention(self) -> tuple[dict[int, torch.Tensor], int]:
        """Return the attention of each layer that has it, and the number of all layers."""
        import torch

        with torch.no_grad():
            outputs = run(self.on.model, self._inputs, output_attentions=True, output_hidden_states=True)
        weights = weights_of(self.on.model, outputs, self.n_tokens)
        return weights, len(outputs.hidden_states) - 1

    def of_query(self, weights: torch.Tensor, query: Query | None) -> torch.Tensor:
        """Return the rows of one query, shape (n_texts, n_tokens), of weights of queries by keys."""
        import torch

        asks = self.on.query if query is None else query
        counts = np.stack(
            [asks.weights(self.on.tokens.special[row], self.on.tokens.class_at[row]) for row in self.rows]
        )
        return torch.einsum("nq,nqk->nk", torch.as_tensor(counts, device=weights.device), weights.double())

    @cached_property
    def _inputs(self) -> dict[str, torch.Tensor]:
        return inputs_of(self.on.model, self.on.tokens, self.rows)

    @contextmanager
    def _differentiated(self, places: IntArray, vectors: torch.Tensor, **asked: bool) -> Iterator[tuple[Any, Any]]:
        """Run texts of the batch from these vectors; nothing is added to the gradients of the model's parameters."""
        import torch

        chosen = torch.as_tensor(places, device=vectors.device)
        with torch.enable_grad():
            leaf = vectors.detach().clone().requires_grad_()
            inputs = {name: each[chosen] for name, each in self._inputs.items()}
            with embedding_gives(self.on.model, inputs["input_ids"], leaf):
                outputs = run(self.on.model, inputs, **asked)
            yield outputs, leaf
