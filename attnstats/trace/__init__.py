"""The attention, hidden states and outputs of one trained model on one test set."""

from __future__ import annotations

from attnstats._validation import RealArray
from attnstats.trace._read_trace import read_trace
from attnstats.trace._trace_problems import trace_problems
from attnstats.trace.attention_trace import AttentionTrace, check_trace
from attnstats.trace.row import AttentionRow, First, Last, Mean

__all__ = [
    "AttentionRow",
    "AttentionTrace",
    "First",
    "Last",
    "Mean",
    "RealArray",
    "check_trace",
    "read_trace",
    "trace_problems",
]
