"""Models that are not ours, traced and intervened on; each library is imported only when it is used."""

from __future__ import annotations

from attnstats.adapters._trace_keras import trace_keras
from attnstats.adapters._trace_torch import trace_torch
from attnstats.adapters.capture import Input, Logits, Output, PositiveProbability
from attnstats.adapters.interventions._intervene_transformer import intervene_transformer
from attnstats.adapters.interventions.interface import HeadIntervention, HeadPass
from attnstats.adapters.interventions.intervened_heads import IntervenedHeads
from attnstats.adapters.interventions.outputs import MeanOutput, ZeroedOutput
from attnstats.adapters.interventions.weights import PermutedWeights, UniformWeights
from attnstats.adapters.transformers._trace_transformer import trace_transformer

__all__ = [
    "HeadIntervention",
    "HeadPass",
    "Input",
    "IntervenedHeads",
    "Logits",
    "MeanOutput",
    "Output",
    "PermutedWeights",
    "PositiveProbability",
    "UniformWeights",
    "ZeroedOutput",
    "intervene_transformer",
    "trace_keras",
    "trace_torch",
    "trace_transformer",
]
