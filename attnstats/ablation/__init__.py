"""Interventions on attention: put other weights in the place of the trained ones and see what changes."""

from attnstats.ablation.ablate import ablate, total_variation
from attnstats.ablation.interface import Ablation, AttentionModel
from attnstats.ablation.interventions import Permuted, RandomScorer, Uniform

__all__ = ["Ablation", "AttentionModel", "Permuted", "RandomScorer", "Uniform", "ablate", "total_variation"]
