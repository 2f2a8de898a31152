"""The contract that every model of a probe keeps."""

from __future__ import annotations

from typing import NamedTuple, Protocol, Self, runtime_checkable

import numpy as np

from attnstats._validation import BoolArray, FloatArray, IntArray


class TrainingFold(NamedTuple):
    """The training folds of one test fold, cut into two halves by groups.

    A model makes its choices (strength of a penalty, when to stop) by predicting each half from the other, so that no
    choice sees the test fold and no group is on both sides.

    Parameters
    ----------
    x : ndarray of shape (n, dim)
        Feature vectors.
    y, groups, half : ndarray of int, shape (n,)
        Class codes, group codes, and the half, 0 or 1, of each row.
    n_classes : int
        Classes in the whole sample; a training fold may lack some.
    """

    x: FloatArray
    y: IntArray
    groups: IntArray
    half: IntArray
    n_classes: int

    def part(self, half: int) -> Self:
        """Return the rows of one half."""
        return self._of(self.half == half)

    def some(self, max_rows: int, rng: np.random.Generator) -> Self:
        """Return about so many rows, of whole groups drawn at random from each half, one at least."""
        rows = np.zeros(len(self.y), dtype=np.bool_)
        for half in (0, 1):
            groups, sizes = np.unique(self.groups[self.half == half], return_counts=True)
            order = rng.permutation(len(groups))
            taken = np.cumsum(sizes[order]) <= max_rows / 2
            taken[0] = True
            rows |= np.isin(self.groups, groups[order[taken]])
        return self._of(rows)

    def _of(self, rows: BoolArray) -> Self:
        return self._replace(x=self.x[rows], y=self.y[rows], groups=self.groups[rows], half=self.half[rows])


class PriorMixture(NamedTuple):
    """Class frequencies of some training rows, half a count added to each class, and the weight they get in a mixture.

    The weight, one over the number of training groups plus one, bounds log q from below, at a cost of 1 / groups nats
    at most.
    """

    log_prior: FloatArray  # (n_classes,)
    weight: float

    @classmethod
    def of(cls, y: IntArray, groups: IntArray, n_classes: int) -> Self:
        """Return the mixture that the training rows give."""
        counts = np.bincount(y, minlength=n_classes) + 0.5
        return cls(np.log(counts / counts.sum()), 1 / (np.count_nonzero(np.bincount(groups)) + 1))

    def log_likelihood(self, log_model: FloatArray, y: IntArray) -> FloatArray:
        """Return log q(y | x) of each row, from the log probabilities of a model, shape (n_rows, n_classes)."""
        chosen = log_model[np.arange(len(y)), y]
        mixed: FloatArray = np.logaddexp(np.log1p(-self.weight) + chosen, np.log(self.weight) + self.log_prior[y])
        return mixed


class Predictor(Protocol):
    """A fitted model."""

    def log_probabilities(self, x: FloatArray) -> FloatArray:
        """Return the log probability of every class, shape (n_rows, n_classes); each row sums to one."""


class Fitted(NamedTuple):
    """What was learned from the training folds.

    Parameters
    ----------
    whole, first, second : Predictor
        Fitted to all rows, to the first half, and to the second.
    loss : float
        Mean of -log q(y | x) over the training rows, each predicted from the other half, by which models are compared.
    name : str
        What was fitted, for the notes of the estimate.
    """

    whole: Predictor
    first: Predictor
    second: Predictor
    loss: float
    name: str


@runtime_checkable
class Classifier(Protocol):
    """A model of P(y | x) for `Probe`: a frozen dataclass that holds parameters and nothing else."""

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the model fitted to all training rows and to each half; choices are made on these rows alone."""


def standardised(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean of each column and the factor that brings it to unit variance, 0 for a constant column."""
    varies = np.ptp(x, axis=0) > 0
    return x.mean(axis=0), 1 / np.where(varies, x.std(axis=0), np.inf)
