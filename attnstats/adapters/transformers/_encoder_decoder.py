"""Classifiers with an encoder and a decoder: what each attends to itself, in the places of the text's tokens.

Such a classifier, as of BART or T5, gives its decoder the same text as its encoder, one place later: a start token
first, and the last token not at all. So that a place means the same token in every layer, what the decoder gives is
turned back by one place, and its start token stands where the text's last token stands, which is a special one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.adapters.transformers._texts_as_arrays import query_weights
from attnstats.adapters.transformers._tokenized import TokenizedTexts
from attnstats.exceptions import InvalidInputError
from attnstats.trace import Query

if TYPE_CHECKING:
    import torch


def has_both(model: Any) -> bool:
    """Whether a model has an encoder and a decoder, which attends across to the encoder."""
    return bool(getattr(model.config, "is_encoder_decoder", False))


@dataclass(frozen=True, eq=False)
class BothReturned:
    """What encoder and decoder returned, with the names that a model of one of them uses.

    Parameters
    ----------
    attentions : tuple of Tensor, shape (n_texts, n_heads, n_tokens, n_tokens)
        Of tokens on tokens: of the encoder's layers, then of the decoder's. That of the decoder on the encoder is not
        among them.
    hidden_states : tuple of Tensor, shape (n_texts, n_tokens, dim)
        What goes into each layer, and what comes out of the last.
    logits : Tensor, shape (n_texts, n_classes)
        Scores of classes.
    n_encoding : int
        Number of the encoder's layers.
    """

    attentions: tuple[torch.Tensor, ...]
    hidden_states: tuple[torch.Tensor, ...]
    logits: torch.Tensor
    n_encoding: int

    @classmethod
    def of(cls, model: Any, outputs: Any) -> BothReturned:
        """Return what a model with both returned."""
        encoding, decoding = getattr(outputs, "encoder_attentions", None), getattr(outputs, "decoder_attentions", None)
        name = type(model).__name__
        if not encoding or not decoding or any(each is None for each in (*encoding, *decoding)):
            raise InvalidInputError(
                f"model: must return the attention weights of its encoder and its decoder; {name} does not return both"
            )
        n_heads = {each.shape[1] for each in (*encoding, *decoding)}
        if len(n_heads) > 1:
            raise InvalidInputError(
                f"model: must have the same number of heads in its encoder and its decoder; {name} has "
                f"{' and '.join(map(str, sorted(n_heads)))}"
            )
        return cls(
            attentions=(*encoding, *(each.roll((-1, -1), dims=(2, 3)) for each in decoding)),
            hidden_states=(
                *outputs.encoder_hidden_states[: len(encoding)],
                *(each.roll(-1, dims=1) for each in outputs.decoder_hidden_states),
            ),
            logits=outputs.logits,
            n_encoding=len(encoding),
        )


def places_read(model: Any, texts: TokenizedTexts) -> IntArray:
    """Return the place at which the decoder stands when the classifier reads it, that of each text's end token.

    Raises
    ------
    InvalidInputError
        If a text does not hold the end token once.
    """
    end = model.config.eos_token_id
    found = [[at for at, each in enumerate(ids) if each == end] for ids in texts.inputs["input_ids"]]
    for text, places in enumerate(found):
        if len(places) != 1:
            raise InvalidInputError(
                f"texts: each must hold the model's end token once, number {end} by its configuration, at which "
                f"{type(model).__name__} reads its decoder; text {text} holds it {len(places)} times"
            )
    return np.array(found, dtype=np.int64)[:, 0]


def decoder_query_weights(queries: Sequence[Query], texts: TokenizedTexts, read: IntArray) -> FloatArray:
    """Return how much each token counts as the one that asks in the decoder, shape (n_queries, n_texts, n_tokens).

    Queries mean the decoder's own tokens up to the place at which it is read: its start token, and the text up to the
    token before that place. So `LastToken()` is the one whose state is classified.
    """
    own = replace(
        texts,
        special=[np.append(True, marks[:at]) for marks, at in zip(texts.special, read, strict=True)],
        class_at=np.where((texts.class_at >= 0) & (texts.class_at < read), texts.class_at + 1, -1),
    )
    rows = query_weights(queries, own)
    weights = np.zeros((*rows.shape[:2], texts.lengths.max()), dtype=rows.dtype)
    weights[..., : rows.shape[2] - 1] = rows[..., 1:]
    weights[:, np.arange(len(read)), texts.lengths - 1] += rows[..., 0]
    return weights
