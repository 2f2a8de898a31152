"""Which modules have examples that this environment cannot run: those of an extra that is not installed."""

from __future__ import annotations

from importlib.util import find_spec

_NEEDED = {"torch": "attnstats/adapters/_trace_torch.py", "keras": "attnstats/adapters/_trace_keras.py"}
collect_ignore = [module for package, module in _NEEDED.items() if find_spec(package) is None]
