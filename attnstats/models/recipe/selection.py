"""Which epoch's weights a training keeps, by what the validation texts say."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray, IntArray, check_count
from attnstats.exceptions import InvalidInputError


class Selection(ABC):
    """Which epoch is kept, from a score of each: the higher, the better."""

    def score(self, labels: IntArray, probabilities: FloatArray) -> float:
        """Return minus the mean cross-entropy, nats, of validation labels (n,) under probabilities (n, n_classes)."""
        return -cross_entropy(labels, probabilities)

    @abstractmethod
    def best(self, scores: Sequence[float]) -> int:
        """Return the epoch to keep, from 0, given the scores of all epochs so far."""

    def gives_up(self, scores: Sequence[float]) -> bool:  # noqa: ARG002
        """Return whether training stops after these epochs."""
        return False


@dataclass(frozen=True)
class LastEpoch(Selection):
    """Train for all epochs and keep the last.

    Examples
    --------
    >>> LastEpoch().best([0.7, 0.9, 0.8])
    2
    """

    def best(self, scores: Sequence[float]) -> int:
        """Return the last epoch."""
        return len(scores) - 1


@dataclass(frozen=True)
class _HighestScore(Selection):
    patience: int | None = None
    skip: int = 0

    def __post_init__(self) -> None:
        if self.patience is not None:
            check_count(self.patience, "patience")
        check_count(self.skip, "skip", minimum=0)

    def best(self, scores: Sequence[float]) -> int:
        """Return the epoch with the highest score that is not skipped; the last one while all are."""
        return self.skip + int(np.argmax(scores[self.skip :])) if len(scores) > self.skip else len(scores) - 1

    def gives_up(self, scores: Sequence[float]) -> bool:
        """Return whether the highest score is `patience` epochs old."""
        return self.patience is not None and len(scores) - 1 - self.best(scores) >= self.patience


@dataclass(frozen=True)
class LowestLoss(_HighestScore):
    """Keep the epoch with the lowest cross-entropy of the validation texts.

    Parameters
    ----------
    patience : int or None
        Epochs without a lower one after which training stops; None trains for all.
    skip : int
        First epochs that are never kept.

    Raises
    ------
    InvalidInputError
        If `patience` is not an integer of at least 1, or `skip` not one of at least 0.

    Examples
    --------
    >>> selection = LowestLoss(patience=1, skip=1)
    >>> selection.best([-0.5, -0.7, -0.6]), selection.gives_up([-0.5, -0.7, -0.8])  # minus the losses
    (2, True)
    """


@dataclass(frozen=True)
class HighestAUC(_HighestScore):
    """Keep the epoch with the largest area under the ROC curve of the validation texts.

    With more than two classes it is the mean over classes of the area of each against the others.

    Parameters
    ----------
    patience, skip : int or None, int
        As in `LowestLoss`.

    Raises
    ------
    InvalidInputError
        As `LowestLoss`; in training, if a class has no validation text.

    Examples
    --------
    >>> HighestAUC().score(np.array([0, 0, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5]]))
    0.5
    """

    def score(self, labels: IntArray, probabilities: FloatArray) -> float:
        """Return the area."""
        from sklearn.metrics import roc_auc_score  # costs a third of a second to import

        n_classes = probabilities.shape[1]
        absent = np.setdiff1d(np.arange(n_classes), labels)
        if len(absent):
            raise InvalidInputError(f"selection: HighestAUC needs validation texts of each class; got none of {absent}")
        if n_classes == 2:
            return float(roc_auc_score(labels, probabilities[:, 1]))
        sums = probabilities.sum(axis=1, keepdims=True)
        return float(roc_auc_score(labels, probabilities / sums, multi_class="ovr"))


def cross_entropy(labels: IntArray, probabilities: FloatArray) -> float:
    """Return the mean cross-entropy of labels (n,) under probabilities (n, n_classes), nats."""
    of_label = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(of_label, np.finfo(np.float32).tiny)).mean())
