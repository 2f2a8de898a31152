"""Attention scorers, called as ``scorer(hidden, mask)``: from states (batch, tokens, units) to scores (batch, tokens).

`mask` (batch, tokens) is true at real tokens; scores at padding are arbitrary, since normalizers ignore them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats.models._lazy import attach, snake_case

if TYPE_CHECKING:
    from attnstats.models.attention.additive import Additive
    from attnstats.models.attention.deep import Deep
    from attnstats.models.attention.general import General
    from attnstats.models.attention.scaled_dot_product import ScaledDotProduct

__all__ = ["Additive", "Deep", "General", "ScaledDotProduct"]

__getattr__, __dir__ = attach(__name__, {name: snake_case(name) for name in __all__})
