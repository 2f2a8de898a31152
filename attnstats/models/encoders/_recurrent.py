"""What the recurrent encoders share: one recurrent layer forwards, one backwards, padding kept at zero."""

from typing import Any, ClassVar

from keras import KerasTensor, layers, ops

from attnstats._validation import check_count
from attnstats.exceptions import InvalidInputError

__all__ = ["Recurrent"]


class Recurrent(layers.Layer):
    """h_t = [forward state at t; backward state at t]; a subclass names the recurrent layer.

    Parameters
    ----------
    units : int
        Width of the hidden states, half for each direction; even.
    """

    recurrent_layer: ClassVar[type[layers.Layer]]

    def __init__(self, units: int = 128, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = check_count(units, "units", minimum=2)
        if self.units % 2:
            raise InvalidInputError(f"units: must be even, half for each direction; got {units}")
        self.recurrent = layers.Bidirectional(self.recurrent_layer(self.units // 2, return_sequences=True))

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of shape (batch, tokens, dim)."""
        self.recurrent.build(input_shape)

    def call(self, embedded: KerasTensor, mask: KerasTensor) -> KerasTensor:
        """Return hidden states of shape (batch, tokens, units)."""
        return self.recurrent(embedded, mask=mask) * ops.cast(mask, embedded.dtype)[..., None]

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Return (batch, tokens, units)."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "units": self.units}
