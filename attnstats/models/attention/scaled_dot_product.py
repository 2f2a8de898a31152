"""Scaled dot-product attention with one query per text."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_count, check_member
from attnstats.models.attention._scorer import Scorer, last_state


@keras.saving.register_keras_serializable(package="attnstats")
class ScaledDotProduct(Scorer):
    """Scaled dot-product attention e_t = q·(W h_t) / √d_k.

    Parameters
    ----------
    units : int
        d_k, the width of query and keys.
    query : {"learned", "last"}
        One vector for all texts, or a projection Q h_T of each text's last state. The results depend on it.

    Raises
    ------
    InvalidInputError
        If `units` is not an integer of at least 1, or `query` is another word.

    References
    ----------
    Vaswani et al. 2017, *Attention Is All You Need*, equation 1.

    Examples
    --------
    >>> import numpy as np
    >>> ScaledDotProduct(units=4, query="last")(np.ones((2, 3, 5), "float32"), np.ones((2, 3), bool)).shape
    TensorShape([2, 3])
    """

    def __init__(self, units: int = 64, query: str = "learned", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = check_count(units, "units")
        self.query = check_member(query, "query", ("learned", "last"))
        self.project_keys = layers.Dense(self.units, use_bias=False)
        self.project_query = layers.Dense(self.units, use_bias=False) if self.query == "last" else None

    def build(self, input_shape: Any) -> None:
        """Create the weights for hidden states of shape (batch, tokens, units)."""
        self.project_keys.build(input_shape)
        if self.project_query is not None:
            self.project_query.build((input_shape[0], input_shape[-1]))
        else:
            # Unit variance, as the division by √d_k assumes; a query near zero would hardly learn.
            unit_normal = keras.initializers.RandomNormal(stddev=1.0)
            self.learned_query = self.add_weight(name="query", shape=(1, self.units), initializer=unit_normal)

    def call(self, hidden: KerasTensor, mask: KerasTensor) -> KerasTensor:
        """Return scores of shape (batch, tokens)."""
        if self.project_query is not None:
            query = self.project_query(last_state(hidden, mask))
        else:
            query = ops.convert_to_tensor(self.learned_query)
        return ops.sum(query[:, None] * self.project_keys(hidden), axis=-1) / self.units**0.5

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "units": self.units, "query": self.query}
