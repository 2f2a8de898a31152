"""Integrated gradients."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnstats._path_integral import path_integral
from attnstats._validation import BoolArray, FloatArray, IntArray, check_count
from attnstats.exceptions import UnreliableEstimateWarning
from attnstats.models._compiled import compiled_functions
from attnstats.models.attribution.interface import Batch, BatchedAttribution
from attnstats.models.classifier import AttentionClassifier
from attnstats.models.training import EVALUATION_BATCH

#: Gap between the sum of the scores and the change in output, in probability, from which a warning is given.
_GAP = 0.01
#: An interval is halved until its gap is below this, at most so many times.
_GAP_OF_INTERVAL = _GAP / 10
_MAX_HALVINGS = 12


@dataclass(frozen=True)
class IntegratedGradients(BatchedAttribution):
    """Integrated gradients x_t · mean over s in [0, 1] of ∂y(s x)/∂x_t, from zero embeddings to the text.

    The scores of a text sum to y(x) − y(0), with y(0) the output for as many zero embeddings. Each interval of the path
    in which Gauss–Legendre quadrature misses the change in output is halved, up to twelve times; what is missing then
    is shared out in proportion to the steepest gradient in the interval.

    Parameters
    ----------
    steps : int
        Nodes of the quadrature in each interval.

    Raises
    ------
    InvalidInputError
        If `steps` is not an integer of at least 1.

    Warns
    -----
    UnreliableEstimateWarning
        If the scores of a text miss the change in output by more than 0.01: it jumps where no gradient shows it.

    References
    ----------
    Sundararajan, Taly & Yan 2017, *Axiomatic Attribution for Deep Networks*, equation 1.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> from attnstats.models import Additive, AttentionClassifier, MLP, Softmax
    >>> data = encode_dataset(planted(60, length=4))
    >>> model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), Softmax())
    >>> IntegratedGradients().scores(model, data, target=1).shape
    (7, 4)
    """

    name: ClassVar[str] = "integrated_gradients"

    steps: int = 4

    def __post_init__(self) -> None:
        check_count(self.steps, "steps")

    def of_batch(self, model: AttentionClassifier, batch: Batch) -> NDArray[np.floating[Any]]:
        """Return scores of shape (batch, tokens)."""
        path = _Path(
            compiled_functions(model).gradient, np.asarray(model.embedding(batch.token_ids)), batch.mask, batch.classes
        )
        rows, y_end = np.arange(len(batch.mask)), batch.of_class
        y_start = path.at(rows, np.zeros(len(rows)))[0]
        scores = path_integral(
            path.at,
            y_start,
            y_end,
            steps=self.steps,
            tolerance=_GAP_OF_INTERVAL,
            halvings=_MAX_HALVINGS,
            remainder=_by_the_steepest,
        )
        gaps = np.abs(scores.sum(axis=1) - (y_end - y_start))
        if gaps.max() > _GAP:
            warnings.warn(
                f"integrated gradients of {int((gaps > _GAP).sum())} of {len(gaps)} texts miss their sum by up to "
                f"{gaps.max():.2g}: their output jumps where no gradient is seen",
                UnreliableEstimateWarning,
                stacklevel=3,
            )
        return scores


class _Path(NamedTuple):
    """The straight path from zero embeddings to each text of a batch."""

    gradient: Any
    embedded: NDArray[np.float32]
    mask: BoolArray
    classes: IntArray

    def at(self, rows: IntArray, places: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the output at one place of each row's path, and its derivative along the path, token by token."""
        outputs, slopes = np.empty(len(rows)), np.empty((len(rows), self.mask.shape[1]))
        for first in range(0, len(rows), EVALUATION_BATCH):
            some = slice(first, first + EVALUATION_BATCH)
            embedded = self.embedded[rows[some]]
            place = places[some, np.newaxis, np.newaxis].astype(np.float32)
            output, gradient = self.gradient(place * embedded, self.mask[rows[some]], self.classes[rows[some]])
            outputs[some], slopes[some] = output, np.einsum("ntd,ntd->nt", embedded, gradient, dtype=np.float64)
        return outputs, slopes


def _by_the_steepest(left: FloatArray, slopes: FloatArray) -> FloatArray:
    """Return what is left by each token's share of the steepest of some derivatives; 0 where all are flat."""
    totals = slopes.sum(axis=2)
    node, text = np.abs(totals).argmax(axis=0), np.arange(slopes.shape[1])
    total = totals[node, text][:, np.newaxis]
    shares: FloatArray = np.divide(slopes[node, text], total, out=np.zeros(slopes.shape[1:]), where=total != 0)
    return left[:, np.newaxis] * shares
