"""Attributions: the contribution of each token to the probability of one class, to compare with attention.

Every one has ``scores(model, dataset, split=, target=)``, of shape (n, n_tokens), zero at padding and free of noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats.models._lazy import attach, snake_case

if TYPE_CHECKING:
    from attnstats.models.attribution.attention_times_gradient import AttentionTimesGradient
    from attnstats.models.attribution.attention_times_norm import AttentionTimesNorm
    from attnstats.models.attribution.gradient_times_input import GradientTimesInput
    from attnstats.models.attribution.integrated_gradients import IntegratedGradients
    from attnstats.models.attribution.interface import Attribution
    from attnstats.models.attribution.leave_one_out import LeaveOneOut

__all__ = [
    "AttentionTimesGradient",
    "AttentionTimesNorm",
    "Attribution",
    "GradientTimesInput",
    "IntegratedGradients",
    "LeaveOneOut",
]

_MODULES = {**{name: snake_case(name) for name in __all__}, "Attribution": "interface"}

__getattr__, __dir__ = attach(__name__, _MODULES)
