"""Models of a class given a vector, for `Probe`: one object each, fitted inside the training folds alone."""

from attnstats.information.classifiers.best import Best
from attnstats.information.classifiers.boosted_trees import BoostedTrees
from attnstats.information.classifiers.interface import Classifier, Fitted, Predictor, PriorMixture, Training
from attnstats.information.classifiers.logistic import Logistic
from attnstats.information.classifiers.nearest_neighbors import NearestNeighbors
from attnstats.information.classifiers.neural_network import NeuralNetwork

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
    "Training",
]
