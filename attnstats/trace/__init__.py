"""The attention, hidden states and outputs of one trained model on one test set."""

from __future__ import annotations

from attnstats.trace._read_trace import read_trace
from attnstats.trace._trace_problems import trace_problems
from attnstats.trace.attention_trace import AttentionTrace, check_trace
from attnstats.trace.row import AttentionRow, MeanHead
from attnstats.trace.transformer.queries import ClassToken, LastToken, MeanQuery, Position, Query
from attnstats.trace.transformer.transformer_trace import TransformerTrace
from attnstats.trace.transformer.units import Tokens, Units, Words

__all__ = [
    "AttentionRow",
    "AttentionTrace",
    "ClassToken",
    "LastToken",
    "MeanHead",
    "MeanQuery",
    "Position",
    "Query",
    "Tokens",
    "TransformerTrace",
    "Units",
    "Words",
    "check_trace",
    "read_trace",
    "trace_problems",
]
