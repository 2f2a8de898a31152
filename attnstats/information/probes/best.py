"""The best of several models, chosen inside the training folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import check_count
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
    max_rows : int, default 4000
        Rows of the training groups, drawn at random by groups where there are more, from which the model is chosen.

    Raises
    ------
    InvalidInputError
        If `models` is not a tuple of at least one model, or `max_rows` is no number of at least 50.

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
    max_rows: int = 4000

    def __post_init__(self) -> None:
        if not (
            isinstance(self.models, tuple)
            and self.models
            and all(isinstance(model, Classifier) and not isinstance(model, type) for model in self.models)
        ):
            raise InvalidInputError(f"models: must be a tuple of models such as Logistic(); got {self.models!r}")

        check_count(self.max_rows, "max_rows", minimum=50)

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the model with the least loss between the halves."""
        some = training if len(training.y) <= self.max_rows else training.some(self.max_rows, rng)
        fits = [model.fit(some, seed) for model, seed in zip(self.models, rng.spawn(len(self.models)), strict=True)]
        best = min(range(len(fits)), key=lambda number: fits[number].loss)
        return fits[best] if some is training else self.models[best].fit(training, rng)
