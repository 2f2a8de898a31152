"""How tokens of a text are erased, and the output of a model for texts of which some are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.adapters.transformers._embedding import embedded, embedding_gives
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts
from attnstats.adapters.transformers._passed import logits_of, of_equal_length, run
from attnstats.exceptions import InvalidInputError

if TYPE_CHECKING:
    import torch

#: What a model takes of one text, by name, one number a token.
Inputs: TypeAlias = dict[str, IntArray]
#: Gives the inputs of a text, of this number, without the tokens that are marked.
Erased: TypeAlias = Callable[[int, BoolArray], Inputs]


class Erasure(ABC):
    """What stands in the place of tokens that are erased."""

    #: Whether nothing does, so that a text becomes shorter.
    shortens: ClassVar[bool] = False

    @abstractmethod
    def of(self, on: ModelOnTexts, numbers: IntArray, rng: np.random.Generator) -> Erased:
        """Return how tokens of these texts are erased, whose units are numbered, shape (n_texts, n_tokens)."""

    def vector(self, on: ModelOnTexts) -> torch.Tensor | None:  # noqa: ARG002
        """Return the embedding that stands where a token was, shape (dim,); None if tokens stand there, or nothing."""
        return None


def whole(on: ModelOnTexts, row: int) -> Inputs:
    """Return the inputs of one text as it is."""
    return {name: np.asarray(values[row], dtype=np.int64) for name, values in on.tokens.inputs.items()}


class ErasedTexts:
    """A model on texts of which some tokens are erased.

    Parameters
    ----------
    on : ModelOnTexts
        Model and texts.
    erasure : Erasure
        What stands in the place of what is erased.
    numbers : ndarray of int, shape (n_texts, n_tokens)
        Unit of each token.
    rng : Generator
        Source of what an erasure draws.
    """

    def __init__(self, on: ModelOnTexts, erasure: Erasure, numbers: IntArray, rng: np.random.Generator) -> None:
        self._on, self._shortens, self._vector = on, erasure.shortens, erasure.vector(on)
        self._inputs = erasure.of(on, numbers, rng)

    def logits(self, rows: Sequence[int] | IntArray, erased: Sequence[BoolArray]) -> FloatArray:
        """Return the scores of the classes before the softmax, shape (n, n_classes).

        Parameters
        ----------
        rows : sequence of int, length n
            Numbers of the texts, which may recur.
        erased : sequence of ndarray of bool, shape (n_tokens,)
            Tokens of each that are erased.

        Raises
        ------
        InvalidInputError
            If nothing of a text is left.
        """
        lengths = np.array([int((~gone).sum()) if self._shortens else len(gone) for gone in erased])
        if not lengths.all():
            text = rows[int(np.argmin(lengths))]
            raise InvalidInputError(
                f"erasure: must leave a token of each text; without its only word nothing is left of text {text}; take "
                "MaskToken() or PadToken()"
            )
        found = [
            (jobs, self._passed([rows[job] for job in jobs], [erased[job] for job in jobs]))
            for jobs in of_equal_length(lengths, self._on.most)
        ]
        result = np.empty((len(lengths), found[0][1].shape[1]))
        for jobs, logits in found:
            result[jobs] = logits
        return result

    def _passed(self, rows: Sequence[int], erased: Sequence[BoolArray]) -> FloatArray:
        import torch

        model = self._on.model
        texts = [self._inputs(*each) for each in zip(rows, erased, strict=True)]
        inputs = {
            name: torch.as_tensor(np.stack([text[name] for text in texts]), device=model.device) for name in texts[0]
        }
        given: Any = nullcontext()
        if self._vector is not None:
            gone = torch.as_tensor(np.stack(erased), device=model.device)[..., None]
            ids = inputs["input_ids"]
            given = embedding_gives(model, ids, torch.where(gone, self._vector, embedded(model, ids)))
        with torch.no_grad(), given:
            logits = logits_of(model, run(model, inputs), self._on.answers)
        return np.asarray(logits.cpu().numpy())
