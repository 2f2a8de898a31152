"""Class frequencies among the nearest neighbours, with their number chosen inside the training folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from attnstats._validation import FloatArray, IntArray, check_count
from attnstats.exceptions import InvalidInputError
from attnstats.information.probes.classifier import Fitted, PriorMixture, TrainingFold, standardised


@dataclass(frozen=True)
class NearestNeighbors:
    """Class frequencies among the k nearest training rows: any smooth boundary, in few dimensions.

    Of the k nearest training rows (Euclidean, features standardised on the training folds), k_c belong to class c;

        q(c | x) = (k_c + C p_c) / (k + C),

    with p the class frequencies of the training rows and C the number of classes. k is the one with which the halves of
    the training groups predict each other best. (scikit-learn's `KNeighborsClassifier` has neither this prior nor one
    search for all k.)

    Parameters
    ----------
    k : tuple of int, default (4, 8, 16, 32, 64, 128)
        Numbers of neighbours tried, capped at the size of a half.

    Raises
    ------
    InvalidInputError
        If `k` is not a tuple of integers of at least 1.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import NearestNeighbors, Probe
    >>> x = np.random.default_rng(0).normal(size=(2000, 2))
    >>> y = (x[:, 0] > 0) ^ (x[:, 1] > 0)  # no line tells these classes apart
    >>> bool(Probe(NearestNeighbors()).estimate(x, y, rng=0) > 0.5)  # truth: log 2 = 0.69 nats
    True
    """

    k: tuple[int, ...] = (4, 8, 16, 32, 64, 128)

    def __post_init__(self) -> None:
        if not isinstance(self.k, tuple) or not self.k:
            raise InvalidInputError(f"k: must be a tuple of at least one integer; got {self.k!r}")
        for each in self.k:
            check_count(each, "k")

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the frequencies around a point among all rows and among each half."""
        del rng  # deterministic
        centre, scale = standardised(training.x)
        halves = [training.part(half) for half in (0, 1)]
        tried = sorted({min(k, *(len(half.y) for half in halves)) for k in self.k})
        losses = np.zeros(len(tried))
        for part, other in (halves, halves[::-1]):
            mixture = PriorMixture.of(part.y, part.groups, part.n_classes)
            neighbours = _Neighbours(part, centre, scale, tried[-1]).classes(other.x)
            for index, k in enumerate(tried):
                log_model = _log_frequencies(neighbours[:, :k], mixture.log_prior)
                losses[index] -= mixture.log_likelihood(log_model, other.y).sum()
        k = tried[int(losses.argmin())]
        whole, first, second = (_Neighbours(part, centre, scale, k) for part in (training, *halves))
        return Fitted(whole, first, second, float(losses.min()) / len(training.y), "nearest neighbours")


class _Neighbours:
    def __init__(self, training: TrainingFold, centre: FloatArray, scale: FloatArray, k: int) -> None:
        from sklearn.neighbors import NearestNeighbors as Search

        self.y, self.centre, self.scale = training.y, centre, scale
        self.log_prior = PriorMixture.of(training.y, training.groups, training.n_classes).log_prior
        self.search: Any = Search(n_neighbors=k).fit((training.x - centre) * scale)

    def classes(self, x: FloatArray) -> IntArray:
        """Return the classes of the nearest training rows, nearest first, shape (n_rows, k)."""
        with threadpool_limits(1):
            index = self.search.kneighbors((x - self.centre) * self.scale, return_distance=False)
        classes: IntArray = self.y[index]
        return classes

    def log_probabilities(self, x: FloatArray) -> FloatArray:
        return _log_frequencies(self.classes(x), self.log_prior)


def _log_frequencies(neighbours: IntArray, log_prior: FloatArray) -> FloatArray:
    k, n_classes = neighbours.shape[1], len(log_prior)
    counts = np.stack([(neighbours == code).sum(axis=1) for code in range(n_classes)], axis=1)
    log_q: FloatArray = np.log((counts + n_classes * np.exp(log_prior)) / (k + n_classes))
    return log_q
