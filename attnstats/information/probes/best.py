"""The best of several models, chosen inside the training folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats.exceptions import InvalidInputError
from attnstats.information.probes.boosted_trees import BoostedTrees
from attnstats.information.probes.classifier import Classifier, Fitted, TrainingFold
from attnstats.information.probes.logistic import Logistic
from attnstats.information.probes.neural_network import NeuralNetwork


@dataclass(frozen=True)
class Best:
    """Of several models, the one that predicts each half of the training groups best from the other.

    The choice never sees the fold under test, so the bound of the probe holds as it does for one model. The notes of
    the estimate say which model was chosen in how many folds.

    Parameters
    ----------
    models : tuple of Classifier, default (Logistic(), BoostedTrees(), NeuralNetwork())
        Models to choose from; of equal ones the first is taken.

    Raises
    ------
    InvalidInputError
        If `models` is not a tuple of at least one model.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Best, BoostedTrees, Logistic, Probe
    >>> x = np.random.default_rng(0).normal(size=(1000, 2))
    >>> y = (x[:, 0] > 0) ^ (x[:, 1] > 0)  # no line tells these classes apart
    >>> Probe(Best((Logistic(), BoostedTrees()))).local_terms(x, y, rng=0).notes
    ('boosted trees in 5 of 5 folds',)
    """

    models: tuple[Classifier, ...] = (Logistic(), BoostedTrees(), NeuralNetwork())

    def __post_init__(self) -> None:
        if not (
            isinstance(self.models, tuple)
            and self.models
            and all(isinstance(model, Classifier) and not isinstance(model, type) for model in self.models)
        ):
            raise InvalidInputError(f"models: must be a tuple of models such as Logistic(); got {self.models!r}")

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the model with the least loss between the halves."""
        fits = [model.fit(training, seed) for model, seed in zip(self.models, rng.spawn(len(self.models)), strict=True)]
        return min(fits, key=lambda fitted: fitted.loss)
