"""Additive attention."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_count
from attnstats.models.attention._scorer import Scorer


@keras.saving.register_keras_serializable(package="attnstats")
class Additive(Scorer):
    """Additive attention e_t = v·tanh(W h_t + b).

    Parameters
    ----------
    units : int
        Rows of W.

    Raises
    ------
    InvalidInputError
        If `units` is not an integer of at least 1.

    References
    ----------
    Bahdanau, Cho & Bengio 2015, *Neural Machine Translation by Jointly Learning to Align and Translate*, appendix
    A.1.2, with the query as part of b.

    Examples
    --------
    >>> import numpy as np
    >>> Additive(units=4)(np.ones((2, 3, 5), "float32"), np.ones((2, 3), bool)).shape
    TensorShape([2, 3])
    """

    def __init__(self, units: int = 64, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = check_count(units, "units")
        self.project = layers.Dense(self.units, activation="tanh")
        self.weigh = layers.Dense(1, use_bias=False)

    def build(self, input_shape: Any) -> None:
        """Create the weights for hidden states of shape (batch, tokens, units)."""
        self.project.build(input_shape)
        self.weigh.build((*input_shape[:-1], self.units))

    def call(self, hidden: KerasTensor, mask: KerasTensor) -> KerasTensor:  # noqa: ARG002
        """Return scores of shape (batch, tokens)."""
        return ops.squeeze(self.weigh(self.project(hidden)), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "units": self.units}
