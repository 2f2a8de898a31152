"""The former place of the classifiers, for one release: they stand in `attnstats.information.probes`."""

from __future__ import annotations

import warnings
from typing import Any

from attnstats.information import probes

_FORMER = {"Training": "TrainingFold"}
# Each is looked up below.
__all__ = [  # noqa: F822
    "Best",
    "BoostedTrees",
    "Classifier",
    "Fitted",
    "Logistic",
    "NearestNeighbors",
    "NeuralNetwork",
    "Predictor",
    "PriorMixture",
    "Training",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    new = _FORMER.get(name, name)
    warnings.warn(f"{__name__}.{name} is now {probes.__name__}.{new}", DeprecationWarning, stacklevel=2)
    return getattr(probes, new)
