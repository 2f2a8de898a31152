"""What encoders share: their output shape, and the two directions of the recurrent ones."""

from __future__ import annotations

from typing import Any, ClassVar

from keras import layers

from attnstats._validation import check_count
from attnstats.exceptions import InvalidInputError


class Encoder(layers.Layer):
    """A layer of hidden states of width `units`."""

    units: int

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Return (batch, tokens, units)."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "units": self.units}


class BidirectionalEncoder(Encoder):
    """A recurrent layer in either direction."""

    direction: ClassVar[type[layers.Layer]]

    def __init__(self, units: int = 128, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = check_count(units, "units", minimum=2)
        if self.units % 2:
            raise InvalidInputError(f"units: must be even, half for each direction; got {units}")
        self.recurrent = layers.Bidirectional(self.direction(self.units // 2, return_sequences=True))

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of shape (batch, tokens, dim)."""
        self.recurrent.build(input_shape)
