"""Interventions on attention: put other weights in the place of the trained ones and see what changes."""

from attnstats.ablation.ablate import ablate
from attnstats.ablation.adversary import Adversarial
from attnstats.ablation.divergence import attention_divergence, total_variation
from attnstats.ablation.erasure import (
    ERASER_SHARES,
    DeletedInput,
    Eraser,
    ZeroedAttention,
    comprehensiveness,
    decision_flip_fraction,
    sufficiency,
)
from attnstats.ablation.head import SoftmaxHead
from attnstats.ablation.inference import ablation_test
from attnstats.ablation.interface import (
    Ablation,
    AttentionModel,
    ErasableInput,
    LinearHead,
    OutputHead,
    RetrainableScorer,
    RetrainedAblation,
    SwappableNormalizer,
)
from attnstats.ablation.interventions import Dirichlet, Permuted, Uniform
from attnstats.ablation.normalizers import Entmax, GumbelNoise, Temperature
from attnstats.ablation.outcomes import (
    Accuracy,
    Agreement,
    DecisionFlips,
    Outcome,
    OutputChange,
    PointwiseOrder,
    RankInformation,
    TokenOrder,
)
from attnstats.ablation.result import AblationResult
from attnstats.ablation.scorers import RandomScorer, SeparateScorer, ShuffledLabelScorer
from attnstats.ablation.trace_inference import trace_ablation_test
from attnstats.ablation.transplant import Transplanted
from attnstats.ablation.zeroing import Zeroed

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
