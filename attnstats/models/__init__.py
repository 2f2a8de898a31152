"""Text classifiers with attention, on Keras: layers, training, attributions, and the trace of a trained model.

Keras is imported when a name that needs it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats.models._lazy import attach, snake_case
from attnstats.models.attention import __all__ as _attention
from attnstats.models.attribution import __all__ as _attributions
from attnstats.models.encoders import __all__ as _encoders
from attnstats.models.normalizers import __all__ as _normalizers
from attnstats.models.recipe import (
    Constant,
    CosineDecay,
    Embeddings,
    GloVe,
    HighestAUC,
    LastEpoch,
    LowestLoss,
    RandomEmbeddings,
    Schedule,
    Selection,
    Training,
    TrainingHistory,
)
from attnstats.models.registry import layer_names, make_layer
from attnstats.models.threads import limit_threads

if TYPE_CHECKING:
    from attnstats.models.attention import Additive, Deep, General, ScaledDotProduct
    from attnstats.models.attribution import (
        AttentionTimesGradient,
        AttentionTimesNorm,
        Attribution,
        GradientTimesInput,
        IntegratedGradients,
        LeaveOneOut,
    )
    from attnstats.models.classifier import AttentionClassifier, Forward
    from attnstats.models.encoders import CNN, MLP, BiGRU, BiLSTM, Transformer
    from attnstats.models.guided import GivenAttention, GuidedModel, train_guided
    from attnstats.models.normalizers import Entmax15, GumbelSoftmax, Softmax, Sparsemax
    from attnstats.models.tracing import trace_attention
    from attnstats.models.trained_model import TrainedModel
    from attnstats.models.training import train

__all__ = [
    "CNN",
    "MLP",
    "Additive",
    "AttentionClassifier",
    "AttentionTimesGradient",
    "AttentionTimesNorm",
    "Attribution",
    "BiGRU",
    "BiLSTM",
    "Constant",
    "CosineDecay",
    "Deep",
    "Embeddings",
    "Entmax15",
    "Forward",
    "General",
    "GivenAttention",
    "GloVe",
    "GradientTimesInput",
    "GuidedModel",
    "GumbelSoftmax",
    "HighestAUC",
    "IntegratedGradients",
    "LastEpoch",
    "LeaveOneOut",
    "LowestLoss",
    "RandomEmbeddings",
    "ScaledDotProduct",
    "Schedule",
    "Selection",
    "Softmax",
    "Sparsemax",
    "TrainedModel",
    "Training",
    "TrainingHistory",
    "Transformer",
    "layer_names",
    "limit_threads",
    "make_layer",
    "trace_attention",
    "train",
    "train_guided",
]

_MODULES = {
    **{name: f"encoders.{snake_case(name)}" for name in _encoders},
    **{name: f"attention.{snake_case(name)}" for name in _attention},
    **{name: f"normalizers.{snake_case(name)}" for name in _normalizers},
    **dict.fromkeys(_attributions, "attribution"),
    "AttentionClassifier": "classifier",
    "Forward": "classifier",
    **dict.fromkeys(("GivenAttention", "GuidedModel", "train_guided"), "guided"),
    "TrainedModel": "trained_model",
    "train": "training",
    "trace_attention": "tracing",
}

__getattr__, __dir__ = attach(__name__, _MODULES)
