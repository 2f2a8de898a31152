"""The attention, hidden states and outputs of one trained model on one test set."""

from __future__ import annotations

from attnstats._validation import RealArray
from attnstats.trace.attention_trace import AttentionTrace, check_trace

__all__ = ["AttentionTrace", "RealArray", "check_trace"]
