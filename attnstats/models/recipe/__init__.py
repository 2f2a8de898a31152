"""How a model is trained: steps, schedule of the learning rate, selected epoch, initial embeddings."""

from __future__ import annotations

from attnstats.models.recipe.embeddings import Embeddings, GloVe, RandomEmbeddings
from attnstats.models.recipe.schedules import Constant, CosineDecay, Schedule
from attnstats.models.recipe.selection import HighestAUC, LastEpoch, LowestLoss, Selection
from attnstats.models.recipe.settings import Training, TrainingHistory

__all__ = [
    "Constant",
    "CosineDecay",
    "Embeddings",
    "GloVe",
    "HighestAUC",
    "LastEpoch",
    "LowestLoss",
    "RandomEmbeddings",
    "Schedule",
    "Selection",
    "Training",
    "TrainingHistory",
]
