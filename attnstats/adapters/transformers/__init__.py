"""Traces of the models of the transformers library."""

from __future__ import annotations
