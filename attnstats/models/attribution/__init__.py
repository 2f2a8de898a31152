"""Attributions: the contribution of each token of a text to the output, to compare with attention.

Every attribution is a frozen dataclass with a ``name`` and a method ``scores(model, dataset, split=, target=)``, which
returns one value per token, shape (n, n_tokens), zero at padding. The output y that is attributed is the probability of
one class: the predicted one, or `target`. Noise that a normalizer draws in inference is left out.
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
