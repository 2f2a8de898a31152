"""Ablation of attention: replace the trained weights and test what changes."""

from __future__ import annotations

from attnstats._distributions import ERASER_SHARES
from attnstats.ablation.inference.outcomes import (
    Accuracy,
    Agreement,
    DecisionFlips,
    Outcome,
    OutputChange,
    PointwiseOrder,
    PredictedProbability,
    RankInformation,
    TokenOrder,
)
from attnstats.ablation.inference.over_examples import trace_ablation_test
from attnstats.ablation.inference.over_models import ablation_test
from attnstats.ablation.inference.result import AblationResult
from attnstats.ablation.interventions._ablate import ablate
from attnstats.ablation.interventions.adversary import Adversarial
from attnstats.ablation.interventions.divergence import attention_divergence, total_variation
from attnstats.ablation.interventions.erasure import (
    DeletedInput,
    Eraser,
    ZeroedAttention,
    comprehensiveness,
    decision_flip_fraction,
    sufficiency,
)
from attnstats.ablation.interventions.interface import (
    Ablation,
    AttentionModel,
    ErasableInput,
    LinearHead,
    OutputHead,
    RetrainableScorer,
    RetrainedAblation,
    SwappableNormalizer,
)
from attnstats.ablation.interventions.normalizers import Entmax, GumbelNoise, Temperature
from attnstats.ablation.interventions.scorers import RandomScorer, SeparateScorer, ShuffledLabelScorer
from attnstats.ablation.interventions.softmax_head import SoftmaxHead
from attnstats.ablation.interventions.transplant import Transplanted
from attnstats.ablation.interventions.uninformative import Dirichlet, Permuted, Uniform
from attnstats.ablation.interventions.zeroing import Zeroed

__all__ = [
    "ERASER_SHARES",
    "Ablation",
    "AblationResult",
    "Accuracy",
    "Adversarial",
    "Agreement",
    "AttentionModel",
    "DecisionFlips",
    "DeletedInput",
    "Dirichlet",
    "Entmax",
    "ErasableInput",
    "Eraser",
    "GumbelNoise",
    "LinearHead",
    "Outcome",
    "OutputChange",
    "OutputHead",
    "Permuted",
    "PointwiseOrder",
    "PredictedProbability",
    "RandomScorer",
    "RankInformation",
    "RetrainableScorer",
    "RetrainedAblation",
    "SeparateScorer",
    "ShuffledLabelScorer",
    "SoftmaxHead",
    "SwappableNormalizer",
    "Temperature",
    "TokenOrder",
    "Transplanted",
    "Uniform",
    "Zeroed",
    "ZeroedAttention",
    "ablate",
    "ablation_test",
    "attention_divergence",
    "comprehensiveness",
    "decision_flip_fraction",
    "sufficiency",
    "total_variation",
    "trace_ablation_test",
]
