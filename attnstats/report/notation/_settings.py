"""What one specification of a claim sets, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attnstats.report.notation import _words as notation

SETTINGS = ["recipe", "temperature", "training", "noise", "texts", "encoder", "attention", "control"]
CHOICES = ["measure", "view", "estimator", "output", *SETTINGS]
_MEASURES = {
    "mi_normalised_mean": "U of places",
    "mi_pointwise_mean": "U of tokens",
    "tau_b": "tau-b",
    "spearman": "Spearman",
    "weighted_tau": "weighted tau",
    "top_k_overlap": "top overlap",
    "profile_tau_b": "tau-b of places",
    "near_tie": "MI of all texts",
    "near_tie_halves": "MI of two halves",
    "gini": "Gini",
    "entropy_deficit": "1 - H / log length",
    "max_attention": "largest weight",
    "effective_positions": "effective positions",
}


def measure_name(name: str) -> str:
    """Return what a measure is called in print."""
    return _MEASURES.get(name, notation.pretty_name(name))


def setting_text(settings: Mapping[Any, object]) -> str | None:
    """Return the settings that are given, in words; None if none is."""
    known = [
        f"{'trained' if name == 'recipe' else name} {notation.pretty_name(str(value))}"
        for name, value in settings.items()
        if value is not None
    ]
    return ", ".join(known) or None
