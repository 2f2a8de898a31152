"""Traces of models that are not ours: transformers, PyTorch, Keras; each library is imported only when it is used."""

from __future__ import annotations

__all__: list[str] = []
