"""Traces of models that are not ours: transformers, PyTorch, Keras; each library is imported only when it is used."""

from __future__ import annotations

from attnstats.adapters.transformers._trace_transformer import trace_transformer

__all__ = ["trace_transformer"]
