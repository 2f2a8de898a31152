"""Which modules have examples that this environment cannot run: those of an extra that is not installed."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["attnstats/adapters/_trace_torch.py"]
