"""What one attention of one trained model did on one test set."""

from attnstats.trace.attention_trace import AttentionTrace, RealArray, check_trace

__all__ = ["AttentionTrace", "RealArray", "check_trace"]
