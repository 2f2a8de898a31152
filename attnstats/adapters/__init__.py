"""Traces of models that are not ours: transformers, PyTorch, Keras; each library is imported only when it is used."""

from __future__ import annotations

from attnstats.adapters._trace_keras import trace_keras
from attnstats.adapters._trace_torch import trace_torch
from attnstats.adapters.capture import Input, Logits, Output, PositiveProbability
from attnstats.adapters.transformers._trace_transformer import trace_transformer

__all__ = ["Input", "Logits", "Output", "PositiveProbability", "trace_keras", "trace_torch", "trace_transformer"]
