"""Attention times its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from keras import ops
from numpy.typing import NDArray

from attnstats.models.attribution.interface import Batch, BatchedAttribution
from attnstats.models.classifier import AttentionClassifier


@dataclass(frozen=True)
class AttentionTimesGradient(BatchedAttribution):
    """Attention times gradient a_t ∂y/∂a_t: to first order the change in output when the weight is removed.

    The weights are taken as free inputs of the head. With logits z = Σ a_t W h_t + b and class c this is
    a_t y_c (u_tc − Σ_k p_k u_tk), u_t = W h_t.

    References
    ----------
    Serrano & Smith 2019, *Is Attention Interpretable?*.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> from attnstats.models import Additive, AttentionClassifier, MLP, Softmax
    >>> data = encode_dataset(planted(60, length=4))
    >>> model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), Softmax())
    >>> AttentionTimesGradient().scores(model, data, target=1).shape
    (7, 4)
    """

    name: ClassVar[str] = "attention_times_gradient"

    def of_batch(self, model: AttentionClassifier, batch: Batch) -> NDArray[np.floating[Any]]:
        """Return scores of shape (batch, tokens)."""
        kernel = ops.convert_to_numpy(model.head.kernel)
        probabilities, attention, hidden = batch.forward
        # The derivative of y by the logits is y (1[class] − p), one row per text; W carries it back to the states.
        by_logits = batch.of_class[:, np.newaxis] * (np.eye(model.n_classes)[batch.classes] - probabilities)
        return np.asarray(attention * np.einsum("ntd,nd->nt", hidden, by_logits @ kernel.T))
