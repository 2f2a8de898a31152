"""Encoders: token vectors in, one hidden state per token out.

Every encoder is a Keras layer ``Encoder(units=128)`` called as ``encoder(embedded, mask)``: `embedded` has shape
(batch, tokens, dim), `mask` (batch, tokens) is true at real tokens, and the hidden states have shape (batch, tokens,
units). Padding is on the right; it does not change the states of real tokens, and its own states are zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats.models._lazy import attach, snake_case

if TYPE_CHECKING:
    from attnstats.models.encoders.bigru import BiGRU
    from attnstats.models.encoders.bilstm import BiLSTM
    from attnstats.models.encoders.cnn import CNN
    from attnstats.models.encoders.mlp import MLP
    from attnstats.models.encoders.transformer import Transformer

__all__ = ["CNN", "MLP", "BiGRU", "BiLSTM", "Transformer"]

__getattr__, __dir__ = attach(__name__, {name: snake_case(name) for name in __all__})
