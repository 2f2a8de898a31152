"""Integrated gradients."""

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from keras import ops
from numpy.typing import NDArray

from attnstats._validation import check_count
from attnstats.exceptions import UnreliableEstimateWarning
from attnstats.models.attribution.interface import Batch, BatchedAttribution
from attnstats.models.classifier import AttentionClassifier
from attnstats.models.graphs import graphs_of

__all__ = ["IntegratedGradients"]

#: A sum of scores that misses by more than this, in probability, is warned of.
_GAP = 0.01


@dataclass(frozen=True)
class IntegratedGradients(BatchedAttribution):
    """x_t · mean over s in [0, 1] of ∂y(s x)/∂x_t: gradients along the way from zero embeddings to the text.

    The scores of a text sum to y(x) − y(0), with y(0) the output for as many zero embeddings. The integral is taken by
    Gauss–Legendre quadrature; where a sum misses by more than 0.01, a warning says so.

    Parameters
    ----------
    steps : int
        Nodes of the quadrature, each a gradient.

    Raises
    ------
    InvalidInputError
        If `steps` is not an integer of at least 1.

    Warns
    -----
    UnreliableEstimateWarning
        If the scores of a text do not sum to the change in output; more steps help.

    References
    ----------
    Sundararajan, Taly & Yan 2017, *Axiomatic Attribution for Deep Networks*, equation 1.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> from attnstats.models import Additive, AttentionClassifier, MLP, Softmax
    >>> data = encode_dataset(planted(60, length=4))
    >>> model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), Softmax())
    >>> IntegratedGradients(steps=8).scores(model, data, target=1).shape
    (7, 4)
    """

    name: ClassVar[str] = "integrated_gradients"

    steps: int = 16

    def __post_init__(self) -> None:
        check_count(self.steps, "steps")

    def of_batch(self, model: AttentionClassifier, batch: Batch) -> NDArray[np.floating[Any]]:
        """Return scores of shape (batch, tokens)."""
        gradient = graphs_of(model).gradient
        embedded = model.embedding(batch.token_ids)
        nodes, weights = np.polynomial.legendre.leggauss(self.steps)
        mean = ops.zeros_like(embedded)
        for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
            mean = mean + weight * gradient(node * embedded, batch.mask, batch.classes)[1]
        scores = np.asarray(ops.sum(embedded * mean, axis=-1))
        at_zero = np.asarray(gradient(ops.zeros_like(embedded), batch.mask, batch.classes)[0])
        gaps = np.abs(scores.sum(axis=1) - (batch.of_class - at_zero))
        if gaps.max() > _GAP:
            warnings.warn(
                f"integrated gradients of {int((gaps > _GAP).sum())} of {len(gaps)} texts miss their sum by up to "
                f"{gaps.max():.2g}; steps={self.steps} are too few",
                UnreliableEstimateWarning,
                stacklevel=3,
            )
        return scores
