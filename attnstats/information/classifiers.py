"""The former place of the classifiers, for one release: they stand in `attnstats.information.probes`."""

from __future__ import annotations

import warnings
from typing import Any

from attnstats.information import probes


def __getattr__(name: str) -> Any:
    if name not in (*probes.__all__, "Training"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    new = "TrainingFold" if name == "Training" else name
    warnings.warn(f"{__name__}.{name} is now {probes.__name__}.{new}", DeprecationWarning, stacklevel=2)
    return getattr(probes, new)
