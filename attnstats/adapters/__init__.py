"""Models that are not ours: traced, intervened on, attributed to; each library is imported only when it is used."""

from __future__ import annotations

from attnstats.adapters._trace_keras import trace_keras
from attnstats.adapters._trace_torch import trace_torch
from attnstats.adapters.attributions._attribute_torch import attribute_torch
from attnstats.adapters.attributions._attribute_transformer import attribute_transformer
from attnstats.adapters.attributions.attention_rollout import AttentionRollout
from attnstats.adapters.attributions.attention_times_gradient import AttentionTimesGradient
from attnstats.adapters.attributions.attributions import Attributions
from attnstats.adapters.attributions.gradient_times_input import GradientTimesInput
from attnstats.adapters.attributions.integrated_gradients import IntegratedGradients
from attnstats.adapters.attributions.leave_one_out import LeaveOneOut
from attnstats.adapters.attributions.outputs import ClassLogit, ClassProbability
from attnstats.adapters.capture import Input, Logits, Output, PositiveProbability
from attnstats.adapters.erasure._rationale_faithfulness import rationale_faithfulness
from attnstats.adapters.erasure.deleted import Deleted
from attnstats.adapters.erasure.faithfulness import PerturbationCurve, RationaleFaithfulness
from attnstats.adapters.erasure.other_texts import OtherTexts
from attnstats.adapters.erasure.stand_ins import MaskToken, PadToken, ZeroEmbedding
from attnstats.adapters.interventions._intervene_transformer import intervene_transformer
from attnstats.adapters.interventions.interface import HeadIntervention, HeadPass
from attnstats.adapters.interventions.intervened_heads import IntervenedHeads
from attnstats.adapters.interventions.outputs import MeanOutput, ZeroedOutput
from attnstats.adapters.interventions.weights import PermutedWeights, UniformWeights
from attnstats.adapters.transformers._trace_transformer import trace_transformer

__all__ = [
    "AttentionRollout",
    "AttentionTimesGradient",
    "Attributions",
    "ClassLogit",
    "ClassProbability",
    "Deleted",
    "GradientTimesInput",
    "HeadIntervention",
    "HeadPass",
    "Input",
    "IntegratedGradients",
    "IntervenedHeads",
    "LeaveOneOut",
    "Logits",
    "MaskToken",
    "MeanOutput",
    "OtherTexts",
    "Output",
    "PadToken",
    "PermutedWeights",
    "PerturbationCurve",
    "PositiveProbability",
    "RationaleFaithfulness",
    "UniformWeights",
    "ZeroEmbedding",
    "ZeroedOutput",
    "attribute_torch",
    "attribute_transformer",
    "intervene_transformer",
    "rationale_faithfulness",
    "trace_keras",
    "trace_torch",
    "trace_transformer",
]
