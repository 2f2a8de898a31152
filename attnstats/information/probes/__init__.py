"""Estimators from a classifier: the probe, and the models of a class given a vector that it may train."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats._renamed import former_names
from attnstats.information.probes.best import Best
from attnstats.information.probes.boosted_trees import BoostedTrees
from attnstats.information.probes.classifier import Classifier, Fitted, Predictor, PriorMixture, TrainingFold
from attnstats.information.probes.logistic import Logistic
from attnstats.information.probes.nearest_neighbors import NearestNeighbors
from attnstats.information.probes.neural_network import NeuralNetwork
from attnstats.information.probes.probe import Probe, SplitHalf

__all__ = [
    "Best",
    "BoostedTrees",
    "Classifier",
    "Fitted",
    "Logistic",
    "NearestNeighbors",
    "NeuralNetwork",
    "Predictor",
    "PriorMixture",
    "Probe",
    "SplitHalf",
    "TrainingFold",
]

if not TYPE_CHECKING:
    __getattr__ = former_names("attnstats.information.probes", Training="TrainingFold")
