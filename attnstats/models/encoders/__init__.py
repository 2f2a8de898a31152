"""Encoders, called as ``encoder(embedded, mask)``: from (batch, tokens, dim) to hidden states (batch, tokens, units).

`mask` (batch, tokens) is true at real tokens. Padding, on the right, changes no states of theirs; its own are zero.
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
