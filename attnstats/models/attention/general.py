"""General (bilinear) attention with one query per text."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_member
from attnstats.models.attention._scorer import Scorer, last_state


@keras.saving.register_keras_serializable(package="attnstats")
class General(Scorer):
    """General attention e_t = q·W h_t, with a query q as wide as the hidden states.

    Parameters
    ----------
    query : {"learned", "last"}
        One vector for all texts, or the last hidden state of each text. The results depend on it.

    Raises
    ------
    InvalidInputError
        If `query` is another word.

    References
    ----------
    Luong, Pham & Manning 2015, *Effective Approaches to Attention-based Neural Machine Translation*, equation 8.

    Examples
    --------
    >>> import numpy as np
    >>> General(query="last")(np.ones((2, 3, 5), "float32"), np.ones((2, 3), bool)).shape
    TensorShape([2, 3])
    """

    def __init__(self, query: str = "learned", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.query = check_member(query, "query", ("learned", "last"))

    def build(self, input_shape: Any) -> None:
        """Create the weights for hidden states of shape (batch, tokens, units)."""
        units = input_shape[-1]
        self.project = layers.Dense(units, use_bias=False)
        self.project.build(input_shape)
        if self.query == "learned":
            # Unit norm on average, since nothing divides the scores: they have the scale of the states.
            unit_norm = keras.initializers.RandomNormal(stddev=units**-0.5)
            self.learned_query = self.add_weight(name="query", shape=(1, units), initializer=unit_norm)

    def call(self, hidden: KerasTensor, mask: KerasTensor) -> KerasTensor:
        """Return scores of shape (batch, tokens)."""
        learned = self.query == "learned"
        query = ops.convert_to_tensor(self.learned_query) if learned else last_state(hidden, mask)
        return ops.sum(query[:, None] * self.project(hidden), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "query": self.query}
