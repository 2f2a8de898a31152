"""Which modules have examples that this environment cannot run: those of an extra that is not installed."""

from __future__ import annotations

from importlib.util import find_spec

_NEEDED = {
    "attnstats/adapters/_trace_torch.py": "torch",
    "attnstats/adapters/attributions/_attribute_torch.py": "torch",
    "attnstats/adapters/_trace_keras.py": "keras",
}
collect_ignore = [module for module, package in _NEEDED.items() if find_spec(package) is None]
