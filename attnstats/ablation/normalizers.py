"""The trained scores through another normalizer at inference: another temperature, or Gumbel noise."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attnstats._validation import check_positive
from attnstats.ablation.interface import OutputHead, SwappableNormalizer
from attnstats.ablation.weights import log_weights, normalized
from attnstats.trace import AttentionTrace, RealArray

__all__ = ["GumbelNoise", "Temperature"]


@dataclass(frozen=True)
class Temperature:
    """Attention at another temperature: softmax(e / T) of the trained scores e.

    A `SwappableNormalizer` model is asked for it. From saved weights alone it is a^(1/T), rescaled to sum to one: the
    same where the weights are a softmax at temperature one, and in general the temperature relative to the model's
    own. Weights of exactly zero, which sparse normalizers give, then stay zero. The order of the tokens never changes.

    Parameters
    ----------
    temperature : float
        Below 1 attention is more skewed, above 1 more equal.

    Raises
    ------
    InvalidInputError
        If the temperature is not above zero.
    """

    name: ClassVar[str] = "temperature"
    holds_fixed: ClassVar[str] = "encoder, scorer, output head, order of the tokens"
    orders_tokens: ClassVar[bool] = True
    temperature: float = 0.5

    def __post_init__(self) -> None:
        check_positive(self.temperature, "temperature")

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return the weights at this temperature."""
        if isinstance(model, SwappableNormalizer):
            return model.attention_at_temperature(trace.hidden, trace.mask, self.temperature, rng)
        return normalized(log_weights(trace.attention) / self.temperature, trace.mask)


@dataclass(frozen=True)
class GumbelNoise:
    """Attention under Gumbel-softmax with its noise on: softmax((e + g) / T), g standard Gumbel (Jang et al. 2017).

    A `SwappableNormalizer` model is asked for it. From saved weights alone it is softmax((log a + g) / T): the same in
    distribution where the weights are a softmax at temperature one. The noise changes the order of the tokens: the
    first of them is token t with probability a_t.

    Parameters
    ----------
    temperature : float
        Towards 0 all weight falls on one token, drawn with the probabilities a.

    Raises
    ------
    InvalidInputError
        If the temperature is not above zero.
    """

    name: ClassVar[str] = "gumbel_noise"
    holds_fixed: ClassVar[str] = "encoder, scorer, output head"
    orders_tokens: ClassVar[bool] = True
    temperature: float = 1.0

    def __post_init__(self) -> None:
        check_positive(self.temperature, "temperature")

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return noisy weights."""
        if isinstance(model, SwappableNormalizer):
            return model.attention_with_noise(trace.hidden, trace.mask, self.temperature, rng)
        noisy = log_weights(trace.attention) + rng.gumbel(size=trace.attention.shape)
        return normalized(noisy / self.temperature, trace.mask)
