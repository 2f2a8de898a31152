"""One Transformer block: each hidden state depends on the whole text through self-attention."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from attnstats._validation import check_count
from attnstats.exceptions import InvalidInputError
from attnstats.models.encoders._encoder import Encoder


@keras.saving.register_keras_serializable(package="attnstats")
class Transformer(Encoder):
    """One post-norm Transformer block on x, projected embeddings plus sinusoidal positions.

    z = norm(x + self-attention(x)) and h = norm(z + feed-forward(z)), with ReLU units twice as many as `units`.

    Parameters
    ----------
    units : int
        Width of the hidden states; a multiple of `heads`, and even.
    heads : int
        Heads of the self-attention.

    Raises
    ------
    InvalidInputError
        If `units` is not an even multiple of `heads`.

    References
    ----------
    Vaswani et al. 2017, *Attention Is All You Need*, sections 3.1 to 3.5.

    Examples
    --------
    >>> import numpy as np
    >>> Transformer(units=4, heads=2)(np.ones((2, 3, 5), "float32"), np.ones((2, 3), bool)).shape
    TensorShape([2, 3, 4])
    """

    def __init__(self, units: int = 128, heads: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = check_count(units, "units", minimum=2)
        self.heads = check_count(heads, "heads")
        if self.units % self.heads or self.units % 2:
            raise InvalidInputError(f"units: must be even and a multiple of heads={heads}; got {units}")
        self.project = layers.Dense(self.units)
        self.attend = layers.MultiHeadAttention(self.heads, self.units // self.heads)
        self.attend_norm = layers.LayerNormalization()
        self.expand = layers.Dense(2 * self.units, activation="relu")
        self.contract = layers.Dense(self.units)
        self.feed_norm = layers.LayerNormalization()

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of shape (batch, tokens, dim)."""
        shape = self.compute_output_shape(input_shape)
        self.project.build(input_shape)
        self.attend.build(shape, shape)
        self.attend_norm.build(shape)
        self.expand.build(shape)
        self.contract.build((*shape[:-1], 2 * self.units))
        self.feed_norm.build(shape)

    def call(self, embedded: KerasTensor, mask: KerasTensor) -> KerasTensor:
        """Return hidden states of shape (batch, tokens, units)."""
        state = self.project(embedded) + self._positions(ops.shape(embedded)[1], embedded.dtype)
        # Keys at padding are masked. Every query may attend to itself, so that no row at padding is empty.
        visible = ops.logical_or(mask[:, None, :], ops.eye(ops.shape(embedded)[1], dtype="bool")[None])
        state = self.attend_norm(state + self.attend(state, state, attention_mask=visible))
        state = self.feed_norm(state + self.contract(self.expand(state)))
        return state * ops.cast(mask, state.dtype)[..., None]

    def _positions(self, n_tokens: Any, dtype: str) -> KerasTensor:
        # Vaswani et al. 2017, section 3.5, with all sines before all cosines; 9.21... is log 10000.
        rates = ops.exp(ops.arange(self.units // 2, dtype=dtype) * (-2 * 9.210340371976184 / self.units))
        angles = ops.arange(n_tokens, dtype=dtype)[:, None] * rates[None]
        return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)[None]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "heads": self.heads}
