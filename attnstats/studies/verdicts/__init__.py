"""Verdicts on the declared hypotheses for models that no study of ours trained."""

from __future__ import annotations
