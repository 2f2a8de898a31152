"""Words erased before a transformer reads them: what stands in their place, and what that does to the output."""

from __future__ import annotations
