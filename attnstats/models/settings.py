"""Settings and history of a training: plain values that do not need Keras."""

from __future__ import annotations

from dataclasses import dataclass

from attnstats._validation import check_count, check_positive


@dataclass(frozen=True)
class Training:
    """Settings of a training: Adam on mini-batches with early stopping.

    Parameters
    ----------
    epochs : int
        Largest number of passes over the training split.
    batch_size : int
        Examples per step.
    learning_rate : float
        Step size of Adam.
    patience : int
        Epochs without a lower validation loss after which training stops.

    Raises
    ------
    InvalidInputError
        If a count is not an integer of at least 1, or the learning rate is not above zero.

    Examples
    --------
    >>> Training(epochs=3).epochs
    3
    """

    epochs: int = 8
    batch_size: int = 128
    learning_rate: float = 4e-3
    patience: int = 1

    def __post_init__(self) -> None:
        for count in ("epochs", "batch_size", "patience"):
            check_count(getattr(self, count), count)
        check_positive(self.learning_rate, "learning_rate")


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
    seconds : float
        Wall time.
    """

    seed: int
    train_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    validation_accuracy: tuple[float, ...]
    best_epoch: int
    seconds: float
