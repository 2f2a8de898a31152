"""Settings and history of a training: plain values that do not need Keras."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray, check_count, check_object, check_positive
from attnstats.models.recipe.embeddings import Embeddings, RandomEmbeddings
from attnstats.models.recipe.schedules import Constant, Schedule
from attnstats.models.recipe.selection import LastEpoch, Selection


@dataclass(frozen=True)
class Training:
    """Settings of a training: Adam on mini-batches.

    Parameters
    ----------
    epochs : int
        Passes over the training split, or the most of them.
    batch_size : int
        Examples per step.
    learning_rate : float
        Largest step size of Adam.
    weight_decay : float
        Share of every weight taken off at a step of size one, apart from the gradient (Loshchilov & Hutter 2019).
    schedule : Schedule
        Step size over the training: `Constant`, `CosineDecay`.
    selection : Selection
        Which epoch is kept: `LastEpoch`, `LowestLoss`, `HighestAUC`.
    embeddings : Embeddings
        What the embeddings are at the start: `RandomEmbeddings`, `GloVe`.

    Raises
    ------
    InvalidInputError
        If a count is not an integer of at least 1, the learning rate is not above zero, the weight decay is below, or
        an object is of another kind.

    Examples
    --------
    >>> Training(epochs=3).epochs
    3
    """

    epochs: int = 8
    batch_size: int = 32
    learning_rate: float = 4e-3
    weight_decay: float = 0.0
    schedule: Schedule = Constant()  # noqa: RUF009 (frozen)
    selection: Selection = LastEpoch()  # noqa: RUF009 (frozen)
    embeddings: Embeddings = RandomEmbeddings()  # noqa: RUF009 (frozen)

    def __post_init__(self) -> None:
        for count in ("epochs", "batch_size"):
            check_count(getattr(self, count), count)
        check_positive(self.learning_rate, "learning_rate")
        if self.weight_decay != 0:
            check_positive(self.weight_decay, "weight_decay")
        check_object(self.schedule, "schedule", Schedule, "CosineDecay(warmup=0.1)")
        check_object(self.selection, "selection", Selection, "LowestLoss(patience=1)")
        check_object(self.embeddings, "embeddings", Embeddings, "RandomEmbeddings(scale=0.3)")

    def learning_rates(self, n_examples: int) -> FloatArray:
        """Return the step size of every update of all epochs on some examples, shape (n_updates,).

        >>> Training(epochs=2, batch_size=32, learning_rate=0.01).learning_rates(60).tolist()
        [0.01, 0.01, 0.01, 0.01]
        """
        n_updates = self.epochs * -(-n_examples // self.batch_size)
        return self.learning_rate * np.array([self.schedule.share(step, n_updates) for step in range(n_updates)])


@dataclass(frozen=True)
class TrainingHistory:
    """The course of a training, one value per epoch.

    Parameters
    ----------
    seed : int
        Seed of the initial weights, the dropout and the order of the data.
    train_loss, validation_loss : tuple of float
        Mean cross-entropy, nats.
    validation_accuracy : tuple of float
        Share of validation examples classified correctly.
    best_epoch : int
        Epoch, from zero, whose weights the model keeps.
    n_updates : int
        Steps of the optimizer up to the end of that epoch.
    seconds : float
        Wall time, visits included.
    """

    seed: int
    train_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    validation_accuracy: tuple[float, ...]
    best_epoch: int
    n_updates: int
    seconds: float
