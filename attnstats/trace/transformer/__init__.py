"""The attention of all layers and heads of a transformer on one test set, on disk."""

from __future__ import annotations
