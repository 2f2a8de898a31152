"""Normalizers, called as ``normalizer(scores, mask, training=False)``: from scores to attention, both (batch, tokens).

Attention is non-negative, sums to one over the real tokens of each example, and is exactly zero at padding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats.models._lazy import attach, snake_case

if TYPE_CHECKING:
    from attnstats.models.normalizers.entmax15 import Entmax15
    from attnstats.models.normalizers.gumbel_softmax import GumbelSoftmax
    from attnstats.models.normalizers.softmax import Softmax
    from attnstats.models.normalizers.sparsemax import Sparsemax

__all__ = ["Entmax15", "GumbelSoftmax", "Softmax", "Sparsemax"]

__getattr__, __dir__ = attach(__name__, {name: snake_case(name) for name in __all__})
