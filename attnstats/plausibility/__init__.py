"""How far attention, information and attributions agree with what humans marked as telling."""

from __future__ import annotations

__all__: list[str] = []
