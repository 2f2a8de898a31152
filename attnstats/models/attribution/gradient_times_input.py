"""Gradient times input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray
from attnstats.models._compiled import compiled_functions
from attnstats.models.attribution.interface import Batch, BatchedAttribution
from attnstats.models.classifier import AttentionClassifier


@dataclass(frozen=True)
class GradientTimesInput(BatchedAttribution):
    """Gradient times input ``|x_t · ∂y/∂x_t|``: to first order the change in output when the embedding x_t is removed.

    By default attention is held constant, as Jain & Wallace do, so that its own dependence on the tokens does not enter
    what it is compared with.

    Parameters
    ----------
    through_attention : bool
        Differentiate through scorer and normalizer too: the gradient of the whole model.
    signed : bool
        Keep the sign.

    References
    ----------
    Jain & Wallace 2019, *Attention is not Explanation*, algorithm 1.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> from attnstats.models import Additive, AttentionClassifier, MLP, Softmax
    >>> data = encode_dataset(planted(60, length=4))
    >>> model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), Softmax())
    >>> GradientTimesInput().scores(model, data).shape
    (7, 4)
    """

    name: ClassVar[str] = "gradient_times_input"

    through_attention: bool = False
    signed: bool = False

    def of_batch(self, model: AttentionClassifier, batch: Batch) -> NDArray[np.floating[Any]]:
        """Return scores of shape (batch, tokens)."""
        functions = compiled_functions(model)
        gradient = functions.gradient if self.through_attention else functions.gradient_at_fixed_attention
        embedded = np.asarray(model.embedding(batch.token_ids)).astype(np.float32)  # the type of the compiled functions
        slopes = gradient(embedded, batch.mask, batch.classes)[1]
        products: FloatArray = np.einsum("ntd,ntd->nt", embedded, np.asarray(slopes), dtype=np.float64)
        return products if self.signed else np.abs(products)
