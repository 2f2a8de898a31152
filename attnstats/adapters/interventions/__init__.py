"""Interventions on the attention heads of a running transformer."""

from __future__ import annotations
