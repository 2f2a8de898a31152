"""Leave one token out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from attnstats.datasets.texts.tokenization import UNKNOWN
from attnstats.models._compiled import compiled_functions
from attnstats.models._erasure import predict_texts, without
from attnstats.models.attribution.interface import Batch, BatchedAttribution
from attnstats.models.classifier import AttentionClassifier


@dataclass(frozen=True)
class LeaveOneOut(BatchedAttribution):
    """The change in output when a token is deleted from the text, which runs the model once per token.

    By default it is the total variation distance ``½ Σ |y − y₋ₜ|`` over all classes, whatever `target` is. The tokens
    after the deleted one move up; a text of one token becomes an unknown word.

    Parameters
    ----------
    signed : bool
        Return the drop y − y₋ₜ in the probability of the class instead.

    References
    ----------
    Jain & Wallace 2019, *Attention is not Explanation*, algorithm 1 and equation 1.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> from attnstats.models import Additive, AttentionClassifier, MLP, Softmax
    >>> data = encode_dataset(planted(60, length=4))
    >>> model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), Softmax())
    >>> bool((LeaveOneOut().scores(model, data) >= 0).all())
    True
    """

    name: ClassVar[str] = "leave_one_out"

    signed: bool = False

    def of_batch(self, model: AttentionClassifier, batch: Batch) -> NDArray[np.floating[Any]]:
        """Return scores of shape (batch, tokens)."""
        rows, places = np.nonzero(batch.mask)
        copies = batch.token_ids[rows]
        deleted = np.arange(copies.shape[1]) == places[:, np.newaxis]
        shorter = without(copies, deleted)
        shorter[:, 0] = np.where(shorter[:, 0] == 0, UNKNOWN, shorter[:, 0])
        moved = predict_texts(compiled_functions(model).noiseless_forward, shorter, model.n_classes)
        change = batch.forward.probabilities[rows] - moved
        if self.signed:
            values = np.take_along_axis(change, batch.classes[rows, np.newaxis], axis=1)[:, 0]
        else:
            values = np.abs(change).sum(axis=1) / 2
        scores = np.zeros(batch.mask.shape)
        scores[rows, places] = values
        return scores
