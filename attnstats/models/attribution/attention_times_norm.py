"""Attention times the norm of the hidden state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from attnstats.models.attribution.interface import Batch, BatchedAttribution
from attnstats.models.classifier import AttentionClassifier


@dataclass(frozen=True)
class AttentionTimesNorm(BatchedAttribution):
    """Attention times norm a_t ‖h_t‖, the norm of a token's part of the context Σ a_t h_t, whatever the class.

    References
    ----------
    Kobayashi, Kuribayashi, Yokoi & Inui 2020, *Attention is Not Only a Weight*, there with transformed values for h_t.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> from attnstats.models import Additive, AttentionClassifier, MLP, Softmax
    >>> data = encode_dataset(planted(60, length=4))
    >>> model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), Softmax())
    >>> bool((AttentionTimesNorm().scores(model, data) >= 0).all())
    True
    """

    name: ClassVar[str] = "attention_times_norm"

    def of_batch(self, model: AttentionClassifier, batch: Batch) -> NDArray[np.floating[Any]]:  # noqa: ARG002
        """Return scores of shape (batch, tokens)."""
        return np.asarray(batch.forward.attention * np.linalg.norm(batch.forward.hidden, axis=2))
