"""All layers and heads of a transformer at once."""

from __future__ import annotations
